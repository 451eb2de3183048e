"""Which passages of a scenario answer a question.

Passages are the references of the catalogue: bullets and steps of SOP documents with a locator.
They are ranked within one scenario, where the topic's own words (`withdrawal`) are everywhere
and tell nothing, so a term weighs by how few of that scenario's passages hold it. A question for
a time, an amount, a document or a place also favours passages that hold one.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from scenarios.terms import fold, terms


@dataclass(frozen=True)
class AnswerKind:
    """A kind of question, and how a passage that answers it looks."""

    question: re.Pattern[str]
    answer: re.Pattern[str]


ANSWER_KINDS: dict[str, AnswerKind] = {
    kind: AnswerKind(re.compile(question), re.compile(answer))
    for kind, (question, answer) in {
        "time": (
            r"多久|多长时间|几天|几分钟|几小时|什么时候|啥时候|何时|几点|多快"
            r"|how long|how many (hours|days|minutes)|\bwhen\b|how soon|how fast|what time|deadline",
            r"分钟|小时|\d\s*天|工作日|\d\s*日|\d:\d\d|minute|hour|\bdays?\b|month",
        ),
        "amount": (
            r"多少|最低|最高|最少|最多|限额|上限|下限|几次|几个|手续费|比例|百分|额度"
            r"|how much|how many|minimum|maximum|\bmin\b|\bmax\b|limit|\bfees?\b|charge|percent|cost",
            r"\d\s*(元|%|次|倍|个|张|usdt)|免|\d\s*(cny|yuan|usdt|%|x\b|times|cards?)|free|\bfee",
        ),
        "computation": (
            r"怎么算|如何算|咋算|计算|怎么得|算法|calculat|work(ed)? out|computed|formula",
            r"[=×÷+−]|%|扣除|减去|计入|乘|minus|times|less|deduct|count",
        ),
        "material": (
            r"材料|资料|证件|照片|凭证|要传|上传|交什么|提供什么|需要什么|要准备"
            r"|documents?\b|photo|proof|upload|paperwork|need to (send|provide|submit)|what do i need",
            r"截图|证|照片|jpg|pdf|账单|screenshot|photo|card|passport|statement|licence",
        ),
        "permission": (
            r"能不能|可不可以|可以.*吗|能.*吗|是否|允许|会不会|有没有|是不是|支持.*吗"
            r"|^(can|could|may|do|does|is|are|am|will|would)\b|allowed|rigged|fair\b|\bcan (i|we|you)\b|is it possible",
            r"可以|不能|不得|不可|须|不支持|支持|只能|允许|\bcan\b|cannot|may\b|not |only|allowed|must",
        ),
        "place": (
            r"哪里|在哪|哪儿|入口|哪个页面|怎么找|怎么看|怎么查|where|which (page|menu|tab)|find|see my",
            r"→|点|打开|进入|页面|open|tap|click|page|menu",
        ),
    }.items()
}
KIND_GAIN = 0.8
"""A passage of the kind asked for counts this much more."""
KIND_ALONE = 0.12
"""What being of the kind asked for is worth to a passage that shares no word with the question."""

_ASKING = frozenset("几什怎吗么呢哪多少")
# Han characters that stand in any sentence; as single characters they match by accident.
_COMMON = frozenset(
    "的了吗么呢啊我你您他是不有在和就也都要会能可以这那个一上下到说没为什怎多少几时候还给用后前吧把被让与及或其之请问想"
)


def kinds_asked(question: str) -> list[str]:
    """The kinds of answer a question asks for; none for a plain statement of a problem."""
    folded = fold(question)
    return [name for name, kind in ANSWER_KINDS.items() if kind.question.search(folded)]


def relevance(question: str, texts: Sequence[str]) -> list[float]:
    """How well each text answers the question: 0 for not at all; 1 and more is a good answer.

    Args:
        question: what the customer wrote.
        texts: the passages of one scenario, in one language.
    """
    held = [_counted(text) for text in texts]
    holders = Counter(stem for stems in held for stem in stems)
    rarity = {stem: math.log((1 + len(texts)) / (0.5 + n)) for stem, n in holders.items()}
    asked = _counted(question)
    kinds = [ANSWER_KINDS[name].answer for name in kinds_asked(question)]
    scores = []
    for text, stems in zip(texts, held, strict=True):
        shared = sum(_share(stem) * max(rarity[stem], 0.05) for stem in asked & stems)
        length = sum(_share(stem) for stem in stems) ** 0.5
        answers = sum(1 for kind in kinds if kind.search(fold(text)))
        scores.append(
            4 * shared / (4 + length) * (1 + KIND_GAIN * answers) / 2 + KIND_ALONE * answers
        )
    return scores


def _share(stem: str) -> float:
    """How much a match of this term tells: a single Han character less than a pair or a word."""
    return 0.5 if stem[0] == "z" and len(stem) == 2 else 1.0


@lru_cache(maxsize=1024)
def _counted(text: str) -> frozenset[str]:
    """The words, Han characters and pairs of a text, English inflections brought together.

    Pieces of words, which routing counts, would let `deposit` match `position`.
    """
    return frozenset(
        _stem(term)
        for term in terms(text)
        if term[0] in "wn" or (term[0] == "z" and _tells(term[1:]))
        if term not in _FUNCTION_WORDS
    )


def _tells(han: str) -> bool:
    """Whether a Han character or pair says something: `几次` asks, it is no subject."""
    return not (_ASKING & set(han) or all(character in _COMMON for character in han))


_FUNCTION_WORDS = frozenset(
    "w" + word
    for word in (
        "a an the i my me you your we our it its is are was were be been am do does did to of in on "
        "at for from with by and or but if then that this these those can could will would should "
        "may how what when where why which who long much many have has had not no so as about up "
        "out get got there here please im ive dont take takes need want know tell"
    ).split()
)


@lru_cache(maxsize=4096)
def _stem(term: str) -> str:
    """The term without an English ending: `withdrawals`, `withdrawal` and `withdraw` are one."""
    if term[0] != "w" or len(term) < 5:
        return term
    stem = re.sub(r"(als?|ing|ed|es|e|s)$", "", term)
    return stem if len(stem) >= 4 else term
