"""The terminal: what the commands of every package share, from their options to how they print and fail."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Domain = Annotated[str, typer.Option(help="Domain of the tools, for example financial.")]
Seed = Annotated[int, typer.Option(help="Same seed, same result.")]
Difficulty = Annotated[str, typer.Option(help="short, frontier, operators or full.")]


def group(help_text: str = "") -> typer.Typer:
    """A command with commands of its own."""
    return typer.Typer(help=help_text, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def show(record: Mapping[str, Any]) -> None:
    """One record as a table of two columns."""
    from rich.table import Table

    table = Table(show_header=False, box=None)
    for name, value in record.items():
        table.add_row(name, str(value))
    print_rich(table)


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error; yields what to call with the number done so far."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def show_rows(rows: list[dict[str, Any]]) -> None:
    """Records of equal fields as a table."""
    from rich.table import Table

    table = Table(*rows[0] if rows else (), box=None)
    for row in rows:
        table.add_row(*map(str, row.values()))
    print_rich(table)


def print_rich(*parts: RenderableType) -> None:
    from rich.console import Console

    console = Console()
    for part in parts:
        console.print(part)


def print_json(value: Any) -> None:
    import orjson

    print(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def fail(message: str) -> NoReturn:
    """One line on standard error, exit status 1."""
    print(f"divegym: {message}", file=sys.stderr)
    sys.exit(1)
