"""Office files are zip archives: the checks before one is opened."""

import re
import zipfile
from pathlib import Path

from scenarios.parsing.errors import NotADocument

MAX_UNCOMPRESSED = 200 * 1024 * 1024
"""Bytes an Office file may hold when unpacked; the largest real SOP seen is below 20 MB."""
MAX_PARTS = 10_000
MAX_MERGED_CELLS = 1_000_000
"""openpyxl makes an object for every cell of a merge."""

_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK = 1024 * 1024
_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_MERGE = re.compile(rb"<mergeCell [^>]*ref=\"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})\"")


def check_archive(path: Path, main_part: str, kind: str) -> None:
    """Refuse a file that is no safe Office archive with `main_part` in it.

    Raises:
        NotADocument: says what the file is instead.
    """
    _check_magic(path, kind)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_parts(archive, path, main_part, kind)
    # zipfile raises these for damaged headers, unknown compression and encrypted members.
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError) as error:
        raise NotADocument(f"{path}: expected {kind}, the archive is damaged: {error}") from None
    except Exception as error:
        if type(error).__module__ in ("zlib", "lzma"):
            raise NotADocument(f"{path}: expected {kind}, the archive is damaged") from None
        raise


def _check_magic(path: Path, kind: str) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(len(_OLE_MAGIC))
    except OSError as error:
        raise NotADocument(f"{path}: expected {kind}, {error.strerror}") from None
    if not head:
        raise NotADocument(f"{path}: expected {kind}, the file is empty")
    if head == _OLE_MAGIC:
        raise NotADocument(
            f"{path}: expected {kind}, the file is encrypted or of the old binary format; "
            "save it without a password in the current format"
        )
    if not head.startswith(b"PK\x03\x04"):
        raise NotADocument(f"{path}: expected {kind}, the file is of another format")


def _check_parts(archive: zipfile.ZipFile, path: Path, main_part: str, kind: str) -> None:
    infos = archive.infolist()
    if main_part not in {info.filename for info in infos}:
        raise NotADocument(f"{path}: expected {kind}, the archive holds no {main_part}")
    if len(infos) > MAX_PARTS:
        raise NotADocument(f"{path}: expected {kind}, the archive holds {len(infos)} parts")
    left = MAX_UNCOMPRESSED
    for info in infos:
        # The size in the archive's directory may lie, so what comes out is counted.
        data = bytearray()
        with archive.open(info) as part:
            while chunk := part.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise NotADocument(
                        f"{path}: expected {kind} of at most {MAX_UNCOMPRESSED // 1024**2} MB "
                        "when unpacked, this one is larger"
                    )
                if info.filename.endswith((".xml", ".rels")):
                    data += chunk
        _check_xml(bytes(data), info.filename, path, kind)


def _check_xml(data: bytes, part: str, path: Path, kind: str) -> None:
    # Office parts must not declare entities (ECMA-376 part 2, 9.1.4), so nothing honest is lost.
    # Without its zero bytes, UTF-16 reads like ASCII here.
    if _DECLARATION.search(data.replace(b"\0", b"")):
        raise NotADocument(f"{path}: expected {kind}, {part} declares a document type or entity")
    cells = sum(
        (_column(match[3]) - _column(match[1]) + 1) * (int(match[4]) - int(match[2]) + 1)
        for match in _MERGE.finditer(data)
    )
    if cells > MAX_MERGED_CELLS:
        raise NotADocument(
            f"{path}: expected {kind} with at most {MAX_MERGED_CELLS} merged cells, "
            f"{part} has {cells}"
        )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
