from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.patterns import PatternError, draw_pattern

PATTERNS = [
    "^[A-Z]{3}$", r"^[A-Z0-9.\-]{1,12}$", "^[A-Z]{2}[A-Z0-9]{9}[0-9]$", "^[A-Z0-9]{8}([A-Z0-9]{3})?$", "^(a|bc|)x+y*$",
    r"\d{4}-\d{2}(-\d{2})?", r"(?:in|ex)clude\.\w+", "[^a-z]{5,}", "[a-]", "[ab]?b", r"a\{2\}", ".",
    "", "^\\s$", "é+",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@given(seed=st.integers(0, 2**32))
def test_what_is_drawn_matches(pattern: str, seed: int) -> None:
    drawn = draw_pattern(pattern, np.random.default_rng(seed))
    assert re.fullmatch(pattern, drawn)


@pytest.mark.parametrize("pattern", [r"(?=a)b", r"(a)\1", "a{", "(a", "a)", "[a", "*a", "a\\", "a{x}", r"\bword"])
def test_what_is_not_covered_is_said(pattern: str) -> None:
    with pytest.raises(PatternError, match="cannot draw"):
        draw_pattern(pattern, np.random.default_rng(0))


def test_every_alternative_and_count_comes_up() -> None:
    rng = np.random.default_rng(0)
    assert {draw_pattern("a|b{1,3}", rng) for _ in range(100)} == {"a", "b", "bb", "bbb"}
