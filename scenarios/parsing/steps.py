"""A list of lines as a procedure: nesting, keywords, conditions, and where each step leads."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from scenarios.catalogue import Audience, ReasonCategory, Requirement, StepType
from scenarios.parsing.lines import Found, Line, join_locators
from scenarios.parsing.sources import FoundLead, FoundStep
from scenarios.parsing.words import AUDIENCES, REQUIREMENTS, STEP_TYPES, fold


@dataclass
class Item:
    """A list item, what hangs on to it, and the items below it."""

    line: Line
    more: list[Line] = field(default_factory=list)
    below: list["Item"] = field(default_factory=list)


def tree(lines: list[Line]) -> list[Item]:
    """List items nested as they stand; a plain line belongs to the item before it."""
    tops: list[Item] = []
    path: list[Item] = []
    for line in lines:
        if not line.is_item and (not path or condition_of(line.body) is None):
            if path:
                path[-1].more.append(line)
            continue
        if not line.is_item:
            _place_branch(Item(line), path)
            continue
        depth = _depth(line, [item.line for item in path])
        item = Item(line)
        (path[depth - 1].below if depth else tops).append(item)
        path[depth:] = [item]
    return tops


def _place_branch(item: Item, path: list[Item]) -> None:
    """A plain line `如果…：` is a branch of the step before it."""
    if not path[-1].line.is_item:
        path.pop()
    path[-1].below.append(item)
    path.append(item)


def _depth(line: Line, path: list[Line]) -> int:
    if not path:
        return 0
    if line.style == "1.1":
        # Below `2.` an item `2.1` is a level down; a list that begins with `2.1` has it at the top.
        highest = path[0].number.count(".")
        return max(0, min(line.number.count(".") - highest, len(path)))
    looks = [(above.style, above.level) for above in path]
    if (line.style, line.level) in looks:
        return looks.index((line.style, line.level))
    if line.level < path[-1].level:
        return next(i for i, above in enumerate(path) if above.level > line.level)
    return len(path)


_CONDITIONS = (
    re.compile(
        r"^(?:如果|若是|若|如|当|假如|倘若)(?P<if>.+?)(?:：|:(?!\d))\s*(?P<do>\S.*)", re.DOTALL
    ),
    re.compile(
        r"^(?:if|when|in case)\s+(?P<if>.+?)(?:：|:(?=\s))\s*(?P<do>\S.*)", re.I | re.DOTALL
    ),
)
_BARE_CONDITIONS = (
    re.compile(r"^(?:如果|若是|若|假如|倘若)(?P<if>[^，,。：:]+)[，,]\s*(?P<do>\S.*)", re.DOTALL),
    re.compile(r"^if\s+(?P<if>[^,:.]+),\s+(?P<do>\S.*)", re.IGNORECASE | re.DOTALL),
)
_OTHERWISE = re.compile(
    r"^(?:否则|其他情况|其它情况|以上都不是|otherwise|else|in all other cases)\s*[：:，,]",
    re.IGNORECASE,
)


def condition_of(text: str) -> str | None:
    """The condition of `如果…：` / `If …:`, an empty one for `否则：` / `Otherwise:`, else None.

    >>> condition_of("如果状态是「待审核」：请等待"), condition_of("Otherwise: wait")
    ('状态是「待审核」', '')
    """
    if _OTHERWISE.match(text):
        return ""
    match = next(filter(None, (shape.match(text) for shape in _CONDITIONS)), None)
    return match["if"].strip() if match else None


def _branch_condition(text: str) -> str | None:
    """Like `condition_of`; a nested item may set its condition off with a comma, too."""
    found = condition_of(text)
    if found is not None:
        return found
    match = next(filter(None, (shape.match(text) for shape in _BARE_CONDITIONS)), None)
    return match["if"].strip() if match else None


@dataclass(frozen=True)
class Marker:
    """What stands before a step's instruction, and the instruction without it."""

    type: StepType
    requirement: Requirement
    audience: Audience
    code: str | None
    rest: str
    """Inline markup and all."""


_NOTES = r"(?:\s*[（(](?P<{0}>[^（）()]*)[)）])?"
_CODE = r"(?:`(?P<code>[^`\n]+)`\s*)?"
_BOLD_MARKER = re.compile(
    rf"^\*\*\s*(?P<word>[^*（(：:]+?){_NOTES.format('inner')}\s*[:：]?\s*\*\*{_NOTES.format('outer')}"
    rf"\s*[:：]?\s*{_CODE}"
)
_PLAIN_MARKER = re.compile(
    rf"^[【\[]?(?P<word>[A-Za-z]+(?:[ -][Oo]ff)?|[\u4e00-\u9fff]{{2,3}}){_NOTES.format('inner')}"
    rf"(?P<end>\s*[】\]]\s*[:：]?|\s*[:：]|\s+)\s*(?P<outer>$^)?{_CODE}"
)
_BARE_SLOT = re.compile(r"^(?P<code>[a-z][a-z0-9]*(?:_[a-z0-9]+)+)(?=\s)\s*")


def marker_of(line: Line) -> Marker | None:
    """The keyword before an instruction, with its notes and its slot or reason; None without one.

    `**收集（可选）** `order_number` 请提供单号` -> collect, may, `order_number`, 请提供单号.
    """
    text = line.raw
    if line.lead and text.startswith(line.lead):
        text = f"**{line.lead}**{text[len(line.lead) :]}"
    bold = _BOLD_MARKER.match(text)
    match = bold or _PLAIN_MARKER.match(text)
    if match is None or fold(match["word"]) not in STEP_TYPES:
        return None
    # "Check the page" is a sentence: without bold type only Chinese words are set off by a space.
    if not bold and match["word"].isascii() and not match["end"].strip():
        return None
    notes = re.split(r"[，,、/\s]+", fold(f"{match['inner'] or ''} {match['outer'] or ''}").strip())
    if not all(note in REQUIREMENTS or note in AUDIENCES for note in notes if note):
        return None
    type_ = STEP_TYPES[fold(match["word"])]
    code, rest = match["code"], text[match.end() :]
    if code and type_ not in (StepType.COLLECT, StepType.HANDOFF):
        code, rest = None, text[match.start("code") - 1 :]
    if not code and type_ is StepType.COLLECT and (bare := _BARE_SLOT.match(rest)):
        code, rest = bare["code"], rest[bare.end() :]
    return Marker(
        type_,
        next((REQUIREMENTS[note] for note in notes if note in REQUIREMENTS), Requirement.MUST),
        next((AUDIENCES[note] for note in notes if note in AUDIENCES), Audience.VISITOR),
        code,
        rest,
    )


_INLINE = re.compile(r"\*\*|`")


@dataclass
class Laid:
    """The steps of a procedure with the raw lines that each quotes."""

    steps: list[FoundStep] = field(default_factory=list)
    quotes: list[tuple[FoundStep, list[tuple[str, str]]]] = field(default_factory=list)
    """Step -> (quote, locator) of each of its lines."""
    warnings: list[str] = field(default_factory=list)


def lay(items: list[Item], first: int = 1) -> Laid:
    """Every step with its id and where it leads; numbers go on from `first`."""
    laid = Laid()
    _lay(items, "s", first, None, laid)
    return laid


def _lay(items: list[Item], prefix: str, first: int, follow: str | None, laid: Laid) -> None:
    for n, item in enumerate(items, first):
        step_id = f"{prefix}{n}"
        following = f"{prefix}{n + 1}" if n - first + 1 < len(items) else follow
        step = _step(item, step_id, laid)
        laid.steps.append(step)
        if item.below:
            _lay_branches(step, item.below, following, laid)
        elif following and step.type is not StepType.END:
            step.leads = [FoundLead(following)]


def _lay_branches(step: FoundStep, items: list[Item], following: str | None, laid: Laid) -> None:
    """Conditions branch off their step; other items below it are done one after the other."""
    conditions = [_branch_condition(item.line.body) for item in items]
    ids = [f"{step.id}.{n}" for n in range(1, len(items) + 1)]
    if all(condition is None for condition in conditions):
        step.leads = [FoundLead(ids[0])]
        _lay(items, f"{step.id}.", 1, following, laid)
        return
    if step.type is StepType.INSTRUCTION:
        step.type = StepType.CONDITION
    step.leads = [
        FoundLead(target, condition)
        for target, condition in zip(ids, conditions, strict=True)
        if condition
    ]
    # An item without a condition goes on from the branch before it; before all branches it is
    # where those go whom no condition fits.
    default = following if conditions[0] is not None else ids[0]
    default = ids[conditions.index("")] if "" in conditions else default
    if default:
        step.leads.append(FoundLead(default))
    for n, item in enumerate(items, 1):
        goes_on = n < len(items) and conditions[n] is None
        _lay([item], f"{step.id}.", n, ids[n] if goes_on else following, laid)


def _step(item: Item, step_id: str, laid: Laid) -> FoundStep:
    marker = marker_of(item.line)
    body = plain(marker.rest) if marker else item.line.body
    step = FoundStep(
        step_id,
        marker.type if marker else StepType.INSTRUCTION,
        Found(
            "\n".join([body, *(line.text for line in item.more)]),
            join_locators([item.line.locator, *(line.locator for line in item.more)]),
        ),
    )
    if marker:
        step.requirement, step.audience = marker.requirement, marker.audience
        _read_code(step, marker, laid, item.line.locator)
    quotes = [(marker.rest if marker else item.line.raw, item.line.locator)]
    quotes += [(line.raw, line.locator) for line in item.more]
    laid.quotes.append((step, [(quote.strip(), place) for quote, place in quotes if quote.strip()]))
    return step


def _read_code(step: FoundStep, marker: Marker, laid: Laid, place: str) -> None:
    if step.type is StepType.COLLECT:
        step.slot = marker.code
    if step.type is not StepType.HANDOFF or not marker.code:
        return
    if marker.code in set(ReasonCategory):
        step.reason = ReasonCategory(marker.code)
    else:
        laid.warnings.append(f"{place}: {marker.code!r} is no reason category; left out")


def plain(raw: str) -> str:
    """A text without inline marks for bold type and code."""
    return _INLINE.sub("", raw).strip()


def steps_below(items: list[Item]) -> Iterator[Item]:
    """Every item of a tree, in order."""
    for item in items:
        yield item
        yield from steps_below(item.below)
