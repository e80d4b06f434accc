"""Completion for calls typed by hand: commands, tool names, parameter names, and the values that a schema names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from toolservers.connection import ToolSpec


class CallCompleter(Completer):
    """Completes the word before the cursor. `tools` may be replaced when the task changes."""

    def __init__(self, commands: Iterable[str], tools: Mapping[str, ToolSpec]) -> None:
        self.commands = tuple(commands)
        self.tools = tools

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        words = document.text_before_cursor.rpartition(";")[2].lstrip().split(" ")
        current = words[-1]
        prefix = current.partition("=")[2] if "=" in current else current
        for candidate in sorted(set(self._candidates(words))):
            if candidate.startswith(prefix):
                yield Completion(candidate, start_position=-len(prefix))

    def _candidates(self, words: list[str]) -> Iterable[str]:
        head, current = words[0], words[-1]
        if len(words) == 1:
            return (*self.commands, *self.tools)
        if head == "help":
            return self.tools
        if head not in self.tools:
            return ()
        properties = self.tools[head].input_schema.get("properties", {})
        if "=" in current:
            return values(properties.get(current.partition("=")[0], {}))
        given = {word.partition("=")[0] for word in words[1:-1]}
        return (f"{name}=" for name in properties if name not in given)


def values(schema: Mapping[str, Any]) -> Iterator[str]:
    """The values that a parameter's schema names: of an enumeration, examples, the default; booleans."""
    for branch in schema.get("anyOf", ()):
        yield from values(branch)
    named = [*schema.get("enum", ()), *schema.get("examples", ())]
    named += [schema[key] for key in ("const", "default") if schema.get(key) is not None]
    named += [True, False] if schema.get("type") == "boolean" else []
    for value in named:
        bare = isinstance(value, str) and not set(value) & set(" ;\"'[{")
        yield value if bare else json.dumps(value, ensure_ascii=False)
