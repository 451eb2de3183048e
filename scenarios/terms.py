"""The terms of a text: what routing and retrieval count.

Chinese is counted in single characters and pairs, after Traditional is folded into Simplified;
Latin script in words, word pairs and the 3- to 5-character pieces of words, so that a typo
still shares most of its pieces. Full-width forms and case are folded (NFKC, lower).
"""

from __future__ import annotations

import re
import unicodedata

import opencc

_simplify = opencc.OpenCC("t2s")
MAX_WORD = 40
"""Longer runs of letters are no words; only so much of them counts."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z]+(?:'[a-z]+)?|\d+")
_NUMBER = re.compile(r"\d")


def fold(text: str) -> str:
    """The text in NFKC, lower case and Simplified Chinese; what equal meanings share."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return _simplify.convert(folded) if _HAN.search(folded) else folded


def language_of(text: str) -> str:
    """`zh` when the text is Chinese for the most part, else `en`.

    A Chinese sentence with Latin product names (`USDT 提现多久`) is Chinese: one Han character
    weighs as much as a short word.

    >>> language_of("USDT 提现多久到账")
    'zh'
    >>> language_of("where is my 提现?")
    'en'
    """
    han = len(_HAN.findall(text))
    words = len(re.findall(r"[A-Za-z]+", text))
    return "zh" if han and han >= words else "en"


def spoken_language(text: str) -> str | None:
    """The language of a text, or None when it has no words: a number, a code, an emoji.

    >>> spoken_language("W123456789012") is None
    True
    """
    if _HAN.search(text):
        return language_of(text)
    words = [word for word in text.split() if not any(map(str.isdigit, word))]
    return language_of(text) if any(c.isalpha() for word in words for c in word) else None


def terms(text: str) -> list[str]:
    """The terms of a text in order, repeated as often as they occur.

    Kinds are told apart by a prefix: `z` Han characters and pairs, `w` words, `b` word pairs,
    `c` pieces of words, `n` a number's shape (its count of digits, up to 6).

    >>> terms("提现 USDT")[:3]
    ['z提', 'z现', 'z提现']
    """
    found: list[str] = []
    previous = ""
    for run in _RUN.findall(fold(text)):
        if _HAN.match(run):
            found += ["z" + c for c in run]
            found += ["z" + run[i : i + 2] for i in range(len(run) - 1)]
            previous = ""
        elif _NUMBER.match(run):
            found.append(f"n{min(len(run), 6)}")
            previous = ""
        else:
            found.append("w" + run)
            if previous:
                found.append(f"b{previous} {run}")
            found += pieces(run)
            previous = run
    return found


def words(folded: str) -> set[str]:
    """The words (`w`), Han characters and pairs (`z`) of a folded text, without their pieces."""
    found: set[str] = set()
    for run in _RUN.findall(folded):
        if _HAN.match(run):
            found.update("z" + c for c in run)
            found.update("z" + run[i : i + 2] for i in range(len(run) - 1))
        elif not _NUMBER.match(run):
            found.add("w" + run)
    return found


def pieces(word: str) -> list[str]:
    """The 3- to 5-character pieces of a word, its ends marked."""
    # Not cached: customers' words are not kept in memory.
    marked = f"<{word[:MAX_WORD]}>"
    return ["c" + marked[i : i + n] for n in (3, 4, 5) for i in range(len(marked) - n + 1)]
