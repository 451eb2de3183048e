"""`POST /chat` at the door."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from scenarios.catalogue import Catalogue
from tests.conftest import ROOT, UNSURE, Serve, ask

FIELDS = {
    "response", "category", "subcategory", "thread_id", "confidence", "related_subcategories",
    "sop_references", "run_id", "category_id", "subcategory_id", "action", "references", "options",
    "engine", "degraded",
}  # fmt: skip


def test_an_answer_has_every_documented_field(client: httpx.Client) -> None:
    answer = ask(client, "提了三个小时了还没到账")

    assert answer.keys() >= FIELDS
    assert answer["action"] == "answered"
    assert answer["category"] == "取款/提现"
    assert answer["subcategory_id"] == "withdrawals.status"
    assert answer["engine"] == "embedded"
    assert answer["degraded"] is False


def test_names_are_in_the_default_language_unless_asked_otherwise(client: httpx.Client) -> None:
    by_default = ask(client, "my withdrawal is still processing")
    asked = ask(client, "我的提现还在处理中", lang="en")

    assert (by_default["category"], by_default["language"]) == ("取款/提现", "en")
    assert (asked["category"], asked["language"]) == ("Withdrawals", "zh")


def test_a_preset_scenario_is_honoured_by_id_and_by_name(client: httpx.Client) -> None:
    by_id = ask(client, "how long?", subcategory="deposits.proof_submission")
    by_name = ask(client, "how long?", category="Deposits", subcategory="存款验证材料提交")

    assert by_id["subcategory_id"] == by_name["subcategory_id"] == "deposits.proof_submission"
    assert by_id["confidence"] == 1.0


def test_a_preset_category_limits_the_choice(client: httpx.Client) -> None:
    answer = ask(client, "it has been rejected, why", category="withdrawals")

    assert answer["category_id"] == "withdrawals"


@pytest.mark.parametrize(
    ("preset", "nearest"),
    [
        ({"category": "withdrawal"}, "withdrawals"),
        ({"subcategory": "提现状态查寻"}, "提现状态查询"),
        ({"category": "deposits", "subcategory": "withdrawals.status"}, "deposits.arrival_status"),
    ],
)
def test_an_unknown_preset_is_refused_with_the_nearest_names(
    client: httpx.Client, preset: dict[str, str], nearest: str
) -> None:
    reply = client.post("/chat", json={"user_query": "x", **preset})

    assert reply.status_code == 422
    assert reply.json()["error"]["code"] == "unknown_name"
    assert nearest in reply.json()["error"]["nearest"]


@pytest.mark.parametrize(
    ("query", "action", "language"),
    [
        ("你好", "answered", "zh"),
        ("thanks a lot!", "answered", "en"),
        ("转人工", "handed_off", "zh"),
        ("let me talk to a real person", "handed_off", "en"),
        ("write me a poem about the sea", "fallback", "en"),
        ("今天北京天气怎么样", "fallback", "zh"),
    ],
)
def test_messages_that_are_no_question_are_answered_as_what_they_are(
    client: httpx.Client, query: str, action: str, language: str
) -> None:
    answer = ask(client, query)

    assert (answer["action"], answer["language"]) == (action, language)
    assert answer["category_id"] == "fallback"
    assert answer["references"] == []


def test_a_hand_off_says_why(client: httpx.Client) -> None:
    assert ask(client, "转人工")["reason_category"] == "customer_request"


def test_an_unsure_route_asks_and_the_choice_goes_on_with_the_question(
    client: httpx.Client,
) -> None:
    question = ask(client, UNSURE, thread_id="clarify-1")
    options = question["options"]
    assert question["action"] == "clarify"
    assert isinstance(options, list)
    assert len(options) >= 2

    answer = ask(client, "2", thread_id="clarify-1")

    assert answer["action"] == "answered"
    assert answer["subcategory_id"] == options[1]["id"]


def test_history_takes_part_in_routing(client: httpx.Client) -> None:
    ask(client, "提现一般多久到账", thread_id="history-1")

    follow_up = ask(client, "那 USDT 呢？", thread_id="history-1")

    assert follow_up["subcategory_id"] == "withdrawals.status"
    assert "USDT" in str(follow_up["response"])


def test_references_exist_and_hold_their_quotes(client: httpx.Client) -> None:
    answer = ask(client, "Is there a fee for withdrawing?")
    references = answer["references"]
    assert isinstance(references, list)
    assert references

    for reference in references:
        document = (ROOT / "data" / "sop" / reference["document"]).read_text("utf-8")
        assert reference["quote"] in document
        assert f"## {reference['section']}\n" in document
        assert reference["place"] in str(answer["sop_references"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "user_query"),
        ({"user_query": "   "}, "user_query"),
        ({"user_query": "x" * 8001}, "user_query"),
        ({"user_query": "x", "thread_id": "no spaces"}, "thread_id"),
        ({"user_query": "x", "thread_id": "x" * 65}, "thread_id"),
        ({"user_query": "x", "surprise": 1}, "surprise"),
        ({"user_query": "x", "context": {"a": "x" * 40_000}}, "context"),
    ],
)
def test_bad_fields_are_named(client: httpx.Client, body: dict[str, object], field: str) -> None:
    reply = client.post("/chat", json=body)

    assert reply.status_code == 422
    assert reply.json()["error"]["code"] == "validation_failed"
    assert field in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"user_query": NaN}',
        b'{"user_query": "x", "context": {"a": Infinity}}',
        b'{"user_query": "\\ud800"}',
        b'{"user_query": "a\\u0000b"}',
        b'{"user_query": "\xff"}',
        b'{"user_query": ',
        b'{"user_query": "x", "context": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b'{"user_query": "x", "context": {"a": 1e999}}',
    ],
)
def test_a_body_that_is_no_strict_json_is_refused(client: httpx.Client, body: bytes) -> None:
    reply = client.post("/chat", content=body, headers={"Content-Type": "application/json"})

    assert reply.status_code == 400
    assert reply.json()["error"]["code"] == "invalid_json"


def test_a_large_body_is_refused_even_without_a_length(client: httpx.Client) -> None:
    def chunks() -> object:
        for _ in range(100):
            yield b"x" * 1024

    reply = client.post("/chat", content=chunks(), headers={"Content-Type": "application/json"})  # type: ignore[arg-type]

    assert reply.status_code == 413
    assert reply.json()["error"]["code"] == "body_too_large"


def test_text_comes_back_exactly_as_sent(client: httpx.Client) -> None:
    text = "提现 \u202e💸 e\u0301 \t\n 繁體"
    ask(client, text, thread_id="exact-1")

    messages = client.get("/sessions/exact-1").json()["messages"]

    assert messages[0]["text"] == text


@pytest.mark.parametrize(("query", "action"), [("转人工", "handed_off"), ("hello", "answered")])
def test_a_preset_does_not_swallow_what_is_no_question(
    client: httpx.Client, query: str, action: str
) -> None:
    answer = ask(client, query, subcategory="withdrawals.status")

    assert (answer["action"], answer["category_id"]) == (action, "fallback")


def test_a_reply_that_chooses_nothing_is_asked_again(client: httpx.Client) -> None:
    first = ask(client, UNSURE, thread_id="again-1")

    again = ask(client, "9", thread_id="again-1")
    chosen = ask(client, "1", thread_id="again-1")

    assert again["action"] == "clarify"
    assert again["options"] == first["options"]
    assert chosen["subcategory_id"] == first["options"][0]["id"]  # type: ignore[index]


def test_what_the_caller_knows_is_not_asked_for(client: httpx.Client) -> None:
    query = "my bet has not been settled"
    asked = ask(client, query, subcategory="games_betting.settlement")
    known = ask(
        client, query, subcategory="games_betting.settlement", context={"bet": "B202511200001"}
    )

    assert "Bet number" in str(asked["response"])
    assert "Bet number" not in str(known["response"])


def test_names_in_an_unknown_language_are_refused(client: httpx.Client) -> None:
    reply = client.post("/chat", json={"user_query": "x", "lang": "fr"})

    assert reply.status_code == 422
    assert reply.json()["error"]["nearest"] == ["zh", "en"]


def test_a_catalogue_in_one_language_answers_in_it_with_references(
    serve: Serve, catalogue: Catalogue, tmp_path: Path
) -> None:
    content = catalogue.model_dump(mode="json", by_alias=True)
    path = tmp_path / "zh.json"
    path.write_text(json.dumps(only_chinese(content), ensure_ascii=False), "utf-8")
    client = serve(scenarios_file=path)

    answer = ask(client, "how long does it take", subcategory="withdrawals.status")

    assert answer["language"] == "zh"
    assert answer["references"]
    assert "agent" not in str(answer["response"])


def only_chinese(value: Any) -> Any:
    """A catalogue without its English texts."""
    if isinstance(value, dict):
        if value.keys() <= {"zh", "en"} and value:
            return {"zh": value["zh"]} if "zh" in value else None
        return {k: kept for k, v in value.items() if (kept := only_chinese(v)) is not None or not v}
    if isinstance(value, list):
        return [kept for v in value if (kept := only_chinese(v)) is not None]
    return value


def test_documents_without_quotes_are_cited_as_such(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "short.json"
    scenario = {"name": "Track", "steps": ["Look it up."], "references": ["sop/orders.md"]}
    path.write_text(json.dumps({"categories": [{"name": "Orders", "subcategories": [scenario]}]}))
    client = serve(scenarios_file=path)

    answer = ask(client, "x y", subcategory="Track")

    assert answer["sop_references"] == ["sop/orders.md"]


def test_a_pending_question_survives_a_catalogue_without_its_options(
    serve: Serve, tmp_path: Path
) -> None:
    names = ("alpha beta", "alpha gamma")
    path = tmp_path / "c.json"

    def write(*kept: str) -> None:
        subcategories = [{"name": n, "faq_samples": [n], "description": n} for n in kept]
        path.write_text(json.dumps({"A": {"subcategories": subcategories}}))

    write(*names)
    client = serve(scenarios_file=path, reload_interval=1000)
    assert ask(client, "alpha", thread_id="t")["action"] == "clarify"
    write("delta one", "delta two")
    assert client.post("/scenarios/reload").json()["changed"] is True

    answer = ask(client, "1", thread_id="t")

    assert answer["action"] == "fallback"
