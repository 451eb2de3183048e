"""`python -m evaluation` as an operator runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from evaluation.dataset import Case
from evaluation.metrics import Routed, summarize
from routing.decision import Candidate, RouteDecision, Verdict
from scenarios.loading import read_catalogue
from tests.conftest import ROOT, SMALL

CASES = """\
{"text": "where is my parcel", "gold": "orders.track-an-order"}
{"text": "I want to return shoes", "category": "Orders", "subcategory": "Return an item"}
{"text": "我要退货", "gold": "orders.track-an-order", "accept": ["orders.return-an-item"], "lang": "zh"}
{"text": "what is the capital of France", "gold": "oos"}
"""  # noqa: E501  (lines are cases)


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command, with its outcome."""
    return subprocess.run(
        [sys.executable, "-m", "evaluation", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_it_prints_and_writes_the_figures(tmp_path: Path, small_catalogue: Path) -> None:
    cases, out = tmp_path / "cases.jsonl", tmp_path / "out.json"
    cases.write_text(CASES, "utf-8")

    outcome = run(cases, "--catalogue", small_catalogue, "--json", out)

    assert outcome.returncode == 0, outcome.stderr
    assert "top-1 (gold)" in outcome.stdout
    figures = json.loads(out.read_text("utf-8"))["figures"]
    assert figures.keys() == {"all", "en", "zh"}
    assert figures["all"]["cases"] == 4
    assert figures["all"]["out_of_scope"] == 1
    assert figures["en"]["top1"] == 1.0


def test_training_queries_are_learnt(tmp_path: Path, small_catalogue: Path) -> None:
    case = {"text": "boomerang my sneakers", "gold": "orders.return-an-item"}
    cases, train = tmp_path / "cases.jsonl", tmp_path / "train.jsonl"
    cases.write_text(json.dumps(case) + "\n", "utf-8")
    train.write_text((json.dumps(case) + "\n") * 3, "utf-8")

    out = tmp_path / "out.json"
    run(cases, "--catalogue", small_catalogue, "--train", train, "--json", out)

    assert json.loads(out.read_text("utf-8"))["figures"]["all"]["top1"] == 1.0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "expected at least one case"),
        ("{", "cases.jsonl:1"),
        ('{"gold": "oos"}', "expected an object with a text"),
        ('{"text": "x"}', "expected a subcategory id or 'oos'"),
        ('{"text": "x", "gold": "nope"}', "got 'nope'"),
        ('{"text": "x", "subcategory": "Return items"}', "nearest"),
        ('{"text": "x", "gold": "oos", "accept": "y"}', "expected a list"),
    ],
)
def test_a_bad_case_file_is_refused_with_its_line(
    tmp_path: Path, small_catalogue: Path, content: str, reason: str
) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text(content, "utf-8")

    outcome = run(cases, "--catalogue", small_catalogue)

    assert outcome.returncode == 2
    assert reason in outcome.stderr
    assert len(outcome.stderr.strip().splitlines()) == 1


def test_the_figures_are_right() -> None:
    catalogue, _ = read_catalogue(json.loads(SMALL))
    track, give_back = (s.id for s in catalogue.open_scenarios())

    def routed(gold: str, verdict: Verdict, *candidates: tuple[str, float]) -> Routed:
        ranked = tuple(Candidate(i, p) for i, p in candidates)
        return Routed(Case("x", gold, frozenset([gold]), "en"), RouteDecision(verdict, ranked))

    figures = summarize(
        [
            routed(track, Verdict.ACCEPT, (track, 0.9)),
            routed(track, Verdict.ACCEPT, (give_back, 0.8), (track, 0.2)),
            routed(give_back, Verdict.CLARIFY, (give_back, 0.5)),
            routed(give_back, Verdict.OUT_OF_SCOPE, (track, 0.1)),
            routed("oos", Verdict.OUT_OF_SCOPE),
            routed("oos", Verdict.ACCEPT, (track, 0.9)),
        ],
        catalogue,
    )

    assert figures["top1"] == 0.5
    assert figures["top3"] == 0.75
    assert figures["category"] == 1.0
    assert figures["answered"] == 0.5
    assert figures["answered_right"] == 0.5
    assert figures["clarified"] == 0.25
    assert figures["in_scope_refused"] == 0.25
    assert figures["out_of_scope_caught"] == 0.5
    # |0.9 - 1|, |0.8 - 0|, |0.5 - 1|, |0.1 - 0| over four cases, each in a bin of its own.
    assert figures["ece"] == round((0.1 + 0.8 + 0.5 + 0.1) / 4, 4)
