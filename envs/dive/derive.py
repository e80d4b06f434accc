"""From evidence to a question with its proof: every question that the evidence can answer, and how hard each one is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any, TypeVar

from envs.dive.evidence import Evidence, renumber
from envs.dive.operators import ON_ONE, ON_SEVERAL, Asked, Family, Value, suits
from envs.dive.phrase import ClumsyError
from envs.tasks.answer import AnswerSpec, answer_spec
from envs.tasks.difficulty import Difficulty, Shape
from envs.tasks.expression import Expression, ExpressionError, Node, Output, Ref, Round, evaluate, references
from envs.tasks.proof import Call, Proof
from toolservers.tool import Tool

T = TypeVar("T", Value, Family)
LONGEST_QUESTION = 280  # characters; beyond, nested phrases stop being readable


@dataclass(frozen=True, slots=True)
class Question:
    """A question, what proves its answer, and how the answer is judged."""

    text: str
    proof: Proof
    answer: AnswerSpec
    outputs: tuple[Output, ...]
    """What the proof's calls returned."""

    @property
    def hardness(self) -> int:
        return hardness(len(self.proof.calls), len(self.proof.levels()), self.proof.expression.op)


def hardness(calls: int, levels: int, operator: str) -> int:
    """Calls, levels and operators: a question is harder than another if it has one more of these."""
    return calls + levels + (operator != "pick")


@dataclass(frozen=True)
class Deriver:
    """Derives questions within a difficulty."""

    tools: Mapping[str, Tool]
    difficulty: Difficulty

    @cached_property
    def _subjects(self) -> dict[str, frozenset[str]]:
        return {}

    def subjects(self, operator: str) -> frozenset[str]:
        """Tools with an output that the operator could be put to."""
        if operator not in self._subjects:
            self._subjects[operator] = self._subjects_of(operator)
        return self._subjects[operator]

    def _subjects_of(self, operator: str) -> frozenset[str]:
        return frozenset(name for name, tool in self.tools.items() if any(
            field.noun is not None and suits(operator, field) for field in tool.fields.values()))

    def value(self, evidence: Evidence, step: int, name: str) -> Value:
        return Value(evidence, self.tools, Ref(ref=(step, name)))

    def values(self, evidence: Evidence, step: int) -> list[Value]:
        """The fields of a call's output that a question can name."""
        made = evidence.steps[step]
        return [self.value(evidence, step, field.name) for field in self.tools[made.call.tool].fields.values()
                if field.noun is not None and made.output.get(field.name) is not None]

    def on_one(self, value: Value, operator: str, rng: Random, floor: int = 0) -> Question | None:
        """The question of an operator about one output, if it is harder than `floor`."""
        return self._state(value.evidence, ON_ONE[operator], value, rng, floor)

    def on_several(self, family: Family, operator: str, rng: Random, floor: int = 0) -> Question | None:
        """The question of an operator that puts the values of a family together, if it is harder than `floor`."""
        return self._state(family.values[0].evidence, ON_SEVERAL[operator], family, rng, floor)

    def _state(self, evidence: Evidence, operator: Callable[[T, Random], Asked | None], about: T,
               rng: Random, floor: int) -> Question | None:
        """None if the question cannot be put, has no answer, is not hard enough or lies outside the difficulty."""
        try:
            asked = operator(about, rng)
        except ClumsyError:
            return None
        if asked is None or len(asked.question) > LONGEST_QUESTION:
            return None
        kept = evidence.slice(ref.call for ref in references(asked.expression))
        operation = asked.expression.op
        if hardness(len(kept), evidence.depth(kept), operation) <= floor or \
                not self.difficulty.admits(len(kept), operation):
            return None
        try:
            value = evaluate(asked.expression, evidence.outputs)
        except ExpressionError:
            return None
        proof = proof_of(evidence, kept, asked.expression)
        if not self.difficulty.allows(Shape.parse(proof.shape(self.tools).split(" : ")[0]), asked.expression.op):
            return None
        exact = isinstance(value, int) or isinstance(asked.expression, Round)
        answer = answer_spec(value, ordered=asked.ordered, tolerance=0 if exact else 1e-4)
        return Question(asked.question, proof, answer, tuple(evidence.steps[index].output for index in kept))


def proof_of(evidence: Evidence, kept: Sequence[int], expression: Expression) -> Proof:
    """The calls `kept` of the evidence, numbered anew, under an expression over them."""
    place = {old: new for new, old in enumerate(kept)}
    calls = tuple(Call(tool=evidence.steps[old].call.tool,
                       arguments={name: renumber(argument, place)
                                  for name, argument in evidence.steps[old].call.arguments.items()}) for old in kept)
    return Proof(calls=calls, expression=moved(expression, place))


def moved(node: Expression, place: Mapping[int, int]) -> Expression:
    """`node` with its references moved to the calls' new places."""

    def move(value: Any) -> Any:
        if isinstance(value, Ref):
            return Ref(ref=(place[value.call], *value.path))
        if isinstance(value, Node):  # only references change, to references: nothing to validate again
            return value.model_copy(update={name: move(getattr(value, name)) for name in type(value).model_fields})
        return tuple(move(item) for item in value) if isinstance(value, tuple) else value

    moved: Expression = move(node)
    return moved
