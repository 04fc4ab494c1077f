"""What operations answer, as JSON Schema by name; docs/studio.md says the same in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TEXT: Mapping[str, Any] = {"type": "string"}
NUMBER: Mapping[str, Any] = {"type": "number"}
COUNT: Mapping[str, Any] = {"type": "integer", "minimum": 0}
TRUTH: Mapping[str, Any] = {"type": "boolean"}
ANY: Mapping[str, Any] = {}


def listed(items: Mapping[str, Any]) -> dict[str, Any]:
    """An array of these."""
    return {"type": "array", "items": items}


def maybe(one: Mapping[str, Any]) -> dict[str, Any]:
    """This, or null."""
    return {"anyOf": [one, {"type": "null"}]}


def formed(needed: Mapping[str, Any], **others: Any) -> dict[str, Any]:
    """An object with these members, all of the first ones needed."""
    return {"type": "object", "properties": {**needed, **others}, "required": list(needed)}


def named(name: str) -> dict[str, Any]:
    """A result of this table."""
    return {"$ref": f"#/components/schemas/{name}"}


_EXACT = {"type": "string", "description": "Seconds of a source, exact: 12.4 or 62/5."}
_SEGMENT = formed(
    {
        "id": TEXT, "source": maybe(TEXT), "start": _EXACT, "end": _EXACT, "at": NUMBER,
        "to": NUMBER, "speed": TEXT, "pace": TEXT, "label": TEXT, "chapter": maybe(TEXT),
        "scores": {"type": "object", "additionalProperties": NUMBER}, "transition": maybe(TEXT),
        "overlap": NUMBER, "effects": listed(TEXT), "gain": maybe(NUMBER), "text": maybe(TEXT),
        "drawing": maybe({"type": "object"}),
        "x": maybe(NUMBER), "y": maybe(NUMBER), "w": maybe(NUMBER), "h": maybe(NUMBER),
        "opacity": maybe(NUMBER),
        "edited": {"enum": [None, "trimmed", "moved", "added", "replaced", "set"]},
    }
)  # fmt: skip
_TRACK = formed(
    {"role": TEXT, "kind": {"enum": ["picture", "sound"]}, "segments": listed(named("segment"))}
)
_SOURCE = formed(
    {
        "id": TEXT, "name": TEXT, "path": TEXT, "duration": NUMBER, "width": maybe(NUMBER),
        "height": maybe(NUMBER), "has_sound": TRUTH, "made": maybe(TEXT),
    }
)  # fmt: skip
_SPAN = formed(
    {
        "kind": {"enum": ["copy", "encode"]}, "reason": TEXT, "start": NUMBER, "end": NUMBER,
        "frames": COUNT,
    }
)  # fmt: skip
_CHUNK = formed(
    {
        "key": TEXT, "start": NUMBER, "end": NUMBER, "kind": {"enum": ["copy", "encode"]},
        "mime": TEXT, "ready": TRUTH,
    }
)  # fmt: skip
_WORD = formed(
    {
        "text": TEXT, "start": NUMBER, "end": NUMBER, "source": TEXT, "from": _EXACT, "to": _EXACT,
        "segment": TEXT, "speaker": maybe(TEXT), "probability": NUMBER,
    }
)  # fmt: skip
_CONFLICT = formed({"edit": COUNT, "kind": TEXT, "why": TEXT, "what": ANY})
_MOMENT = formed(
    {
        "id": TEXT, "source": TEXT, "start": _EXACT, "end": _EXACT, "score": maybe(NUMBER),
        "scores": {"type": "object", "additionalProperties": NUMBER}, "chosen": TRUTH, "text": TEXT,
        "stage": TEXT,
    }
)  # fmt: skip
_MISS = formed({"reason": TEXT, "start": maybe(NUMBER), "end": maybe(NUMBER)})
_VERDICT = formed(
    {
        "name": TEXT, "state": {"enum": ["met", "failed", "unchecked"]}, "met": TRUTH,
        "wanted": TEXT, "measured": TEXT, "misses": listed(_MISS),
    }
)  # fmt: skip
_COSTS = {"type": "object", "additionalProperties": NUMBER}
_TAKE = formed(
    {
        "name": TEXT, "source": TEXT, "start": _EXACT, "end": _EXACT, "gain": NUMBER,
        "costs": _COSTS, "total": NUMBER, "edits": listed({"type": "object"}),
    }
)  # fmt: skip
_PASSAGE = formed(
    {
        "words": TEXT, "heard": maybe(COUNT), "segments": listed(TEXT), "at": maybe(NUMBER),
        "takes": listed(_TAKE), "joining": _COSTS, "runner_up": maybe(TEXT),
        "costs_more": maybe(NUMBER), "why": TEXT,
    }
)  # fmt: skip
_PART = formed(
    {
        "kind": TEXT, "name": TEXT, "frames": listed(COUNT), "from": NUMBER, "to": NUMBER,
        "told": listed(TEXT),
    },
    source=TEXT, source_from=NUMBER, source_to=NUMBER, speed=NUMBER, window=listed(NUMBER),
    mirrored=TRUTH, confidence=NUMBER,
)  # fmt: skip
_CONFORMED = formed(
    {
        "film": TEXT, "name": TEXT, "duration": NUMBER, "frames": COUNT, "explained": NUMBER,
        "sources": listed(formed({"id": TEXT, "path": TEXT})), "parts": listed(_PART),
        "notes": listed(TEXT),
    }
)  # fmt: skip
_STYLE = formed({"yaml": TEXT, "text": TEXT, "stages": ANY, "figures": {"type": "object"}})
_STUDY = {"running": TRUTH, "done": maybe(NUMBER), "text": TEXT, "error": TEXT}
_FILE = formed({"path": TEXT, "kind": {"enum": ["film", "sound", "cut", "pipeline"]}})
_BOX = formed(dict.fromkeys(("x", "y", "w", "h", "home_x", "home_y"), NUMBER))
_STATE = formed(
    {
        "version": COUNT, "base": COUNT, "name": TEXT, "opening": TRUTH, "duration": NUMBER,
        "rate": TEXT, "size": listed(COUNT), "mime": TEXT, "can_undo": TRUTH, "can_redo": TRUTH,
        "is_saved": TRUTH, "sources": listed(_SOURCE), "tracks": listed(_TRACK),
        "spans": listed(_SPAN), "chunks": listed(_CHUNK), "sound": maybe(TEXT),
        "words": listed(_WORD), "boxes": {"type": "object", "additionalProperties": _BOX},
        "captions": listed(formed({"start": NUMBER, "end": NUMBER, "text": TEXT})),
        "chapters": listed(formed({"start": NUMBER, "end": NUMBER, "title": TEXT})),
        "markers": {
            "type": "object",
            "additionalProperties": formed(
                {n: listed(NUMBER) for n in ("shots", "beats", "keyframes")}
            ),
        },
        "notes": listed(TEXT), "conflicts": listed(_CONFLICT), "edits": listed({"type": "object"}),
        "versions": listed(formed({"version": COUNT, "name": TEXT})),
    },
    output=TEXT,
    stages=listed(TEXT),
    edits_file=TEXT,
    changed_files=listed(TEXT),
    error=TEXT,
    render=maybe(formed({"path": TEXT, "done": maybe(NUMBER), "text": TEXT})),
)  # fmt: skip
_STAGES = listed(formed({"name": TEXT, "params": ANY, "line": maybe(COUNT)}))
_PARTS = listed(formed({"name": TEXT, "line": maybe(COUNT), "stages": _STAGES}))
_SIDE = formed({"duration": NUMBER, "tracks": listed(_TRACK), "words": listed(_WORD)})
_MISTAKES = listed(formed({"line": maybe(COUNT), "message": TEXT}))
_STEP = formed({"stage": TEXT, "subject": TEXT, "state": TEXT, "reason": TEXT})

#: By the name that an operation gives.
RESULTS: Mapping[str, Any] = {
    "segment": _SEGMENT,
    "state": _STATE,
    "moment": _MOMENT,
    "plan": formed(
        {
            "steps": listed(_STEP), "decodes": listed(_STEP), "idle": TRUTH,
            "copied_seconds": NUMBER, "encoded_seconds": NUMBER, "waiting_seconds": NUMBER,
            "estimate_seconds": maybe(NUMBER),
        }
    ),
    "transcript": listed(
        formed(
            {
                "source": TEXT,
                "words": listed(
                    formed(
                        {
                            "text": TEXT, "start": _EXACT, "end": _EXACT, "kept": TRUTH,
                            "speaker": maybe(TEXT), "probability": NUMBER,
                        }
                    )
                ),
            }
        )
    ),
    "expected": formed(
        {
            "plan": listed(_VERDICT),
            "film": maybe(formed({"path": TEXT, "version": COUNT, "verdicts": listed(_VERDICT)})),
        }
    ),
    "files": formed({"changed": listed(TEXT)}),
    "candidates": listed(named("moment")),
    "elisions": listed(
        formed(
            {
                "kind": TEXT, "start": NUMBER, "end": NUMBER, "source": maybe(TEXT), "text": TEXT,
                "before": TEXT, "left_out": TEXT, "after": TEXT, "said": maybe(listed(NUMBER)),
                "detail": TEXT, "filler": TRUTH, "judged": TRUTH,
                "senses": listed(formed({"kind": TEXT, "because": TEXT})),
            }
        )
    ),
    "passages": listed(_PASSAGE),
    "why": formed(
        {
            "score": maybe(NUMBER),
            "parts": listed(formed({"name": TEXT, "value": NUMBER, "weight": maybe(NUMBER)})),
            "words": TEXT, "beaten": listed(named("moment")), "next": maybe(named("moment")),
            "text": TEXT,
        }
    ),
    "pipeline": formed({"text": TEXT, "data": ANY, "stages": _STAGES, "parts": _PARTS}),
    "checked": formed({"errors": _MISTAKES}, text=TEXT, data=ANY, stages=_STAGES, parts=_PARTS),
    "schema": {"type": "object", "description": "JSON Schema, 2020-12."},
    "comparison": formed(
        {"a": _SIDE, "b": _SIDE, "differences": listed(formed({"text": TEXT}))}
    ),
    "written": formed({"path": TEXT, "paths": listed(TEXT)}),
    "rendering": formed({"path": TEXT, "version": COUNT}),
    "film_files": formed({"folders": listed(TEXT), "files": listed(_FILE), "more": TRUTH}),
    "conformed": formed({**_STUDY, "found": maybe(_CONFORMED)}),
    "learned": formed({**_STUDY, "found": maybe(_STYLE)}),
    "kept": formed({"path": TEXT, "paths": listed(TEXT), "notes": listed(TEXT)}),
    "nothing": {"type": "object"},
    "description": {"type": "object", "description": "OpenAPI 3.1."},
    "event": formed(
        {"kind": {"enum": ["state", "progress", "note", "done", "error", "opened"]}}
    ),
}  # fmt: skip
