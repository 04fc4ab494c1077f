"""What agents use: tools over a folder of files, spoken by the Model Context Protocol (MCP).

A tool is declared once (:mod:`smartcut.agents.tool`): its name, what it is asked, whether it only
reads, and the function that does it. :mod:`smartcut.agents.server` lists and calls them; the rest
knows nothing of the protocol, and is tested without it.
"""
