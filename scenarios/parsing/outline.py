"""Documents of headings: which heading is a category, which a scenario, which a part of one."""

from collections import Counter
from pathlib import PurePosixPath

from scenarios.parsing.details import Details
from scenarios.parsing.lines import Found, Line, together
from scenarios.parsing.sources import FoundScenario, Source
from scenarios.parsing.words import clean_name, label_of, labelled


def named(line: Line) -> Found:
    """The name a heading gives."""
    return Found(clean_name(line.body), line.locator)


def file_category(source: Source) -> Found:
    """The category of scenarios whose document names none: its folder, else its file."""
    path = PurePosixPath(source.document_id)
    name = path.parent.name or path.stem
    warning = f"{source.document_id}: no category is named; {name!r} of its path stands for it"
    if warning not in source.warnings:
        source.warnings.append(warning)
    return Found(name, source.document_id)


def read_outline(lines: list[Line], source: Source, title: Found | None = None) -> None:
    """Read scenarios from headings and what stands below them into `source`."""
    level, category_level = _levels(lines)
    if level is None:
        return
    category = title
    for heading, below in _parts(lines, level):
        if category_level is not None and heading.level == category_level:
            category = named(heading)
            _read_category(category, below, source)
        elif heading.level == level:
            home = category or file_category(source)
            source.scenarios.append(read_scenario(home, heading, below, source))
    if category_level is not None:
        return
    # Without categories a document of headings counts only if it shows what scenarios show.
    if not any(s.steps or s.examples or s.slots or s.related for s in source.scenarios):
        source.scenarios.clear()


def read_scenario(
    category: Found, heading: Line, below: list[Line], source: Source
) -> FoundScenario:
    """The scenario that a heading names and the lines below tell."""
    details = Details(
        FoundScenario(category, named(heading)), source.document_id, numbers_are_steps=True
    )
    details.read(below)
    source.warnings += details.warnings
    return details.finish()


def _read_category(category: Found, below: list[Line], source: Source) -> None:
    """What stands below a category's heading describes it, unless it tells a procedure."""
    if any(line.kind == "number" or labelled(line.body) for line in below):
        heading = Line(category.text, category.locator, category.text, "heading")
        source.warnings.append(
            f"{category.locator}: {category.text!r} has a procedure but names no subcategory; "
            "its own name stands for one"
        )
        source.scenarios.append(read_scenario(category, heading, below, source))
    elif below:
        source.category_descriptions.setdefault(category.text, together(below))


def _parts(lines: list[Line], level: int) -> list[tuple[Line, list[Line]]]:
    """Headings down to `level`, each with the lines up to the next of them."""
    parts: list[tuple[Line, list[Line]]] = []
    for line in lines:
        if line.kind == "heading" and line.level <= level and not label_of(line.body):
            parts.append((line, []))
        elif parts:
            parts[-1][1].append(line)
    return parts


def _levels(lines: list[Line]) -> tuple[int | None, int | None]:
    """The levels of headings that name scenarios and categories."""
    headings = [line for line in lines if line.kind == "heading"]
    names = [heading for heading in headings if not label_of(heading.body)]
    ranks = sorted({heading.level for heading in names})
    if not ranks:
        return None, None
    level = _above_labels(headings) or _by_depth(names, ranks)
    return level, max((rank for rank in ranks if rank < level), default=None)


def _above_labels(headings: list[Line]) -> int | None:
    """Labels such as 处理步骤 stand right below the heading of their scenario."""
    parents: Counter[int] = Counter()
    path: list[Line] = []
    for heading in headings:
        path = [above for above in path if above.level < heading.level]
        if not label_of(heading.body):
            path.append(heading)
        elif path:
            parents[path[-1].level] += 1
    return max(parents, key=lambda level: (parents[level], -level)) if parents else None


def _by_depth(names: list[Line], ranks: list[int]) -> int:
    """Category and scenario are the two highest ranks, below a title if there is one."""
    tops = [heading for heading in names if heading.level == ranks[0]]
    has_title = len(ranks) > 2 and len(tops) == 1 and names[0] is tops[0]
    if has_title and sum(heading.level == ranks[1] for heading in names) > 1:
        return ranks[2]
    return ranks[min(1, len(ranks) - 1)]
