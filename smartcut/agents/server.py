"""The server that agents speak to, by the Model Context Protocol: on stdio, or over HTTP."""

from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path
from typing import Any

import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError

from smartcut import __version__, roots
from smartcut.agents import prompts, resources
from smartcut.agents.calling import called
from smartcut.agents.folder import AgentFolder
from smartcut.agents.jobs import Jobs
from smartcut.agents.mistakes import told
from smartcut.agents.tool import Tool, ToolAnswer, ToolCall
from smartcut.agents.tools import TOOLS
from smartcut.errors import PipelineError

INSTRUCTIONS = (
    "Edits video by pipelines of stages. Look (probe, shots, transcript, look, search), look the "
    "stages up (stages), check, plan, run, then look at the result and correct it. Names of files "
    "are relative to the root. Work that takes long goes on as a job: ask `job`. The resource "
    "smartcut://guide says more."
)


def begun(root: Path, *, allow_net: bool = False, device: str = "auto", jobs: int = 2) -> ToolCall:
    """Have this process work in a folder, and read and write below it alone.

    Raises SourceError where it is no folder.
    """
    folder = AgentFolder.of(root)
    os.chdir(folder.root)
    roots.allow_only([folder.root])
    roots.write_only([folder.root])
    return ToolCall(folder, Jobs(jobs), device, allow_net)


def made_server(call: ToolCall) -> Server[Any]:
    """The server over a folder; for one client on stdio, or for several over HTTP."""

    async def list_tools(ctx: Any, params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_listed(tool) for tool in TOOLS.values()])

    async def call_tool(ctx: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            answer = await called(
                params.name, params.arguments or {}, call, ctx.session.report_progress
            )
        except Exception as error:
            return _failed(told(error))
        return _answered(answer)

    async def list_resources(ctx: Any, params: Any) -> types.ListResourcesResult:
        found = [
            types.Resource(uri=one.uri, name=one.name, description=one.about, mime_type=one.mime)
            for one in resources.listed(call.folder)
        ]
        return types.ListResourcesResult(resources=found)

    async def list_templates(ctx: Any, params: Any) -> types.ListResourceTemplatesResult:
        found = [
            types.ResourceTemplate(uri_template=uri, name=name, description=about, mime_type=mime)
            for uri, name, about, mime in resources.TEMPLATES
        ]
        return types.ListResourceTemplatesResult(resource_templates=found)

    async def read_resource(
        ctx: Any, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        try:
            mime, text = resources.read(call.folder, str(params.uri))
        except Exception as error:
            raise MCPError(code=types.INVALID_PARAMS, message=told(error)) from None
        content = types.TextResourceContents(uri=params.uri, mime_type=mime, text=text)
        return types.ReadResourceResult(contents=[content])

    async def list_prompts(ctx: Any, params: Any) -> types.ListPromptsResult:
        found = [
            types.Prompt(
                name=one.name,
                description=one.about,
                arguments=[
                    types.PromptArgument(name=name, description=about, required=required)
                    for name, (about, required) in one.takes.items()
                ],
            )
            for one in prompts.PROMPTS.values()
        ]
        return types.ListPromptsResult(prompts=found)

    async def get_prompt(ctx: Any, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        try:
            text = prompts.filled(params.name, params.arguments or {})
        except PipelineError as error:
            raise MCPError(code=types.INVALID_PARAMS, message=told(error)) from None
        said = types.PromptMessage(role="user", content=types.TextContent(text=text))
        return types.GetPromptResult(messages=[said])

    return Server(
        "smartcut",
        version=__version__,
        title="smartcut",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
    )


def _listed(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.about,
        input_schema=tool.schema(),
        annotations=types.ToolAnnotations(
            title=tool.title,
            read_only_hint=tool.reads_only,
            destructive_hint=tool.replaces,
            idempotent_hint=True,
            open_world_hint=False,
        ),
    )


def _answered(answer: ToolAnswer) -> types.CallToolResult:
    pictures = [
        types.ImageContent(data=b64encode(one).decode(), mime_type="image/jpeg")
        for one in answer.pictures
    ]
    content = [types.TextContent(text=answer.text), *pictures]
    return types.CallToolResult(content=content, structured_content=dict(answer.data))


def _failed(message: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=message)], is_error=True)


async def serve_stdio(call: ToolCall) -> None:
    """Serve the client at standard input and output, until it goes."""
    from mcp.server.stdio import stdio_server

    server = made_server(call)
    try:
        async with stdio_server() as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())
    finally:
        call.jobs.close()
