"""A server for agents in the test's own process, and calls of its tools by the SDK's client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client

from smartcut.agents.mistakes import told
from smartcut.agents.server import begun, made_server
from smartcut.agents.tool import ToolCall
from smartcut.agents.tools import tool_named


class AgentDesk:
    """A folder that agents work in; ``ask`` calls a tool, and fails where the tool does."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        patch.chdir(folder)
        for variable in ("SMARTCUT_ROOTS", "SMARTCUT_WRITE_ROOTS"):
            patch.setenv(variable, "")
        self.folder = folder
        self.call: ToolCall = begun(folder)

    def ask(self, name: str, /, **arguments: Any) -> Any:
        result = self.result(name, **arguments)
        assert not result.is_error, result.content[0].text
        return result

    def refused(self, name: str, /, **arguments: Any) -> str:
        result = self.result(name, **arguments)
        assert result.is_error, result.content
        text: str = result.content[0].text
        assert "Traceback" not in text
        assert "unexpected" not in text
        return text

    def denied(self, name: str, /, **arguments: Any) -> str:
        """What a tool that fails says, called without a client: for many calls in a row."""
        try:
            tool = tool_named(name)
            answer = tool.does(self.call, tool.asked(arguments))
        except Exception as error:
            said = told(error)
            assert "unexpected" not in said, said
            return said
        raise AssertionError(answer.text)

    def result(self, name: str, /, **arguments: Any) -> Any:
        return self.talk(lambda client: client.call_tool(name, arguments))

    def talk(self, said: Callable[[Client], Awaitable[Any]]) -> Any:
        async def talked() -> Any:
            async with Client(made_server(self.call), mode="legacy") as client:
                return await said(client)

        try:
            return anyio.run(talked)
        except BaseExceptionGroup as group:
            raise _leaf(group) from None


def _leaf(error: BaseException) -> BaseException:
    """The one error in a group of groups."""
    while isinstance(error, BaseExceptionGroup):
        (error,) = error.exceptions
    return error


def refusal(result: Any) -> str:
    """What a tool said when it failed."""
    assert result.is_error
    text: str = result.content[0].text
    return text
