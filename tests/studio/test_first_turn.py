"""What a page asks for at first does not hold up the pictures that it waits for."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread

import pytest

import smartcut as sc
from smartcut.spec_schema import json_schema
from smartcut.studio.schema_ahead import SchemaAhead
from smartcut.testing import write_bar_coded
from tests.builders.playing import playing


@pytest.mark.slow
def test_the_schema_that_is_made_ahead_is_the_same() -> None:
    ahead = SchemaAhead()
    try:
        assert ahead() == json_schema()
        assert ahead() is ahead()
    finally:
        ahead.close()
    ended = SchemaAhead()
    ended.close()


def test_strips_and_peaks_wait_for_pictures_that_are_watched(tmp_path: Path) -> None:
    source = tmp_path / "a.mp4"
    write_bar_coded(source, frames=60, size=(64, 48), gop=15)
    film = sc.open(source)
    with playing(film, tmp_path / "out.mp4") as (playback, rendering, _):
        playback.show(rendering)
        go, begun = Event(), Event()

        def work(flight: object) -> None:
            begun.set()
            go.wait(10)

        watched = Thread(target=lambda: [*playback._flights.follow("x", work, urgent=True)])
        watched.start()
        assert begun.wait(10)
        found: list[bytes] = []
        (shown,) = rendering.cut.sources
        views = [
            Thread(target=lambda: found.append(playback.filmstrip(shown.id).jpeg)),
            Thread(target=lambda: found.append(playback.peaks(shown.id))),
        ]
        for view in views:
            view.start()
        views[0].join(0.4)
        assert found == []
        go.set()
        for thread in (*views, watched):
            thread.join(10)
        assert len(found) == 2
        assert all(found)
