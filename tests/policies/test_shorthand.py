from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.messages import ToolCall
from policies.shorthand import ShorthandError, read_argument, read_calls, read_value, takes_only_text, write_calls
from toolservers.connection import ToolSpec

TEXT = {"type": "string"}
SPEC = ToolSpec("bank", "", {"properties": {"code": TEXT, "count": {"type": "integer"}}})
TOOLS = {"bank": SPEC}

names = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
calls = st.builds(ToolCall, names, st.dictionaries(names, values, max_size=4))


@given(st.lists(calls, max_size=3).map(tuple))
def test_what_is_written_reads_back(written: tuple[ToolCall, ...]) -> None:
    assert read_calls(write_calls(written), {}) == written


@given(st.text(max_size=60))
def test_any_line_reads_or_is_refused(line: str) -> None:
    try:
        read_calls(line, TOOLS)
    except ShorthandError as error:
        assert str(error)


def test_several_calls_on_one_line() -> None:
    read = read_calls("""a x=1 y='two; words';  bank code=00123 count=4 ; c z=["p q", 2];""", TOOLS)
    assert read == (
        ToolCall("a", {"x": 1, "y": "two; words"}),
        ToolCall("bank", {"code": "00123", "count": 4}),
        ToolCall("c", {"z": ["p q", 2]}),
    )


@pytest.mark.parametrize(("line", "quoted"), [
    ("bank code", "code"), ("=3", "=3"), ("bank code='open", "'open"), ("bank x=[1,", "[1,"), ("bank x=1 x=2", "x is"),
])
def test_what_is_not_a_call_is_quoted(line: str, quoted: str) -> None:
    with pytest.raises(ShorthandError, match=re.escape(quoted)):
        read_calls(line, TOOLS)


def test_the_schema_decides_between_text_and_json() -> None:
    assert read_argument("code=123", SPEC) == ("code", "123")
    assert read_argument("count=123", SPEC) == ("count", 123)
    assert read_value("123") == 123
    assert read_value("New Zealand") == "New Zealand"
    assert takes_only_text({"anyOf": [TEXT, {"type": "null"}]})
    assert not takes_only_text({"anyOf": [TEXT, {"type": "number"}]})


def test_an_argument_needs_a_name() -> None:
    for text in ("currency", "=USD"):
        with pytest.raises(ShorthandError, match="name=value"):
            read_argument(text)
