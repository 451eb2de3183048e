"""`python -m scenarios.parsing INPUT [INPUT ...] --output OUT.json`: documents to a catalogue."""

import argparse
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tqdm import tqdm

from scenarios.catalogue import Catalogue
from scenarios.errors import ScenariosError
from scenarios.parsing import PARSERS, ParseResult, parse_files


def main(arguments: list[str] | None = None) -> int:
    """Parse, write, and say what was found; 2 when an input is no document with scenarios."""
    options = _options(arguments)
    if options.output.resolve() in {path.resolve() for path in options.inputs}:
        message = f"{options.output}: expected an output that is none of the inputs"
        print(message, file=sys.stderr)  # noqa: T201 - a command speaks
        return 2
    try:
        result = parse_files(
            options.inputs,
            documents_root=options.documents_root,
            default_language=options.default_language,
            leave_out=options.output,
            progress=_progress,
        )
        _write(options.output, result.catalogue)
    except (ScenariosError, OSError) as error:
        print(" ".join(str(error).split()), file=sys.stderr)  # noqa: T201 - a command speaks
        return 2
    _report(result, options.output)
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scenarios.parsing", description=__doc__)
    endings = " ".join(PARSERS)
    parser.add_argument("inputs", nargs="+", type=Path, help=f"files ({endings}) or folders")
    parser.add_argument("--output", required=True, type=Path, help="the catalogue to write")
    parser.add_argument(
        "--documents-root", type=Path, help="folder that document ids are relative to"
    )
    parser.add_argument(
        "--default-language",
        default="zh",
        type=_language,
        help="which language comes first where there are several (default: zh)",
    )
    options = parser.parse_args(arguments)
    return options


def _language(tag: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}", tag):
        raise argparse.ArgumentTypeError(f"expected a language tag such as zh or en, got {tag!r}")
    return tag


def _progress(files: list[Path]) -> Iterable[Path]:
    return tqdm(files, unit="file", file=sys.stderr, disable=not sys.stderr.isatty(), leave=False)


def _write(path: Path, catalogue: Catalogue) -> None:
    """Write the whole file or none of it: a reader never sees half a catalogue."""
    content = catalogue.model_dump(mode="json", by_alias=True)
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files for their owner alone; a catalogue may be read by all.
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _report(result: ParseResult, output: Path) -> None:
    lines = [f"{document}: {counts}" for document, counts in result.counts.items()]
    lines += [f"warning: {warning}" for warning in result.warnings]
    lines += [f"total: {result.total}, {len(result.warnings)} warnings -> {output}"]
    print("\n".join(lines))  # noqa: T201 - a command speaks


if __name__ == "__main__":
    sys.exit(main())
