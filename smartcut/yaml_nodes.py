"""Plain data from the nodes of YAML, with what is known of each place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from smartcut.errors import PipelineError
from smartcut.spec_text import MOST_CHARACTERS, MOST_NODES, Places, YamlPath

#: Numbers as people write them, which YAML 1.1 takes for octal ones (``010``) or texts (``1e3``).
_NUMBER = re.compile(r"[-+]?(?P<whole>\d+)|[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+")
#: What `null` is called in the tables of parameters.
_NONE = ("none", "None")
_DEEPEST = 40


@dataclass(slots=True)
class _Reader:
    """Builds plain data from YAML nodes and remembers what is known of their places."""

    places: Places = field(default_factory=Places)
    nodes: int = 0

    def value(self, node: yaml.Node, place: YamlPath) -> Any:
        self.nodes += 1
        line = node.start_mark.line + 1
        if self.nodes > MOST_NODES or len(place) > _DEEPEST:
            raise PipelineError("the YAML is too large or nested too deeply", line=line)
        self.places.lines.setdefault(place, line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, i)) for i, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        value = self._scalar(node)
        if isinstance(value, (bool, int, float)):
            self.places.readings[place] = node.value
        elif isinstance(value, str) and node.style is None and value in _NONE:
            self.places.readings[place] = None
        return value

    def _mapping(self, node: yaml.MappingNode, place: YamlPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag.endswith(":merge"):
                raise PipelineError("a key must be plain text", line=line)
            if key in result:
                raise PipelineError(f"the key {key!r} is given twice", line=line)
            self.places.lines[(*place, key)] = line
            result[key] = self.value(value_node, (*place, key))
        return result

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        line = node.start_mark.line + 1
        if not node.tag.startswith("tag:yaml.org,2002:"):
            raise PipelineError(f"the tag {node.tag!r} is not allowed in a pipeline", line=line)
        if node.tag.endswith((":value", ":merge")):  # = and <<
            return node.value
        try:
            value = yaml.constructor.SafeConstructor().construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            raise PipelineError(f"{node.value!r} cannot be read: {error}", line=line) from error
        # YAML 1.1 reads 1:30 as ninety; here it is a clock time, so the text is kept.
        if isinstance(value, (int, float)) and ":" in node.value:
            return node.value
        if node.style is None and (number := _NUMBER.fullmatch(node.value)):
            return int(node.value) if number["whole"] else float(node.value)
        return value if isinstance(value, (str, int, float, bool, type(None))) else node.value


def data_of(text: str) -> tuple[Any, Places]:
    """Plain data, and what is known of each place in it; raises PipelineError."""
    if len(text) > MOST_CHARACTERS:
        raise PipelineError(f"the YAML is too large: {len(text)} of {MOST_CHARACTERS} characters")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise PipelineError(f"not valid YAML: {error.problem or error}", line=line) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise PipelineError(f"not valid YAML: {error}") from None
    if node is None:
        raise PipelineError("the pipeline is empty; it needs at least a list of stages")
    reader = _Reader()
    return reader.value(node, ()), reader.places
