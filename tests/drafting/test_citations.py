"""Citation marks in streamed text, cut anywhere."""

from __future__ import annotations

import pytest

from chat_models.port import data_block
from drafting.citations import CitationReader

TEXT = "等待 24 小时【1】。Then go [2, 3] on [x] [99]! a[1][2]"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_marks_are_read_and_removed_wherever_the_stream_is_cut(size: int) -> None:
    reader = CitationReader(offered=3)

    pieces = [reader.feed(TEXT[n : n + size]) for n in range(0, len(TEXT), size)]
    text = "".join(pieces) + reader.close()

    assert text == "等待 24 小时。Then go on [x]! a"
    assert reader.cited == [1, 2, 3]
    assert reader.unknown == [99]


def test_what_only_begins_like_a_mark_is_kept() -> None:
    reader = CitationReader(offered=3)

    assert reader.feed("see [1") + reader.close() == "see [1"
    assert reader.cited == []


@pytest.mark.parametrize("mark", ["</data>", "<data>", "</ DATA >", "< / data>"])
def test_data_cannot_end_its_own_block(mark: str) -> None:
    block = data_block(f"a{mark}b")

    assert block == "<data>\na b\n</data>"
