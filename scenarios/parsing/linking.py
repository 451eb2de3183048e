"""What all documents told, linked into one catalogue: rows to pages, languages to each other."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from scenarios.catalogue import Catalogue, Category, SourceDocument, Subcategory, Text, slug
from scenarios.loading import main_language
from scenarios.parsing.languages import Telling, Tongues, text_in
from scenarios.parsing.lines import Found
from scenarios.parsing.loaded import texts_of
from scenarios.parsing.merging import merge
from scenarios.parsing.related import Names, nearest
from scenarios.parsing.sources import FoundScenario, Source
from scenarios.parsing.words import fold

Told = TypeVar("Told")


def link(sources: list[Source], default_language: str) -> tuple[Catalogue, list[str]]:
    """One catalogue from all sources, not sealed yet, and warnings about what does not fit."""
    warnings: list[str] = []
    scenarios = [scenario for source in sources for scenario in source.scenarios]
    pages = [scenario for scenario in scenarios if scenario.id]
    rows = [scenario for scenario in scenarios if not scenario.id]
    _find_pages(rows, pages, warnings)
    shelves = _Shelves(default_language, warnings)
    for scenario in (*rows, *pages):
        shelves.put(scenario)
    descriptions = {
        name: found for source in sources for name, found in source.category_descriptions.items()
    }
    categories = shelves.categories(descriptions)
    ready = [source.catalogue for source in sources if source.catalogue]
    for catalogue in ready:
        categories = _joined(categories, catalogue, warnings)
    documents = {
        document.id: document for catalogue in ready for document in catalogue.source_documents
    }
    documents |= {
        source.document_id: SourceDocument(
            id=source.document_id, path=source.document_id, sha256=source.sha256
        )
        for source in sources
    }
    only = ready[0] if len(sources) == 1 and ready else Catalogue(default_language=default_language)
    linked = only.model_copy(
        update={"categories": categories, "source_documents": list(documents.values())}
    )
    return _speaking(linked), warnings


def _speaking(catalogue: Catalogue) -> Catalogue:
    """The catalogue with a default language that it has texts in."""
    languages = catalogue.languages()
    if catalogue.default_language in languages:
        return catalogue
    if not languages:  # names in one unnamed language
        names = [name for _, s in catalogue.subcategories() for name in s.name.each()]
        languages = [main_language(names)]
    return catalogue.model_copy(update={"default_language": languages[0]})


# Rows and pages


@dataclass(frozen=True)
class _Home:
    """Where a page stands: what a row of the same name belongs to."""

    language: str | None
    category_id: str | None
    id: str | None


def _home(page: FoundScenario) -> _Home:
    return _Home(page.language, page.category_id, page.id)


def _find_pages(rows: list[FoundScenario], pages: list[FoundScenario], warnings: list[str]) -> None:
    """Give each row the language and ids of the page with its name."""
    if not pages:
        return
    homes: dict[str, set[_Home]] = {}
    for page in pages:
        homes.setdefault(fold(page.name.text), set()).add(_home(page))
    alike: list[FoundScenario] = []
    for row in rows:
        found = homes.get(fold(row.name.text), set())
        if len(found) == 1:
            _settle(row, next(iter(found)))
        else:
            alike.append(row)
    folders = _folders(rows)
    for row in alike:
        _settle_by_category(row, homes, folders, warnings)
    told = {row.id for row in rows}
    named = [row.name.text for row in rows]
    for page in pages:
        if rows and page.id not in told:
            hint = nearest(page.name.text, named)
            warnings.append(f"{page.name.locator}: no row is named {page.name.text!r}{hint}")


def _settle(row: FoundScenario, home: _Home) -> None:
    row.language, row.category_id, row.id = home.language, home.category_id, home.id


def _folders(rows: Iterable[FoundScenario]) -> dict[str, tuple[str | None, str | None]]:
    """Name of a category -> the language and folder that most of its rows were found in."""
    counts: dict[str, Counter[tuple[str | None, str | None]]] = {}
    for row in rows:
        if row.id:
            place = (row.language, row.category_id)
            counts.setdefault(fold(row.category.text), Counter())[place] += 1
    return {name: count.most_common(1)[0][0] for name, count in counts.items()}


def _settle_by_category(
    row: FoundScenario,
    homes: dict[str, set[_Home]],
    folders: dict[str, tuple[str | None, str | None]],
    warnings: list[str],
) -> None:
    """Settle a row whose name is on no page, or on several."""
    found = homes.get(fold(row.name.text), set())
    language, category_id = folders.get(fold(row.category.text), (None, None))
    fitting = [
        home for home in found if (home.language, home.category_id) == (language, category_id)
    ]
    if len(fitting) == 1:
        _settle(row, fitting[0])
        return
    row.language, row.category_id = language, category_id
    if found:
        reason = f"several pages are named {row.name.text!r}"
    else:
        reason = f"no page is named {row.name.text!r}"
        reason += nearest(row.name.text, sorted(homes))
    warnings.append(f"{row.name.locator}: {reason}")


# Categories and their scenarios in order


@dataclass
class _Shelf:
    """A category while it is filled."""

    id: str
    names: dict[str | None, Found] = field(default_factory=dict)
    named_by_path: bool = True
    scenarios: dict[str, dict[str | None, list[FoundScenario]]] = field(default_factory=dict)
    """Id of a scenario -> all that is told of it in each language."""
    by_name: dict[str, str] = field(default_factory=dict)


@dataclass
class _Shelves:
    """All categories while they are filled."""

    default_language: str
    warnings: list[str]
    shelves: dict[str, _Shelf] = field(default_factory=dict)
    taken: set[str] = field(default_factory=lambda: {"fallback"})

    def put(self, scenario: FoundScenario) -> None:
        """Put a scenario into its category, together with what else tells of it."""
        shelf = self._shelf(scenario)
        self._name(shelf, scenario)
        scenario_id = self._id(shelf, scenario)
        tongues = shelf.scenarios.setdefault(scenario_id, {})
        tongues.setdefault(scenario.language, []).append(scenario)

    def categories(self, descriptions: dict[str, Found]) -> list[Category]:
        """Every category with its scenarios, neighbours found by name."""
        names = Names()
        for shelf in self.shelves.values():
            for scenario_id, tongues in shelf.scenarios.items():
                for language, tellings in tongues.items():
                    names.add(language, tellings[0].name.text, scenario_id)
        return [self._category(shelf, names, descriptions) for shelf in self.shelves.values()]

    def _shelf(self, scenario: FoundScenario) -> _Shelf:
        key = scenario.category_id or fold(scenario.category.text)
        if key not in self.shelves:
            wanted = scenario.category_id or slug(scenario.category.text)
            self.shelves[key] = _Shelf(self._free(wanted))
        return self.shelves[key]

    def _name(self, shelf: _Shelf, scenario: FoundScenario) -> None:
        # A page knows its category's id only; a row names it.
        by_path = scenario.category.text == scenario.category_id
        if by_path and (not shelf.named_by_path or shelf.names):
            return
        if shelf.named_by_path and not by_path:
            shelf.names.clear()
        shelf.named_by_path = by_path
        shelf.names.setdefault(None if by_path else scenario.language, scenario.category)

    def _id(self, shelf: _Shelf, scenario: FoundScenario) -> str:
        if scenario.id:
            self.taken.add(scenario.id)
            return scenario.id
        name = fold(scenario.name.text)
        if name not in shelf.by_name:
            shelf.by_name[name] = self._free(f"{shelf.id}.{slug(scenario.name.text)}")
        return shelf.by_name[name]

    def _free(self, wanted: str) -> str:
        """`wanted`, or with a number behind it where names give the same slug."""
        candidate, n = wanted, 1
        while candidate in self.taken:
            n += 1
            candidate = f"{wanted}-{n}"
        self.taken.add(candidate)
        return candidate

    def _category(self, shelf: _Shelf, names: Names, descriptions: dict[str, Found]) -> Category:
        described = {
            language: descriptions[name.text]
            for language, name in shelf.names.items()
            if name.text in descriptions
        }
        locators = {
            f"{key}.{language}" if language else key: found.locator
            for key, texts in (("name", shelf.names), ("description", described))
            for language, found in texts.items()
        }
        return Category(
            id=shelf.id,
            name=text_in((lang, name.text) for lang, name in self._ordered(shelf.names).items()),
            description=text_in((language, found.text) for language, found in described.items()),
            subcategories=[
                self._subcategory(scenario_id, shelf.id, tongues, names)
                for scenario_id, tongues in shelf.scenarios.items()
            ],
            locators=locators,
        )

    def _subcategory(
        self,
        scenario_id: str,
        category_id: str,
        tongues: dict[str | None, list[FoundScenario]],
        names: Names,
    ) -> Subcategory:
        merged: Tongues = {
            language: merge(tellings, self.warnings)
            for language, tellings in self._ordered(tongues).items()
        }
        return Telling(scenario_id, category_id, merged, names, self.warnings).subcategory()

    def _ordered(self, tongues: dict[str | None, Told]) -> dict[str | None, Told]:
        """The default language first, then by name."""
        order = sorted(
            tongues, key=lambda language: (language != self.default_language, language or "")
        )
        return {language: tongues[language] for language in order}


# Catalogues that are made already


def _joined(
    categories: list[Category], catalogue: Catalogue, warnings: list[str]
) -> list[Category]:
    """Categories with those of another catalogue; what is there already holds."""
    joined = {category.id: category for category in categories}
    by_name = {fold(text): c.id for c in categories for text in c.name.each()}
    known = {
        **{s.id: s for c in categories for s in c.subcategories},
    }
    for category in catalogue.categories:
        home = category.id if category.id in joined else _first(category.name, by_name)
        if home is None:
            kept = _new(category.subcategories, known, [], warnings)
            joined[category.id] = category.model_copy(update={"subcategories": kept})
        else:
            mine = joined[home].subcategories
            kept = _new(category.subcategories, known, mine, warnings)
            joined[home] = joined[home].model_copy(update={"subcategories": [*mine, *kept]})
    return list(joined.values())


def _first(name: Text, by_name: dict[str, str]) -> str | None:
    return next((by_name[fold(text)] for text in name.each() if fold(text) in by_name), None)


def _new(
    found: list[Subcategory],
    known: dict[str, Subcategory],
    mine: list[Subcategory],
    warnings: list[str],
) -> list[Subcategory]:
    """Subcategories that are neither by id nor by name among those there are."""
    named = {fold(text) for subcategory in mine for text in subcategory.name.each()}
    kept: list[Subcategory] = []
    for subcategory in found:
        if subcategory.id in known or any(fold(text) in named for text in subcategory.name.each()):
            place = next(iter(subcategory.locators.values()), subcategory.id)
            count = len(texts_of(subcategory))
            warnings.append(
                f"{place}: {subcategory.name.to()!r} is told by another document already; "
                f"the {count} texts here are left out"
            )
        else:
            kept.append(subcategory)
            known[subcategory.id] = subcategory
    return kept
