"""What agents, programs over HTTP, and Python ask for has the same names."""

from __future__ import annotations

from smartcut.agents.tools import TOOLS
from smartcut.studio.operations import OPERATIONS
from smartcut.studio.session import Session

#: Tools and operations that do the same, and the arguments that both take.
SAME = {
    "plan": (), "transcript": (), "schema": (), "check": (), "edit": ("ops",), "save": ("path",),
}  # fmt: skip


def test_tools_operations_and_python_agree() -> None:
    assert set(TOOLS) & set(OPERATIONS) == set(SAME)
    for name, arguments in SAME.items():
        for argument in arguments:
            assert argument in TOOLS[name].asks.model_fields
            assert argument in OPERATIONS[name].asks.model_fields
        assert hasattr(Session, name)
        assert OPERATIONS[name].changes != TOOLS[name].reads_only
    # A moment is told of by the same function in both: explain is why and candidates.
    assert {"segment"} <= set(OPERATIONS["why"].asks.model_fields)
    assert {"segment", "candidates"} <= set(TOOLS["explain"].asks.model_fields)
