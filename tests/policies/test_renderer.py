"""The compact dialect: what is written can be read back, and what cannot be read is a malformed turn."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.messages import Observation, ToolCall, Turn
from policies.renderer import CompactRenderer, DialectError, read_call, write_call
from policies.tokenizer import CompactTokenizer, Mark
from policies.trajectory import PrefixError, Trajectory
from toolservers.connection import ToolSpec
from toolservers.result import ToolResult

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2**53, 2**53) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=6)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
CALLS = st.builds(ToolCall, NAMES, st.dictionaries(NAMES, JSON, max_size=3))


@cache
def renderer() -> CompactRenderer:
    corpus = ["fx_rate(currency,on)rate", 'What is the capital of "Japan"?', "0123456789", '{"rate":1.25}'] * 4
    return CompactRenderer(CompactTokenizer.train(corpus, vocab_size=320))


@given(st.text())
def test_every_text_comes_back(text: str) -> None:
    tokenizer = renderer().tokenizer
    assert tokenizer.decode(tokenizer.encode(text)) == text


@given(st.sampled_from(list(Mark)), st.text(max_size=10))
def test_marks_cannot_be_spelled(mark: Mark, text: str) -> None:
    tokenizer = renderer().tokenizer
    assert tokenizer[mark] not in tokenizer.encode(f"{text}{mark}{text}")


@pytest.mark.parametrize("word", ["Japan", "fx_rate", "2020-01-02", "DE0007164600", "1.25", "USD", "HKD"])
def test_a_word_has_the_same_ids_wherever_it_stands(word: str) -> None:
    tokenizer = renderer().tokenizer
    bare = tokenizer.encode(word)
    for left, right in ((" ", "?"), ('"', '"'), ("=", ","), (":", "}")):
        ids = tokenizer.encode(f"{left}{word}{right}")
        assert ids[len(tokenizer.encode(left)):][:len(bare)] == bare


def test_codes_are_spelled_letter_by_letter() -> None:
    tokenizer = CompactTokenizer.train(["USD and EUR are Currencies"] * 50, 400)
    pieces = [tokenizer.decode([token]) for token in tokenizer.encode("USD Currencies")]
    assert pieces == ["U", "S", "D", " ", "Currencies"]


@given(st.lists(CALLS, min_size=1, max_size=3))
def test_calls_come_back(calls: list[ToolCall]) -> None:
    turn = Turn(calls=tuple(calls))
    assert renderer().parse(renderer().turn(turn)) == turn


@given(st.text(max_size=40))
def test_answers_come_back(answer: str) -> None:
    turn = Turn(answer=answer)
    assert renderer().parse(renderer().turn(turn)) == turn


@given(st.lists(st.integers(0, 319), max_size=40))
def test_any_ids_parse_to_a_turn(ids: list[int]) -> None:
    turn = renderer().parse(ids)
    assert bool(turn.malformed) != bool(turn.calls or turn.answer is not None)


@given(st.text(alphabet='fx_(=",:1{}[] )', max_size=30))
def test_reading_rejects_or_inverts(text: str) -> None:
    try:
        call = read_call(text)
    except DialectError:
        return
    assert read_call(write_call(call)) == call


@pytest.mark.parametrize(("text", "why"), [
    ("fx_rate", "not a call"), ("(a=1)", "not a call"), ("f(a=1", "expected , or )"), ("f(a)", "expected parameter"),
    ("f(a=x)", "a: not a JSON value"), ("f(a=1,a=2)", "given twice"), ("f(a=1,)", "expected , or )"),
    ("f(a=1)b", "expected , or )"),
])
def test_the_error_says_what_could_not_be_read(text: str, why: str) -> None:
    with pytest.raises(DialectError, match=why.replace("(", r"\(").replace(")", r"\)")):
        read_call(text)


def test_an_unfinished_turn_is_malformed() -> None:
    assert renderer().parse(renderer().turn(Turn(answer="x"))[:-1]).malformed == "the turn does not end"


def test_calls_beside_an_answer_are_malformed() -> None:
    both = [*renderer().turn(Turn(calls=(ToolCall("f", {}),)))[:-1], *renderer().turn(Turn(answer="x"))]
    assert renderer().parse(both).malformed


def test_prompt_and_results_read_as_documented() -> None:
    spec = ToolSpec("fx_rate", "", {"required": ["currency", "on"]}, {"properties": {"rate": {}}})
    prompt = renderer().prompt(Observation("Why?", (spec,)))
    assert renderer().tokenizer.decode(prompt) == "<|tools|>fx_rate(currency,on)rate<|user|>Why?<|assistant|>"
    results = renderer().results(Observation(results=(ToolResult({"rate": 1.5}), ToolResult({"rate": 2.0}))))
    assert renderer().tokenizer.decode(results) == '<|result|>{"rate":1.5}<|result|>{"rate":2.0}<|assistant|>'


def test_training_twice_gives_the_same_tokenizer() -> None:
    corpus = [f"word{i} other_{i % 7} {i * 37}" for i in range(200)]
    assert CompactTokenizer.train(corpus, 400).to_json() == CompactTokenizer.train(corpus[::-1], 400).to_json()


def test_a_trajectory_knows_what_was_sampled_and_checks_its_prefix() -> None:
    trajectory = Trajectory()
    trajectory.observe([1, 2, 3])
    trajectory.act([4, 5], [-0.1, -0.2], version=7)
    trajectory.observe([6])
    assert trajectory.prompt_length == 3
    assert trajectory.sampled == [False, False, False, True, True, False]
    assert trajectory.logprobs == [0, 0, 0, -0.1, -0.2, 0]
    trajectory.check_extends([1, 2, 3, 4])
    with pytest.raises(PrefixError):
        trajectory.check_extends([1, 2, 4])
