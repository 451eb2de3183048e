"""From raw scores to probabilities: a softmax whose temperature is fitted out of sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DEFAULT_TEMPERATURE = 0.08
"""Used until there are enough held-out samples to fit one."""
ENOUGH_SAMPLES = 100
"""Held-out samples of scenarios needed before a temperature is fitted."""


@dataclass(frozen=True)
class Calibration:
    """Turns a row of scores into probabilities that sum to 1."""

    temperature: float = DEFAULT_TEMPERATURE
    fitted: bool = False

    def probabilities(self, scores: NDArray[np.float32]) -> NDArray[np.float64]:
        """The softmax of `scores / temperature`, along the last axis."""
        logits = scores.astype(np.float64) / self.temperature
        logits -= logits.max(axis=-1, keepdims=True)
        weights = np.exp(logits)
        return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


_MAX_SAMPLES = 1500
"""Held-out samples, evenly picked, that are enough to fit one parameter."""


def calibrate(scores: NDArray[np.float32], labels: Sequence[int]) -> Calibration:
    """The temperature under which held-out samples are least surprising (Guo et al. 2017).

    Args:
        scores: one row a sample, one column a class, from a model that had not seen the sample.
        labels: the column that is right for each row.
    """
    picked = np.arange(0, len(labels), -(-len(labels) // _MAX_SAMPLES))
    scores, columns, rows = scores[picked], np.asarray(labels)[picked], np.arange(len(picked))

    def surprise(log_temperature: float) -> float:
        logits = scores / np.exp(log_temperature)
        logits = logits - logits.max(axis=1, keepdims=True)
        totals = np.log(np.exp(logits).sum(axis=1))
        return float(np.mean(totals - logits[rows, columns]))

    # Steps of a tenth are finer than the samples can tell, and surprise has a single valley.
    near = min(np.arange(-5.0, 0.5, 0.5), key=surprise)
    best = min(np.arange(near - 0.4, near + 0.5, 0.1), key=surprise)
    return Calibration(float(np.exp(best)), fitted=True)
