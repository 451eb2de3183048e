"""Word documents: tables of scenarios in all the shapes people give them, and headings."""

from pathlib import Path

import pytest
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm

from scenarios.catalogue import Audience, Subcategory
from scenarios.parsing import ParseResult, parse_files
from tests.scenarios.documents import (
    add_table,
    misplaced,
    one_detail,
    resolve,
    word_file,
    word_xml,
    write_cell,
)


def parsed(path: Path) -> ParseResult:
    """The result for one file, after every text was found where its locator points."""
    result = parse_files([path])
    assert misplaced(result.catalogue, path.parent) == []
    return result


def only(result: ParseResult) -> Subcategory:
    """The one scenario of a result."""
    [(_, subcategory)] = result.catalogue.subcategories()
    return subcategory


def shape(result: ParseResult) -> dict[str, list[str]]:
    """Names of categories and their scenarios."""
    return {
        category.name.to(): [s.name.to() for s in category.subcategories]
        for category in result.catalogue.categories
    }


DETAIL = [
    "描述：提现提交后想知道进度。",
    "用户常见问法：",
    "• 提现到账了吗",
    "• 我的钱呢",
    "处理步骤：",
    "1. 收集 order_number 请提供提现单号。",
    "2. 判断 请看状态：",
    "   （1）如果待审核：请等待。",
    "   （2）否则：请联系客服。",
    "3. 结束 到账后无需再操作。",
    "需要收集的信息：",
    "- order_number 提现单号：请问提现单号是多少？",
    "禁止事项：",
    "- 不得承诺到账时间",
    "升级处理：",
    "- 超过 24 小时：转人工，原因 missing_knowledge",
    "关联子类：",
    "- 提现失败原因（下一步）",
]


def test_a_row_becomes_a_scenario_with_all_its_labelled_parts(tmp_path: Path) -> None:
    path = word_file(
        tmp_path / "a.docx",
        [("取款/提现", "1 提现状态查询 Flow", DETAIL), ("", "2 提现失败原因", "描述：被拒绝。")],
    )

    result = parsed(path)

    status = result.catalogue["取款-提现.提现状态查询"]
    assert result.warnings == []
    assert status.description.to() == "提现提交后想知道进度。"
    assert [e.to() for e in status.examples] == ["提现到账了吗", "我的钱呢"]
    assert [(s.id, s.type.value) for s in status.steps] == [
        ("s1", "collect"),
        ("s2", "condition"),
        ("s2.1", "instruction"),
        ("s2.2", "instruction"),
        ("s3", "end"),
    ]
    assert status.steps[0].slot == "order_number"
    assert status.steps[0].instruction.to() == "请提供提现单号。"
    assert [n.model_dump(mode="json", by_alias=True) for n in status.steps[1].next] == [
        {"if": "待审核", "then": "s2.1", "else": None},
        {"if": None, "then": None, "else": "s2.2"},
    ]
    assert [n.target for n in status.steps[2].next] == ["s3"]
    assert [(s.id, s.question.to()) for s in status.slots] == [
        ("order_number", "请问提现单号是多少？")
    ]
    assert [p.to() for p in status.prohibitions] == ["不得承诺到账时间"]
    assert status.escalation[0].reason_category == "missing_knowledge"
    assert [(r.subcategory_id, r.relation) for r in status.related] == [
        ("取款-提现.提现失败原因", "next")
    ]


@pytest.mark.parametrize(
    "header",
    [
        ("类别", "子类", "详细说明"),
        ("分类", "子类别", "详情"),
        ("大类", "二级分类", "说明"),
        ("一级分类", "场景", "处理流程"),
        ("一级分类：", "场 景", "内容"),
        ("Category", "Subcategory", "Details"),
        ("CATEGORY", "Scenario", "Description"),
        ("Category", "Sub-category", "SOP"),
        ("类别 Category", "子类/Subcategory", "详细说明（Details）"),
    ],
)
def test_headers_are_known_by_any_usual_word(tmp_path: Path, header: tuple[str, ...]) -> None:
    path = word_file(tmp_path / "a.docx", [("存款", "到账查询", "描述：没到账。")], header)

    assert shape(parsed(path)) == {"存款": ["到账查询"]}


def test_a_name_broken_over_lines_is_one_name(tmp_path: Path) -> None:
    path = word_file(
        tmp_path / "a.docx", [("存款", "到账\n查询", "描述：甲"), ("", "a\nb", "描述：乙")]
    )

    assert shape(parsed(path)) == {"存款": ["到账查询", "a b"]}


def test_columns_may_stand_in_another_order_beside_others(tmp_path: Path) -> None:
    path = word_file(
        tmp_path / "a.docx",
        [("1", "描述：没到账。", "到账查询", "存款")],
        ("序号", "详细说明", "子类", "类别"),
    )

    result = parsed(path)

    assert shape(result) == {"存款": ["到账查询"]}
    assert only(result).description.to() == "没到账。"


def test_columns_for_questions_and_steps_are_read_as_such(tmp_path: Path) -> None:
    path = word_file(
        tmp_path / "a.docx",
        [("存款", "到账查询", "没到账。", ["多久到", "钱呢？"], ["1. 查看记录", "2. 提交凭证"])],
        ("类别", "子类", "描述", "常见问法", "处理步骤"),
    )

    scenario = only(parsed(path))

    assert [e.to() for e in scenario.examples] == ["多久到", "钱呢？"]
    assert [s.instruction.to() for s in scenario.steps] == ["查看记录", "提交凭证"]


def test_a_repeated_header_is_no_scenario(tmp_path: Path) -> None:
    path = word_file(
        tmp_path / "a.docx",
        [
            ("存款", "到账查询", "描述：甲"),
            ("类别", "子类", "详细说明"),
            ("存款", "规则", "描述：乙"),
        ],
    )

    assert shape(parsed(path)) == {"存款": ["到账查询", "规则"]}


def test_a_table_without_header_is_read_by_position(tmp_path: Path) -> None:
    path = word_file(
        tmp_path / "a.docx",
        [("存款", "到账查询", "描述：甲"), ("存款", "规则", "描述：乙")],
        header=None,
    )

    assert shape(parsed(path)) == {"存款": ["到账查询", "规则"]}


def test_a_table_of_something_else_is_no_scenario(tmp_path: Path) -> None:
    document = Document()
    add_table(document, [("存款", "到账查询", "描述：甲")])
    document.add_paragraph("修订记录")
    add_table(document, [("1.0", "2024-01-01", "张三")], ("版本", "日期", "修改人"))
    path = tmp_path / "a.docx"
    document.save(str(path))

    result = parsed(path)

    assert shape(result) == {"存款": ["到账查询"]}
    assert [w for w in result.warnings if "a.docx#table=2" in w]


def test_a_vertically_merged_category_counts_for_all_its_rows(tmp_path: Path) -> None:
    document = Document()
    table = add_table(
        document,
        [("存款", "到账查询", "描述：甲"), ("", "规则", "描述：乙"), ("提现", "状态", "描述：丙")],
    )
    table.cell(1, 0).merge(table.cell(2, 0))
    path = tmp_path / "a.docx"
    document.save(str(path))

    result = parsed(path)

    assert shape(result) == {"存款": ["到账查询", "规则"], "提现": ["状态"]}


def test_a_merged_subcategory_gathers_the_details_of_its_rows(tmp_path: Path) -> None:
    document = Document()
    table = add_table(
        document, [("存款", "规则", "描述：甲"), ("", "", ["用户常见问法：", "• 多久"])]
    )
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(1, 1).merge(table.cell(2, 1))
    path = tmp_path / "a.docx"
    document.save(str(path))

    scenario = only(parsed(path))

    assert (scenario.description.to(), [e.to() for e in scenario.examples]) == ("甲", ["多久"])


def test_an_empty_category_cell_carries_down(tmp_path: Path) -> None:
    path = word_file(tmp_path / "a.docx", [("存款", "到账", "描述：甲"), ("", "规则", "描述：乙")])

    assert shape(parsed(path)) == {"存款": ["到账", "规则"]}


@pytest.mark.parametrize("header", [None, ("类别", "子类", "详细说明")])
def test_a_category_carries_down_into_the_table_that_follows(
    tmp_path: Path, header: tuple[str, ...] | None
) -> None:
    document = Document()
    add_table(document, [("存款", "到账", "描述：甲")])
    document.add_paragraph("")
    add_table(document, [("", "规则", "限额"), ("提现", "状态", "进度")], header)
    path = tmp_path / "a.docx"
    document.save(str(path))

    assert shape(parsed(path)) == {"存款": ["到账", "规则"], "提现": ["状态"]}


def test_a_row_split_at_a_page_break_goes_on_in_the_section_it_was_in(tmp_path: Path) -> None:
    document = Document()
    add_table(document, [("存款", "到账", ["描述：甲", "用户常见问法：", "• 多久到"])])
    add_table(document, [("", "", ["• 钱呢", "关联子类：到账"])], None)
    path = tmp_path / "a.docx"
    document.save(str(path))

    scenario = only(parsed(path))

    assert [e.to() for e in scenario.examples] == ["多久到", "钱呢"]
    assert scenario.locators["examples.1"] == "a.docx#table=2&row=1&cell=3&paragraph=1"


def test_cells_that_span_columns_keep_the_others_in_place(tmp_path: Path) -> None:
    document = Document()
    table = document.add_table(rows=3, cols=4)
    for row, texts in zip(
        table.rows,
        [("类别", "子类", "详细说明"), ("存款", "到账", "描述：甲"), ("存款", "规则", "描述：乙")],
        strict=True,
    ):
        row.cells[1].merge(row.cells[2])
        for cell, text in zip((row.cells[0], row.cells[1], row.cells[3]), texts, strict=True):
            write_cell(cell, text)
    path = tmp_path / "a.docx"
    document.save(str(path))

    assert shape(parsed(path)) == {"存款": ["到账", "规则"]}


def test_a_title_row_across_all_columns_is_no_scenario(tmp_path: Path) -> None:
    document = Document()
    table = add_table(document, [HEADER_ROW, ("存款", "到账", "描述：甲")], ("客服目录", "", ""))
    table.cell(0, 0).merge(table.cell(0, 2))
    path = tmp_path / "a.docx"
    document.save(str(path))

    assert shape(parsed(path)) == {"存款": ["到账"]}


HEADER_ROW = ("类别", "子类", "详细说明")


def test_a_table_without_categories_belongs_to_the_heading_above(tmp_path: Path) -> None:
    document = Document()
    document.add_heading("一、存款", level=1)
    add_table(document, [("到账", "描述：甲")], ("子类", "详细说明"))
    document.add_heading("二、提现", level=1)
    add_table(document, [("状态", "描述：乙")], ("子类", "详细说明"))
    path = tmp_path / "a.docx"
    document.save(str(path))

    assert shape(parsed(path)) == {"存款": ["到账"], "提现": ["状态"]}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("1 提现状态查询 Flow", "提现状态查询"),
        ("3: 存款规则", "存款规则"),
        ("3：存款规则", "存款规则"),
        ("2.1 存款失败", "存款失败"),
        ("2.1存款失败", "存款失败"),
        ("（一）存款失败", "存款失败"),
        ("(2) 存款失败", "存款失败"),
        ("一、存款失败", "存款失败"),
        ("4、提现流程", "提现流程"),
        ("4、提现 流程", "提现"),
        ("12. Withdrawal status Flow", "Withdrawal status"),
        ("③ 存款失败", "存款失败"),
        ("24小时客服", "24小时客服"),
        ("1 元红包", "1 元红包"),
        ("身份验证（KYC）提交", "身份验证（KYC）提交"),
    ],
)
def test_names_lose_their_number_and_a_flow_that_is_set_off(
    tmp_path: Path, written: str, name: str
) -> None:
    path = word_file(tmp_path / "a.docx", [("存款", written, "描述：甲")])

    scenario = only(parsed(path))

    assert scenario.name.to() == name
    assert resolve(scenario.locators["name"], tmp_path) == written


@pytest.mark.parametrize("mark", ["• ", "- ", "· ", "* ", "– ", "○ ", "● ", "•", "1. ", "①", "a) "])
def test_bullets_typed_by_hand_are_no_part_of_a_question(tmp_path: Path, mark: str) -> None:
    path = one_detail(tmp_path / "a.docx", ["用户常见问法：", f"{mark}钱呢", f"{mark}到账没"])

    assert [e.to() for e in only(parsed(path)).examples] == ["钱呢", "到账没"]


@pytest.mark.parametrize("style", ["List Bullet", "List Number", "List Bullet 2"])
def test_word_lists_are_lists(tmp_path: Path, style: str) -> None:
    path = one_detail(tmp_path / "a.docx", ["示例问题：", (style, "钱呢"), (style, "到账没")])

    assert [e.to() for e in only(parsed(path)).examples] == ["钱呢", "到账没"]


def test_list_properties_of_a_paragraph_itself_count(tmp_path: Path) -> None:
    document = Document()
    table = add_table(document, [("存款", "到账", ["步骤：", "打开钱包", "点击存款"])])
    for paragraph in table.cell(1, 2).paragraphs[1:]:
        properties = paragraph._p.get_or_add_pPr()
        properties.append(word_xml('<w:numPr><w:ilvl w:val="0"/><w:numId w:val="5"/></w:numPr>'))
    path = tmp_path / "a.docx"
    document.save(str(path))

    assert [s.instruction.to() for s in only(parsed(path)).steps] == ["打开钱包", "点击存款"]


@pytest.mark.parametrize(
    "label",
    [
        "用户常见问法：",
        "常见问法:",
        "示例问题：",
        "FAQ：",
        "Sample questions:",
        "【用户常见问法】",
        "常见问法",
    ],
)
def test_a_label_opens_a_section_on_its_own_line(tmp_path: Path, label: str) -> None:
    path = one_detail(tmp_path / "a.docx", ["提现进度。", label, "• 钱呢"])

    scenario = only(parsed(path))

    assert scenario.description.to() == "提现进度。"
    assert [e.to() for e in scenario.examples] == ["钱呢"]


def test_labels_may_be_numbered_bold_or_headings(tmp_path: Path) -> None:
    document = Document()
    detail = ["1、描述：提现进度。", "2、用户常见问法：", "• 钱呢", "处理步骤", "1. 打开钱包"]
    table = add_table(
        document, [("提现", "状态", [*detail, ("Heading 3", "禁止事项"), "不得承诺"])]
    )
    bold = table.cell(1, 2).paragraphs[3]
    bold.runs[0].bold = True
    path = tmp_path / "a.docx"
    document.save(str(path))

    scenario = only(parsed(path))

    assert scenario.description.to() == "提现进度。"
    assert [e.to() for e in scenario.examples] == ["钱呢"]
    assert [s.instruction.to() for s in scenario.steps] == ["打开钱包"]
    assert [p.to() for p in scenario.prohibitions] == ["不得承诺"]


def test_text_may_follow_its_label_on_the_same_line(tmp_path: Path) -> None:
    path = one_detail(
        tmp_path / "a.docx",
        [
            "Description: where is my money",
            "FAQ: is it there? how long?",
            "Prohibitions: no promises",
        ],
    )

    scenario = only(parsed(path))

    assert scenario.description.to() == "where is my money"
    assert [e.to() for e in scenario.examples] == ["is it there?", "how long?"]
    assert [p.to() for p in scenario.prohibitions] == ["no promises"]


@pytest.mark.parametrize(
    "lines",
    [
        ["关联子类：失败原因、到账规则（下一步）；处理,渠道"],
        ["Related: 失败原因, 到账规则 (next); 处理,渠道"],
        ["相关场景：", "- 失败原因（相似）", "- 到账规则（下一步）", "- 处理,渠道"],
        ["相关场景：", "失败原因", "2 到账规则 Flow（next）", "处理,渠道"],
    ],
)
def test_neighbours_are_told_apart_and_found(tmp_path: Path, lines: list[str]) -> None:
    rows = [("提现", "状态", lines), ("", "失败原因", "描述：甲"), ("", "2 到账规则", "描述：乙")]
    path = word_file(tmp_path / "a.docx", [*rows, ("", "处理,渠道", "描述：丙")])

    result = parsed(path)

    assert result.warnings == []
    related = result.catalogue["提现.状态"].related
    assert [(r.subcategory_id, r.relation) for r in related] == [
        ("提现.失败原因", "similar"),
        ("提现.到账规则", "next"),
        ("提现.处理-渠道", "similar"),
    ]


def test_an_unknown_neighbour_is_dropped_with_the_nearest_named(tmp_path: Path) -> None:
    rows = [("提现", "状态查询", "关联子类：失败的原因"), ("", "失败原因", "描述：甲")]
    path = word_file(tmp_path / "a.docx", rows)

    result = parsed(path)

    assert result.catalogue["提现.状态查询"].related == []
    [warning] = result.warnings
    assert "a.docx#table=1&row=2&cell=3&paragraph=1" in warning
    assert "'失败的原因'" in warning
    assert "'失败原因'" in warning


def test_a_neighbour_is_found_whatever_its_case_and_width(tmp_path: Path) -> None:
    rows = [("A", "Status", "Related: why it FAILED（ＫＹＣ）"), ("A", "Why it failed(KYC)", "x")]
    path = word_file(tmp_path / "a.docx", rows)

    result = parsed(path)

    assert [r.subcategory_id for r in result.catalogue["a.status"].related] == [
        "a.why-it-failed-kyc"
    ]


def test_unlabelled_questions_become_sample_questions_with_a_warning(tmp_path: Path) -> None:
    path = one_detail(tmp_path / "a.docx", ["提现进度。", "• 到账了吗？", "• how long?"])

    result = parsed(path)

    assert [e.to() for e in only(result).examples] == ["到账了吗？", "how long?"]
    assert only(result).description.to() == "提现进度。"
    assert "a.docx#table=1&row=2&cell=3&paragraph=2" in result.warnings[0]


def test_other_unlabelled_bullets_stay_in_the_description(tmp_path: Path) -> None:
    path = one_detail(tmp_path / "a.docx", ["提现进度。", "• 银行卡 2 小时", "• 到账了吗？"])

    scenario = only(parsed(path))

    assert scenario.examples == []
    assert scenario.description.to() == "提现进度。\n• 银行卡 2 小时\n• 到账了吗？"


def test_prose_stays_prose(tmp_path: Path) -> None:
    prose = "首先请客户打开钱包，然后查看状态；如果超过 24 小时，请转人工。最后结束。"
    path = one_detail(tmp_path / "a.docx", ["描述：" + prose, "处理流程：" + prose])

    result = parsed(path)

    assert only(result).steps == []
    assert only(result).description.to() == f"{prose}\n{prose}"
    assert "prose" in result.warnings[0]


def test_nothing_is_in_the_catalogue_that_is_not_in_the_source(tmp_path: Path) -> None:
    path = word_file(tmp_path / "a.docx", [("提现", "状态", "描述：进度。")])

    scenario = only(parsed(path))

    assert (scenario.examples, scenario.steps, scenario.slots, scenario.related) == ([], [], [], [])
    assert (scenario.prohibitions, scenario.escalation, scenario.references) == ([], [], [])


@pytest.mark.parametrize(
    ("written", "type_"),
    [
        ("收集 `order_number` 请提供单号", "collect"),
        ("判断：请看状态", "condition"),
        ("转人工 `tool_failure` 请回复「转人工」", "handoff"),
        ("Check: look at the status", "condition"),
        ("Check the status", "instruction"),
        ("操作（内部） 核对后台", "action"),
        ("联系客户确认", "instruction"),
    ],
)
def test_keywords_give_steps_their_type(tmp_path: Path, written: str, type_: str) -> None:
    path = one_detail(tmp_path / "a.docx", ["步骤：", "1. 打开钱包", f"2. {written}"])

    step = only(parsed(path)).steps[1]

    assert step.type == type_
    assert step.audience is (Audience.AGENT if "内部" in written else Audience.VISITOR)


def test_a_keyword_in_bold_type_is_a_keyword(tmp_path: Path) -> None:
    document = Document()
    table = add_table(document, [("A", "B", ["Steps:", ""])])
    paragraph = table.cell(1, 2).paragraphs[1]
    paragraph.add_run("1. ")
    paragraph.add_run("Check (should)").bold = True
    paragraph.add_run(" Look at the status")
    path = tmp_path / "a.docx"
    document.save(str(path))

    step = only(parsed(path)).steps[0]

    assert (step.type, step.requirement) == ("condition", "should")
    assert step.instruction.to() == "Look at the status"


@pytest.mark.parametrize(
    "branches",
    [
        ["  1.1 如果待审核：请等待", "  1.2 否则：联系客服"],
        ["① 如果待审核：请等待", "② 否则：联系客服"],
        ["- 如果待审核：请等待", "- 否则：联系客服"],
        ["如果待审核：请等待", "否则：联系客服"],
        [("List Bullet", "如果待审核：请等待"), ("List Bullet", "否则：联系客服")],
        [("List Number 2", "如果待审核：请等待"), ("List Number 2", "否则：联系客服")],
    ],
)
def test_nested_conditions_become_branches(
    tmp_path: Path, branches: list[str | tuple[str, str]]
) -> None:
    lines = ["步骤：", "1. 请看状态", *branches, "2. 完成"]
    path = one_detail(tmp_path / "a.docx", lines)

    steps = only(parsed(path)).steps

    assert [s.id for s in steps] == ["s1", "s1.1", "s1.2", "s2"]
    assert steps[0].type == "condition"
    assert str(steps[0].next[0].condition) == "待审核"
    assert [n.target for n in steps[0].next] == ["s1.1", "s1.2"]
    assert [s.next[0].target for s in steps[1:3]] == ["s2", "s2"]
    assert steps[3].next == []


def test_nested_items_without_condition_are_done_in_order(tmp_path: Path) -> None:
    lines = ["步骤：", "1. 打开钱包", "1.1 点击提现", "1.2 输入金额", "2. 提交"]

    steps = only(parsed(one_detail(tmp_path / "a.docx", lines))).steps

    assert [(s.id, [n.target for n in s.next]) for s in steps] == [
        ("s1", ["s1.1"]),
        ("s1.1", ["s1.2"]),
        ("s1.2", ["s2"]),
        ("s2", []),
    ]


def test_steps_quote_their_source(tmp_path: Path) -> None:
    scenario = only(parsed(one_detail(tmp_path / "a.docx", ["步骤：", "1. 打开钱包"])))

    [reference] = scenario.references
    assert scenario.steps[0].reference_ids == [reference.id]
    assert (reference.quote, reference.document_id) == ("打开钱包", "a.docx")


def test_line_breaks_and_tabs_part_lines(tmp_path: Path) -> None:
    path = one_detail(
        tmp_path / "a.docx",
        ["描述：进\t度。\n用户常见问法：\n• 钱呢\n• 到账没\n处理步骤：\n1. 看\n请细看"],
    )

    scenario = only(parsed(path))

    assert scenario.description.to() == "进\t度。"
    assert [e.to() for e in scenario.examples] == ["钱呢", "到账没"]
    assert scenario.steps[0].instruction.to() == "看\n请细看"
    assert scenario.locators["examples.0"].endswith("cell=3&paragraph=1&line=3")


def test_tables_within_the_detail_are_read(tmp_path: Path) -> None:
    document = Document()
    table = add_table(document, [("存款", "到账", ["时限：", "用户常见问法："])])
    cell = table.cell(1, 2)
    inner = cell.add_table(rows=2, cols=2)
    for row, texts in zip(inner.rows, (("方式", "时间"), ("银行卡", "2 小时")), strict=True):
        for inner_cell, text in zip(row.cells, texts, strict=True):
            inner_cell.text = text
    cell._tc.remove(inner._tbl)
    cell.paragraphs[0]._p.addnext(inner._tbl)
    write_cell_end(cell, "• 多久")
    path = tmp_path / "a.docx"
    document.save(str(path))

    scenario = only(parsed(path))

    assert scenario.description.to() == "时限：\n方式\t时间\n银行卡\t2 小时"
    assert [e.to() for e in scenario.examples] == ["多久"]


def write_cell_end(cell: object, text: str) -> None:
    """Append a paragraph to a cell."""
    cell.add_paragraph(text)  # type: ignore[attr-defined]  # python-docx's _Cell is private


def test_a_nested_table_of_fields_gives_slots(tmp_path: Path) -> None:
    document = Document()
    table = add_table(document, [("存款", "到账", "需要收集的信息：")])
    inner = table.cell(1, 2).add_table(rows=2, cols=4)
    rows = (("字段", "名称", "提问", "必填"), ("order_no", "单号", "请问单号？", "否"))
    for row, texts in zip(inner.rows, rows, strict=True):
        for inner_cell, text in zip(row.cells, texts, strict=True):
            inner_cell.text = text
    path = tmp_path / "a.docx"
    document.save(str(path))

    [slot] = only(parsed(path)).slots

    assert (slot.id, slot.name.to(), slot.question.to(), slot.required) == (
        "order_no",
        "单号",
        "请问单号？",
        False,
    )


def test_tracked_changes_are_read_as_accepted(tmp_path: Path) -> None:
    document = Document()
    table = add_table(document, [("存款", "到账", "描述："), ("存款", "已删除", "描述：旧")])
    paragraph = table.cell(1, 2).paragraphs[0]._p
    paragraph.append(word_xml('<w:del w:id="1"><w:r><w:delText>旧文</w:delText></w:r></w:del>'))
    paragraph.append(word_xml('<w:ins w:id="2"><w:r><w:t>新文</w:t></w:r></w:ins>'))
    moved = word_xml('<w:moveFrom w:id="3"><w:r><w:t>移走</w:t></w:r></w:moveFrom>')
    paragraph.append(moved)
    table.rows[2]._tr.get_or_add_trPr().append(word_xml('<w:del w:id="4"/>'))
    path = tmp_path / "a.docx"
    document.save(str(path))

    result = parsed(path)

    assert only(result).description.to() == "新文"


def test_a_deleted_paragraph_mark_joins_two_paragraphs(tmp_path: Path) -> None:
    document = Document()
    table = add_table(document, [("存款", "到账", ["描述：前半", "后半"])])
    properties = table.cell(1, 2).paragraphs[0]._p.get_or_add_pPr()
    properties.append(word_xml('<w:rPr><w:del w:id="1"/></w:rPr>'))
    path = tmp_path / "a.docx"
    document.save(str(path))

    scenario = only(parse_files([path]))

    assert scenario.description.to() == "前半后半"
    assert scenario.locators["description"].endswith("paragraph=1-2")


def test_hyperlinks_and_content_controls_are_read(tmp_path: Path) -> None:
    document = Document()
    table = add_table(document, [("存款", "到账", ["描述：见", "用户常见问法："])])
    cell = table.cell(1, 2)
    cell.paragraphs[0]._p.append(
        word_xml('<w:hyperlink w:anchor="x"><w:r><w:t>帮助页</w:t></w:r></w:hyperlink>')
    )
    cell.paragraphs[0]._p.append(
        word_xml("<w:sdt><w:sdtContent><w:r><w:t>（控件）</w:t></w:r></w:sdtContent></w:sdt>")
    )
    cell._tc.append(
        word_xml(
            "<w:sdt><w:sdtContent><w:p><w:r><w:t>• 多久</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        )
    )
    path = tmp_path / "a.docx"
    document.save(str(path))

    scenario = only(parsed(path))

    assert scenario.description.to() == "见帮助页（控件）"
    assert [e.to() for e in scenario.examples] == ["多久"]


def test_a_row_in_a_content_control_is_a_row(tmp_path: Path) -> None:
    document = Document()
    table = add_table(document, [("存款", "到账", "描述：甲"), ("存款", "规则", "描述：乙")])
    row = table.rows[2]._tr
    control, content = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    row.addprevious(control)
    control.append(content)
    content.append(row)
    path = tmp_path / "a.docx"
    document.save(str(path))

    assert shape(parsed(path)) == {"存款": ["到账", "规则"]}


def test_headers_and_footers_are_no_content(tmp_path: Path) -> None:
    document = Document()
    document.sections[0].header.paragraphs[0].text = "机密"
    document.sections[0].footer.paragraphs[0].text = "第 1 页"
    add_table(document, [("存款", "到账", "描述：甲")])
    path = tmp_path / "a.docx"
    document.save(str(path))

    content = parsed(path).catalogue.model_dump_json()

    assert "机密" not in content
    assert "第 1 页" not in content


def test_one_name_in_two_places_is_one_scenario(tmp_path: Path) -> None:
    rows = [
        ("存款", "到账", ["描述：甲", "常见问法：", "• 一", "• 二"]),
        ("提现", "状态", "描述：丙"),
        ("存款", "1 到账", ["描述：乙", "常见问法：", "• 二", "• 三"]),
    ]

    result = parsed(word_file(tmp_path / "a.docx", rows))

    assert shape(result) == {"存款": ["到账"], "提现": ["状态"]}
    scenario = result.catalogue["存款.到账"]
    assert scenario.description.to() == "甲"
    assert [e.to() for e in scenario.examples] == ["一", "二", "三"]
    [warning] = result.warnings
    assert "description" in warning
    assert "a.docx#table=1&row=4&cell=3&paragraph=1" in warning


def test_one_name_in_two_categories_stays_two_scenarios(tmp_path: Path) -> None:
    rows = [("存款", "规则", "描述：甲"), ("提现", "规则", "描述：乙")]

    assert shape(parsed(word_file(tmp_path / "a.docx", rows))) == {
        "存款": ["规则"],
        "提现": ["规则"],
    }


def test_headings_name_categories_and_scenarios(tmp_path: Path) -> None:
    document = Document()
    document.add_heading("客服手册", 0)
    document.add_heading("1 存款", 1)
    document.add_paragraph("存款相关。")
    document.add_heading("1.1 到账查询 Flow", 2)
    document.add_paragraph("没到账怎么办。")
    document.add_paragraph("打开钱包", style="List Number")
    document.add_paragraph("看状态", style="List Number")
    document.add_paragraph("如果处理中：等待", style="List Number 2")
    document.add_paragraph("完成", style="List Number")
    document.add_heading("常见问法", 3)
    document.add_paragraph("钱呢", style="List Bullet")
    document.add_heading("到账时限", 3)
    document.add_paragraph("银行卡 2 小时。")
    document.add_heading("1.2 规则", 2)
    document.add_paragraph("限额。")
    document.add_heading("2 提现", 1)
    document.add_heading("2.1 状态", 2)
    document.add_paragraph("1. 看记录")
    document.add_paragraph("2. 联系客服")
    path = tmp_path / "a.docx"
    document.save(str(path))

    result = parsed(path)

    assert shape(result) == {"存款": ["到账查询", "规则"], "提现": ["状态"]}
    assert result.catalogue.categories[0].description.to() == "存款相关。"
    first, rules, status = (s for _, s in result.catalogue.subcategories())
    assert first.description.to() == "没到账怎么办。"
    assert [s.id for s in first.steps] == ["s1", "s2", "s2.1", "s3"]
    assert [e.to() for e in first.examples] == ["钱呢"]
    assert [r.quote for r in first.references if r.section == "到账时限"] == ["银行卡 2 小时。"]
    assert rules.steps == []
    assert [s.id for s in status.steps] == ["s1", "s2"]


def test_first_level_headings_with_typed_numbers_are_scenarios(tmp_path: Path) -> None:
    document = Document()
    document.add_heading("Support", 0)
    for name in ("Login", "Refund"):
        document.add_heading(name, 1)
        document.add_paragraph(f"About {name}.")
        document.add_paragraph("1. Open the app")
        document.add_paragraph("2. Look at the page")
        document.add_paragraph("2.1 If it is red: wait")
        document.add_paragraph("2.2 Otherwise: go on")
        document.add_paragraph("3. Done")
    path = tmp_path / "a.docx"
    document.save(str(path))

    result = parsed(path)

    assert shape(result) == {"Support": ["Login", "Refund"]}
    for _, scenario in result.catalogue.subcategories():
        assert [s.id for s in scenario.steps] == ["s1", "s2", "s2.1", "s2.2", "s3"]


@pytest.mark.parametrize(
    "text", ["1.5 倍流水才能提现。", "1.5 points are needed.", "2024 年起有效。", "3 天内有效。"]
)
def test_a_number_at_the_beginning_of_prose_makes_no_step(tmp_path: Path, text: str) -> None:
    document = Document()
    document.add_heading("存款", 1)
    document.add_heading("规则", 2)
    document.add_paragraph(text)
    path = tmp_path / "a.docx"
    document.save(str(path))

    scenario = only(parsed(path))

    assert (scenario.steps, scenario.description.to()) == ([], text)


def test_steps_may_be_numbered_below_the_number_of_their_heading(tmp_path: Path) -> None:
    document = Document()
    document.add_heading("存款", 1)
    document.add_heading("1 到账", 2)
    for text in ("1.1 打开钱包", "1.1.1 如果没有：联系客服", "1.2 完成"):
        document.add_paragraph(text)
    document.add_heading("三、禁止事项", 3)
    document.add_paragraph("不得承诺")
    path = tmp_path / "a.docx"
    document.save(str(path))

    scenario = only(parsed(path))

    assert [(s.id, s.instruction.to()) for s in scenario.steps] == [
        ("s1", "打开钱包"),
        ("s1.1", "如果没有：联系客服"),
        ("s2", "完成"),
    ]
    assert [p.to() for p in scenario.prohibitions] == ["不得承诺"]


def test_heading_styles_of_a_localised_word_are_headings(tmp_path: Path) -> None:
    document = Document()
    for level in (1, 2):
        style = document.styles.add_style(f"标题 {level}", WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles["Normal"]
    document.add_paragraph("存款", style="标题 1")
    document.add_paragraph("到账", style="标题 2")
    document.add_paragraph("说明文字")
    path = tmp_path / "a.docx"
    document.save(str(path))

    assert shape(parsed(path)) == {"存款": ["到账"]}


def test_an_indented_paragraph_belongs_to_the_step_above(tmp_path: Path) -> None:
    document = Document()
    table = add_table(
        document, [("A", "B", ["步骤：", "1. 打开钱包", "在首页下方", "2. 点击提现"])]
    )
    table.cell(1, 2).paragraphs[2].paragraph_format.left_indent = Cm(1)
    path = tmp_path / "a.docx"
    document.save(str(path))

    steps = only(parsed(path)).steps

    assert [s.instruction.to() for s in steps] == ["打开钱包\n在首页下方", "点击提现"]


def test_deep_namespaces_of_a_real_word_file_do_not_matter(tmp_path: Path) -> None:
    document = Document()
    table = add_table(document, [("A", "B", "描述：甲")])
    assert table._tbl.tag == qn("w:tbl")
    path = tmp_path / "名字 带空格.docx"
    document.save(str(path))

    scenario = only(parsed(path))

    assert scenario.locators["name"].startswith("名字 带空格.docx#table=1")
