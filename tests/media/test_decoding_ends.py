"""Decoding ends with the last packet that the frames asked for need."""

from __future__ import annotations

from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st

from smartcut.media.decode import _up_to
from tests.builders.indexes import index_of


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=6), min_size=1), st.data())
def test_no_packet_is_decoded_that_comes_after_all_that_are_asked_for(
    groups: list[list[int]], data: st.DataObject
) -> None:
    index = index_of(groups)
    first = data.draw(st.integers(0, len(index) - 1))
    last = data.draw(st.integers(first + 1, len(index)))
    # What is not shown has no place in the index, and goes with what comes before it.
    hidden = data.draw(st.integers(0, len(index)))
    numbers = [*index.order[:hidden].tolist(), None, *index.order[hidden:].tolist()]
    packets = [SimpleNamespace(pts=number) for number in numbers]
    fed = [packet.pts for packet in _up_to(iter(packets), index, first, last)]
    assert fed == numbers[: len(fed)]
    assert set(range(first, last)) <= set(fed)
    shown = [number for number in fed if number is not None]
    assert first <= shown[-1] < last
