"""The four checks that every task passes before it is stored; none of them trusts the code that made the task.

*Entailed*: running the proof's calls again gives the reference answer. *Minimal*: every call is needed, and there is no
shorter way. *Grounded*: what the agent has to type stands in the question. *Not leaked*: the answer does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envs.dive.errors import WorldMismatch
from envs.tasks.answer import answer_spec
from envs.tasks.expression import ExpressionError, Extreme, Output, Pick, Sort, references
from envs.tasks.proof import Argument, Call
from envs.tasks.renderings import stands_in
from envs.tasks.task import Task
from toolservers.host import ToolHost
from toolservers.tool import Tool
from toolservers.world.version import agrees


@dataclass(frozen=True, slots=True)
class Failure:
    """A check that a task does not pass, and why."""

    check: str
    reason: str


async def verify(task: Task, host: ToolHost) -> list[Failure]:
    """Every check that fails. Raises WorldMismatch if the task was made in another world."""
    if not agrees(task.world, host.world.version):
        raise WorldMismatch(task.world, host.world.version)
    if unknown := sorted({call.tool for call in task.proof.calls} - set(task.tools) & set(host.catalog)
                         | {call.tool for call in task.proof.calls} - set(host.catalog)):
        return [Failure("entailed", f"the proof calls {unknown[0]}, which the task does not offer or nobody knows")]
    try:
        outputs = await task.proof.replay(host)
    except ExpressionError as error:
        return [Failure("entailed", str(error))]
    if reason := entailed(task, outputs):
        return [Failure("entailed", reason)]
    reasons = {"minimal": minimal(task, outputs), "grounded": grounded(task, host.catalog), "leaked": leaked(task)}
    return [Failure(check, reason) for check, reason in reasons.items() if reason]


def entailed(task: Task, outputs: Sequence[Output]) -> str | None:
    """The proof's own value is the reference answer, exactly."""
    try:
        value = task.proof.answer(outputs)
    except ExpressionError as error:
        return str(error)
    given = answer_spec(value, ordered=task.answer.kind == "list")
    if given.kind != task.answer.kind or given.value != task.answer.value:
        return f"the calls give {given.value!r}, the task says {task.answer.value!r}"
    return None


def minimal(task: Task, outputs: Sequence[Output]) -> str | None:
    """No call can be left out: each one feeds the answer, none is made twice, none already shows a later value."""
    proof = task.proof
    if idle := sorted(set(range(len(proof.calls))) - proof.needed()):
        return f"call {idle[0]} ({proof.calls[idle[0]].tool}) contributes nothing"
    bound = [(call.tool, call.bind(outputs)) for call in proof.calls]
    if any(one == other for index, one in enumerate(bound) for other in bound[:index]):
        return "a call is made twice"
    return _named_intermediate(task, outputs) or _detour(task, outputs) or _shortcut(task, outputs)


def _detour(task: Task, outputs: Sequence[Output]) -> str | None:
    """A name that one call hands to the next must not have been known before: from a company to its ticker and back."""
    calls = task.proof.calls
    for index, call in enumerate(calls):
        for ref in (ref for argument in call.arguments.values() for ref in references(argument)):
            value, before = ref.resolve(outputs), calls[ref.call].sources
            if isinstance(value, str) and any(value in values(outputs[source]) for source in ancestors(calls, before)):
                return f"call {index} ({call.tool}) is given {value!r}, which an earlier call already gave"
    return None


def ancestors(calls: Sequence[Call], roots: Sequence[int]) -> frozenset[int]:
    """`roots` and the calls that they depend on."""
    found: set[int] = set()
    pending = list(roots)
    while pending:
        if (index := pending.pop()) not in found:
            found.add(index)
            pending.extend(calls[index].sources)
    return frozenset(found)


def _named_intermediate(task: Task, outputs: Sequence[Output]) -> str | None:
    """A value that one call hands to the next must be found, not read in the question."""
    said = [value for call in task.proof.calls for value in literal_values(call)]
    for index, call in enumerate(task.proof.calls):
        for ref in references(list(call.arguments.values())):
            value = ref.resolve(outputs)
            if value in said or (isinstance(value, str) and stands_in(value, task.question)):
                return f"call {index} ({call.tool}) is given {value!r}, which the question already names"
    return None


def _shortcut(task: Task, outputs: Sequence[Output]) -> str | None:
    """The answer of a pick must not stand in another call's output, nor among the arguments of its own call."""
    expression = task.proof.expression
    if not isinstance(expression, Pick):
        return None
    value, last = expression.of.resolve(outputs), expression.of.call
    if value in task.proof.calls[last].bind(outputs).values():
        return f"the answer is an argument of call {last}"
    parts = value if isinstance(value, list) and value else [value]
    seen = [index for index, output in enumerate(outputs)
            if index != last and all(part in values(output) for part in parts)]
    return f"the answer already stands in the output of call {seen[0]}" if seen else None


def grounded(task: Task, tools: Mapping[str, Tool]) -> str | None:
    """Every literal argument that is not the tool's default stands in the question."""
    for call in task.proof.calls:
        parameters = tools[call.tool].parameters
        for name, argument in call.arguments.items():
            usual = name in parameters and not parameters[name].required and parameters[name].default == argument
            if not references(argument) and not usual and not _said(argument, task.question):
                return f"the question does not say {name}={argument!r} of {call.tool}"
    return None


def _said(argument: Argument, question: str) -> bool:
    return all(stands_in(item, question) for item in (argument if isinstance(argument, list) else [argument]))


def leaked(task: Task) -> str | None:
    """The answer does not stand in the question, except as one of the choices it offers."""
    if isinstance(task.proof.expression, Extreme | Sort) or getattr(task.answer, "value", None) in ("yes", "no"):
        return None
    answers = task.answer.value if isinstance(task.answer.value, tuple) else (task.answer.value,)
    if all(stands_in(answer, task.question) for answer in answers):
        return f"the question contains the answer, {task.answer.reference}"
    return None


def literal_values(call: Call) -> Iterator[Any]:
    for argument in call.arguments.values():
        if not references(argument):
            yield argument


def values(output: Any) -> list[Any]:
    """Every scalar inside an output, and its lists as wholes."""
    if isinstance(output, Mapping):
        return [found for item in output.values() for found in values(item)]
    if isinstance(output, list):
        return [output, *(found for item in output for found in values(item))]
    return [output]
