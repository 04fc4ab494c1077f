"""All tools, by name."""

from __future__ import annotations

from collections.abc import Mapping

from smartcut.agents.checking import CHECKING
from smartcut.agents.comparing import COMPARING
from smartcut.agents.correcting import CORRECTING
from smartcut.agents.explaining import EXPLAINING
from smartcut.agents.knowing import KNOWING
from smartcut.agents.looking import LOOKING
from smartcut.agents.tool import Tool
from smartcut.agents.working import WORKING
from smartcut.errors import PipelineError
from smartcut.registry import close_to

TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (*LOOKING, *KNOWING, *WORKING, *EXPLAINING, *CORRECTING, *COMPARING, *CHECKING)
}


def tool_named(name: str) -> Tool:
    """Raises PipelineError for a tool that there is not, with the one likely meant."""
    if name not in TOOLS:
        raise PipelineError(f"unknown tool {close_to(name[:100], TOOLS)}")
    return TOOLS[name]
