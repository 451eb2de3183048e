"""The three forms of a catalogue file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scenarios.catalogue import Catalogue, Slot, Text
from scenarios.errors import CatalogueInvalid, UnknownName
from scenarios.loading import load_catalogue, read_catalogue
from scenarios.lookup import resolve
from tests.conftest import ROOT

SHORT: dict[str, Any] = {
    "取款/提现": {
        "description": "",
        "subcategories": [
            {
                "name": "提现状态查询",
                "description": "提现到哪一步",
                "faq_samples": ["我的提现到账了吗"],
                "related_subcategories": ["提现失败原因", "不存在的子类"],
            },
            {"name": "提现失败原因", "description": "", "faq_samples": []},
        ],
    }
}


def test_the_map_form_loads_unchanged_with_warnings_for_what_is_missing() -> None:
    catalogue, warnings = read_catalogue(SHORT)

    status, failure = catalogue.open_scenarios()
    assert catalogue.default_language == "zh"
    assert catalogue.categories[0].name.to() == "取款/提现"
    assert status.description.to() == "提现到哪一步"
    assert [e.to() for e in status.examples] == ["我的提现到账了吗"]
    assert [r.subcategory_id for r in status.related] == [failure.id]
    assert warnings == [
        "提现状态查询: related '不存在的子类' is no subcategory of this catalogue",
        "提现失败原因: no description",
        "提现失败原因: no sample questions",
    ]


def test_the_list_form_keeps_steps_and_references() -> None:
    catalogue, _ = read_catalogue(
        {
            "categories": [
                {
                    "name": "Orders",
                    "subcategories": [
                        {
                            "name": "track_order",
                            "description": "d",
                            "steps": [
                                "Ask for the number.",
                                {"text": "Look it up", "subtext": ["x"]},
                            ],
                            "related": [],
                            "references": ["sop/orders.md"],
                        }
                    ],
                }
            ]
        }
    )

    (scenario,) = catalogue.open_scenarios()
    assert scenario.id == "orders.track_order"
    assert [s.instruction.to() for s in scenario.steps] == ["Ask for the number.", "Look it up\nx"]
    assert scenario.references[0].document_id == "sop/orders.md"


def test_the_canonical_form_comes_back_as_it_went(catalogue: Catalogue) -> None:
    content = catalogue.model_dump(mode="json", by_alias=True)

    again, warnings = read_catalogue(content)

    assert again == catalogue
    assert warnings == []
    assert again.content_hash == catalogue.content_hash


def test_the_hash_tells_content_from_content(catalogue: Catalogue) -> None:
    other = catalogue.model_copy(update={"catalogue_version": "2"}).sealed()

    assert other.content_hash != catalogue.content_hash


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([], "expected an object with categories, got list"),
        ({}, "expected at least one subcategory"),
        ({"A": {"subcategories": [1]}}, "expected a subcategory with a name"),
        ({"A": []}, "expected"),
        ({"A": {"subcategories": {"name": "b"}}}, "expected a list"),
        ({"schema_version": "1.0", "categories": [{"id": "a b", "name": "A"}]}, "categories.0.id"),
        (
            {
                "schema_version": "1.0",
                "categories": [{"id": "a", "name": "A"}, {"id": "a", "name": "B"}],
            },
            "expected every id once",
        ),
    ],
)
def test_what_is_no_catalogue_is_refused_with_the_place(content: Any, reason: str) -> None:
    with pytest.raises(CatalogueInvalid, match=reason):
        read_catalogue(content)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "catalogue.json"
    path.write_bytes(content)

    with pytest.raises(CatalogueInvalid, match="catalogue.json"):
        load_catalogue(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueInvalid, match="expected a catalogue file"):
        load_catalogue(tmp_path / "none.json")


def test_a_pattern_that_is_no_regular_expression_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a regular expression"):
        Slot(id="a", name=Text("A"), question=Text("?"), pattern="(")


def test_benchmark_catalogues_load() -> None:
    folder = ROOT.parent / "shared" / "benchmarks"
    if not folder.is_dir():
        pytest.skip(f"no benchmarks at {folder}")
    for path in sorted(folder.glob("*/catalogue.json")):
        entry = json.loads(path.read_text("utf-8"))
        count = sum(len(c["subcategories"]) for c in entry["categories"])

        catalogue, _ = load_catalogue(path)

        assert len(catalogue.open_scenarios()) == count, path


def test_names_are_found_however_they_are_written(catalogue: Catalogue) -> None:
    assert resolve(catalogue, None, None) is None
    assert resolve(catalogue, "ＷＩＴＨＤＲＡＷＡＬＳ", None) == resolve(
        catalogue, "取款/提现", None
    )
    assert resolve(catalogue, None, "提現狀態查詢") == ("withdrawals.status",)


def test_the_nearest_names_are_offered(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownName, match="'提现状况'") as refused:
        resolve(catalogue, None, "提现状况")

    assert "提现状态查询" in refused.value.nearest
