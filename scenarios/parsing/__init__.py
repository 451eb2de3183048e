"""Documents of a company made into a catalogue: Word, Excel, Markdown and JSON.

result = parse_files([Path("data/sop")])
result.catalogue, result.warnings, result.counts
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scenarios.catalogue import Catalogue, Subcategory
from scenarios.parsing.errors import NoScenario, NotADocument
from scenarios.parsing.excel import parse_excel, refuse_macros
from scenarios.parsing.linking import link
from scenarios.parsing.loaded import parse_json
from scenarios.parsing.markdown import parse_markdown
from scenarios.parsing.sources import Source
from scenarios.parsing.word import parse_word

Parser = Callable[[Path, str], Source]
"""From a file and the id it bears in the catalogue to what was found in it."""

PARSERS: dict[str, Parser] = {
    ".docx": parse_word,
    ".xlsx": parse_excel,
    ".md": parse_markdown,
    ".markdown": parse_markdown,
    ".json": parse_json,
}
REFUSED: dict[str, Parser] = {".xlsm": refuse_macros}
"""Endings that are near enough to say what to do about them."""

_HIDDEN = (".", "~$")
"""Office keeps a lock file `~$name.docx` beside a document that is open."""


@dataclass(frozen=True)
class Counts:
    """How much was found in a document."""

    categories: int = 0
    scenarios: int = 0
    examples: int = 0
    steps: int = 0
    references: int = 0

    def __str__(self) -> str:
        return (
            f"{self.categories} categories, {self.scenarios} scenarios, {self.examples} examples, "
            f"{self.steps} steps, {self.references} references"
        )


@dataclass(frozen=True)
class ParseResult:
    """A sealed catalogue and what is to be said about its making."""

    catalogue: Catalogue
    warnings: list[str]
    counts: dict[str, Counts]
    """Document id -> what was found in it."""
    total: Counts
    """What the catalogue holds."""


def parse_files(
    paths: Sequence[Path],
    *,
    documents_root: Path | None = None,
    default_language: str = "zh",
    leave_out: Path | None = None,
    progress: Callable[[list[Path]], Iterable[Path]] = iter,
) -> ParseResult:
    """One catalogue from files and folders.

    Folders give every file with a known ending, sorted by path, without `leave_out`. Document ids
    are paths below `documents_root`, by default the folder that all inputs share. `progress` goes
    over the files and may show how far it is.

    Raises:
        NotADocument: a file is missing, damaged, unsafe or of another kind.
        NoScenario: a given file names no scenario, or none of a folder's files does.
    """
    files = _files(paths, leave_out)
    root = (documents_root or _common_folder(paths)).resolve()
    sources = [_parse(file, root) for file in progress(files)]
    given = {path.resolve() for path in paths}
    kept: list[Source] = []
    warnings: list[str] = []
    for file, source in zip(files, sources, strict=True):
        warnings += source.warnings
        if source.scenarios or source.catalogue:
            kept.append(source)
        elif file.resolve() in given:
            raise NoScenario(f"{file}: expected scenarios in tables or below headings, found none")
        else:
            warnings.append(f"{source.document_id}: no scenario found; left out")
    if not kept:
        raise NoScenario(f"{paths[0]}: expected a document with scenarios, found none")
    catalogue, more = link(kept, default_language)
    return ParseResult(
        catalogue.sealed(),
        [*warnings, *more],
        {source.document_id: _counts(source) for source in kept},
        _catalogue_counts(catalogue),
    )


def _files(paths: Sequence[Path], leave_out: Path | None) -> list[Path]:
    found: dict[Path, Path] = {}
    for path in paths:
        for file in _below(path, leave_out) if path.is_dir() else [path]:
            found.setdefault(file.resolve(), file)
    return list(found.values())


def _below(folder: Path, leave_out: Path | None) -> list[Path]:
    files = [
        file
        for file in sorted(folder.rglob("*"))
        if file.suffix.lower() in PARSERS
        and file.is_file()
        and not file.name.startswith(_HIDDEN)
        and (leave_out is None or file.resolve() != leave_out.resolve())
    ]
    if not files:
        endings = ", ".join(PARSERS)
        raise NoScenario(f"{folder}: expected files ending in {endings}, found none")
    return files


def _common_folder(paths: Sequence[Path]) -> Path:
    folders = [path if path.is_dir() else path.parent for path in paths]
    return Path(os.path.commonpath([folder.resolve() for folder in folders]))


def _parse(file: Path, root: Path) -> Source:
    ending = file.suffix.lower()
    parser = PARSERS.get(ending) or REFUSED.get(ending)
    if parser is None:
        endings = ", ".join(PARSERS)
        raise NotADocument(f"{file}: expected a file ending in {endings}, got {ending or 'none'!r}")
    if not file.is_file():
        raise NotADocument(f"{file}: expected a file, there is none")
    source = parser(file, _document_id(file, root))
    source.sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    return source


def _document_id(file: Path, root: Path) -> str:
    """The path below the root; the bare name of a file that is elsewhere."""
    resolved = file.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else file.name


def _counts(source: Source) -> Counts:
    if source.catalogue:
        return _catalogue_counts(source.catalogue)
    return Counts(
        len({s.category_id or s.category.text for s in source.scenarios}),
        len({(s.category.text, s.name.text) for s in source.scenarios}),
        sum(len(s.examples) for s in source.scenarios),
        sum(len(s.steps) for s in source.scenarios),
        sum(len(s.references) for s in source.scenarios),
    )


def _catalogue_counts(catalogue: Catalogue) -> Counts:
    members: list[Subcategory] = [s for _, s in catalogue.subcategories()]
    return Counts(
        len(catalogue.categories),
        len(members),
        sum(len(s.examples) for s in members),
        sum(len(s.steps) for s in members),
        sum(len(s.references) for s in members),
    )
