"""A linear classifier over the catalogue's own texts, with exact leave-one-out scores.

Kernel ridge regression on one-against-all targets: with n texts, X the n x d TF-IDF matrix,
D their weights and Y the n x k targets, the dual solution is A = (X X' + lambda D^-1)^-1 Y and
the weights are W = X' A. What the model would have said of text i, had it not seen it, needs no
refit: Y_i - A_i / C^-1_ii (Rifkin and Lippert, "Notes on Regularized Least Squares", 2007).
Those scores calibrate the confidence on the catalogue alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import spotrf, spotrs, strtri
from threadpoolctl import threadpool_limits

from routing.features import Vectorizer
from scenarios.terms import language_of

RIDGE = 1.0
"""lambda. Between 0.5 and 2 the development sets differ by less than a point."""


@dataclass(frozen=True)
class Sample:
    """One text the classifier learns from."""

    text: str
    label: int
    """Index of the class it belongs to."""
    weight: float = 1.0
    held_out: bool = True
    """Whether its leave-one-out score says something about live queries: true for sample
    questions, false for names and SOP text, which no customer types."""


@dataclass(frozen=True)
class HeldOut:
    """What the classifier says of its own held-out samples as if it had not seen them."""

    labels: list[int]
    scores: NDArray[np.float32]
    """One row a sample, one column a class."""


class Classifier:
    """Scores a text against every class."""

    def __init__(self, vectorizer: Vectorizer, weights: NDArray[np.float16]) -> None:
        self._vectorizer = vectorizer
        self._weights = weights
        """One row a term, one column a class; in half precision, which changes no route."""

    @classmethod
    def fit(
        cls, samples: Sequence[Sample], classes: int, *, threads: int = 1, hold_out: bool = True
    ) -> tuple[Classifier, HeldOut | None]:
        """The classifier of `samples`, and what it says of those held out.

        Args:
            threads: how many languages are solved at once.
            hold_out: without it the second is None, and a third of the time is saved.
        """
        texts = [sample.text for sample in samples]
        vectorizer, matrix = Vectorizer.fit(texts)
        targets = np.zeros((len(samples), classes), dtype=np.float32)
        targets[np.arange(len(samples)), [sample.label for sample in samples]] = 1.0
        ridge = RIDGE / np.array([sample.weight for sample in samples], dtype=np.float32)
        dual = np.zeros_like(targets)
        diagonal = np.ones(len(samples), dtype=np.float32)

        def solve(rows: list[int]) -> None:
            part = matrix[rows]
            factor = _factor((part @ part.T).toarray(), ridge[rows])
            dual[rows], _ = spotrs(factor, targets[rows], lower=1)
            if hold_out:
                diagonal[rows] = _inverse_diagonal(factor)

        # BLAS threads that spin beside a serving process cost more than they bring.
        with threadpool_limits(limits=1), ThreadPoolExecutor(threads) as executor:
            list(executor.map(solve, _by_language(texts)))
        classifier = cls(vectorizer, (matrix.T @ dual).astype(np.float16))
        if not hold_out:
            return classifier, None
        chosen = [n for n, sample in enumerate(samples) if sample.held_out]
        scores = targets[chosen] - dual[chosen] / diagonal[chosen, None]
        return classifier, HeldOut([samples[n].label for n in chosen], scores)

    def score(self, text: str) -> NDArray[np.float32]:
        """One score a class: about 1 for a sure one, 0 for the others; 0 throughout for a text
        of which nothing is known."""
        indices, values = self._vectorizer.row(text)
        return values @ self._weights[indices].astype(np.float32)


def _by_language(texts: Sequence[str]) -> list[list[int]]:
    """Positions of the texts of each language.

    Chinese and English share next to no terms, so solving them apart changes no route and costs
    a quarter of the time and memory.
    """
    groups: dict[str, list[int]] = {}
    for n, text in enumerate(texts):
        groups.setdefault(language_of(text), []).append(n)
    return list(groups.values())


def _factor(kernel: NDArray[np.float32], ridge: NDArray[np.float32]) -> NDArray[np.float32]:
    """The lower Cholesky factor of C = kernel (n x n, positive semidefinite) + ridge."""
    system = np.asfortranarray(kernel, dtype=np.float32)
    system[np.diag_indices_from(system)] += ridge
    factor, _ = spotrf(system, lower=1, overwrite_a=1)
    return np.asarray(factor)


def _inverse_diagonal(factor: NDArray[np.float32]) -> NDArray[np.float32]:
    """The diagonal of C^-1, from the factor of C, which is overwritten."""
    inverse, _ = strtri(factor, lower=1, overwrite_c=1)
    return np.asarray(np.einsum("ij,ij->j", inverse, inverse))
