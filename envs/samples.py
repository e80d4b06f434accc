"""Values drawn at random from a JSON schema: how a random policy fills in a tool's arguments."""

from __future__ import annotations

import datetime
import math
import string
from collections.abc import Mapping
from typing import Any

import numpy as np

from envs.patterns import PatternError, draw_pattern

Schema = Mapping[str, Any]
FIRST_DAY, DAYS = datetime.date(2000, 1, 1), 9_000  # to August 2024
SPAN = 100  # of a number with one bound or none
EXAMPLE_SHARE = 0.5  # how often an example is taken over a drawn value
MAX_TEXT, MAX_EXTRA_ITEMS = 12, 3


def draw(schema: Schema, rng: np.random.Generator, root: Schema | None = None) -> Any:
    """A value valid under `schema`, whose `$ref`s point into `root`; text without a pattern is random letters."""
    root = schema if root is None else root
    if "$ref" in schema:
        return draw(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], rng, root)
    for choice in ("enum", "anyOf", "oneOf"):
        if choice in schema:
            chosen = _pick(schema[choice], rng)
            return chosen if choice == "enum" else draw(chosen, rng, root)
    if "const" in schema:
        return schema["const"]
    if schema.get("examples") and rng.random() < EXAMPLE_SHARE:
        return _pick(schema["examples"], rng)
    return _by_type(schema, rng, root)


def _by_type(schema: Schema, rng: np.random.Generator, root: Schema) -> Any:
    match schema.get("type", "string"):
        case "integer":
            return _integer(schema, rng)
        case "number":
            return _number(schema, rng)
        case "boolean":
            return bool(rng.integers(2))
        case "null":
            return None
        case "array":
            return _array(schema, rng, root)
        case "object":
            return _object(schema, rng, root)
        case _:
            return _text(schema, rng)


def _pick(options: Any, rng: np.random.Generator) -> Any:
    return options[int(rng.integers(len(options)))]


def _span(schema: Schema) -> tuple[float, float]:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is None:
        low = 0 if high is None or high > 0 else high - SPAN
    return low, low + SPAN if high is None else high


def _integer(schema: Schema, rng: np.random.Generator) -> int:
    low, high = _span(schema)
    step = int(schema.get("multipleOf", 1))
    first = math.floor(low / step) + 1 if "exclusiveMinimum" in schema else math.ceil(low / step)
    last = math.ceil(high / step) - 1 if "exclusiveMaximum" in schema else math.floor(high / step)
    return step * int(rng.integers(first, last + 1))


def _number(schema: Schema, rng: np.random.Generator) -> float:
    """Mostly two decimals, as people write numbers; any where the span is too narrow for that."""
    low, high = _span(schema)
    exact = float(rng.uniform(low, high))
    rounded = round(exact, 2)
    return rounded if low < rounded < high else exact


def _text(schema: Schema, rng: np.random.Generator) -> str:
    if schema.get("format") == "date":
        return (FIRST_DAY + datetime.timedelta(days=int(rng.integers(DAYS)))).isoformat()
    if "pattern" in schema:
        try:
            return draw_pattern(schema["pattern"], rng)
        except PatternError:
            pass  # letters will do: the server explains what it wants
    least = max(1, schema.get("minLength", 1))
    length = int(rng.integers(least, max(least, min(schema.get("maxLength", MAX_TEXT), MAX_TEXT)) + 1))
    return "".join(_pick(string.ascii_letters, rng) for _ in range(length))


def _array(schema: Schema, rng: np.random.Generator, root: Schema) -> list[Any]:
    least = schema.get("minItems", 0)
    count = int(rng.integers(least, min(schema.get("maxItems", math.inf), least + MAX_EXTRA_ITEMS) + 1))
    items = [draw(schema.get("items", {}), rng, root) for _ in range(count)]
    return [item for i, item in enumerate(items) if item not in items[:i]] if schema.get("uniqueItems") else items


def _object(schema: Schema, rng: np.random.Generator, root: Schema) -> dict[str, Any]:
    required = schema.get("required", ())
    return {name: draw(part, rng, root) for name, part in schema.get("properties", {}).items()
            if name in required or rng.random() < 0.5}
