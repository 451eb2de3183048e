"""Texts as sparse vectors: TF-IDF over `scenarios.terms`, each row of length one.

Terms are hashed (Weinberger et al. 2009), which spares a dictionary of them. Pieces of words
would outnumber the words they come from, so the two blocks (pieces; everything else) are brought
to equal length first.
"""

from __future__ import annotations

import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from scenarios.terms import terms

BUCKETS = 1 << 20
"""Even buckets for words, odd ones for pieces of words; 70,000 terms share 7 in 100 of them."""
PIECE = "c"
"""The prefix of pieces of words among the terms."""


class Vectorizer:
    """Learns the terms of a corpus and turns texts into rows of a sparse matrix."""

    def __init__(self, column: NDArray[np.int32], idf: NDArray[np.float32]) -> None:
        self._column = column
        """Bucket -> column, -1 for a bucket no text of the corpus has."""
        self._idf = idf

    @classmethod
    def fit(cls, texts: Sequence[str]) -> tuple[Vectorizer, csr_matrix]:
        """The vectorizer of a corpus, and the corpus itself: a row a text, a column a term."""
        # Flat arrays, filled text by text: a list of dictionaries would take 30 times the memory.
        sizes, flat_buckets, flat_counts = array("i"), array("i"), array("B")
        for text in texts:
            text_buckets, text_counts = _corpus_terms(text)
            sizes.append(len(text_counts))
            flat_buckets.frombytes(text_buckets)
            flat_counts.frombytes(text_counts)
        buckets = np.array(flat_buckets, dtype=np.int64)
        counts = np.array(flat_counts, dtype=np.float32)
        used, indices, holders = np.unique(buckets, return_inverse=True, return_counts=True)
        column = np.full(BUCKETS, -1, np.int32)
        column[used] = np.arange(len(used))
        idf = (np.log((1 + len(texts)) / (1 + holders)) + 1).astype(np.float32)
        weights = (np.float32(1) + np.log(counts)) * idf[indices]
        row_of = np.repeat(np.arange(len(texts)), sizes)
        block_of = 2 * row_of + buckets % 2
        squares = np.bincount(block_of, weights * weights, minlength=2 * len(texts))
        blocks = (squares.reshape(-1, 2) > 0).sum(axis=1)
        weights /= np.sqrt(squares[block_of] * blocks[row_of]).astype(np.float32)
        starts = np.concatenate([[0], np.cumsum(sizes)])
        matrix = csr_matrix((weights, indices, starts), shape=(len(texts), len(used)))
        return cls(column, idf), matrix

    def row(self, text: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Columns and values of one text; terms that the corpus has not are left out."""
        counted = _counted(text)
        buckets = np.fromiter(counted.keys(), np.int64, len(counted))
        weights = 1 + np.log(np.fromiter(counted.values(), np.float32, len(counted)))
        indices = self._column[buckets]
        known = indices >= 0
        indices, buckets = indices[known], buckets[known]
        weights = (weights[known] * self._idf[indices]).astype(np.float32)
        squares = weights * weights
        pieces = buckets % 2 == 1
        blocks = [block for block in (pieces, ~pieces) if block.any()]
        for block in blocks:
            weights[block] /= np.sqrt(squares[block].sum() * len(blocks))
        return indices, weights


@lru_cache(maxsize=8192)
def _corpus_terms(text: str) -> tuple[bytes, bytes]:
    """Buckets (32 bit) and counts (8 bit) of a text of the catalogue.

    Kept from fit to fit, so that a changed catalogue costs its changes; never of a query.
    """
    counted = _counted(text)
    counts = array("B", (min(count, 255) for count in counted.values()))
    return array("i", counted.keys()).tobytes(), counts.tobytes()


def _counted(text: str) -> Counter[int]:
    """How often each bucket occurs in a text."""
    return Counter(_buckets(terms(text)))


def _buckets(found: Iterable[str]) -> Iterable[int]:
    for term in found:
        half = zlib.crc32(term.encode()) % (BUCKETS // 2)
        yield 2 * half + (term[0] == PIECE)
