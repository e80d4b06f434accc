"""Rows as tools see them: named tuples, whatever the database."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, cast


@lru_cache(maxsize=1024)
def row_maker(columns: tuple[str, ...]) -> Callable[[Iterable[Any]], Any]:
    """A function that makes a named tuple out of one row's values; a repeated column name gets a positional one."""
    build: Any = namedtuple  # the columns are known at run time only, which the type checker has no word for
    return cast(Callable[[Iterable[Any]], Any], build("Row", columns, rename=True)._make)


