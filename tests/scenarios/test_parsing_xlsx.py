"""Excel workbooks: a sheet for each category, or one flat sheet."""

import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from scenarios.parsing import ParseResult, parse_files
from scenarios.parsing.errors import NotADocument
from tests.scenarios.documents import excel_file, misplaced, repacked, resolve


def parsed(path: Path, *, placed: bool = True) -> ParseResult:
    """The result for one file; its texts are looked up where their locators point."""
    result = parse_files([path])
    assert not placed or misplaced(result.catalogue, path.parent) == []
    return result


def told(result: ParseResult) -> dict[str, dict[str, list[str]]]:
    """Category -> scenario -> sample questions."""
    return {
        category.name.to(): {
            s.name.to(): [e.to() for e in s.examples] for s in category.subcategories
        }
        for category in result.catalogue.categories
    }


def saved(path: Path, fill: Any) -> Path:
    """A workbook with one sheet `存款` that `fill` has filled."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "存款"
    fill(sheet)
    book.save(path)
    return path


def test_a_sheet_for_each_category_with_a_row_a_scenario(tmp_path: Path) -> None:
    path = excel_file(
        tmp_path / "flows.xlsx",
        存款=[("子类", "说明", "常见问法"), ("1 到账查询", "没到账", "多久到\n钱呢")],
        提现=[("场景", "描述", "问题"), ("状态", "进度", "提了没到")],
    )

    result = parsed(path)

    assert told(result) == {
        "存款": {"到账查询": ["多久到", "钱呢"]},
        "提现": {"状态": ["提了没到"]},
    }
    scenario = result.catalogue["存款.到账查询"]
    assert scenario.description.to() == "没到账"
    assert scenario.locators["examples.1"] == "flows.xlsx#sheet=存款&cell=C2&line=2"
    assert resolve(result.catalogue.categories[0].locators["name"], tmp_path) == "存款"


def test_a_sheet_for_each_category_with_a_row_a_question(tmp_path: Path) -> None:
    path = excel_file(
        tmp_path / "a.xlsx",
        Deposits=[("Question", "Subcategory"), ("where is it", "Arrival"), ("how long", "Arrival")],
    )

    assert told(parsed(path)) == {"Deposits": {"Arrival": ["where is it", "how long"]}}


def test_one_flat_sheet_with_columns_in_any_order(tmp_path: Path) -> None:
    path = excel_file(
        tmp_path / "a.xlsx",
        Sheet1=[
            ("Sample questions", "Category", "Description", "Scenario"),
            ("where is it", "Deposits", "Not there yet", "Arrival"),
            ("how long", "Deposits", "Not there yet", "Arrival"),
            ("cash out", "Withdrawals", "", "How to"),
        ],
    )

    result = parsed(path)

    assert told(result) == {
        "Deposits": {"Arrival": ["where is it", "how long"]},
        "Withdrawals": {"How to": ["cash out"]},
    }
    assert result.warnings == []
    assert result.catalogue["deposits.arrival"].description.to() == "Not there yet"


def test_training_phrases_add_to_a_scenario_and_are_no_sample_questions(tmp_path: Path) -> None:
    path = excel_file(
        tmp_path / "a.xlsx",
        问法=[
            ("类别", "子类", "训练问法"),
            ("存款", "到账", "钱没到"),
            ("存款", "到账", "多久"),
            ("存款", "到账", "钱没到"),
        ],
    )

    scenario = parsed(path).catalogue["存款.到账"]

    assert [t.to() for t in scenario.training_phrases] == ["钱没到", "多久"]
    assert scenario.examples == []


def test_a_title_row_may_stand_above_the_header(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"] = "客服场景表"
        sheet.merge_cells("A1:C1")
        for row in ((), ("类别", "子类", "问题"), ("存款", "到账", "钱呢")):
            sheet.append(row)

    assert told(parsed(saved(tmp_path / "a.xlsx", fill))) == {"存款": {"到账": ["钱呢"]}}


def test_merged_cells_count_for_every_row_and_empty_ones_carry_down(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        for row in (
            ("类别", "子类", "问题"),
            ("存款", "到账", "一"),
            ("", "", "二"),
            ("", "规则", "三"),
            (None, None, "四"),
        ):
            sheet.append(row)
        sheet.merge_cells("A2:A4")
        sheet.merge_cells("B2:B3")

    result = parsed(saved(tmp_path / "a.xlsx", fill))

    assert told(result) == {"存款": {"到账": ["一", "二"], "规则": ["三", "四"]}}


def test_steps_in_one_cell_become_steps(tmp_path: Path) -> None:
    path = excel_file(
        tmp_path / "a.xlsx",
        提现=[
            ("子类", "处理步骤"),
            (
                "状态",
                "1. 打开钱包\n在首页\n2. 判断 看状态\n"
                "  2.1 如果处理中：等待\n  2.2 否则：联系客服\n3. 完成",
            ),
        ],
    )

    scenario = parsed(path).catalogue["提现.状态"]

    assert [(s.id, s.instruction.to()) for s in scenario.steps] == [
        ("s1", "打开钱包\n在首页"),
        ("s2", "看状态"),
        ("s2.1", "如果处理中：等待"),
        ("s2.2", "否则：联系客服"),
        ("s3", "完成"),
    ]


def test_prose_in_a_column_of_steps_stays_prose(tmp_path: Path) -> None:
    path = excel_file(
        tmp_path / "a.xlsx", 提现=[("子类", "处理步骤"), ("状态", "先看状态，再联系客服。")]
    )

    result = parsed(path)

    assert result.catalogue["提现.状态"].steps == []
    assert result.catalogue["提现.状态"].description.to() == "先看状态，再联系客服。"
    assert "a.xlsx#sheet=提现&cell=B2" in result.warnings[0]


def test_a_detail_cell_may_hold_labelled_parts(tmp_path: Path) -> None:
    path = excel_file(
        tmp_path / "a.xlsx",
        提现=[
            ("子类", "详细说明"),
            ("状态", "描述：进度\n常见问法：\n• 钱呢\n禁止事项：\n- 不得承诺"),
        ],
    )

    scenario = parsed(path).catalogue["提现.状态"]

    assert scenario.description.to() == "进度"
    assert [e.to() for e in scenario.examples] == ["钱呢"]
    assert [p.to() for p in scenario.prohibitions] == ["不得承诺"]


def test_columns_for_neighbours_and_other_parts_are_read(tmp_path: Path) -> None:
    path = excel_file(
        tmp_path / "a.xlsx",
        提现=[
            ("子类", "问题", "相关场景", "禁止事项", "升级处理", "需要收集的信息"),
            (
                "状态",
                "钱呢",
                "失败原因（下一步）",
                "不得承诺",
                "超时：missing_knowledge",
                "单号、会员号",
            ),
            ("失败原因", "为啥失败", None, None, None, None),
        ],
    )

    scenario = parsed(path).catalogue["提现.状态"]

    assert [(r.subcategory_id, r.relation) for r in scenario.related] == [("提现.失败原因", "next")]
    assert scenario.escalation[0].reason_category == "missing_knowledge"
    assert [s.name.to() for s in scenario.slots] == ["单号", "会员号"]


def test_empty_rows_and_columns_do_not_matter(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        for place, text in {
            "B3": "类别",
            "D3": "子类",
            "G3": "问题",
            "B6": "存款",
            "D6": "到账",
            "G6": "钱呢",
            "G9": "多久",
            "XFD1048576": " ",
        }.items():
            sheet[place] = text

    assert told(parsed(saved(tmp_path / "a.xlsx", fill))) == {"存款": {"到账": ["钱呢", "多久"]}}


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (50000, "General", "50000"),
        (50000, "#,##0", "50,000"),
        (0.01, "0%", "1%"),
        (0.125, "0.0%", "12.5%"),
        (12.5, "0.00", "12.50"),
        (12.5, "#.##", "12.5"),
        (7, "000", "007"),
        (888, '"¥"#,##0.00', "¥888.00"),
        (1888, '#,##0"元"', "1,888元"),
        (-3.5, "0.0", "-3.5"),
        (1234567.5, "General", "1234567.5"),
        (1e300, "0.00", "1E+300"),
        (True, "General", "TRUE"),
        (date(2024, 3, 5), "yyyy-mm-dd", "2024-03-05"),
        (date(2024, 3, 5), 'yyyy"年"m"月"d"日"', "2024年3月5日"),
        (datetime(2024, 3, 5, 14, 7), "yyyy/m/d h:mm", "2024/3/5 14:07"),
        (datetime(2024, 3, 5, 14, 7), "h:mm AM/PM", "2:07 PM"),
    ],
)
def test_numbers_and_dates_are_text_as_shown(
    tmp_path: Path, value: float | date, form: str, text: str
) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(("子类", "说明"))
        sheet.append(("规则", value))
        sheet["B2"].number_format = form

    result = parsed(saved(tmp_path / "a.xlsx", fill), placed=False)

    assert result.catalogue["存款.规则"].description.to() == text


def test_a_hidden_sheet_is_skipped_with_a_warning(tmp_path: Path) -> None:
    path = excel_file(
        tmp_path / "a.xlsx",
        存款=[("子类", "问题"), ("到账", "钱呢")],
        旧=[("子类", "问题"), ("旧场景", "旧问题")],
    )
    book = load_workbook(path)
    book["旧"].sheet_state = "hidden"
    book.save(path)

    result = parsed(path)

    assert told(result) == {"存款": {"到账": ["钱呢"]}}
    assert result.warnings == ["a.xlsx#sheet=旧: the sheet is hidden; skipped"]


def test_a_sheet_without_header_is_skipped_with_its_place(tmp_path: Path) -> None:
    path = excel_file(
        tmp_path / "a.xlsx",
        存款=[("子类", "问题"), ("到账", "钱呢")],
        **{"修订 50%": [("版本", "作者"), ("1", "张三")]},
    )

    result = parsed(path)

    assert told(result) == {"存款": {"到账": ["钱呢"]}}
    assert result.warnings[0].startswith("a.xlsx#sheet=修订 50%25: no header")


def test_a_formula_without_a_stored_value_is_warned_about(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(("子类", "问题", "说明"))
        sheet.append(("到账", "钱呢", '="最多"&100'))

    result = parsed(saved(tmp_path / "a.xlsx", fill), placed=False)

    assert [w for w in result.warnings if w.startswith("a.xlsx#sheet=存款&cell=C2: the formula")]


def test_a_formula_gives_its_stored_value(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(("子类", "说明"))
        sheet.append(("到账", "=50*2"))

    path = saved(tmp_path / "a.xlsx", fill)
    sheet = "xl/worksheets/sheet1.xml"
    content = _part(path, sheet).replace(b"<v></v>", b"<v>100</v>").replace(b"<v/>", b"<v>100</v>")
    content = content.replace(b"<v />", b"<v>100</v>")

    result = parsed(repacked(path, {sheet: content}), placed=False)

    assert result.catalogue["存款.到账"].description.to() == "100"


def _part(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def test_a_repeated_header_row_is_no_scenario(tmp_path: Path) -> None:
    path = excel_file(
        tmp_path / "a.xlsx",
        存款=[("子类", "问题"), ("到账", "钱呢"), ("子类", "问题"), ("规则", "限额")],
    )

    assert told(parsed(path)) == {"存款": {"到账": ["钱呢"], "规则": ["限额"]}}


def test_differing_descriptions_are_warned_about_and_equal_ones_are_not(tmp_path: Path) -> None:
    path = excel_file(
        tmp_path / "a.xlsx",
        存款=[
            ("子类", "说明", "问题"),
            ("到账", "甲", "一"),
            ("到账", "甲", "二"),
            ("到账", "乙", "三"),
        ],
    )

    result = parsed(path)

    assert told(result) == {"存款": {"到账": ["一", "二", "三"]}}
    assert len(result.warnings) == 1
    assert "a.xlsx#sheet=存款&cell=B4" in result.warnings[0]


def test_a_workbook_with_macros_is_refused_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsm"
    path.write_bytes(excel_file(tmp_path / "a.xlsx", 存款=[("子类", "问题")]).read_bytes())

    with pytest.raises(NotADocument, match="save it as .xlsx"):
        parse_files([path])


def test_a_merge_of_all_cells_is_refused_before_it_takes_all_memory(tmp_path: Path) -> None:
    path = excel_file(tmp_path / "a.xlsx", 存款=[("子类", "问题"), ("到账", "钱呢")])
    sheet = "xl/worksheets/sheet1.xml"
    merge = b'<mergeCells count="1"><mergeCell ref="A3:XFD1048576"/></mergeCells><pageMargins'
    path = repacked(path, {sheet: _part(path, sheet).replace(b"<pageMargins", merge)})

    with pytest.raises(NotADocument, match="merged cells"):
        parse_files([path])
