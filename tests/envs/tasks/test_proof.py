"""Levels and needed calls against brute force over random graphs; what a proof must not be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from envs.tasks.expression import Pick, Ref, Sum
from envs.tasks.proof import Call, Proof, ReplayError
from toolservers.errors import ToolError
from toolservers.result import ToolResult


@st.composite
def proofs(draw: st.DrawFn) -> Proof:
    size = draw(st.integers(1, 7))
    calls = []
    for index in range(size):
        sources = sorted(draw(st.sets(st.integers(0, index - 1), max_size=3))) if index else []
        calls.append(Call(tool=f"t{index}", arguments={f"a{source}": Ref(ref=(source, "x")) for source in sources}))
    roots = sorted(draw(st.sets(st.integers(0, size - 1), min_size=2, max_size=3))) if size > 1 else [0]
    refs = tuple(Ref(ref=(root, "x")) for root in roots)
    return Proof(calls=tuple(calls), expression=Sum(of=refs) if len(refs) > 1 else Pick(of=refs[0]))


def longest_chain(proof: Proof, index: int) -> int:
    return max((1 + longest_chain(proof, source) for source in proof.calls[index].sources), default=0)


def reaches(proof: Proof, index: int, goal: int) -> bool:
    return index == goal or any(reaches(proof, source, goal) for source in proof.calls[index].sources)


@given(proofs())
def test_a_level_is_the_longest_chain_below(proof: Proof) -> None:
    levels = proof.levels()
    assert sorted(index for level in levels for index in level) == list(range(len(proof.calls)))
    for depth, level in enumerate(levels):
        assert all(longest_chain(proof, index) == depth for index in level)


@given(proofs())
def test_a_call_is_needed_if_the_expression_reaches_it(proof: Proof) -> None:
    roots = [ref.call for ref in (proof.expression.of if isinstance(proof.expression, Sum) else (proof.expression.of,))]
    wanted = {index for index in range(len(proof.calls)) if any(reaches(proof, root, index) for root in roots)}
    assert proof.needed() == wanted


@given(proofs())
def test_json_round_trip(proof: Proof) -> None:
    assert Proof.model_validate_json(proof.model_dump_json()) == proof


@pytest.mark.parametrize("source", [0, 1, -1])
def test_references_point_backwards(source: int) -> None:
    call = Call(tool="t", arguments={"a": Ref(ref=(source, "x"))})
    with pytest.raises(ValidationError, match="does not come before"):
        Proof(calls=(call,), expression=Pick(of=Ref(ref=(0, "x"))))


def test_the_expression_refers_to_calls_of_the_proof() -> None:
    with pytest.raises(ValidationError, match="does not hold"):
        Proof(calls=(Call(tool="t", arguments={}),), expression=Pick(of=Ref(ref=(1, "x"))))


def test_several_references_fill_a_list_and_literals_stay() -> None:
    call = Call(tool="t", arguments={"values": (Ref(ref=(0, "x")), Ref(ref=(1, "x"))), "names": ["a"], "empty": []})
    again = Call.model_validate_json(call.model_dump_json())
    assert again.sources == (0, 1)
    assert again.bind([{"x": 1}, {"x": 2}]) == {"values": [1, 2], "names": ["a"], "empty": []}


class Echo:
    """Gives back its argument plus one; refuses 3."""

    async def call(self, name: str, arguments: dict[str, int]) -> ToolResult:
        if arguments["x"] == 3:
            return ToolResult.failure(ToolError("x: three is too much"))
        return ToolResult({"x": arguments["x"] + 1})


async def test_replay_feeds_outputs_forward_and_names_the_call_that_fails() -> None:
    chain = [Call(tool="t0", arguments={"x": 0})] + [
        Call(tool=f"t{index}", arguments={"x": Ref(ref=(index - 1, "x"))}) for index in range(1, 4)]
    proof = Proof(calls=tuple(chain[:3]), expression=Pick(of=Ref(ref=(2, "x"))))
    assert proof.answer(await proof.replay(Echo())) == 3
    with pytest.raises(ReplayError, match=r"call 3 \(t3\) failed: x: three is too much"):
        await Proof(calls=tuple(chain), expression=Pick(of=Ref(ref=(3, "x")))).replay(Echo())
