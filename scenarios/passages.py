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
from functools import lru_cache

from scenarios.terms import fold, terms

_ANSWER_KINDS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(question), re.compile(answer))
    for question, answer in (
        (
            r"多久|多长时间|几天|几分钟|几小时|什么时候|啥时候|何时|时间|等了|还没|几点|how long|how many (hours|days|minutes)|when|how soon|how fast|still|yet|waiting|what time|deadline|take",
            r"分钟|小时|天|工作日|\d+\s*日|\d:\d\d|minute|hour|\bday|\bmin\b|\bh\b|month",
        ),
        (
            r"多少|最低|最高|限额|上限|下限|几次|费|比例|百分|额度|how much|minimum|maximum|\bmin\b|\bmax\b|limit|fee|charge|percent|how many|rate|cost",
            r"元|%|usdt|次|倍|cny|times|\d x\b|free|fee",
        ),
        (
            r"材料|资料|证件|照片|截图|凭证|上传|提供什么|需要什么|交什么|document|photo|screenshot|proof|upload|need to (send|provide|submit)|what (do|should) i (send|need)|paper",
            r"截图|证|照片|jpg|pdf|账单|screenshot|photo|card|passport|statement|licence|upload",
        ),
        (
            r"哪里|在哪|怎么|如何|哪个|入口|页面|where|how (do|can|to)|which (page|menu)|find|show me",
            r"→|点击|打开|进入|open|tap|click|choose|enter",
        ),
    )
)
_KIND_BONUS = 0.6
"""A passage that holds the kind of answer asked for gains this share of an average term's weight
squared; half a matching rare word, found on the development questions."""


@lru_cache(maxsize=8192)
def _counted(text: str) -> Counter[str]:
    # Pieces of words would let `deposit` match `position`; whole words and Han pairs suffice here.
    return Counter(
        term
        for term in terms(text)
        if term[0] in "wb" or (term[0] == "z" and len(term) == 3) or term[0] == "n"
    )


def relevance(question: str, texts: Sequence[str]) -> list[float]:
    """How well each text answers the question: 0 for not at all, the best about 1 or more.

    Args:
        question: what the customer wrote.
        texts: the passages of one scenario, in one language.
    """
    held = [_counted(text) for text in texts]
    holders: Counter[str] = Counter(term for counts in held for term in counts)
    rarity = {t: math.log(1 + len(texts) / n) - math.log(2) + 0.05 for t, n in holders.items()}
    asked = _stemmed(_counted(question))
    folded = fold(question)
    kinds = [answer for wanted, answer in _ANSWER_KINDS if wanted.search(folded)]
    scores = []
    for text, counts in zip(texts, held, strict=True):
        stems = _stemmed(counts)
        shared = sum(rarity.get(stems[stem], 0.0) ** 2 for stem in asked.keys() & stems.keys())
        length = sum(rarity[term] ** 2 for term in counts) ** 0.5
        score = shared / (1.0 + 0.25 * length)
        score += _KIND_BONUS * sum(1.0 for kind in kinds if kind.search(fold(text)))
        scores.append(score if shared or kinds else 0.0)
    return scores


def _stemmed(counts: Counter[str]) -> dict[str, str]:
    """Stem -> term; English inflections share a stem (`withdrawals`, `withdrawal`)."""
    return {_stem(term): term for term in counts}


@lru_cache(maxsize=16384)
def _stem(term: str) -> str:
    if term[0] != "w" or len(term) < 5:
        return term
    return re.sub(r"(ing|ed|es|s|al|als)$", "", term) if len(term) > 6 else term.rstrip("s")
