"""Twenty real questions in each language: the right scenario, true references, its own steps."""

from __future__ import annotations

import httpx
import pytest

from scenarios.catalogue import Audience, Catalogue
from tests.conftest import ROOT

QUESTIONS = [
    ("zh", "提款到账要多久啊", "withdrawals.status"),
    ("zh", "提现被退回来了什么原因", "withdrawals.failure_reason"),
    ("zh", "一次最多能提多少钱", "withdrawals.limits_rules"),
    ("zh", "充值一个小时了还没到账", "deposits.arrival_status"),
    ("zh", "转账截图在哪里上传", "deposits.proof_submission"),
    ("zh", "不小心转了两次钱怎么办", "deposits.anomalies"),
    ("zh", "密码忘了登不上去", "account_security.login_password"),
    ("zh", "我的账号好像被盗了，有陌生人登录", "account_security.risk_control"),
    ("zh", "我不想玩了，帮我把账号注销", "account_security.closure"),
    ("zh", "返水比例是多少", "bonuses_vip.rebate_policy"),
    ("zh", "身份证照片审核一直不过", "kyc_compliance.kyc_review"),
    ("zh", "手机收不到验证码", "kyc_compliance.otp_phone"),
    ("zh", "你们有牌照吗？哪里查", "kyc_compliance.licence"),
    ("zh", "比赛打完了怎么还没派彩", "games_betting.settlement"),
    ("zh", "老虎机是不是作弊的", "games_betting.fairness"),
    ("zh", "能用信用卡存钱吗", "payment_methods.supported"),
    ("zh", "怎么邀请朋友拿奖励", "promotions.referral"),
    ("zh", "兑换码在哪儿输", "promotions.promo_code"),
    ("zh", "网页打不开，一直转圈", "technical.site_access"),
    ("zh", "我想给自己设个存款上限，控制一下", "responsible_gaming.self_limit"),
    ("en", "how long until my payout reaches my bank card", "withdrawals.status"),
    ("en", "why was my withdrawal rejected", "withdrawals.failure_reason"),
    ("en", "is there a fee when I withdraw", "withdrawals.limits_rules"),
    ("en", "I deposited an hour ago and the money is not in my wallet", "deposits.arrival_status"),
    ("en", "i sent the wrong amount by bank transfer", "deposits.anomalies"),
    (
        "en",
        "my account is locked after too many wrong passwords",
        "account_security.login_password",
    ),
    ("en", "how can I change my phone number", "account_security.profile_change"),
    ("en", "please close my account for good", "account_security.closure"),
    ("en", "where is my birthday bonus", "bonuses_vip.reward_status"),
    ("en", "what documents do you need for KYC", "kyc_compliance.kyc_review"),
    ("en", "can I play from Singapore", "kyc_compliance.region_ip"),
    ("en", "my bet is stuck on confirming", "games_betting.bet_anomaly"),
    ("en", "how do I remove a bank card from my account", "payment_methods.binding"),
    ("en", "is the bank transfer channel down for maintenance", "payment_methods.availability"),
    ("en", "what are your official support channels", "service_channels.official_channels"),
    ("en", "how do I export my transaction history", "service_channels.records"),
    ("en", "how do I join the weekend campaign", "promotions.participation"),
    ("en", "I want to file a complaint about an agent", "disputes.appeal"),
    ("en", "how do I install the app on Android", "technical.app_install"),
    ("en", "I want to exclude myself from gambling", "responsible_gaming.self_limit"),
]


@pytest.mark.parametrize(("language", "question", "scenario_id"), QUESTIONS)
def test_a_real_question_gets_its_answer(
    client: httpx.Client, catalogue: Catalogue, language: str, question: str, scenario_id: str
) -> None:
    answer = client.post("/chat", json={"user_query": question}).json()

    scenario = catalogue[scenario_id]
    own = {reference.id: reference for reference in scenario.public_references(language)}
    public_steps = {step.id for step in scenario.steps if step.audience is Audience.VISITOR}
    assert answer["subcategory_id"] == scenario_id
    assert answer["action"] == "answered"
    assert answer["language"] == language
    assert answer["references"], "an answer rests on passages"
    assert set(answer["steps"]) <= public_steps
    for reference in answer["references"]:
        document = (ROOT / "data" / "sop" / reference["document"]).read_text("utf-8")
        assert reference["id"] in own
        assert reference["quote"] in document
        assert f"## {reference['section']}\n" in document
        assert reference["place"] in answer["sop_references"]
    quoted = [line for line in answer["response"].splitlines() if line.strip()]
    everything = " ".join(
        [*(r.quote for r in own.values()), *(s.question.to(language) for s in scenario.slots)]
    ).replace("**", "")
    said = [line for line in quoted if line.strip(" •0123456789.") in everything]
    assert len(said) >= len(quoted) - 1, "all but one fixed sentence is the SOP's own"


def test_there_are_twenty_in_each_language() -> None:
    for language in ("zh", "en"):
        assert len([q for q in QUESTIONS if q[0] == language]) == 20
