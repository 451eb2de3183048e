"""What a document says has to be asked for: a table of fields, or a list of names."""

import re

from scenarios.catalogue import SlotType, slug
from scenarios.parsing.lines import Found, Line
from scenarios.parsing.sources import FoundSlot
from scenarios.parsing.words import NO, SLOT_TYPES, fold, slot_column_of


def slots_of(lines: list[Line]) -> tuple[list[FoundSlot], list[str]]:
    """Slots of a section and warnings about what is not understood."""
    columns: dict[str, int] = {}
    slots: list[FoundSlot] = []
    warnings: list[str] = []
    for line in lines:
        if line.kind == "columns":
            columns = _columns(line)
            if not {"id", "name"} & set(columns):
                warnings.append(f"{line.locator}: expected columns Field or Name")
        elif line.kind == "row":
            slots += _row(line, columns, warnings)
        elif line.body:
            slots += _listed(line)
    return slots, warnings


def _columns(line: Line) -> dict[str, int]:
    named = {slot_column_of(cell): n for n, cell in enumerate(line.cells)}
    return {column: n for column, n in named.items() if column}


def _row(line: Line, columns: dict[str, int], warnings: list[str]) -> list[FoundSlot]:
    def cell(column: str) -> str:
        n = columns.get(column, len(line.cells))
        return line.cells[n].strip() if n < len(line.cells) else ""

    name = cell("name") or cell("id")
    if not name:
        return []
    slot_id = cell("id").strip("` ") or slug(name)
    question = cell("question") or name
    slot = FoundSlot(slot_id, Found(name, line.locator), Found(question, line.locator))
    slot.required = fold(cell("required")) not in NO
    slot.sensitive = bool(cell("sensitive")) and fold(cell("sensitive")) not in NO
    _read_type(slot, cell("type"), line.locator, warnings)
    return [slot]


_TYPE = re.compile(
    r"^\s*(?P<word>[^\s`（(：:]+)\s*[（(：:]?\s*(?P<rest>.*?)\s*[)）]?\s*$", re.DOTALL
)


def _read_type(slot: FoundSlot, text: str, place: str, warnings: list[str]) -> None:
    match = _TYPE.match(text)
    if match is None:
        return
    slot_type = SLOT_TYPES.get(fold(match["word"]))
    if slot_type is None:
        warnings.append(f"{place}: {text!r} is no type of a slot; taken for text")
        return
    slot.type = slot_type
    if slot_type is SlotType.IDENTIFIER:
        # The pattern is taken from between backticks, where a bracket may end it.
        quoted = re.search(r"`([^`]+)`", text)
        pattern = quoted[1] if quoted else text.strip()[len(match["word"]) :].strip()
        slot.pattern = _regular(pattern, place, warnings)
    elif slot_type is SlotType.CHOICE:
        slot.choices = [choice.strip(" `") for choice in re.split(r"[/／、|]", match["rest"])]
        slot.choices = [choice for choice in slot.choices if choice]


def _regular(pattern: str, place: str, warnings: list[str]) -> str | None:
    try:
        re.compile(pattern)
    except re.error as error:
        warnings.append(f"{place}: {pattern!r} is no regular expression ({error}); left out")
        return None
    return pattern or None


_LISTED = re.compile(
    r"^(?:`(?P<code>[^`]+)`|(?P<id>[a-z][a-z0-9]*(?:_[a-z0-9]+)+))?\s*(?P<name>[^：:]*?)"
    r"\s*(?:[：:]\s*(?P<question>.+))?$",
    re.DOTALL,
)
_OPTIONAL = re.compile(r"[（(]\s*(?:可选|选填|optional)\s*[)）]", re.IGNORECASE)


def _listed(line: Line) -> list[FoundSlot]:
    """Slots of a line that is no table row: `order_number 提现单号：请问单号是多少？`."""
    raw = line.raw or line.body
    match = _LISTED.match(raw)
    if match is None or match["question"] is None and not (match["code"] or match["id"]):
        return [_named(name, line) for name in re.split(r"[、，,;；]", line.body) if name.strip()]
    name = match["name"] or match["code"] or match["id"] or ""
    slot = _named(name, line)
    slot.id = match["code"] or match["id"] or slot.id
    slot.question = Found((match["question"] or name).strip(), line.locator)
    return [slot]


def _named(name: str, line: Line) -> FoundSlot:
    bare = _OPTIONAL.sub("", name).strip() or name.strip()
    found = Found(bare, line.locator)
    return FoundSlot(slug(bare), found, found, required=_OPTIONAL.search(name) is None)
