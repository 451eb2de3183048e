"""Which passages of a scenario answer a question.

Passages are the references of the catalogue: bullets and steps of SOP documents with a locator.
They are ranked within one scenario, where the topic's own words (`withdrawal`) are everywhere
and tell nothing, so a term weighs by how few of that scenario's passages hold it. What kind of
answer a question asks for (a time, an amount, a place ...) says which passages compete.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from scenarios.terms import fold, words


@dataclass(frozen=True)
class AnswerKind:
    """A kind of question, and how a passage that answers it looks."""

    question: re.Pattern[str]
    answer: re.Pattern[str]


ANSWER_KINDS: dict[str, AnswerKind] = {
    kind: AnswerKind(re.compile(question), re.compile(answer))
    for kind, (question, answer) in {
        "time": (
            r"多久|多长时间|几天|几分钟|几小时|什么时候|啥时候|何时|几点|多快|时限|要等"
            r"|how long|how many (hours|days|minutes)|\bwhen\b|how soon|how fast|what time|deadline|hours\b",
            r"\d[\d ,.–-]*(分钟|小时|天|个工作日|工作日|日|个月|年)|\d:\d\d|每天|立即|[\d ](minutes?|hours?|h|days?|working days|months?|years?)\b|daily|at once",
        ),
        "amount": (
            r"多少|最低|最高|最少|最多|限额|上限|下限|几次|几个|几张|手续费|收费|比例|百分|额度|门槛"
            r"|how much|how many|minimum|maximum|\bmin\b|\bmax\b|limit|\bfees?\b|charge|percent|cost|how often",
            r"\d[\d ,.–-]*(元|%|次|倍|个|张|x|usdt|cny|yuan|times|cards?|wallets?|addresses)|免费|免手续费|不收|\bfree\b|no fee|does not charge",
        ),
        "computation": (
            r"怎么算|如何算|咋算|计算|怎么得|算法|公式|calculat|work(ed)? out|computed|formula",
            r"[=×÷−]|%|扣除|减去|乘|minus|times\b|multiplied|less\b|deduct",
        ),
        "material": (
            r"(什么|哪些|啥|哪种).{0,4}(材料|资料|证件|照片|凭证|要求)|要传|上传什么|交什么|提供什么|需要什么|要准备|要啥"
            r"|(要求|格式)(是|有)?(什么|哪些|吗)|(照片|证件|凭证).{0,6}要求"
            r"|(what|which)\b.{0,24}(documents?|photos?|proof|receipt|paperwork|show)|need to (send|provide|submit|upload)|what do i need",
            r"截图|证件|身份证|护照|照片|jpg|pdf|账单|流水|screenshot|photo|id card|passport|statement|licence|jpg",
        ),
        "permission": (
            r"能不能|可不可以|可以.*[吗么]|能.*[吗么]|是否|允许|有没有|支持.*[吗么]|收不收"
            r"|^(can|could|may|do|does|is|are|am)\b|allowed|\bcan (i|we|you)\b|is it possible|\bdo (you|u)\b",
            r"不能|不得|不可|无法|能够|不支持|不允许|支持|只能|允许|可以|cannot|unable|\bcan\b|\bmay\b|not allowed|does not|do not|only\b|must\b|supports?\b|accepts?\b",
        ),
        "place": (
            r"哪里|在哪|哪儿|上哪|去哪|入口|哪个页面|where\b|which (page|menu|tab)",
            r"→|入口|\bunder [A-Z\"“]|\bat the (top|bottom)|底部|官网|网址|@",
        ),
        "reason": (
            r"为什么|为啥|为何|怎么会|什么原因|凭什么|怎么回事|\bwhy\b|how come|what.s the reason|reason for",
            r"原因|导致|因为|由于|可能|依照|按.*规定|通常是|because|reason|may be|can be|causes?\b|due to|needs an?\b|happens",
        ),
        "meaning": (
            r"什么意思|是啥意思|啥意思|表示什么|代表什么|what does .* mean|meaning of|what is .* status",
            r"表示|是指|意思是|means\b|stands for",
        ),
    }.items()
}
_LATE = re.compile(
    r"怎么(没|还|不)|没(看到|见到|给我|拿到|领到|发)|还没|还不|没到|没收到|未到|迟迟|一直(没|是|显示)|都.{0,6}(小时|天|分钟)了|等了|这么慢|卡(在|住)|拖"
    r"|\bstill\b|waiting|pending|stuck|hasn.?t|haven.?t|not (yet )?(arrived|received|here|credited)|nothing (yet|has)|so slow|taking (so|too) long|\bago\b"
)
"""Whoever reports that something is late wants to know how long it may take."""
_HOW_TO = re.compile(
    r"怎么(?!算|回事|会|这么|没|不|还|都|就)|如何(?!算)|咋(?!算|回事)|怎样|教我|步骤|流程|哪里(?=.{0,3}(绑|设|改|填|申请))"
    r"|how (do|can|to|should)\b|what (do|should) i do|steps\b|where (do|can) i"
)

# What people and documents call the same thing; the first of each row stands for all.
_SAME: tuple[tuple[str, ...], ...] = (
    ("email", "e-mail", "邮箱", "邮件", "电子邮件"),
    ("license", "licence", "licensed", "licenced"),
    ("traveling", "travelling", "travel", "trip"),
    ("canceled", "cancelled", "cancel"),
    ("btc", "bitcoin", "比特币"),
    ("vpn", "梯子", "翻墙"),
    ("手续费", "收费", "费用"),
    ("最低", "最少", "至少", "起充", "起提"),
    ("最高", "最多", "至多"),
    ("提现", "取款", "提款", "出款", "取钱", "提钱", "出金"),
    ("存款", "充值", "入金", "充钱"),
    ("驾驶证", "驾照"),
    ("上班", "在线时间", "服务时间", "在岗"),
    ("手机", "电话"),
    ("退回", "退还", "退款"),
    ("冻结", "封号", "封了", "被封"),
    ("锁定", "锁了", "锁住", "被锁"),
    ("账户", "账号", "帐号"),
    ("电子钱包", "支付宝", "微信支付"),
    ("ewallet", "e-wallet", "alipay", "wechat pay", "paypal"),
    ("minimum", "min", "least", "lowest"),
    ("maximum", "max", "most", "highest"),
    ("fee", "fees", "charge", "charges"),
    ("withdrawal", "withdraw", "withdrawing", "payout", "cashout"),
    ("deposit", "deposits", "depositing", "topup"),
    ("lend", "lending", "lent", "borrow"),
    ("phone", "mobile", "cell"),
    ("refund", "refunded", "returned", "money back"),
)
_WORD_EDGE = r"(?<![a-z]){}(?![a-z])"
_SAME_PATTERN = re.compile(
    "|".join(
        _WORD_EDGE.format(re.escape(word)) if word[0].isascii() else re.escape(word)
        for row in _SAME
        for word in sorted(row[1:], key=len, reverse=True)
    )
)
_STANDS_FOR = {word: row[0] for row in _SAME for word in row[1:]}

_CODE = re.compile(r"[a-z]{0,6}\d[a-z0-9]*(?:,\d{3})*")
_ASKING = frozenset("几什怎吗么呢哪多少啥")
# Han characters that stand in any sentence; as single characters they match by accident.
_COMMON = frozenset(
    "的了啊我你您他是不有在和就也都要会能可以这那个一上下到说没为时候还给用后前吧把被让与及或其之请问想里很再去来提示显"
)
_FUNCTION_WORDS = frozenset(
    "a an the i my me you your we our it its is are was were be been am do does did to of in on at "
    "for from with by and or but if then that this these those can could will would should may how "
    "what when where why which who long much many have has had not no so as about up out get got "
    "there here please im ive dont take takes need want know tell just any some still yet already now "
    "been only also very really again than more too ago since today yesterday went go going".split()
)


_CLAUSE_END = re.compile(
    r"[，。？！；,;?!\n]+|(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])|\.\s"
    r"|\s+and\s+(?=(?:what|how|when|where|why|who|can|is|do|does)\b)",
    re.IGNORECASE,
)


def clauses(message: str) -> list[str]:
    """The parts of a message that each may ask or report something."""
    return [clause.strip() for clause in _CLAUSE_END.split(message) if clause and clause.strip()]


def kinds_asked(question: str) -> list[str]:
    """The kinds of answer a question asks for; none for a plain statement of a problem."""
    folded = fold(question)
    return [name for name, kind in ANSWER_KINDS.items() if kind.question.search(folded)]


def reports_delay(question: str) -> bool:
    """True when something is said to be late or stuck."""
    return _LATE.search(fold(question)) is not None


def asks_how(question: str) -> bool:
    """True when the way to do something is asked for."""
    return _HOW_TO.search(fold(question)) is not None


def is_of_kind(passage: str, kinds: Iterable[str]) -> bool:
    """Whether a passage holds one of these kinds of answer."""
    return not _kinds_held(passage).isdisjoint(kinds)


@lru_cache(maxsize=4096)
def _kinds_held(passage: str) -> frozenset[str]:
    folded = fold(passage)
    return frozenset(name for name, kind in ANSWER_KINDS.items() if kind.answer.search(folded))


class Pool:
    """The passages of one scenario in one language, against which words are weighed."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._size = len(texts)
        self._holders = Counter(term for text in texts for term in _held(text))

    def relevance(self, asked: frozenset[str], text: str) -> float:
        """How much of what is asked (its telling terms) the text speaks of: 0 for nothing; 1 and
        more for a lot."""
        held = _held(text)
        # fsum: the order of a set changes from process to process, an answer must not.
        shared = math.fsum(self._weight(term) for term in asked & held)
        length = math.sqrt(math.fsum(_share(term) for term in held))
        return 2 * shared / (4 + length)

    def names(self, asked: frozenset[str], text: str) -> float:
        """How clearly a short text is named: by words, pairs and codes alone."""
        shared = asked & _held(text)
        return math.fsum(self._weight(term) for term in shared if _share(term) == 1.0)

    def _weight(self, term: str) -> float:
        rarity = math.log((1 + self._size) / (0.5 + self._holders[term]))
        return _share(term) * max(rarity, 0.05)


def _share(term: str) -> float:
    """How much a match of this term tells: a single Han character less than a pair or a word."""
    return 0.4 if term[0] == "z" and len(term) == 2 else 1.0


@lru_cache(maxsize=1024)
def _held(passage: str) -> frozenset[str]:
    """The telling terms of a passage, kept; those of customers' words never are."""
    return telling_terms(passage)


def telling_terms(text: str) -> frozenset[str]:
    """The words, codes, Han characters and pairs of a text that say something.

    Words that mean one thing and English inflections are brought together, codes (`e1001`, `451`)
    kept whole. Pieces of words, which routing counts, would let `deposit` match `position`.
    """
    folded = _SAME_PATTERN.sub(lambda match: f" {_STANDS_FOR[match[0]]} ", fold(text))
    codes = {f"k{code}" for code in _CODE.findall(folded)}
    found = {
        term
        for term in words(_CODE.sub(" ", folded))
        if (term[0] == "w" and term[1:] not in _FUNCTION_WORDS)
        or (term[0] == "z" and _tells(term[1:]))
    }
    return frozenset(_stem(term) for term in found) | codes


def _tells(han: str) -> bool:
    """Whether a Han character or pair says something: `几次` asks, it is no subject."""
    return not (_ASKING & set(han) or all(character in _COMMON for character in han))


def _stem(term: str) -> str:
    """The term without an English ending: `withdrawals`, `withdrawal` and `withdraw` are one."""
    if term[0] != "w" or len(term) < 5:
        return term
    stem = re.sub(r"(als?|ing|ed|es|ly|e|s)$", "", term)
    return stem if len(stem) >= 4 else term
