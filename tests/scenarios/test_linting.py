"""Every fault the linter knows, made on purpose."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from scenarios.linting import lint, main
from scenarios.loading import read_catalogue

SOUND: dict[str, Any] = {
    "schema_version": "1.0",
    "default_language": "en",
    "categories": [
        {
            "id": "a",
            "name": {"en": "A"},
            "subcategories": [
                {
                    "id": "a.b",
                    "name": {"en": "B"},
                    "description": {"en": "About b."},
                    "examples": [{"en": "where is my parcel"}],
                    "slots": [{"id": "n", "name": "N", "question": "Which?"}],
                    "steps": [
                        {"id": "s1", "instruction": {"en": "x"}, "slot": "n",
                         "next": [{"else": "s2"}], "reference_ids": ["r1"]},
                        {"id": "s2", "type": "end", "instruction": {"en": "y"}},
                    ],
                    "references": [
                        {"id": "r1", "document_id": "b.md", "section": "S", "quote": "Wait."}
                    ],
                },
                {
                    "id": "a.c",
                    "name": {"en": "C"},
                    "description": {"en": "About c."},
                    "examples": [{"en": "I want my money back"}],
                },
            ],
        }
    ],
}  # fmt: skip


def codes(content: dict[str, Any], root: Path | None = None) -> set[str]:
    return {finding.code for finding in lint(read_catalogue(content)[0], root)}


def test_a_sound_catalogue_has_no_findings(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# B\n\n## S\n- Wait.\n")

    assert codes(SOUND, tmp_path) == set()


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (["related"], [{"subcategory_id": "a.z"}], "dangling-related"),
        (["steps", 0, "next"], [{"else": "s9"}], "dangling-step"),
        (["steps", 0, "slot"], "m", "dangling-slot"),
        (["steps", 0, "reference_ids"], ["r9"], "dangling-reference"),
        (["steps", 1, "id"], "s1", "duplicate-step"),
        (["steps", 0, "next"], [{"else": "s1"}], "step-unreachable"),
        (["examples"], [], "no-examples"),
        (["description"], "", "no-description"),
        (["description"], {"zh": "关于 b"}, "untranslated"),
        (["examples"], [{"en": "I want my money BACK"}], "examples-overlap"),
        (["references", 0, "quote"], "Do not wait.", "quote-not-in-document"),
        (["references", 0, "document_id"], "z.md", "document-missing"),
        (["references", 0, "sha256"], "0" * 64, "quote-changed"),
    ],
)
def test_each_fault_is_found(tmp_path: Path, path: list[Any], value: Any, code: str) -> None:
    (tmp_path / "b.md").write_text("# B\n\n## S\n- Wait.\n")
    content = copy.deepcopy(SOUND)
    place: Any = content["categories"][0]["subcategories"][0]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value

    assert code in codes(content, tmp_path)


def test_a_step_in_the_middle_that_leads_nowhere_is_found() -> None:
    content = copy.deepcopy(SOUND)
    steps = content["categories"][0]["subcategories"][0]["steps"]
    steps.insert(1, {"id": "s1a", "instruction": {"en": "z"}})

    assert "step-leads-nowhere" in codes(content)


def test_the_command_says_what_it_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], small_catalogue: Path
) -> None:
    assert main([str(small_catalogue)]) == 0
    assert "0 errors" in capsys.readouterr().out
    assert main([str(tmp_path / "none.json")]) == 2
