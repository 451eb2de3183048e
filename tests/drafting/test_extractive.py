"""The embedded writer, without a graph."""

from __future__ import annotations

import asyncio

import pytest

from drafting.draft import Draft, Message, Piece, Retraction, Turn
from drafting.extractive import ExtractiveWriter
from scenarios.catalogue import Audience, Catalogue
from scenarios.loading import read_catalogue
from scenarios.terms import language_of


def draft(catalogue: Catalogue, query: str, scenario_id: str, *history: Message) -> Draft:
    """The draft for one turn; checks that the pieces make up its text."""
    pieces: list[str] = []

    def emit(part: Piece | Retraction) -> None:
        assert isinstance(part, Piece)
        pieces.append(part.text)

    turn = Turn(
        query=query,
        language=language_of(query),
        category=catalogue.category_of(scenario_id),
        scenario=catalogue[scenario_id],
        history=history,
    )
    result = asyncio.run(ExtractiveWriter().draft(turn, emit))
    assert "".join(pieces) == result.text
    return result


def test_the_question_decides_what_is_answered(catalogue: Catalogue) -> None:
    fee = draft(catalogue, "提现手续费多少", "withdrawals.limits_rules")
    least = draft(catalogue, "最少要提多少", "withdrawals.limits_rules")

    assert "1%" in fee.text
    assert "100 元" in least.text
    assert "1%" not in least.text


def test_a_question_that_a_fact_answers_needs_no_procedure(catalogue: Catalogue) -> None:
    answer = draft(catalogue, "how long does a USDT withdrawal take", "withdrawals.status")

    assert answer.text.startswith("USDT withdrawals usually arrive 10 to 60 minutes")
    assert answer.step_ids == ()
    assert "agent" not in answer.text


def test_who_reports_a_delay_is_told_the_time_limits_and_how_to_reach_a_human(
    catalogue: Catalogue,
) -> None:
    answer = draft(catalogue, "my withdrawal has still not arrived", "withdrawals.status")

    facts, _, rest = answer.text.partition("\n\n")
    assert "minutes" in facts
    assert 'reply "agent" to reach a human' in rest


def test_a_set_of_limits_is_quoted_whole(catalogue: Catalogue) -> None:
    answer = draft(catalogue, "is there a fee for withdrawing?", "withdrawals.limits_rules")

    assert "first 3 withdrawals" in answer.text
    assert "1 %" in answer.text
    assert "network fee" in answer.text


def test_only_the_branch_the_customer_names_is_given(catalogue: Catalogue) -> None:
    answer = draft(catalogue, "我的提现显示已退回", "withdrawals.status")

    given = [step for step in answer.step_ids if step.startswith("s3.")]
    assert given == ["s3.4"]
    assert "已退回" in answer.text


def test_a_question_with_choices_is_asked_instead_of_listing_cases(catalogue: Catalogue) -> None:
    scenario = next(
        s
        for s in catalogue.open_scenarios()
        for answer in [draft(catalogue, "不行", s.id)]
        if any(slot.question.to("zh") in answer.text for slot in s.slots)
    )
    question = draft(catalogue, "不行", scenario.id)
    choice = next(slot for slot in scenario.slots if slot.question.to("zh") in question.text)

    reply = draft(
        catalogue,
        choice.choices[0].to("zh"),
        scenario.id,
        Message("user", "不行"),
        Message("assistant", question.text),
    )

    assert choice.question.to("zh") not in reply.text
    assert reply.text != question.text


def test_an_order_number_by_itself_is_noted(catalogue: Catalogue) -> None:
    asked = Message("user", "my withdrawal has not arrived")

    answer = draft(catalogue, "W202511200001", "withdrawals.status", asked)

    assert "noted" in answer.text
    assert 'reply "agent"' in answer.text


def test_an_error_code_the_sop_knows_is_a_question_about_it(catalogue: Catalogue) -> None:
    answer = draft(catalogue, "E1003", "technical.system_login")

    assert "clock" in answer.text
    assert "E2001" not in answer.text


def test_a_short_follow_up_keeps_its_subject(catalogue: Catalogue) -> None:
    earlier = Message("user", "提现一般多久到账")

    answer = draft(catalogue, "那 USDT 呢", "withdrawals.status", earlier)

    assert "USDT" in answer.text.splitlines()[0]


@pytest.mark.parametrize("query", ["怎么回事", "what is going on", "?", "的"])
def test_any_query_gets_an_answer_in_every_scenario(catalogue: Catalogue, query: str) -> None:
    language = language_of(query)
    for scenario in catalogue.open_scenarios():
        answer = draft(catalogue, query, scenario.id)

        internal = {s.id for s in scenario.steps if s.audience is Audience.AGENT}
        assert answer.text.strip(), scenario.id
        assert internal.isdisjoint(answer.step_ids), scenario.id
        assert all(r.visibility == "public" for r in answer.references), scenario.id
        assert all(r.language == language for r in answer.references), scenario.id


def test_every_line_is_the_sops_or_a_fixed_phrase(catalogue: Catalogue) -> None:
    for scenario in catalogue.open_scenarios():
        answer = draft(catalogue, "怎么办", scenario.id)

        texts = [r.quote for r in scenario.references]
        texts += [s.instruction.to("zh") for s in scenario.steps]
        texts += [s.question.to("zh") for s in scenario.slots]
        texts += [""]
        plain = [text.replace("**", "").replace("`", "").strip() for text in texts]
        for line in answer.text.splitlines():
            bare = line.strip().lstrip("•0123456789. ")
            known = any(bare in text for text in plain) or bare.startswith("转人工时请附上：")
            assert known, (scenario.id, line)


def test_the_same_turn_always_gets_the_same_answer(catalogue: Catalogue) -> None:
    first = draft(catalogue, "bonus not credited", "bonuses_vip.reward_status")

    assert draft(catalogue, "bonus not credited", "bonuses_vip.reward_status") == first


def test_a_scenario_of_prose_alone_is_answered_with_its_prose() -> None:
    catalogue, _ = read_catalogue(
        {"A": {"subcategories": [{"name": "B", "description": "Parcels take 3 days."}, "C"]}}
    )

    assert draft(catalogue, "how long", "a.b").text == "Parcels take 3 days."
    assert 'Reply "agent"' in draft(catalogue, "how long", "a.c").text
