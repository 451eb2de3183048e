"""Measure routing on a case file, without starting the service.

python -m evaluation CASES.jsonl --catalogue data/catalogue.json
    [--train TRAIN.jsonl] [--engine embedded|llm] [--json OUT.json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from api.settings import Settings
from chat_models import CHAT_MODELS
from chat_models.port import ChatModel
from evaluation.dataset import OUT_OF_SCOPE, Case, CasesInvalid, load_cases
from evaluation.metrics import Routed, summarize
from routing.background import load_background
from routing.llm import LlmRouter, Thread
from routing.router import LabelledText, Router
from scenarios.errors import CatalogueInvalid
from scenarios.loading import load_catalogue

_TITLES = {
    "cases": "cases",
    "in_scope": "  in scope",
    "top1": "top-1 (gold)",
    "top1_accept": "top-1 (gold or accepted)",
    "top3": "gold in the first three",
    "category": "category accuracy",
    "answered": "answered without asking",
    "answered_right": "  of these right",
    "clarified": "asked back",
    "in_scope_refused": "in scope, yet refused",
    "ece": "expected calibration error",
    "out_of_scope": "  out of scope",
    "out_of_scope_caught": "out of scope, caught",
    "out_of_scope_answered": "out of scope, yet answered",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 2 when an input cannot be used."""
    options = _parser().parse_args(arguments)
    settings = Settings()
    if options.engine == "llm" and not settings.uses_llm:
        sys.stderr.write("expected OPENAI_API_KEY or OPENAI_BASE_URL with --engine llm\n")
        return 2
    try:
        catalogue, _ = load_catalogue(options.catalogue)
        cases = load_cases(options.cases, catalogue)
        labelled = load_cases(options.train, catalogue) if options.train else []
        background = load_background(settings.off_topic_file)
        if options.json:
            options.json.touch()
    except (CatalogueInvalid, CasesInvalid, OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    router = Router.fit(
        catalogue,
        labelled=[LabelledText(c.text, c.gold) for c in labelled if c.gold != OUT_OF_SCOPE],
        background=[*background, *(c.text for c in labelled if c.gold == OUT_OF_SCOPE)],
        threads=os.cpu_count() or 1,
    )
    model = CHAT_MODELS["openai"](settings.chat_settings()) if options.engine == "llm" else None
    routed = asyncio.run(_route(router, model, cases))
    languages = sorted({case.language for case in cases})
    figures = {"all": summarize(routed, catalogue)} | {
        language: summarize([r for r in routed if r.case.language == language], catalogue)
        for language in languages
    }
    _print(figures)
    if options.json:
        report = {
            "cases": str(options.cases),
            "catalogue_hash": catalogue.content_hash,
            "engine": options.engine,
            "figures": figures,
        }
        options.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m evaluation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("cases", type=Path, help="JSONL: text and gold, or category/subcategory")
    parser.add_argument("--catalogue", type=Path, default=Path("data/catalogue.json"))
    parser.add_argument(
        "--train", type=Path, help="labelled queries, in the same form as the cases"
    )
    parser.add_argument("--engine", choices=["embedded", "llm"], default="embedded")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    return parser


async def _route(router: Router, model: ChatModel | None, cases: Sequence[Case]) -> list[Routed]:
    routed = []
    second_opinion = LlmRouter(model) if model else None
    for case in tqdm(cases, unit="case", disable=None, leave=False):
        decision = router.route(case.text)
        if second_opinion is not None:
            decision, _ = await second_opinion.review(
                router, decision, case.text, case.language, Thread()
            )
        routed.append(Routed(case, decision))
    if model is not None:
        await model.aclose()
    return routed


def _print(figures: dict[str, dict[str, float | int | None]]) -> None:
    width = max(map(len, _TITLES.values()))
    sys.stdout.write(" " * width + "".join(f"{column:>9}" for column in figures) + "\n")
    for key, title in _TITLES.items():
        cells = [column[key] for column in figures.values()]
        line = "".join(
            f"{'-' if c is None else c if isinstance(c, int) else format(c, '.3f'):>9}"
            for c in cells
        )
        sys.stdout.write(f"{title:<{width}}{line}\n")


if __name__ == "__main__":
    sys.exit(main())
