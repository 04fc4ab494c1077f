"""What is said of words that the command line does not take: one sentence, and the way on."""

from __future__ import annotations

from typing import Any


def usage_text(error: Any) -> str:
    """The mistake that the parser found, what was meant, an example, and where help is."""
    lines = [_said(error)]
    context = getattr(error, "ctx", None)
    name = getattr(context, "info_name", None)
    if context is None or context.parent is None or name is None:
        return lines[0]
    if example := _example(name):
        lines.append(f"for example: {example}")
    lines.append(f"`{context.command_path} --help` explains")
    return "; ".join(lines)


def _said(error: Any) -> str:
    from smartcut.registry import closest

    option, options = getattr(error, "option_name", None), getattr(error, "possibilities", None)
    if option is not None:
        known = (
            [o for p in error.ctx.command.params for o in p.opts] if error.ctx else options or ()
        )
        close = closest(option, known)
        return f"there is no option {option}" + (f"; did you mean {close}?" if close else "")
    param = getattr(error, "param", None)
    if type(error).__name__ == "MissingParameter" and param is not None:
        is_option = param.opts[0].startswith("-")
        option = param.opts[0] if is_option else getattr(param, "metavar", None) or param.name
        meaning = (getattr(param, "help", None) or "").replace("\\[", "[").rstrip(".")
        return f"{option} is missing" + (f": {meaning}" if meaning else "")
    return str(error.format_message()).rstrip(".")


def _example(name: str) -> str:
    """How the command is used, where it is a verb's."""
    from smartcut.verbs import VERBS

    return f"smartcut {name} {VERBS[name].example}" if name in VERBS else ""
