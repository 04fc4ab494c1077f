"""What a file says of how it was made, checked against the manifest beside it and its signature."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from smartcut.errors import SourceError
from smartcut.interchange.json import to_plain
from smartcut.media.probe import probe
from smartcut.render.records.made import intervals
from smartcut.render.records.manifest import content_digest, manifest_beside, read_manifest
from smartcut.render.records.provenance import Interval, Tag, read_tag
from smartcut.render.records.signing import Signature, read_signature
from smartcut.report.tables import as_text, source_text
from smartcut.source import Source

_COLUMNS = ("start", "end", "media", "kind", "engine", "source_type")


class InspectError(SourceError):
    """There is no such file, or it is no media."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit together."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is known of how a file was made."""

    source: Source
    tag: Tag | None
    beside: Path | None
    """The manifest beside the file."""
    recorded: tuple[Interval, ...]
    """What the manifest lists."""
    signature: Signature | None
    findings: tuple[Finding, ...]

    @property
    def made(self) -> tuple[Interval, ...]:
        """What the file says was made; what the manifest says where the file says nothing."""
        return self.tag.intervals if self.tag else self.recorded


def inspect(path: Path, anchors: Path | None = None) -> Inspection:
    """What the file, the manifest beside it and its signature say; raises InspectError.

    ``anchors`` holds certificates, in PEM, of those who are trusted to vouch for signers.
    """
    try:
        source = probe(path)
        signature = read_signature(path, anchors)
    except (SourceError, OSError) as error:
        raise InspectError(str(error)) from error
    findings: list[Finding] = []
    tag = _tag(source, findings)
    beside = manifest_beside(path)
    recorded: tuple[Interval, ...] = ()
    if beside is None:
        return Inspection(source, tag, None, recorded, signature, tuple(findings))
    try:
        plain = read_manifest(beside)
        recorded = intervals(plain["generated"])
        findings += _compared(source, tag, plain, recorded)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        text = f"{beside.name} cannot be read as a manifest: {error!r}"
        findings.append(Finding("manifest-unreadable", text))
    return Inspection(source, tag, beside, recorded, signature, tuple(findings))


def _tag(source: Source, findings: list[Finding]) -> Tag | None:
    try:
        return read_tag(source.metadata)
    except ValueError as error:
        findings.append(Finding("tag-unreadable", str(error)))
        return None


def _compared(
    source: Source, tag: Tag | None, plain: Mapping[str, Any], recorded: tuple[Interval, ...]
) -> Iterator[Finding]:
    """Where the file, its tag and its manifest do not fit together."""
    if plain["output"] != source.path.name:
        yield Finding("other-file", f"the manifest is that of {plain['output']}")
    written = plain.get("written")
    if written and written["sha256"] != source.digest:
        yield Finding("file-changed", "the file was changed after it was written")
    if tag is None:
        if recorded:
            text = f"the manifest lists {len(recorded)} that the file does not tell of"
            yield Finding("tag-missing", text)
        return
    if tag.manifest != content_digest(plain):
        text = "the manifest was changed, or is that of another render: its digest is not the one"
        yield Finding("manifest-changed", f"{text} that the file names")
    if not tag.is_coarse and [i.row() for i in tag.intervals] != [i.row() for i in recorded]:
        yield Finding("intervals-differ", "the manifest lists others than the file does")


# -------------------------------------------------------------------------------- the text


def as_plain(found: Inspection) -> dict[str, Any]:
    """The same as JSON; times in decimal seconds."""
    source = found.source
    return {
        "file": source.path.name,
        "sha256": source.digest,
        "format": source.format,
        "duration": round(float(source.duration), 6),
        "video": to_plain(source.video) if source.video else None,
        "audio": to_plain(source.audio) if source.audio else None,
        "made": list(_rows(found.made)),
        "tag": {"manifest": found.tag.manifest, "coarse": found.tag.is_coarse}
        if found.tag
        else None,
        "manifest": {"file": found.beside.name, "made": list(_rows(found.recorded))}
        if found.beside
        else None,
        "c2pa": asdict(found.signature) if found.signature else None,
        "findings": [asdict(f) for f in found.findings],
    }


def _rows(made: Iterable[Interval]) -> Iterator[dict[str, Any]]:
    for item in made:
        row = dict(zip(_COLUMNS, item.row(), strict=True))
        yield {**row, "start": float(row["start"]), "end": float(row["end"])}


def as_report(found: Inspection) -> str:
    """The same in words."""
    lines = [source_text(found.source), f"made: {made_in_words(found)}"]
    if found.made:
        lines += [f"  {line}" for line in as_text(list(_rows(found.made))).splitlines()]
    lines.append(f"manifest: {manifest_in_words(found)}")
    lines += [f"  {finding.text}" for finding in found.findings]
    lines.append(f"c2pa: {signature_in_words(found.signature)}")
    if found.signature:
        lines += [f"  {reason}" for reason in found.signature.reasons]
    return "\n".join(lines)


def made_in_words(found: Inspection) -> str:
    if not found.made:
        return "nothing that the file or a manifest tells of"
    count = f"{len(found.made)} interval{'s' if len(found.made) > 1 else ''}"
    teller = "the file" if found.tag else "the manifest alone"
    coarse = ", those close to each other as one" if found.tag and found.tag.is_coarse else ""
    return f"{count}, as {teller} tells{coarse}"


def manifest_in_words(found: Inspection) -> str:
    if found.beside is None:
        return "none beside the file" + ("; but:" if found.findings else "")
    if found.findings:
        return f"{found.beside.name} does not agree:"
    return f"{found.beside.name} agrees"


def signature_state(signature: Signature | None) -> str:
    """In a word or two."""
    return "none" if signature is None else signature.state


def signature_in_words(signature: Signature | None) -> str:
    if signature is None:
        return "not signed"
    if signature.state == "unchecked":
        return "signed, not checked; run: pip install 'smartcut-pipelines[c2pa]'"
    meaning = {
        "trusted": "as it was signed, and the signer is vouched for",
        "valid": "as it was signed; who signed is not vouched for",
        "invalid": "changed after it was signed, or not signed properly",
    }
    by = f", signed by {signature.signer} ({signature.algorithm})" if signature.signer else ""
    return f"{signature.state}{by}: {meaning[signature.state]}"
