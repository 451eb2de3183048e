"""A catalogue in service: loaded, checked, its router fitted, its graph built; swapped as one.

A turn takes `releases.current` once and keeps it to its end, so a swap disturbs no turn.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from graph.builder import ConversationGraph
from routing.router import Router
from scenarios.catalogue import Catalogue
from scenarios.errors import CatalogueInvalid
from scenarios.linting import errors, lint
from scenarios.loading import load_catalogue

_log = structlog.get_logger()


@dataclass(frozen=True)
class Release:
    """Everything that depends on one version of the catalogue."""

    catalogue: Catalogue
    router: Router
    graph: ConversationGraph
    warnings: tuple[str, ...]


Fit = Callable[[Catalogue, Router | None], Router]
"""From a catalogue, and the router of the one before it, to its router."""
Build = Callable[[Router], ConversationGraph]
"""From a router to the graph over its catalogue."""


class Releases:
    """Keeps `current` up to date with a catalogue file; a broken file changes nothing.

    A changed catalogue of the same scenarios is in service at once, routed by what the router
    before had learnt; a router of its own follows within seconds.
    """

    def __init__(self, path: Path, fit: Fit, build: Build) -> None:
        self._path = path
        self._fit = fit
        self._build = build
        self._swapping = asyncio.Lock()
        self._seen = _signature(path)
        self.current = self._release(*self._read(), None)
        _return_memory()

    async def reload(self) -> tuple[Release, bool]:
        """Load the file now; the release in service and whether it is a new one.

        Raises:
            CatalogueInvalid: the file is unfit to serve; the old release stays.
        """
        async with self._swapping:
            self._seen = _signature(self._path)
            before = self.current
            catalogue, warnings = await asyncio.to_thread(self._read)
            if catalogue.content_hash == before.catalogue.content_hash:
                return before, False
            lent = before.router.lent_to(catalogue)
            if lent is not None:
                self._swap(Release(lent.catalogue, lent, self._build(lent), tuple(warnings)))
            release = await asyncio.to_thread(self._release, catalogue, warnings, before.router)
            self._swap(release)
            del before, lent, catalogue
            await asyncio.to_thread(_return_memory)
            return release, True

    def _swap(self, release: Release) -> None:
        self.current = release
        _log.info("catalogue_swapped", version=release.catalogue.content_hash[:12])

    async def watch(self, interval: float) -> None:
        """Reload whenever the file changes, looking every `interval` seconds, until cancelled."""
        while True:
            await asyncio.sleep(interval)
            if _signature(self._path) == self._seen:
                continue
            try:
                await self.reload()
            except CatalogueInvalid as error:
                _log.error("catalogue_refused", reason=str(error))
            except Exception:
                # Whatever it is, the next change of the file must still be noticed.
                _log.exception("catalogue_refused")

    def _read(self) -> tuple[Catalogue, list[str]]:
        """The catalogue in the file, fit to serve, and warnings about it."""
        catalogue, warnings = load_catalogue(self._path)
        faults = errors(lint(catalogue, overlaps=False))
        if faults:
            more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
            raise CatalogueInvalid(f"{self._path}: {faults[0]}{more}")
        if not catalogue.open_scenarios():
            raise CatalogueInvalid(f"{self._path}: expected at least one scenario for customers")
        return catalogue, warnings

    def _release(self, catalogue: Catalogue, warnings: list[str], before: Router | None) -> Release:
        router = self._fit(catalogue, before)
        return Release(router.catalogue, router, self._build(router), tuple(warnings))


def _return_memory() -> None:
    """Give freed memory back to the system: fitting needs five times what it leaves behind."""
    gc.collect()
    try:
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    except (OSError, AttributeError):
        return  # no glibc; its allocator does this by itself


def _signature(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file does: its inode, size and time of change; None without a file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
