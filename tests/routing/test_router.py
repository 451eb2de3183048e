"""Routing on the bundled catalogue and on small ones."""

from __future__ import annotations

import json

import numpy as np
import pytest

from routing.background import load_background
from routing.choice import chosen_option
from routing.classifier import Classifier, Sample
from routing.confidence import calibrate
from routing.decision import SmallTalk, Verdict
from routing.features import Vectorizer
from routing.router import LabelledText, Router
from routing.small_talk import small_talk_kind, wants_human
from scenarios.catalogue import Audience, Catalogue
from scenarios.loading import read_catalogue
from tests.conftest import ROOT, SMALL, UNSURE


def test_probabilities_are_ranked_and_sum_to_at_most_one(router: Router) -> None:
    decision = router.route("我的提现怎么还没到账")

    probabilities = [c.probability for c in decision.candidates]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) <= 1.001
    assert decision.calibrated


@pytest.mark.parametrize(
    ("query", "scenario"),
    [
        ("密碼忘記了怎麼辦", "account_security.login_password"),
        ("forgt my pasword", "account_security.login_password"),
        ("ＫＹＣ審核要幾天", "kyc_compliance.kyc_review"),
        ("withdrawal 还在 processing", "withdrawals.status"),
    ],
)
def test_traditional_typed_wrong_and_mixed_queries_are_understood(
    router: Router, query: str, scenario: str
) -> None:
    assert router.route(query).top == scenario


def test_the_same_query_always_gets_the_same_route(router: Router, catalogue: Catalogue) -> None:
    background = load_background(ROOT / "data" / "off_topic.jsonl")
    again = Router.fit(catalogue, background=background)
    for query in ("提现失败", "bonus missing", "你好吗，天气不错"):
        assert again.route(query) == router.route(query)


def test_development_cases_are_routed_as_well_as_documented(router: Router) -> None:
    lines = (ROOT / "data" / "evaluation" / "routing_dev.jsonl").read_text("utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    inside = [c for c in cases if c["gold"] != "oos"]
    outside = [c for c in cases if c["gold"] == "oos"]

    right = sum(router.route(c["text"]).top in c.get("accept", [c["gold"]]) for c in inside)
    declined = (Verdict.OUT_OF_SCOPE, Verdict.UNCLEAR)
    caught = sum(router.route(c["text"]).verdict in declined for c in outside)

    # docs/evaluation.md has the figures; this guards against losing them unnoticed.
    assert right / len(inside) >= 0.85
    assert caught / len(outside) >= 0.75


def test_a_short_follow_up_stays_in_the_open_scenario(router: Router) -> None:
    alone = router.route("那要多久？")
    following = router.route("那要多久？", current="kyc_compliance.kyc_review")

    assert following.top == "kyc_compliance.kyc_review"
    assert following.verdict is Verdict.ACCEPT
    assert alone.verdict is not Verdict.ACCEPT or alone.top != following.top


def test_a_new_question_leaves_the_open_scenario(router: Router) -> None:
    decision = router.route("忘记密码了怎么办", current="withdrawals.status")

    assert decision.top == "account_security.login_password"


def test_a_preset_limits_the_candidates(router: Router) -> None:
    within = ("deposits.anomalies", "deposits.arrival_status")

    decision = router.route("what's the weather", within=within)

    assert {c.subcategory_id for c in decision.candidates} <= set(within)
    assert decision.verdict is not Verdict.OUT_OF_SCOPE


def test_an_unsure_route_names_its_options(router: Router) -> None:
    decision = router.route(UNSURE)

    assert decision.verdict is Verdict.CLARIFY
    assert 2 <= len(decision.options) <= 4


def test_an_elliptical_question_stays_where_the_talk_is(router: Router) -> None:
    for query in ("那 USDT 呢？", "and by bank card?", "what about weekends?"):
        assert router.route(query, current="withdrawals.status").top == "withdrawals.status"


def test_a_single_word_is_asked_about_unless_it_is_beyond_doubt(router: Router) -> None:
    for query in ("登录", "奖励", "reward"):
        assert router.route(query).verdict is Verdict.CLARIFY


def test_labelled_queries_teach() -> None:
    catalogue, _ = read_catalogue(json.loads(SMALL))
    query = "boomerang my sneakers"
    track, give_back = (s.id for s in catalogue.open_scenarios())

    taught = Router.fit(catalogue, labelled=[LabelledText(query, give_back)] * 3)

    assert taught.route(query).top == give_back
    assert Router.fit(catalogue).route("where is my parcel").top == track


def test_a_catalogue_of_names_alone_is_routed() -> None:
    catalogue, _ = read_catalogue(
        {"categories": [{"name": "bank", "subcategories": ["lost card", "exchange rate"]}]}
    )
    background = load_background(ROOT / "data" / "off_topic.jsonl")

    decision = Router.fit(catalogue, background=background).route("I have lost my card")

    assert decision.top == "bank.lost-card"
    assert not decision.calibrated


def test_scenarios_for_agents_only_are_hidden_from_visitors() -> None:
    content = json.loads(SMALL)
    catalogue, _ = read_catalogue(content)
    first = catalogue.categories[0]
    hidden = first.subcategories[0].model_copy(update={"audience": Audience.AGENT})
    category = first.model_copy(update={"subcategories": [hidden, *first.subcategories[1:]]})
    private = catalogue.model_copy(update={"categories": [category]})

    assert Router.fit(private).route("where is my parcel").top != hidden.id


def test_leave_one_out_scores_are_those_of_a_model_without_the_sample() -> None:
    samples = [
        Sample("parcel late", 0), Sample("parcel lost", 0), Sample("my parcel", 0),
        Sample("money back", 1), Sample("refund money", 1), Sample("my money", 1),
    ]  # fmt: skip
    vectorizer, matrix = Vectorizer.fit([s.text for s in samples])
    targets = np.eye(2)[[s.label for s in samples]]
    kernel = (matrix @ matrix.T).toarray() + np.eye(len(samples))

    _, held_out = Classifier.fit(samples, 2)
    assert held_out is not None

    for n in range(len(samples)):
        others = [m for m in range(len(samples)) if m != n]
        weights = np.linalg.solve(kernel[np.ix_(others, others)], targets[others])
        expected = kernel[n, others] @ weights
        assert np.allclose(held_out.scores[n], expected, atol=1e-4)


def test_calibration_finds_the_temperature_that_made_the_scores() -> None:
    random = np.random.default_rng(7)
    scores = random.normal(size=(4000, 5)).astype(np.float32)
    chances = np.exp(scores / 0.5)
    chances /= chances.sum(axis=1, keepdims=True)
    labels = [int(random.choice(5, p=row)) for row in chances]

    calibration = calibrate(scores, labels)

    assert 0.4 < calibration.temperature < 0.62


@pytest.mark.parametrize("text", ["hi", "Hello there!", "你好", "在吗", "good morning", "您好呀"])
def test_greetings_are_small_talk(text: str) -> None:
    assert small_talk_kind(text) is SmallTalk.GREETING


@pytest.mark.parametrize(
    "text",
    [
        "hi, my deposit has not arrived",
        "谢谢，那提现要多久",
        "bye the way where is my bonus",
        "密码",
    ],
)
def test_a_question_with_small_talk_in_it_is_a_question(text: str) -> None:
    assert small_talk_kind(text) is None


def test_small_talk_on_development_messages() -> None:
    path = ROOT / "data" / "evaluation" / "small_talk_dev.jsonl"
    cases = [json.loads(line) for line in path.read_text("utf-8").splitlines()]

    wrong = [
        case["text"]
        for case in cases
        if case["kind"]
        != ("human" if wants_human(case["text"]) else small_talk_kind(case["text"]) or "none")
    ]

    assert len(wrong) / len(cases) < 0.05, wrong


@pytest.mark.parametrize(
    "text", ["人工审核要多久", "what hours is live chat open", "真人荷官公平吗"]
)
def test_a_question_about_people_asks_for_none(text: str) -> None:
    assert not wants_human(text)


@pytest.mark.parametrize(
    ("reply", "chosen"),
    [
        ("2", 1), ("第二个", 1), ("选1", 0), ("2.", 1), ("the first one", 0), ("option 2", 1),
        ("提现验证", 1), ("withdrawal verification", 1), ("withdrawals.status", 0),
        ("我选第二个", 1), ("2谢谢", 1), ("2, please", 1), ("第二项，谢谢", 1), ("最后一个", 1),
        ("2️⃣", 1), ("状态查询", 0), ("5", None), ("什么意思", None), ("20元", None),
    ],
)  # fmt: skip
def test_a_reply_chooses_by_number_name_or_id(
    catalogue: Catalogue, reply: str, chosen: int | None
) -> None:
    options = ["withdrawals.status", "withdrawals.verification"]

    expected = None if chosen is None else options[chosen]
    assert chosen_option(reply, options, catalogue) == expected
