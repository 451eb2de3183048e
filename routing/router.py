"""Route a query: recognise small talk and the wish for a person, else classify and decide.

router = Router.fit(catalogue, background=texts)
decision = router.route("我的提现怎么还没到账")
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routing.classifier import Classifier, Sample
from routing.confidence import ENOUGH_SAMPLES, Calibration, calibrate
from routing.decision import Candidate, RouteDecision, Verdict
from routing.small_talk import small_talk_kind, wants_human
from scenarios.catalogue import BOUNDARY, Catalogue, Subcategory

ACCEPT_AT = 0.5
"""Probability from which the first candidate is answered without asking."""
CLEARLY_FIRST = (0.3, 2.0)
"""A first candidate is also answered at this probability if it is so many times the second's."""
OUT_OF_SCOPE_AT = 0.5
"""Probability of belonging to no scenario from which the query is refused."""
TOO_WEAK = 0.12
"""Below this probability the first candidate is not worth asking about."""
MAX_OPTIONS = 4
"""A question names at most so many options."""
BACKGROUND_WEIGHT = 0.4
"""Weight of a background text against a sample question: the heaviest at which no more than 5 of
100 development queries in scope are refused."""
ALIKE = 0.95
"""Catalogues that share this much of their scenarios share a calibration."""
MAX_CANDIDATES = 10
BARE_WORD = 5.0
"""A single word names a topic and asks nothing: its scores count so many times less."""
MAX_LENGTH = 2000
"""Characters of a query that routing reads."""
STAY = 0.65
"""Prior probability that a short follow-up stays in the thread's scenario."""
STAY_ELLIPTIC = 0.99999
"""The same for one that is no sentence by itself: `and by USDT?`, `那周末呢`."""
STAY_LED_ON = 0.95
"""The same for one that begins where the last message ended: `那…`, `and …`, `so …`."""
FOLLOW_UP_LENGTH = 24
"""A follow-up is a message of at most so many characters, a Han character counting double."""

_BARE_WORD = re.compile(r"^(?:[\u3400-\u9fff]{1,2}|[A-Za-z-]+)[?？!！.。]*$")
_ELLIPTIC = re.compile(
    r"^(那|那么|还有|如果是|要是)?.{0,10}呢[？?]?$"
    r"|^(and|what about|how about|what if|or)\b.{0,20}\??$",
    re.IGNORECASE,
)
_LED_ON = re.compile(
    r"^(那|那么|要是|如果是).{1,20}$|^(and|so|ok(ay)? (and|then|so)|then)\b.{1,40}$", re.IGNORECASE
)


@dataclass(frozen=True)
class LabelledText:
    """A real query and the scenario it belongs to."""

    text: str
    subcategory_id: str


class Router:
    """Classifies queries into the scenarios of one catalogue. Immutable; safe to share."""

    def __init__(
        self, catalogue: Catalogue, classifier: Classifier, calibration: Calibration
    ) -> None:
        self.catalogue = catalogue
        self.calibration = calibration
        self._classifier = classifier
        self._ids = [subcategory.id for subcategory in catalogue.open_scenarios()]
        self._column = {subcategory_id: n for n, subcategory_id in enumerate(self._ids)}

    @classmethod
    def fit(
        cls,
        catalogue: Catalogue,
        *,
        labelled: Iterable[LabelledText] = (),
        background: Iterable[str] = (),
        threads: int = 1,
        calibration: Calibration | None = None,
    ) -> Router:
        """A router for `catalogue`, from its own texts alone or with labelled queries beside them.

        Args:
            labelled: real queries; those of unknown scenarios are ignored.
            background: texts that belong to no scenario, in any number.
            threads: how many languages are fitted at once.
            calibration: of an earlier, much alike catalogue; fitting one takes a third of the time.
        """
        active = catalogue.open_scenarios()
        column = {subcategory.id: n for n, subcategory in enumerate(active)}
        samples = [
            sample for n, subcategory in enumerate(active) for sample in _samples(subcategory, n)
        ]
        samples += [
            Sample(entry.text, column[entry.subcategory_id])
            for entry in labelled
            if entry.subcategory_id in column
        ]
        outside = len(active)
        texts = list(background)
        # A catalogue with few questions of its own must not drown in what it is not about.
        questions = sum(sample.held_out for sample in samples)
        weight = BACKGROUND_WEIGHT * min(1.0, questions / max(len(texts), 1))
        if weight > 0:
            samples += [Sample(text, outside, weight) for text in texts]
        classifier, held_out = Classifier.fit(
            samples, len(active) + 1, threads=threads, hold_out=calibration is None
        )
        if held_out is not None:
            inside = sum(label != outside for label in held_out.labels)
            enough = inside >= ENOUGH_SAMPLES
            calibration = calibrate(held_out.scores, held_out.labels) if enough else None
        calibration = calibration or Calibration()
        return cls(catalogue.to_serve(), classifier, calibration)

    def lent_to(self, catalogue: Catalogue) -> Router | None:
        """This router over a changed catalogue of the very same scenarios, else None."""
        if [s.id for s in catalogue.open_scenarios()] != self._ids:
            return None
        return Router(catalogue.to_serve(), self._classifier, self.calibration)

    def calibration_for(self, catalogue: Catalogue) -> Calibration | None:
        """This router's calibration, if `catalogue` is much the same; None where it is not."""
        mine = {s.id for s in self.catalogue.open_scenarios()}
        theirs = {s.id for s in catalogue.open_scenarios()}
        alike = len(mine & theirs) >= ALIKE * len(mine | theirs)
        return self.calibration if alike and self.calibration.fitted else None

    def route(
        self,
        query: str,
        *,
        current: str | None = None,
        within: Collection[str] | None = None,
    ) -> RouteDecision:
        """Where `query` belongs.

        Args:
            current: the scenario the thread is in, which a short follow-up continues.
            within: ids to choose from, e.g. a preset category's; nothing is out of scope then.
        """
        kind = small_talk_kind(query)
        if wants_human(query):
            return RouteDecision(
                Verdict.HUMAN_WANTED,
                confidence=1.0,
                reason="The message asks for a person.",
            )
        if kind is not None:
            return RouteDecision(
                Verdict.SMALL_TALK,
                small_talk=kind,
                confidence=1.0,
                reason=f"The message is nothing but a {kind}.",
            )
        stay = _stay(query.strip()) if current in self._column else 0.0
        continuing = current if stay > 0 else None
        probabilities, outside = self._probabilities(query, continuing, within, stay)
        candidates = self._candidates(probabilities)
        decision = self._decide(candidates, outside, continuing)
        if (
            decision.verdict is Verdict.CLARIFY
            and continuing
            and continuing not in decision.options
        ):
            options = (*decision.options[: MAX_OPTIONS - 1], continuing)
            return replace(decision, options=options)
        if within is None and (sure := self._sure_of_topic(query, decision)) < ACCEPT_AT:
            return replace(
                decision,
                verdict=Verdict.CLARIFY,
                confidence=sure,
                options=tuple(c.subcategory_id for c in candidates[:MAX_OPTIONS]),
                reason="A single word that several scenarios may be about.",
            )
        return decision

    def _sure_of_topic(self, query: str, decision: RouteDecision) -> float:
        """How sure the scenario of a single word is; 1 for anything else."""
        if decision.verdict is not Verdict.ACCEPT or not _BARE_WORD.match(query.strip()):
            return 1.0
        scores = self._classifier.score(query[:MAX_LENGTH]) / np.float32(BARE_WORD)
        return round(float(self.calibration.probabilities(scores)[:-1].max()), 4)

    def rank(self, query: str, limit: int) -> list[Candidate]:
        """The `limit` most probable scenarios for `query`."""
        return list(self._candidates(self._probabilities(query, None, None, 0.0)[0], limit))

    def _probabilities(
        self,
        query: str,
        current: str | None,
        within: Collection[str] | None,
        stay: float,
    ) -> tuple[NDArray[np.float64], float]:
        """Probability of each scenario, and of none of them."""
        scores = self._classifier.score(query[:MAX_LENGTH])
        probabilities = self.calibration.probabilities(scores)
        if current is not None:
            prior = np.full(len(probabilities), (1 - stay) / (len(probabilities) - 1))
            prior[self._column[current]] = stay
            probabilities = probabilities * prior
        if within is not None:
            probabilities[[n for n, i in enumerate(self._ids) if i not in within]] = 0.0
            probabilities[-1] = 0.0
        total = probabilities.sum()
        if total > 0:
            probabilities = probabilities / total
        return probabilities[:-1], float(probabilities[-1])

    def _candidates(
        self, probabilities: NDArray[np.float64], limit: int = MAX_CANDIDATES
    ) -> tuple[Candidate, ...]:
        order = np.argsort(-probabilities, kind="stable")[:limit]
        return tuple(
            Candidate(self._ids[n], round(float(probabilities[n]), 4))
            for n in order
            if probabilities[n] > 0
        )

    def _decide(
        self, candidates: tuple[Candidate, ...], outside: float, continuing: str | None
    ) -> RouteDecision:
        calibrated = self.calibration.fitted
        first = candidates[0].probability if candidates else 0.0
        second = candidates[1].probability if len(candidates) > 1 else 0.0
        if not candidates or (outside >= OUT_OF_SCOPE_AT and outside > first):
            return RouteDecision(
                Verdict.OUT_OF_SCOPE,
                candidates,
                confidence=round(outside, 4),
                calibrated=calibrated,
                reason=f"With probability {outside:.2f} no scenario covers this.",
            )
        wanted = self.catalogue[candidates[0].subcategory_id].confidence_threshold
        at_least, ratio = CLEARLY_FIRST
        sure = (
            first >= wanted
            if wanted is not None
            else first >= ACCEPT_AT or (first >= at_least and first >= ratio * second)
        )
        if sure:
            stays = continuing == candidates[0].subcategory_id
            return RouteDecision(
                Verdict.ACCEPT,
                candidates,
                confidence=first,
                calibrated=calibrated,
                reason="A follow-up in the open scenario."
                if stays
                else f"First candidate at {first:.2f}, second at {second:.2f}.",
            )
        options = tuple(c.subcategory_id for c in candidates if c.probability >= first / 4)
        if first >= TOO_WEAK and len(options) > 1:
            return RouteDecision(
                Verdict.CLARIFY,
                candidates,
                options[:MAX_OPTIONS],
                confidence=first,
                calibrated=calibrated,
                reason=f"First candidate only at {first:.2f}, second at {second:.2f}.",
            )
        return RouteDecision(
            Verdict.UNCLEAR,
            candidates,
            confidence=round(1 - first, 4),
            calibrated=calibrated,
            reason=f"No scenario reaches {TOO_WEAK}; the first is at {first:.2f}.",
        )


def _stay(query: str) -> float:
    """Prior probability that a message goes on with the open scenario; 0 for a new sentence."""
    if _ELLIPTIC.search(query):
        return STAY_ELLIPTIC
    if _LED_ON.search(query):
        return STAY_LED_ON
    length = sum(2 if "\u3400" <= c <= "\u9fff" else 1 for c in query)
    return STAY if length <= FOLLOW_UP_LENGTH else 0.0


def _samples(subcategory: Subcategory, label: int) -> Sequence[Sample]:
    """What a scenario says about itself: sample questions, names, and its SOP text as one text."""
    samples = [
        Sample(text, label)
        for example in (*subcategory.examples, *subcategory.training_phrases)
        for text in example.each()
    ]
    samples += [Sample(name, label, held_out=False) for name in subcategory.name.each()]
    prose: dict[str | None, list[str]] = {}
    for language, text in subcategory.description.items():
        prose.setdefault(language, []).append(BOUNDARY.split(text)[0])
    for step in subcategory.steps:
        for language, text in step.instruction.items():
            prose.setdefault(language, []).append(text)
    for reference in subcategory.references:
        if reference.visibility == "public":
            prose.setdefault(reference.language, []).append(reference.quote)
    samples += [
        Sample(" ".join(texts), label, weight=2.0, held_out=False) for texts in prose.values()
    ]
    return [sample for sample in samples if sample.text.strip()]
