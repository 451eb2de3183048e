"""Texts as sparse vectors: TF-IDF over `scenarios.terms`, each row of length one.

Pieces of words would outnumber the words they come from, so the two blocks (pieces; everything
else) are brought to equal length first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from scenarios.terms import terms

PIECE = "c"
"""The prefix of pieces of words among the terms."""


class Vectorizer:
    """Learns the terms of a corpus and turns texts into rows of a sparse matrix."""

    def __init__(self, texts: Sequence[str]) -> None:
        counted = [Counter(terms(text)) for text in texts]
        documents: Counter[str] = Counter()
        for counts in counted:
            documents.update(counts.keys())
        self._column = {term: n for n, term in enumerate(documents)}
        holders = np.fromiter(documents.values(), dtype=np.float32, count=len(documents))
        self._idf: NDArray[np.float32] = np.log((1 + len(texts)) / (1 + holders)) + np.float32(1)
        self._is_piece = np.fromiter((t[0] == PIECE for t in documents), bool, len(documents))
        self._unseen_idf = float(np.log(1 + len(texts)) + 1)
        self.fitted: csr_matrix = self._matrix(counted)
        """The corpus itself: one row a text, one column a term."""

    def row(self, text: str) -> tuple[NDArray[np.int32], NDArray[np.float32], float]:
        """Columns and values of one text, and its coverage.

        Coverage is the share (0 to 1) of the text's TF-IDF length that known terms make up:
        1 when every term is known, 0 when none is.
        """
        counts = Counter(terms(text))
        known = {self._column[term]: n for term, n in counts.items() if term in self._column}
        indices = np.fromiter(known.keys(), np.int32, len(known))
        weights = self._weigh(indices, np.fromiter(known.values(), np.float32, len(known)))
        unseen = sum((1 + np.log(n)) ** 2 for term, n in counts.items() if term not in self._column)
        squares = weights * weights
        length = float(squares.sum())
        if length == 0.0:
            return indices, weights, 0.0
        pieces = self._is_piece[indices]
        blocks = [block for block in (pieces, ~pieces) if block.any()]
        for block in blocks:
            weights[block] /= np.sqrt(squares[block].sum() * len(blocks))
        return indices, weights, (length / (length + unseen * self._unseen_idf**2)) ** 0.5

    def _weigh(
        self, indices: NDArray[np.int32], counts: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        return (np.float32(1) + np.log(counts)) * self._idf[indices]

    def _matrix(self, counted: Iterable[Counter[str]]) -> csr_matrix:
        """As `row`, for many texts all of whose terms are known."""
        rows = list(counted)
        sizes = np.array([len(counts) for counts in rows])
        total = int(sizes.sum())
        indices = np.fromiter((self._column[t] for c in rows for t in c), np.int32, total)
        counts = np.fromiter((n for c in rows for n in c.values()), np.float32, total)
        weights = self._weigh(indices, counts)
        row_of = np.repeat(np.arange(len(rows)), sizes)
        block_of = 2 * row_of + self._is_piece[indices]
        squares = np.bincount(block_of, weights * weights, minlength=2 * len(rows))
        blocks = (squares.reshape(-1, 2) > 0).sum(axis=1)
        weights /= np.sqrt(squares[block_of] * blocks[row_of]).astype(np.float32)
        starts = np.concatenate([[0], np.cumsum(sizes)])
        return csr_matrix((weights, indices, starts), shape=(len(rows), len(self._column)))
