"""Markdown: the SOP pages of a bilingual catalogue, other companies' pages, and their linking."""

import hashlib
from pathlib import Path

import pytest

from scenarios.catalogue import Subcategory, Text
from scenarios.parsing import ParseResult, parse_files
from scenarios.parsing.errors import NoScenario, NotADocument
from tests.scenarios.documents import misplaced, word_file

ZH = """# 提现状态查询

## 适用范围
- 属于：提现进度。
- 不属于：失败原因（见「提现失败原因」）。

## 处理时限
- 银行卡提现通常 **10 分钟**到 2 小时到账。
- USDT 提现：
  - TRC20 最快。

电子钱包提现通常 5 到 30 分钟到账，
节假日顺延。

## 内部口径
- 渠道回执以银行为准。

## 处理步骤
1. **收集（可选）** `order_number` 请提供提现单号。
2. **判断** 请看订单当前的状态：
   1. 如果状态是「待审核」：请等待审核完成。
   2. 如果状态是「已退回」：款项会在 1 小时内退回。
3. **操作（内部）** 在后台核对。
4. **说明（建议）** 请打开 `钱包` 页。
5. **转人工** `missing_knowledge` 请回复「转人工」。
6. **安抚** 请稍等。
7. **结束** 无需再操作。

## 需要收集的信息
| 字段 | 名称 | 提问 | 类型 | 必填 | 敏感 |
|---|---|---|---|---|---|
| order_number | 提现单号 | 请问单号是多少？ | identifier `^W\\d{12}$` | 否 | 否 |
| method | 收款方式 | 请问用哪种方式？ | choice 银行卡/USDT | 是 | 是 |

## 禁止事项
- 不得承诺具体到账时刻。

## 升级处理
- 超过 24 小时仍未到账：转人工，原因 missing_knowledge。
"""
EN = """# Withdrawal status

## Scope
- Belongs here: progress.
- Does not belong: failures (see "Why a withdrawal failed").

## How long it takes
- A bank withdrawal usually takes **10 minutes** to 2 hours.
- USDT withdrawals:
  - TRC20 is fastest.

E-wallet withdrawals take 5 to 30 minutes,
longer on holidays.

## For internal use
- The bank's receipt counts.

## Steps
1. **Collect (may)** `order_number` Please give the withdrawal number.
2. **Check** Please go by the status:
   1. If the status is Pending review: please wait.
   2. If the status is Returned: the money is back within 1 hour.
3. **Action (internal)** Check the back office.
4. **Explain (should)** Open the `Wallet` page.
5. **Hand off** `missing_knowledge` Reply "agent".
6. **Soothe** Please hold on.
7. **Close** Nothing more to do.

## Information to collect
| Field | Name | Question | Type | Required | Sensitive |
|---|---|---|---|---|---|
| order_number | Withdrawal number | What is the number? | identifier `^W\\d{12}$` | no | no |
| method | Payout method | Which method? | choice bank card/USDT | yes | yes |

## Prohibitions
- Do not promise an exact arrival time.

## Escalation
- Not arrived after 24 hours: hand off, reason missing_knowledge.
"""


def pages(root: Path, name: str = "status", zh: str = ZH, en: str = EN) -> Path:
    """A folder of bilingual pages with one more scenario's page in both languages."""
    for language, text in (("zh", zh), ("en", en)):
        if text:
            folder = root / language / "withdrawals"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return root


def rows_and_pages(root: Path) -> Path:
    """Pages, and a Word document with a row for each language's."""
    pages(root)
    pages(
        root,
        "failure",
        "# 提现失败原因\n\n## 适用范围\n- 属于：失败。\n",
        "# Why a withdrawal failed\n",
    )
    word_file(
        root / "scenarios.docx",
        [
            ("取款/提现", "1 提现失败原因", ["描述：失败了。", "用户常见问法：", "• 为啥失败"]),
            (
                "",
                "2 提现状态查询",
                [
                    "描述：进度。",
                    "用户常见问法：",
                    "• 到账没",
                    "关联子类：",
                    "- 提现失败原因（下一步）",
                ],
            ),
            ("Withdrawals", "1 Why a withdrawal failed", ["Description: It failed."]),
            (
                "",
                "2 Withdrawal status",
                [
                    *("Description: Progress.", "Sample questions:", "• where is it"),
                    *("Related:", "- Why a withdrawal failed (next)"),
                ],
            ),
        ],
    )
    return root


def parsed(root: Path, *paths: Path) -> ParseResult:
    """The result, after every text was found where its locator points."""
    result = parse_files(paths or [root], documents_root=root)
    assert misplaced(result.catalogue, root) == []
    return result


@pytest.fixture
def status(tmp_path: Path) -> Subcategory:
    """The scenario of the two pages above."""
    result = parsed(pages(tmp_path))
    assert result.warnings == []
    return result.catalogue["withdrawals.status"]


def test_id_and_language_come_from_the_path(status: Subcategory) -> None:
    assert status.name == Text({"zh": "提现状态查询", "en": "Withdrawal status"})


def test_keywords_give_type_requirement_audience_slot_and_reason(status: Subcategory) -> None:
    told = [
        (s.id, s.type.value, s.requirement.value, s.audience.value, s.slot, s.reason_category)
        for s in status.steps
    ]

    assert told == [
        ("s1", "collect", "may", "visitor", "order_number", None),
        ("s2", "condition", "must", "visitor", None, None),
        ("s2.1", "instruction", "must", "visitor", None, None),
        ("s2.2", "instruction", "must", "visitor", None, None),
        ("s3", "action", "must", "agent", None, None),
        ("s4", "instruction", "should", "visitor", None, None),
        ("s5", "handoff", "must", "visitor", None, "missing_knowledge"),
        ("s6", "instruction", "must", "visitor", None, None),
        ("s7", "end", "must", "visitor", None, None),
    ]


def test_markers_are_no_part_of_an_instruction(status: Subcategory) -> None:
    assert status.steps[0].instruction.root == {
        "zh": "请提供提现单号。",
        "en": "Please give the withdrawal number.",
    }
    assert status.steps[2].instruction.to("zh") == "如果状态是「待审核」：请等待审核完成。"
    assert status.steps[5].instruction.to("zh") == "请打开 钱包 页。"
    assert status.steps[6].instruction.to("en") == 'Reply "agent".'


def test_an_unknown_keyword_stays_in_the_text(status: Subcategory) -> None:
    assert status.steps[7].instruction.to("zh") == "安抚 请稍等。"


def test_steps_lead_on_and_conditions_branch(status: Subcategory) -> None:
    leads = {
        step.id: [
            (lead.condition.to("en") if lead.condition else None, lead.target) for lead in step.next
        ]
        for step in status.steps
    }

    assert leads == {
        "s1": [(None, "s2")],
        "s2": [
            ("the status is Pending review", "s2.1"),
            ("the status is Returned", "s2.2"),
            (None, "s3"),
        ],
        "s2.1": [(None, "s3")],
        "s2.2": [(None, "s3")],
        "s3": [(None, "s4")],
        "s4": [(None, "s5")],
        "s5": [(None, "s6")],
        "s6": [(None, "s7")],
        "s7": [],
    }


@pytest.mark.parametrize("last", ["否则：请联系客服。", "其他情况：请联系客服。"])
def test_a_last_branch_for_all_else_is_where_else_leads(tmp_path: Path, last: str) -> None:
    steps = f"1. **判断** 看：\n   1. 如果好：等。\n   2. {last}\n2. **结束** 好。\n"
    text = f"# 甲\n\n## 处理步骤\n{steps}"

    step = parsed(pages(tmp_path, zh=text, en="")).catalogue["withdrawals.status"].steps[0]

    assert [(str(n.condition or ""), n.target) for n in step.next] == [("好", "s1.1"), ("", "s1.2")]


def test_the_table_of_fields_gives_slots(status: Subcategory) -> None:
    number, method = status.slots

    assert number.id == "order_number"
    assert number.name.root == {"zh": "提现单号", "en": "Withdrawal number"}
    assert number.question.to("en") == "What is the number?"
    assert (number.type, number.pattern) == ("identifier", r"^W\d{12}$")
    assert (number.required, number.sensitive) == (False, False)
    assert (method.type, method.required, method.sensitive) == ("choice", True, True)
    assert [c.root for c in method.choices] == [
        {"zh": "银行卡", "en": "bank card"},
        {"zh": "USDT", "en": "USDT"},
    ]


def test_prohibitions_escalation_and_scope_are_read(status: Subcategory) -> None:
    assert status.prohibitions[0].to("en") == "Do not promise an exact arrival time."
    assert status.escalation[0].reason_category == "missing_knowledge"
    assert status.description.to("zh").startswith("属于：提现进度。")


def test_facts_and_steps_become_references_with_their_very_words(
    tmp_path: Path, status: Subcategory
) -> None:
    quotes = {r.id.partition("#")[2]: r for r in status.references}

    assert quotes["zh.2.1"].quote == "银行卡提现通常 **10 分钟**到 2 小时到账。"
    assert quotes["zh.2.2.1"].quote == "TRC20 最快。"
    assert quotes["zh.2.3"].quote == "电子钱包提现通常 5 到 30 分钟到账，\n节假日顺延。"
    assert quotes["en.4.2.1"].quote == "If the status is Pending review: please wait."
    assert quotes["zh.4.1"].quote == "请提供提现单号。"
    assert quotes["zh.2.1"].section == "处理时限"
    assert quotes["zh.2.1"].title == "提现状态查询"
    assert quotes["zh.2.1"].locator == "zh/withdrawals/status.md#L8"
    for reference in status.references:
        raw = (tmp_path / reference.document_id).read_text(encoding="utf-8")
        assert reference.quote in raw
        assert reference.sha256 == hashlib.sha256(reference.quote.encode()).hexdigest()


def test_what_no_customer_may_read_is_internal(status: Subcategory) -> None:
    internal = {r.id.partition("#")[2] for r in status.references if r.visibility == "internal"}

    assert internal == {
        f"{language}.{number}"
        for language in ("zh", "en")
        for number in ("1.1", "1.2", "3.1", "4.3", "6.1", "7.1")
    }


def test_steps_point_at_their_references_in_every_language(status: Subcategory) -> None:
    assert status.steps[2].reference_ids == [
        "withdrawals.status#zh.4.2.1",
        "withdrawals.status#en.4.2.1",
    ]


def test_differing_steps_are_warned_about_and_the_default_language_wins(tmp_path: Path) -> None:
    en = EN.replace('5. **Hand off** `missing_knowledge` Reply "agent".\n', "")

    result = parsed(pages(tmp_path, en=en))

    steps = result.catalogue["withdrawals.status"].steps
    assert len(steps) == 9
    assert [list(s.instruction.root) for s in steps] == [["zh"]] * 9
    assert len(result.warnings) == 1
    assert "en/withdrawals/status.md#L25" in result.warnings[0]


def test_another_default_language_wins_when_asked_for(tmp_path: Path) -> None:
    en = EN.replace('5. **Hand off** `missing_knowledge` Reply "agent".\n', "")
    pages(tmp_path, en=en)

    result = parse_files([tmp_path], default_language="en")

    assert result.catalogue.default_language == "en"
    assert len(result.catalogue["withdrawals.status"].steps) == 8


def test_a_step_that_collects_an_unknown_slot_is_warned_about(tmp_path: Path) -> None:
    text = "# 甲\n\n## 处理步骤\n1. **收集** `card` 请提供。\n2. **转人工** `because` 回复。\n"

    result = parsed(pages(tmp_path, zh=text, en=""))

    assert [w for w in result.warnings if "'card'" in w and "status.md#L4" in w]
    assert [w for w in result.warnings if "'because'" in w and "status.md#L5" in w]


# Linking


def test_rows_and_pages_of_one_name_are_one_scenario(tmp_path: Path) -> None:
    result = parsed(rows_and_pages(tmp_path))

    [category] = result.catalogue.categories
    assert result.warnings == []
    assert (category.id, category.name.root) == (
        "withdrawals",
        {"zh": "取款/提现", "en": "Withdrawals"},
    )
    assert [s.id for s in category.subcategories] == ["withdrawals.failure", "withdrawals.status"]
    status = category.subcategories[1]
    assert status.description.root == {"zh": "进度。", "en": "Progress."}
    assert [e.root for e in status.examples] == [{"zh": "到账没"}, {"en": "where is it"}]
    assert [(r.subcategory_id, r.relation) for r in status.related] == [
        ("withdrawals.failure", "next")
    ]
    assert len(status.steps) == 9
    assert status.locators["description.en"].startswith("scenarios.docx#table=1")
    assert set(status.locators) >= {"related.0.zh", "related.0.en", "steps.s1.en", "examples.1"}


def test_every_source_is_named_with_its_digest(tmp_path: Path) -> None:
    result = parsed(rows_and_pages(tmp_path))

    documents = {d.id: d for d in result.catalogue.source_documents}
    assert set(documents) == {
        "scenarios.docx",
        *(
            f"{lang}/withdrawals/{name}.md"
            for lang in ("zh", "en")
            for name in ("status", "failure")
        ),
    }
    for document in documents.values():
        assert document.path == document.id
        assert (
            document.sha256 == hashlib.sha256((tmp_path / document.path).read_bytes()).hexdigest()
        )


def test_a_row_without_its_page_is_warned_about_and_not_guessed(tmp_path: Path) -> None:
    pages(tmp_path)
    pages(tmp_path, "limits", "# 提现限额\n", "")
    rows = [("提现", "提现状态查询", "描述：甲"), ("提现", "提现限额规则", "描述：乙")]
    word_file(tmp_path / "a.docx", rows)

    result = parsed(tmp_path)

    ids = [s.id for _, s in result.catalogue.subcategories()]
    assert ids == ["withdrawals.status", "withdrawals.提现限额规则", "withdrawals.limits"]
    assert [
        w for w in result.warnings if "no page is named '提现限额规则'" in w and "'提现限额'" in w
    ]
    assert [w for w in result.warnings if "no row is named '提现限额'" in w]


def test_one_name_in_two_folders_is_told_apart_by_its_category(tmp_path: Path) -> None:
    for folder in ("deposits", "withdrawals"):
        home = tmp_path / "zh" / folder
        home.mkdir(parents=True)
        (home / "rules.md").write_text("# 规则\n", encoding="utf-8")
        (home / "other.md").write_text(f"# {folder} 状态\n", encoding="utf-8")
    rows = [
        *(("存款", "deposits 状态", "描述：甲"), ("存款", "规则", "描述：乙")),
        *(("提现", "withdrawals 状态", "描述：丙"), ("提现", "规则", "描述：丁")),
    ]
    word_file(tmp_path / "a.docx", rows)

    result = parsed(tmp_path)

    assert result.warnings == []
    assert result.catalogue["deposits.rules"].description.to() == "乙"
    assert result.catalogue["withdrawals.rules"].description.to() == "丁"


def test_without_pages_ids_are_slugs_and_texts_are_plain(tmp_path: Path) -> None:
    path = word_file(tmp_path / "a.docx", [("取款/提现", "限额/规则", "描述：甲")])

    [(category, scenario)] = parsed(tmp_path, path).catalogue.subcategories()

    assert (category.id, scenario.id) == ("取款-提现", "取款-提现.限额-规则")
    assert scenario.name.root == "限额/规则"


def test_names_with_one_slug_stay_apart(tmp_path: Path) -> None:
    path = word_file(tmp_path / "a.docx", [("A", "x/y", "描述：甲"), ("A", "x-y", "描述：乙")])

    assert [s.id for _, s in parsed(tmp_path, path).catalogue.subcategories()] == [
        "a.x-y",
        "a.x-y-2",
    ]


# Other companies' Markdown


GENERIC = """---
owner: ops
---
# Refunds

Everything about refunds.

## 1. Refund status Flow

Where the money is.

FAQ:
- where is my refund
- still waiting

Steps:
1. Ask for the order number.
2. Look at the order.
   - If it is shipped: wait for the parcel.
   - Otherwise: refund it.
3. Say goodbye.

Related: Refund rules

## Refund rules

- Within 14 days.
- Unused only.
"""


def test_headings_name_categories_and_scenarios(tmp_path: Path) -> None:
    path = tmp_path / "refunds.md"
    path.write_text(GENERIC, encoding="utf-8")

    result = parsed(tmp_path, path)

    [category] = result.catalogue.categories
    assert (category.name.to(), category.description.to()) == (
        "Refunds",
        "Everything about refunds.",
    )
    refund, rules = category.subcategories
    assert refund.name.to() == "Refund status"
    assert refund.description.to() == "Where the money is."
    assert [e.to() for e in refund.examples] == ["where is my refund", "still waiting"]
    assert [s.id for s in refund.steps] == ["s1", "s2", "s2.1", "s2.2", "s3"]
    assert [n.target for n in refund.steps[1].next] == ["s2.1", "s2.2"]
    assert [r.subcategory_id for r in refund.related] == ["refunds.refund-rules"]
    assert rules.steps == []
    assert rules.description.to() == "Within 14 days.\nUnused only."
    assert refund.locators["examples.0"] == "refunds.md#L13"


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_headings_may_be_deeper_or_shallower(tmp_path: Path, depth: int) -> None:
    text = GENERIC.replace("FAQ:\n", "### FAQ\n").replace("Steps:\n", "### Steps\n")
    text = text.replace("Related: ", "### Related\n").replace("\n#", "\n" + "#" * (depth + 1))
    path = tmp_path / "a.md"
    path.write_text(text, encoding="utf-8")

    result = parsed(tmp_path, path)

    [category] = result.catalogue.categories
    assert category.name.to() == "Refunds"
    assert [s.name.to() for s in category.subcategories] == ["Refund status", "Refund rules"]
    assert len(category.subcategories[0].steps) == 5


def test_a_first_heading_with_labelled_parts_is_a_scenario(tmp_path: Path) -> None:
    folder = tmp_path / "refunds"
    folder.mkdir()
    path = folder / "status.md"
    path.write_text(
        "# Refund status\n\n## Steps\n1. Look.\n\n## Times\n- 2 days.\n", encoding="utf-8"
    )

    result = parsed(tmp_path, path)

    assert [(c.name.to(), s.name.to()) for c, s in result.catalogue.subcategories()] == [
        ("refunds", "Refund status")
    ]
    assert "no category is named" in result.warnings[0]
    [(_, scenario)] = result.catalogue.subcategories()
    assert [r.quote for r in scenario.references] == ["Look.", "2 days."]


def test_a_title_above_categories_is_none(tmp_path: Path) -> None:
    text = "# Manual\n## A\n### A1\none\n### A2\ntwo\n## B\n### B1\nthree\n"
    path = tmp_path / "a.md"
    path.write_text(text, encoding="utf-8")

    names = [
        (c.name.to(), s.name.to()) for c, s in parsed(tmp_path, path).catalogue.subcategories()
    ]

    assert names == [("A", "A1"), ("A", "A2"), ("B", "B1")]


def test_tables_with_columns_of_scenarios_are_read(tmp_path: Path) -> None:
    text = (
        "# 目录\n\n| 类别 | 子类 | 详细说明 |\n|---|---|---|\n"
        "| 存款 | 1 到账 | 描述：没到账<br>常见问法：<br>• 钱呢<br>• 多久 |\n| | 规则 | 限额 |\n"
    )
    path = tmp_path / "a.md"
    path.write_text(text, encoding="utf-8")

    [category] = parsed(tmp_path, path).catalogue.categories

    assert [s.name.to() for s in category.subcategories] == ["到账", "规则"]
    assert [e.to() for e in category.subcategories[0].examples] == ["钱呢", "多久"]


def test_numbers_typed_in_chinese_style_are_steps(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# 存款\n## 到账\n处理步骤：\n1、打开钱包\n2、看记录\n", encoding="utf-8")

    [(_, scenario)] = parsed(tmp_path, path).catalogue.subcategories()

    assert [s.instruction.to() for s in scenario.steps] == ["打开钱包", "看记录"]


def test_prose_becomes_no_steps(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "# 存款\n## 到账\n先打开钱包，再看记录；如果没有：联系客服。\n", encoding="utf-8"
    )

    [(_, scenario)] = parsed(tmp_path, path).catalogue.subcategories()

    assert scenario.steps == []
    assert scenario.description.to() == "先打开钱包，再看记录；如果没有：联系客服。"


def test_lines_end_as_they_may(tmp_path: Path) -> None:
    pages(tmp_path)
    path = tmp_path / "zh" / "withdrawals" / "status.md"
    path.write_bytes(b"\xef\xbb\xbf" + ZH.replace("\n", "\r\n").encode())

    assert parsed(tmp_path).catalogue["withdrawals.status"].locators["name.zh"].endswith("#L1")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        ("# 存款".encode("gbk"), "UTF-8"),
        (b"# a\x00b", "binary"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(content)

    with pytest.raises(NotADocument, match=reason):
        parse_files([path])


@pytest.mark.parametrize("content", ["just text\n", "# One heading\n\nand prose\n", "- a\n- b\n"])
def test_text_without_scenarios_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.md"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(NoScenario, match=r"a\.md"):
        parse_files([path])
