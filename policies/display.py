"""Episodes on a terminal: questions, tools, turns and proofs as rich renderables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from envs.messages import Observation, Turn
from envs.tasks.expression import Choice, Output, Ref, references
from envs.tasks.proof import Call, Proof
from envs.tasks.task import Task
from envs.trace import shorten
from policies.oracle import spell
from policies.shorthand import write_calls, write_value
from toolservers.connection import ToolSpec
from toolservers.result import ToolResult


def question(task: Task) -> RenderableType:
    """The question, and what kind of task it is."""
    calls = f"{task.measures.calls} call{'s' if task.measures.calls > 1 else ''}"
    shape = f"{task.domain} · {len(task.tools)} tools · {calls}, {task.measures.depth} deep"
    return Panel(Text(task.question), title=Text(f"task {task.id}"), subtitle=Text(shape), title_align="left",
                 subtitle_align="right", padding=(1, 2))


def tool_table(tools: Iterable[ToolSpec]) -> Table:
    """One line a tool: its call, and what it is for."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for tool in tools:
        table.add_row(_signature(tool), Text(tool.description.partition("\n")[0]))
    return table


def tool_help(tool: ToolSpec) -> RenderableType:
    """A tool with every parameter and output field."""
    table = Table("parameter", "type", "", "description", box=None, padding=(0, 2, 0, 0))
    required = tool.input_schema.get("required", ())
    for name, schema in tool.input_schema.get("properties", {}).items():
        table.add_row(Text(name, "bold"), Text(_type(schema)), Text("" if name in required else _default(schema)),
                      Text(_description(schema)))
    fields = ", ".join((tool.output_schema or {}).get("properties", {}))
    return Group(Text(tool.description), table, Text(f"gives {fields}"))


def turn(said: Turn) -> RenderableType:
    """What a policy says in one turn."""
    parts = [Text(f"> {write_calls((call,))}", "cyan") for call in said.calls]
    parts += [Text(f"= {shorten(said.answer)}", "bold")] if said.answer is not None else []
    parts += [Text(f"! {said.malformed}", "red")] if said.malformed else []
    return Group(*parts)


def results(observation: Observation) -> RenderableType:
    """What the tools answer, one line a call."""
    return Group(*(_result(result) for result in observation.results))


def outcome(task: Task, reward: float, info: Mapping[str, Any]) -> RenderableType:
    """How an episode ended, and what was right."""
    verdict = Text("right", "bold green") if info["correct"] else Text("not right", "bold red")
    facts = f"reward {reward:g} (correct {info['correct']:g}, format {info['format']:g}), " \
            f"turns: {info['turns']}, calls: {info['calls']}, ended: {info['stop']}"
    return Group(Text.assemble(verdict, ": ", facts), Text(f"the answer is {task.answer.reference}"))


def proof_tree(proof: Proof, outputs: Sequence[Output]) -> Tree:
    """The proof from the answer down to its sources, every call with its replayed output."""
    answer = Text.assemble((spell(proof.answer(outputs)), "bold"), f"  =  {expression(proof.expression)}")
    tree, shown = Tree(answer, guide_style="dim"), set[int]()
    for index in sorted({ref.call for ref in references(proof.expression)}):
        _grow(tree, proof, outputs, index, shown)
    return tree


def expression(node: Any) -> str:
    """An expression as a reader writes it: `difference(#1.rate, #2.rate)`, calls numbered from 1."""
    if isinstance(node, Ref):
        return f"#{node.call + 1}." + ".".join(map(str, node.path))
    if isinstance(node, Choice):
        return f"{expression(node.label)}: {expression(node.value)}"
    if isinstance(node, BaseModel):
        return f"{getattr(node, 'op', '')}({', '.join(_parts(node))})"
    if isinstance(node, (list, tuple)):
        return ", ".join(map(expression, node))
    return node if isinstance(node, str) else write_value(node)


def _parts(node: BaseModel) -> Iterator[str]:
    """The operands of a node; a setting that differs from its default is named."""
    for name, field in type(node).model_fields.items():
        value = getattr(node, name)
        if name == "op" or value == field.default:
            continue
        operand = isinstance(value, (Ref, tuple, list))
        yield expression(value) if operand else f"{name}={expression(value)}"


def _grow(branch: Tree, proof: Proof, outputs: Sequence[Output], index: int, shown: set[int]) -> None:
    if index in shown:
        branch.add(Text(f"#{index + 1} (above)", "dim"))
        return
    shown.add(index)
    call = proof.calls[index]
    node = branch.add(Group(_call(index, call, outputs), _result(ToolResult(outputs[index]))))
    for source in call.sources:
        _grow(node, proof, outputs, source, shown)


def _call(index: int, call: Call, outputs: Sequence[Output]) -> Text:
    """A call with its values, and where the ones that are not literals come from."""
    text = Text.assemble(f"#{index + 1} ", (call.tool, "cyan"))
    for name, value in call.bind(outputs).items():
        argument = call.arguments[name]
        text.append(f" {name}={write_value(value)}")
        if isinstance(argument, Ref):
            text.append(f" ‹{expression(argument)}›", "dim")
    return text


def _result(result: ToolResult) -> Text:
    return Text(f"< {shorten(result.text)}", "" if result.ok else "red")


def _signature(tool: ToolSpec) -> Text:
    text = Text(tool.name, "bold cyan")
    required = tool.input_schema.get("required", ())
    for name in tool.input_schema.get("properties", {}):
        text.append(f" {name}" if name in required else f" [{name}]", "default")
    return text


def _type(schema: Mapping[str, Any]) -> str:
    if branches := schema.get("anyOf"):
        return " | ".join(_type(branch) for branch in branches if branch.get("type") != "null")
    if choices := schema.get("enum"):
        return " | ".join(map(str, choices))
    if schema.get("type") == "array":
        return f"[{_type(schema.get('items', {}))}, ...]"
    return str(schema.get("type", schema.get("const", "any")))


def _default(schema: Mapping[str, Any]) -> str:
    return f"= {write_value(schema['default'])}" if schema.get("default") is not None else "optional"


def _description(schema: Mapping[str, Any]) -> str:
    examples = ", ".join(map(write_value, schema.get("examples", ())))
    text = str(schema.get("description", ""))
    return f"{text} (e.g. {examples})" if examples else text
