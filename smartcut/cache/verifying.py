"""Every entry of a cache read against its sum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from smartcut.cache.shelf import Shelf, fits, sum_of

Reads = Callable[[Path], bool]
"""Whether the content of a file, which fits its sum, can be read."""


@dataclass(slots=True)
class Verified:
    """What was found: numbers of entries, and files that do not serve.

    ``bytes`` are those of whole entries. ``without_sum`` and ``left_over`` are harmless: half an
    entry, or a temporary file of a process that is gone.
    """

    whole: int = 0
    bytes: int = 0
    damaged: list[Path] = field(default_factory=list)
    without_sum: list[Path] = field(default_factory=list)
    left_over: list[Path] = field(default_factory=list)
    deleted: bool = False

    def to_plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            k: [str(p) for p in v] if isinstance(v, list) else v for k, v in asdict(self).items()
        }

    def text(self) -> str:
        """For reading."""
        lines = [f"whole: {self.whole} entries, {self.bytes / 1e6:.1f} MB"]
        for name, paths in (
            ("damaged", self.damaged),
            ("without a sum", self.without_sum),
            ("left over by processes that are gone", self.left_over),
        ):
            lines.append(f"{name}: {len(paths)}")
            lines.extend(f"  {path}" for path in paths)
        if self.damaged or self.without_sum or self.left_over:
            lines.append(
                "these were deleted; what they held is made again when it is needed"
                if self.deleted
                else "these count as absent, and are made again when needed; --delete removes them"
            )
        return "\n".join(lines)


def verify(
    shelf: Shelf,
    reads: Reads,
    delete: bool = False,
    advance: Callable[[float], None] | None = None,
) -> Verified:
    """Read everything; ``advance`` gets the bytes read so far. Marks nothing as used."""
    listing = shelf.listed()
    found = Verified(deleted=delete)
    done = 0
    for entry in sorted(listing.entries, key=lambda e: e.path):
        if shelf.fits(entry.path) and reads(entry.path):
            found.whole += 1
            found.bytes += entry.size
        elif entry.path.exists():  # it was not pruned meanwhile
            has_sum = sum_of(entry.path).exists()
            (found.damaged if has_sum else found.without_sum).append(entry.path)
        done += entry.size
        if advance:
            advance(done)
    found.left_over = sorted(path for path in listing.temporaries if shelf.is_abandoned(path))
    if delete:
        for path in (*found.damaged, *found.without_sum):
            _delete(path, shelf, reads)
        shelf.sweep(listing)
    return found


def _delete(path: Path, shelf: Shelf, reads: Reads) -> None:
    with shelf.changing():
        if not (fits(path) and reads(path)):  # it may have been made again since
            path.unlink(missing_ok=True)
            sum_of(path).unlink(missing_ok=True)
