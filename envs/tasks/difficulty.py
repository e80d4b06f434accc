"""How hard a task may be: bounds on the call graph of its proof and on its last operator."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from toolservers.tool import Kind

NODE = re.compile(r"([RP])(?:\((\d+(?:,\d+)*)\))?")
KINDS = {"R": Kind.RETRIEVAL, "P": Kind.PROCESSING}
SEVERAL = ("difference", "ratio", "percent_change", "sum", "mean", "argmax", "argmin", "sort", "compare")
"""Operators that put the same question about several things together."""
PAIRWISE = ("difference", "ratio", "percent_change", "compare")
SINGLE = ("pick", "round", "count", "filter")
"""Operators on one output."""


@dataclass(frozen=True, slots=True)
class Vertex:
    """One call of a shape: its kind, and the calls whose outputs it uses."""

    kind: Kind
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """A call graph without names, written as in `Proof.shape`: "R R(0) P(0,1)"."""

    vertices: tuple[Vertex, ...]

    @classmethod
    def parse(cls, text: str) -> Shape:
        """Raises ValueError for anything but a graph whose calls refer to earlier ones."""
        vertices = tuple(_vertex(token, index) for index, token in enumerate(text.split()))
        if not vertices:
            raise ValueError("a shape needs at least one call, for example 'R R(0)'")
        return cls(vertices)

    def __str__(self) -> str:
        return " ".join(vertex.kind[0].upper() + (f"({','.join(map(str, vertex.sources))})" if vertex.sources else "")
                        for vertex in self.vertices)

    def __len__(self) -> int:
        return len(self.vertices)

    def times(self, copies: int) -> Shape:
        """`copies` of this graph side by side."""
        return Shape(tuple(Vertex(vertex.kind, tuple(source + copy * len(self) for source in vertex.sources))
                           for copy in range(copies) for vertex in self.vertices))


def _vertex(token: str, index: int) -> Vertex:
    match = NODE.fullmatch(token)
    if match is None:
        raise ValueError(f"{token!r} is no call of a shape; write R, P, R(0) or P(0,1)")
    sources = tuple(int(source) for source in match[2].split(",")) if match[2] else ()
    if any(source >= index for source in sources):
        raise ValueError(f"{token!r} refers to a call that does not come before it")
    return Vertex(KINDS[match[1]], sources)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a proof should look like: `copies` of a chain of calls, each on its own subject, under one operator."""

    chain: Shape
    copies: int
    operator: str

    @property
    def shape(self) -> Shape:
        return self.chain.times(self.copies)


CHAINS = ("R", "P", "R R(0)", "R P(0)", "P P(0)", "R R(0) R(1)", "R R(0) P(1)", "R R P(0,1)")


@dataclass(frozen=True, slots=True)
class Difficulty:
    """Which proofs are wanted: the number of calls, the operators, and (if any are named) exactly these shapes."""

    calls: tuple[int, int]
    operators: tuple[str, ...] = ("pick",)
    shapes: tuple[str, ...] = ()
    name: str = "custom"
    free: bool = False
    """Take what the rounds of free collection give instead of drafting a proof first."""

    def __post_init__(self) -> None:
        if unknown := set(self.operators) - set(SEVERAL + SINGLE):
            raise ValueError(f"unknown operator {sorted(unknown)[0]!r}; there are {', '.join(SINGLE + SEVERAL)}")
        if not 1 <= self.calls[0] <= self.calls[1]:
            raise ValueError(f"calls must be (lowest, highest) with 1 <= lowest <= highest, not {self.calls}")
        for shape in self.shapes:
            Shape.parse(shape)
        if not self.free and not self.drafts():
            raise ValueError("no proof can meet this difficulty; widen calls, operators or shapes")

    def allows(self, shape: Shape, operator: str) -> bool:
        return self.admits(len(shape), operator) and (not self.shapes or str(shape) in self.shapes)

    def admits(self, calls: int, operator: str) -> bool:
        """Whether some proof of so many calls under this operator is allowed."""
        return self.calls[0] <= calls <= self.calls[1] and operator in self.operators

    def drafts(self) -> tuple[Draft, ...]:
        """Every kind of proof that this difficulty allows."""
        return tuple(draft for operator in self.operators for draft in _drafts(operator, self.shapes)
                     if self.allows(draft.shape, operator))


def _drafts(operator: str, shapes: Iterable[str]) -> list[Draft]:
    if operator not in SEVERAL:
        return [Draft(Shape.parse(text), 1, operator) for text in dict.fromkeys((*CHAINS, *shapes))]
    copies = (2,) if operator in PAIRWISE else (2, 3, 4)
    chains = [Shape.parse(text) for text in CHAINS if "R" in text]  # people compare facts, not sums of their own
    return [Draft(chain, number, operator) for chain in chains for number in copies]


ONE_CALL = Difficulty((1, 1), shapes=("R", "P"), name="single")
"""A single call: where a curriculum begins."""
SHORT = Difficulty((1, 2), shapes=("R", "P", "R R(0)", "R P(0)"), name="short")
"""One or two calls: what demonstrations teach first."""
FRONTIER = Difficulty((3, 3), shapes=("R R(0) R(1)", "R R(0) P(1)", "R R P(0,1)"), name="frontier")
"""Three calls in shapes that "short" never has, each one step beyond it."""
OPERATORS = Difficulty((2, 4), operators=("round", "count", "filter", *SEVERAL), name="operators")
"""Two to four calls whose outputs have to be put together by the agent itself."""
FULL = Difficulty((1, 12), operators=SINGLE + SEVERAL, name="full", free=True)
"""Whatever the rounds of collection give."""
NAMED = {one.name: one for one in (ONE_CALL, SHORT, FRONTIER, OPERATORS, FULL)}
