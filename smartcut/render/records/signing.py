"""C2PA: a signed statement of where a file comes from; any later change of the file shows.

The signature is made and checked by the C2PA project's own library (c2pa-python), after the C2PA
specification 2, https://spec.c2pa.org. It goes into MP4 and MOV. Nothing here uses the network
unless a time stamp authority is named.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from mimetypes import guess_type
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from smartcut.errors import MissingExtra, RenderError, SourceError
from smartcut.files import reason, scratch
from smartcut.render.records.provenance import COMPOSITE, SOURCE_TYPES, Interval, overall_type

Algorithm = Literal["es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519"]

_MIME = {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime"}
_BOX = UUID("d8fec3d6-1b0e-483c-9297-5828877ec481").bytes
# A long film in fragments has some ten thousand.
_MOST_BOXES = 1_000_000
_OFFLINE = {
    "version": 1,
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}


@dataclass(frozen=True, slots=True)
class Signing:
    """With what a file is signed. The key is read when it is used, and kept nowhere."""

    certificate: Path
    """PEM: the signer's certificate, then those that vouch for it."""
    key: Path
    """PEM: the private key, not encrypted."""
    algorithm: Algorithm = "es256"
    time_stamp: str | None = None
    """Address of a time stamp authority (RFC 3161); None: no time stamp, no network."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a file's C2PA signature says, and whether it holds."""

    state: Literal["trusted", "valid", "invalid", "unchecked"]
    """``valid``: the file is as it was signed; ``trusted``: by someone whom an anchor vouches for.
    ``unchecked``: there is one, but the library is not installed."""
    signer: str | None = None
    algorithm: str | None = None
    reasons: tuple[str, ...] = ()
    """Why it does not hold."""
    source_types: tuple[str, ...] = ()
    """IPTC's digital source types in its actions, each once; of the whole file first."""


def _library() -> Any:
    return import_module("c2pa")


def can_sign() -> bool:
    """Whether the C2PA library is installed."""
    return find_spec("c2pa") is not None


def require(path: Path) -> None:
    """Raises, before anything is made, where an output of this name could not be signed."""
    if path.suffix.lower() not in _MIME:
        accepted = ", ".join(_MIME)
        raise RenderError(f"{path} cannot be signed: C2PA signatures go into {accepted} files")
    if not can_sign():
        raise MissingExtra("c2pa-python", "c2pa", "signing a file")


def is_signed(path: Path) -> bool:
    """Whether an MP4 or MOV file holds a C2PA box, whatever it is worth."""
    return path.suffix.lower() in _MIME and any(_box_ids(path))


def _box_ids(path: Path) -> Iterator[bool]:
    """For each box of the file, whether it is C2PA's."""
    end, at = path.stat().st_size, 0
    with path.open("rb") as file:
        for _ in range(_MOST_BOXES):
            file.seek(at)
            head = file.read(32)
            if len(head) < 8:
                return
            size, kind = struct.unpack(">I4s", head[:8])
            body = head[8:24]
            if size == 1 and len(head) >= 16:
                size, body = struct.unpack(">Q", head[8:16])[0], head[16:32]
            yield kind == b"uuid" and body == _BOX
            if size < 8 or at + size >= end:
                return
            at += size


# ------------------------------------------------------------------------------------- signing


def sign(
    waiting: Path,
    path: Path,
    signing: Signing,
    told: Mapping[str, Any],
    made: tuple[Interval, ...],
    check: Callable[[Path], None],
    also: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Sign the file that waits to become ``path``, where it lies, once ``check`` is content.

    ``told`` is the file's manifest, ``made`` what in it was made, ``also`` holds more assertions
    (label, data). Raises RenderError.
    """
    c2pa = _library()
    mime = _MIME[path.suffix.lower()]
    try:
        with scratch(path) as signed, ExitStack() as stack:
            context = stack.enter_context(c2pa.Context(c2pa.Settings.from_dict(_OFFLINE)))
            claimed = claim(told, made, mime)
            claimed["assertions"] += also
            builder = stack.enter_context(c2pa.Builder(claimed, context))
            for source in told["inputs"]:
                _carry(builder, source, stack)
            source_file = stack.enter_context(waiting.open("rb"))
            with signed.open("w+b") as target:
                builder.sign(_signer(signing), mime, source_file, target)
            found = read_signature(signed)
            if found is None or found.state not in ("valid", "trusted"):
                why = "; ".join(found.reasons) if found else "it is not in the file"
                raise RenderError(f"{path}: the signature does not hold: {why}")
            check(signed)
            os.replace(signed, waiting)
    except c2pa.C2paError as error:
        raise RenderError(
            f"{path} cannot be signed with {signing.certificate} ({signing.algorithm}): {error}; "
            "accepted: a PEM chain, the signer first and not self-signed, for signing documents "
            "or e-mail, and its PEM key, not encrypted"
        ) from error
    except OSError as error:
        raise RenderError(f"{path} cannot be signed: {reason(error, path.parent)}") from error


def _signer(signing: Signing) -> Any:
    c2pa = _library()
    chain, key = signing.certificate.read_bytes(), signing.key.read_bytes()
    stamp = signing.time_stamp.encode() if signing.time_stamp else None
    info = c2pa.C2paSignerInfo(signing.algorithm.encode(), chain, key, stamp)
    return c2pa.Signer.from_info(info)


def claim(told: Mapping[str, Any], made: tuple[Interval, ...], mime: str) -> dict[str, Any]:
    """What is signed: the sources by their digests, and what was done and made, with when."""
    sources = [source for source in told["inputs"] if source["sha256"]]
    whole = overall_type(made, Fraction(str(told["duration"]))) if made else COMPOSITE
    actions: list[dict[str, Any]] = [
        {"action": "c2pa.created", "digitalSourceType": SOURCE_TYPES + whole}
    ]
    if sources:
        placed = [source["id"] for source in sources]
        actions.append({"action": "c2pa.placed", "parameters": {"ingredientIds": placed}})
    actions += [_action(item) for item in made]
    return {
        "claim_generator_info": [{"name": "smartcut", "version": told["smartcut"]}],
        "title": told["output"],
        "format": mime,
        "ingredients": [_ingredient(s) for s in sources if not is_signed(Path(s["path"]))],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}],
    }


def _ingredient(source: Mapping[str, Any]) -> dict[str, Any]:
    name = Path(source["path"]).name
    return {
        "label": source["id"],
        "title": name,
        "format": guess_type(name)[0] or "application/octet-stream",
        "instance_id": f"sha256:{source['sha256']}",
        "relationship": "componentOf",
    }


def _carry(builder: Any, source: Mapping[str, Any], stack: ExitStack) -> None:
    """Take a signed source's own claims along."""
    if source["path"] and is_signed(path := Path(source["path"])):
        mime = _MIME[path.suffix.lower()]
        file = stack.enter_context(path.open("rb"))
        builder.add_ingredient({**_ingredient(source), "format": mime}, mime, file)


def _action(item: Interval) -> dict[str, Any]:
    start, end = (f"{float(t):g}" for t in (item.range.start, item.range.end))
    region = {"type": "temporal", "time": {"type": "npt", "start": start, "end": end}}
    said = f"{item.media}: {item.kind} by {item.engine}"
    return {
        "action": "c2pa.edited",
        "digitalSourceType": SOURCE_TYPES + item.source_type,
        "description": said,
        "changes": [{"region": [region], "description": said}],
    }


# ------------------------------------------------------------------------------------- reading


def read_signature(path: Path, anchors: Path | None = None) -> Signature | None:
    """The file's C2PA signature, checked; None where it has none.

    ``anchors`` holds certificates, in PEM, of those who are trusted to vouch for signers; raises
    SourceError where it does not.
    """
    trust = {} if anchors is None else {"trust": {"trust_anchors": _certificates(anchors)}}
    if not is_signed(path):
        return None
    if not can_sign():
        return Signature("unchecked")
    c2pa = _library()
    try:
        with (
            c2pa.Context(c2pa.Settings.from_dict({**_OFFLINE, **trust})) as context,
            path.open("rb") as file,
            c2pa.Reader(_MIME[path.suffix.lower()], file, context=context) as reader,
        ):
            return _judged(
                reader.get_validation_state() or "Invalid",
                reader.get_active_manifest() or {},
                reader.get_validation_results() or {},
            )
    except c2pa.C2paError as error:
        return Signature("invalid", reasons=(str(error),))


def read_assertion(path: Path, label: str) -> dict[str, Any] | None:
    """The data of an assertion of a signed file, as it stands there; None where it has none.

    Raises MissingExtra without the library. Whether it holds is for :func:`read_signature`.
    """
    require(path)
    c2pa = _library()
    try:
        with (
            c2pa.Context(c2pa.Settings.from_dict(_OFFLINE)) as context,
            path.open("rb") as file,
            c2pa.Reader(_MIME[path.suffix.lower()], file, context=context) as reader,
        ):
            said = reader.get_active_manifest() or {}
    except c2pa.C2paError:
        return None
    rows = [one for one in said.get("assertions", []) if one.get("label") == label]
    data = rows[0].get("data") if rows else None
    return data if isinstance(data, dict) else None


def _certificates(path: Path) -> str:
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise SourceError(f"{path} cannot be read as certificates: {error}") from error
    if "-----BEGIN CERTIFICATE-----" not in text:
        raise SourceError(f"{path} holds no certificate; accepted: PEM, BEGIN CERTIFICATE and on")
    return text


def _judged(state: str, said: Mapping[str, Any], results: Mapping[str, Any]) -> Signature:
    states: dict[str, Literal["trusted", "valid"]] = {"Trusted": "trusted", "Valid": "valid"}
    failures = results.get("activeManifest", {}).get("failure", [])
    info = said.get("signature_info", {})
    types = [
        str(action.get("digitalSourceType", "")).removeprefix(SOURCE_TYPES)
        for assertion in said.get("assertions", [])
        if assertion["label"].startswith("c2pa.actions")
        for action in assertion["data"]["actions"]
    ]
    return Signature(
        states.get(state, "invalid"),
        info.get("common_name") or info.get("issuer"),
        info.get("alg"),
        tuple(f"{f['code']}: {f.get('explanation', '')}" for f in failures),
        tuple(dict.fromkeys(t for t in types if t)),
    )
