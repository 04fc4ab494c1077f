"""The Python interface: ``sc.open("talk.mp4") | sc.shots() | sc.highlights(duration="30s")``."""

from smartcut.api.exporting import exporting
from smartcut.api.inputs import as_inputs, found_inputs
from smartcut.api.opening import concat, open_media
from smartcut.api.pipeline import Pipeline

__all__ = ["Pipeline", "as_inputs", "concat", "exporting", "found_inputs", "open_media"]
