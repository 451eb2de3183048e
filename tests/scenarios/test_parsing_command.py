"""The command `python -m scenarios.parsing`, run as people run it."""

import json
import os
import pty
import struct
import subprocess
import sys
import termios
import zipfile
from pathlib import Path

import pytest

from scenarios.catalogue import Catalogue
from scenarios.parsing import parse_files
from tests.scenarios.documents import excel_file, misplaced, repacked, word_file

PROJECT = Path(__file__).parents[2]
ROWS = [
    ("存款", "到账", ["描述：没到账。", "常见问法：", "• 钱呢"]),
    ("存款", "规则", "描述：限额。"),
]


def run(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "scenarios.parsing", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def written(folder: Path, name: str = "out.json") -> Catalogue:
    """The catalogue that the command wrote."""
    return Catalogue.model_validate_json((folder / name).read_text(encoding="utf-8"))


def refused(folder: Path, *inputs: str | Path) -> str:
    """The one line on stderr of a run that must fail and leave the output alone."""
    output = folder / "out.json"
    output.write_text("before", encoding="utf-8")

    done = run(folder, *inputs, "--output", "out.json")

    assert done.returncode == 2
    assert done.stdout == ""
    assert output.read_text(encoding="utf-8") == "before"
    assert [p.name for p in folder.iterdir() if p.name.endswith(".tmp")] == []
    [line] = done.stderr.splitlines()
    return line


def test_it_writes_a_sealed_catalogue_and_says_what_it_found(tmp_path: Path) -> None:
    word_file(tmp_path / "a.docx", ROWS)

    done = run(tmp_path, "a.docx", "--output", "out.json")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "a.docx: 1 categories, 2 scenarios, 1 examples, 0 steps, 0 references",
        "total: 1 categories, 2 scenarios, 1 examples, 0 steps, 0 references, "
        "0 warnings -> out.json",
    ]
    catalogue = written(tmp_path)
    assert catalogue.content_hash == catalogue.sealed().content_hash != ""
    text = (tmp_path / "out.json").read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=1) + "\n"
    assert "到账" in text
    assert str(tmp_path) not in text


def test_it_says_every_warning_with_its_place(tmp_path: Path) -> None:
    word_file(tmp_path / "a.docx", [("存款", "到账", ["描述：没到账。", "关联子类：规则"])])

    done = run(tmp_path, "a.docx", "--output", "out.json")

    assert "warning: 存款.到账: a.docx#table=1&row=2&cell=3&paragraph=2: related" in done.stdout
    assert "1 warnings" in done.stdout


def test_it_reads_folders_and_links_what_is_in_them(tmp_path: Path) -> None:
    folder = tmp_path / "sop"
    (folder / "zh" / "deposits").mkdir(parents=True)
    (folder / "zh" / "deposits" / "arrival.md").write_text(
        "# 到账\n\n## 处理步骤\n1. **说明** 看。\n", encoding="utf-8"
    )
    word_file(folder / "b.docx", ROWS[:1])
    excel_file(folder / "c.xlsx", 提现=[("子类", "问题"), ("状态", "钱呢")])
    (folder / "notes.txt").write_text("no document")
    (folder / "~$b.docx").write_text("lock file")

    done = run(tmp_path, "sop", "--output", "out.json")

    assert done.returncode == 0, done.stderr
    catalogue = written(tmp_path)
    assert misplaced(catalogue, folder) == []
    assert [s.id for _, s in catalogue.subcategories()] == ["deposits.arrival", "提现.状态"]
    assert [d.id for d in catalogue.source_documents] == [
        "b.docx",
        "c.xlsx",
        "zh/deposits/arrival.md",
    ]


def test_it_gives_the_same_bytes_for_the_same_documents_anywhere(tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        if name == "one":
            word_file(folder / "a.docx", ROWS)
        else:
            (folder / "a.docx").write_bytes((tmp_path / "one" / "a.docx").read_bytes())
        assert run(folder, ".", "--output", "out.json").returncode == 0
        # Its own output lies in the folder that is read, and is left out.
        assert run(tmp_path, folder, "--output", folder / "out.json").returncode == 0

    assert (tmp_path / "one/out.json").read_bytes() == (tmp_path / "two/out.json").read_bytes()


def test_document_ids_are_paths_below_the_documents_root(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    word_file(tmp_path / "x" / "a.docx", ROWS)

    run(tmp_path, "x/a.docx", "--documents-root", ".", "--output", "out.json")

    assert [d.id for d in written(tmp_path).source_documents] == ["x/a.docx"]


def test_the_root_is_the_folder_that_all_inputs_share(tmp_path: Path) -> None:
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        word_file(tmp_path / name / "a.docx", ROWS)

    run(tmp_path, "x/a.docx", "y", "--output", "out.json")

    assert [d.id for d in written(tmp_path).source_documents] == ["x/a.docx", "y/a.docx"]


def test_a_progress_bar_is_shown_on_a_terminal_only(tmp_path: Path) -> None:
    word_file(tmp_path / "a.docx", ROWS)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    command = [sys.executable, "-m", "scenarios.parsing", "a.docx", "--output", "out.json"]

    subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        timeout=60,
        check=True,
    )
    shown = os.read(ours, 4096)
    os.close(theirs)
    os.close(ours)

    assert b"file" in shown


SHORT = {
    "取款/提现": {
        "description": "",
        "subcategories": [
            {
                "name": "状态",
                "description": "进度",
                "faq_samples": ["到账了吗"],
                "related_subcategories": ["原因"],
            },
            {"name": "原因", "description": "失败", "faq_samples": []},
        ],
    }
}
LISTED = {
    "categories": [
        {
            "name": "提现",
            "subcategories": [
                {"name": "状态", "description": "进度", "steps": ["看", "等"], "related": []}
            ],
        }
    ]
}


@pytest.mark.parametrize("content", [SHORT, LISTED])
def test_short_forms_in_json_are_read_with_places(
    tmp_path: Path, content: dict[str, object]
) -> None:
    (tmp_path / "a.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    done = run(tmp_path, "a.json", "--output", "out.json")

    assert done.returncode == 0, done.stderr
    catalogue = written(tmp_path)
    assert next(iter(catalogue.subcategories()))[1].name.to() == "状态"
    assert misplaced(catalogue, tmp_path) == []


def test_the_canonical_form_in_json_is_read(tmp_path: Path) -> None:
    word_file(tmp_path / "a.docx", ROWS)
    run(tmp_path, "a.docx", "--output", "first.json")

    done = run(tmp_path, "first.json", "--output", "out.json")

    assert done.returncode == 0, done.stderr
    first, again = written(tmp_path, "first.json"), written(tmp_path)
    assert again.categories == first.categories
    assert {d.id for d in again.source_documents} == {"a.docx", "first.json"}


def test_json_adds_what_other_documents_do_not_tell(tmp_path: Path) -> None:
    word_file(tmp_path / "a.docx", ROWS)
    more = {"存款": {"subcategories": [{"name": "到账", "description": "别的"}, {"name": "异常"}]}}
    (tmp_path / "b.json").write_text(json.dumps(more, ensure_ascii=False), encoding="utf-8")

    done = run(tmp_path, "a.docx", "b.json", "--output", "out.json")

    names = [s.name.to() for _, s in written(tmp_path).subcategories()]
    assert names == ["到账", "规则", "异常"]
    assert "'到账' is told by another document already" in done.stdout


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", b""),
        ("a.docx", b"not a zip at all"),
        ("a.docx", b"PK\x03\x04 broken"),
        ("a.docx", b"%PDF-1.7 ..."),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("a.xlsx", b""),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("a.xlsx", "类别,子类".encode()),
        ("a.md", b"PK\x03\x04\x00\xff"),
        ("a.json", b""),
        ("a.json", b"{"),
        ("a.json", b"[1, 2]"),
        ("a.json", b"[" * 100_000),
        ("a.txt", b"text"),
        ("a", b"text"),
    ],
)
def test_what_is_no_document_is_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)

    line = refused(tmp_path, name)

    assert name in line
    assert "expected" in line


def test_no_output_is_made_when_an_input_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "nowhere.docx", "--output", "out.json")

    assert done.returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_refused_in_one_line(tmp_path: Path) -> None:
    assert "nowhere.docx" in refused(tmp_path, "nowhere.docx")


def test_an_empty_folder_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "sop").mkdir()

    assert "sop" in refused(tmp_path, "sop")


def test_one_bad_file_among_good_ones_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sop").mkdir()
    word_file(tmp_path / "sop" / "a.docx", ROWS)
    (tmp_path / "sop" / "b.docx").write_bytes(b"broken")

    assert "b.docx" in refused(tmp_path, "sop")


def test_a_file_of_another_kind_under_a_wrong_ending_is_refused(tmp_path: Path) -> None:
    word_file(tmp_path / "word.docx", ROWS)
    excel_file(tmp_path / "excel.xlsx", 存款=[("子类", "问题"), ("到账", "钱呢")])
    (tmp_path / "word.xlsx").write_bytes((tmp_path / "word.docx").read_bytes())
    (tmp_path / "excel.docx").write_bytes((tmp_path / "excel.xlsx").read_bytes())

    assert "expected an Excel workbook" in refused(tmp_path, "word.xlsx")
    assert "expected a Word document" in refused(tmp_path, "excel.docx")


def test_documents_without_scenarios_are_refused(tmp_path: Path) -> None:
    word_file(tmp_path / "a.docx", [("1.0", "张三", "初稿")], ("版本", "作者", "备注"))
    excel_file(tmp_path / "a.xlsx", 表=[("版本", "作者"), ("1", "张三")])
    (tmp_path / "a.md").write_text("# Hello\n\nworld\n")

    for name in ("a.docx", "a.xlsx", "a.md"):
        assert "found none" in refused(tmp_path, name)


def test_a_file_without_scenarios_in_a_folder_is_left_out_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "sop").mkdir()
    word_file(tmp_path / "sop" / "a.docx", ROWS)
    (tmp_path / "sop" / "README.md").write_text("# Hello\n\nworld\n")

    done = run(tmp_path, "sop", "--output", "out.json")

    assert done.returncode == 0
    assert "warning: README.md: no scenario found; left out" in done.stdout


@pytest.mark.parametrize("part", ["word/document.xml", "word/styles.xml", "[Content_Types].xml"])
def test_a_damaged_part_is_refused(tmp_path: Path, part: str) -> None:
    path = word_file(tmp_path / "a.docx", ROWS)
    repacked(path, {part: b"<broken"})

    assert "a.docx" in refused(tmp_path, "a.docx")


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "[Content_Types].xml"]
)
def test_a_damaged_part_of_a_workbook_is_refused(tmp_path: Path, part: str) -> None:
    path = excel_file(tmp_path / "a.xlsx", 存款=[("子类", "问题"), ("到账", "钱呢")])
    repacked(path, {part: b"<broken"})

    assert "a.xlsx" in refused(tmp_path, "a.xlsx")


def test_a_cut_off_file_is_refused(tmp_path: Path) -> None:
    path = word_file(tmp_path / "a.docx", ROWS)
    path.write_bytes(path.read_bytes()[:-200])

    assert "a.docx" in refused(tmp_path, "a.docx")


def test_flipped_bytes_are_refused(tmp_path: Path) -> None:
    path = word_file(tmp_path / "a.docx", ROWS)
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("word/document.xml")
    data = bytearray(path.read_bytes())
    start = info.header_offset + 30 + len(info.filename)
    for n in range(start + 20, start + 60):
        data[n] ^= 0xFF
    path.write_bytes(data)

    assert "damaged" in refused(tmp_path, "a.docx")


@pytest.mark.parametrize("lies", [False, True])
def test_a_zip_bomb_is_refused(tmp_path: Path, lies: bool) -> None:
    path = word_file(tmp_path / "a.docx", ROWS)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("word/media/zero.bin", "w", force_zip64=True) as part:
            for _ in range(201):
                part.write(bytes(1024 * 1024))
    if lies:
        data = path.read_bytes()
        size = struct.pack("<I", 201 * 1024 * 1024)
        path.write_bytes(data.replace(size, struct.pack("<I", 100)))

    assert "a.docx" in refused(tmp_path, "a.docx")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_entities_are_never_expanded(tmp_path: Path, kind: str, encoding: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    if kind == "docx":
        path, part = word_file(tmp_path / "a.docx", ROWS), "word/document.xml"
    else:
        path = excel_file(tmp_path / "a.xlsx", 存款=[("子类", "问题"), ("到账", "钱呢")])
        part = "xl/worksheets/sheet1.xml"
    hostile = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]><x>&e;</x>'
    )
    repacked(path, {part: hostile.encode(encoding)})

    line = refused(tmp_path, path.name)

    assert "entity" in line
    assert "SECRET" not in line


def test_a_document_encrypted_inside_the_archive_is_refused(tmp_path: Path) -> None:
    path = word_file(tmp_path / "a.docx", ROWS)
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(signature, at + 1)
    path.write_bytes(data)

    assert "encrypted" in refused(tmp_path, "a.docx")


def test_an_output_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    word_file(tmp_path / "a.docx", ROWS)

    done = run(tmp_path, "a.docx", "--output", "nowhere/out.json")

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_the_default_language_has_to_be_a_language(tmp_path: Path) -> None:
    word_file(tmp_path / "a.docx", ROWS)

    done = run(tmp_path, "a.docx", "--output", "o.json", "--default-language", "Chinese!")

    assert done.returncode == 2
    assert "expected a language tag" in done.stderr


def test_the_bundled_documents_give_a_whole_catalogue_in_both_languages() -> None:
    folder = PROJECT / "data" / "sop"

    result = parse_files([folder])

    assert result.warnings == []
    assert (result.total.categories, result.total.scenarios) == (13, 54)
    assert misplaced(result.catalogue, folder) == []
    for _, scenario in result.catalogue.subcategories():
        texts = [scenario.name, scenario.description, *(s.instruction for s in scenario.steps)]
        assert all(set(text.root) == {"zh", "en"} for text in texts)
