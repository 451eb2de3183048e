"""`GET /scenarios`, and reloading a catalogue while it serves."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import httpx
import pytest

from scenarios.catalogue import Catalogue
from tests.conftest import SMALL, Serve


def test_all_scenarios_are_listed_by_category(client: httpx.Client, catalogue: Catalogue) -> None:
    listed = client.get("/scenarios").json()

    assert listed["total_categories"] == 13
    assert listed["total_scenarios"] == 54
    assert list(listed["categories"]) == [c.name.to("zh") for c in catalogue.categories]
    scenario = listed["categories"]["取款/提现"][0]
    assert scenario["subcategory"] == "提现状态查询"
    assert scenario["id"] == "withdrawals.status"
    assert scenario["description"]
    assert scenario["related_subcategories"]
    assert scenario["examples"]
    assert scenario["steps"]


def test_texts_come_in_the_language_asked_for(client: httpx.Client) -> None:
    scenario = client.get("/scenarios", params={"lang": "en"}).json()["categories"]["Withdrawals"][
        0
    ]

    assert scenario["subcategory"] == "Withdrawal status"
    assert not any("\u4e00" <= c <= "\u9fff" for c in json.dumps(scenario, ensure_ascii=False))


@pytest.mark.parametrize("q", ["TRC20", "提現", "ｗithdrawals.status"])
def test_a_search_finds_what_holds_its_words(client: httpx.Client, q: str) -> None:
    found = client.get("/scenarios", params={"q": q}).json()

    assert 0 < found["total_scenarios"] < 54


def test_a_search_for_nothing_there_is_empty(client: httpx.Client) -> None:
    assert client.get("/scenarios", params={"q": "xylophone"}).json() == {
        "total_categories": 0, "total_scenarios": 0, "categories": {},
    }  # fmt: skip


def test_one_scenario_comes_with_its_passages(client: httpx.Client) -> None:
    scenario = client.get("/scenarios/withdrawals.status", params={"lang": "en"}).json()

    assert scenario["references"]
    assert all(r["document"] == "en/withdrawals/status.md" for r in scenario["references"])


def test_steps_and_passages_for_staff_are_not_shown(
    client: httpx.Client, catalogue: Catalogue
) -> None:
    internal = {s.id for s in catalogue["withdrawals.status"].steps if s.audience == "agent"}
    shown = client.get("/scenarios/withdrawals.status").json()

    assert internal
    assert internal.isdisjoint(step["id"] for step in shown["steps"])
    assert "禁止事项" not in {r["section"] for r in shown["references"]}


def test_an_unknown_scenario_is_404(client: httpx.Client) -> None:
    reply = client.get("/scenarios/nope")

    assert reply.status_code == 404
    assert reply.json()["error"]["code"] == "not_found"


def grown(text: str) -> str:
    """The small catalogue with a third scenario."""
    content = json.loads(text)
    content["Orders"]["subcategories"].append(
        {"name": "Gift cards", "description": "", "faq_samples": ["gift card balance"]}
    )
    return json.dumps(content)


def test_a_changed_file_is_taken_up_and_no_request_fails(
    serve: Serve, small_catalogue: Path
) -> None:
    client = serve(scenarios_file=small_catalogue, reload_interval=0.05)
    stop, statuses = threading.Event(), []

    def keep_asking() -> None:
        while not stop.is_set():
            body = {"user_query": "where is my parcel"}
            statuses.append(client.post("/chat", json=body).status_code)

    asking = threading.Thread(target=keep_asking)
    asking.start()
    small_catalogue.write_text(grown(SMALL), "utf-8")
    changed_at = time.monotonic()
    while client.get("/health").json()["scenarios_loaded"] != 3:
        assert time.monotonic() - changed_at < 5
        time.sleep(0.02)
    stop.set()
    asking.join()

    assert statuses
    assert set(statuses) == {200}


def test_a_changed_text_is_in_service_before_the_router_is_fitted_anew(
    serve: Serve, catalogue: Catalogue, tmp_path: Path
) -> None:
    path = tmp_path / "catalogue.json"
    content = catalogue.model_dump(mode="json", by_alias=True)
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    client = serve(scenarios_file=path)
    first = content["categories"][0]["subcategories"][0]
    first["description"]["en"] = "Changed for good."
    (tmp_path / "new.json").write_text(json.dumps(content, ensure_ascii=False), "utf-8")

    (tmp_path / "new.json").replace(path)
    changed_at = time.monotonic()
    url = "/scenarios/withdrawals.status?lang=en"
    while client.get(url).json()["description"] != "Changed for good.":
        assert time.monotonic() - changed_at < 10
        time.sleep(0.02)


def test_a_reload_on_demand_says_what_it_did(serve: Serve, small_catalogue: Path) -> None:
    client = serve(scenarios_file=small_catalogue, reload_interval=1000)

    unchanged = client.post("/scenarios/reload").json()
    small_catalogue.write_text(grown(SMALL), "utf-8")
    changed = client.post("/scenarios/reload").json()

    assert (unchanged["changed"], changed["changed"]) == (False, True)
    assert changed["scenarios_loaded"] == 3
    assert changed["warnings"] == ["Gift cards: no description"]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("{", "expected JSON"),
        ("[]", "expected an object with categories"),
        ("{}", "expected at least one subcategory"),
        (
            json.dumps(
                {
                    "schema_version": "1.0",
                    "categories": [
                        {
                            "id": "a",
                            "name": "A",
                            "subcategories": [
                                {"id": "a.b", "name": "B", "related": [{"subcategory_id": "a.c"}]}
                            ],
                        }
                    ],
                }
            ),
            "dangling-related",
        ),
    ],
)
def test_a_broken_file_is_refused_and_the_old_catalogue_stays(
    serve: Serve, small_catalogue: Path, broken: str, reason: str
) -> None:
    client = serve(scenarios_file=small_catalogue, reload_interval=1000)
    small_catalogue.write_text(broken, "utf-8")

    refused = client.post("/scenarios/reload")

    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "catalogue_invalid"
    assert reason in refused.json()["error"]["message"]
    assert client.get("/health").json()["scenarios_loaded"] == 2
    assert client.post("/chat", json={"user_query": "track my order"}).status_code == 200
