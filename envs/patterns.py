"""Strings that match a regular expression, drawn at random: for parameters whose schema gives a pattern.

Covers what such patterns use: literals, escapes, classes, groups, alternatives, quantifiers, `^` and `$` at the ends.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from functools import lru_cache

import numpy as np

Draw = Callable[[np.random.Generator], str]

ALPHABET = string.ascii_letters + string.digits + " -_.,:/"
ESCAPES = {"d": string.digits, "w": string.ascii_letters + string.digits + "_", "s": " ", "t": "\t", "n": "\n"}
UNBOUNDED = 8  # repetitions that stand for "any number", beyond the least
SPECIAL = "()[]{}?*+|"


class PatternError(ValueError):
    """The pattern uses something that is not covered (look-around, back-references)."""


def draw_pattern(pattern: str, rng: np.random.Generator) -> str:
    """A string that `pattern` matches whole. Raises PatternError."""
    return _parse(pattern)(rng)


@lru_cache(maxsize=1024)
def _parse(pattern: str) -> Draw:
    return _Parser(pattern).parse()


class _Parser:
    """Recursive descent: alternatives of sequences of quantified atoms."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def parse(self) -> Draw:
        draw = self._alternatives()
        if self.at < len(self.pattern):
            raise self._error()
        return draw

    def _error(self) -> PatternError:
        return PatternError(f"cannot draw from pattern {self.pattern!r}: not covered at {self.at}")

    def _peek(self) -> str:
        return self.pattern[self.at:self.at + 1]

    def _take(self, prefix: str) -> bool:
        found = self.pattern.startswith(prefix, self.at)
        self.at += len(prefix) * found
        return found

    def _next(self) -> str:
        if not self._peek():
            raise self._error()
        self.at += 1
        return self.pattern[self.at - 1]

    def _alternatives(self) -> Draw:
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        return options[0] if len(options) == 1 else lambda rng: options[int(rng.integers(len(options)))](rng)

    def _sequence(self) -> Draw:
        parts: list[Draw] = []
        while self._peek() and self._peek() not in "|)":
            if not (self._take("^") or self._take("$")):
                parts.append(self._quantified(self._atom()))
        return lambda rng: "".join(part(rng) for part in parts)

    def _atom(self) -> Draw:
        if self._take("("):
            if self._take("?") and not self._take(":"):
                raise self._error()
            inner = self._alternatives()
            if not self._take(")"):
                raise self._error()
            return inner
        if self._take("["):
            return _one_of(self._class())
        if self._take("."):
            return _one_of(ALPHABET)
        if self._peek() in SPECIAL:
            raise self._error()
        return _one_of(self._characters())

    def _characters(self) -> str:
        """A literal, or the set that an escape stands for."""
        char = self._next()
        if char != "\\":
            return char
        escaped = self._next()
        if escaped.isalnum() and escaped not in ESCAPES:
            raise self._error()
        return ESCAPES.get(escaped, escaped)

    def _class(self) -> str:
        negated, chars = self._take("^"), ""
        while not self._take("]"):
            chars += self._range(self._characters())
        return "".join(char for char in ALPHABET if char not in chars) if negated else chars

    def _range(self, low: str) -> str:
        if len(low) > 1 or self._peek() != "-" or self.pattern.startswith("-]", self.at):
            return low
        self._take("-")
        return "".join(map(chr, range(ord(low), ord(self._characters()) + 1)))

    def _quantified(self, atom: Draw) -> Draw:
        least, most = self._bounds()
        return lambda rng: "".join(atom(rng) for _ in range(int(rng.integers(least, most + 1))))

    def _bounds(self) -> tuple[int, int]:
        for sign, bounds in {"?": (0, 1), "*": (0, UNBOUNDED), "+": (1, 1 + UNBOUNDED)}.items():
            if self._take(sign):
                return bounds
        if not self._take("{"):
            return 1, 1
        end = self.pattern.find("}", self.at)
        low, comma, high = self.pattern[self.at:end].partition(",")
        if end < 0 or not low.isdigit() or not (high or "0").isdigit():
            raise self._error()
        self.at = end + 1
        return int(low), int(high) if high else int(low) + UNBOUNDED * bool(comma)


def _one_of(chars: str) -> Draw:
    return lambda rng: chars[int(rng.integers(len(chars)))]
