"""Commands of the tools: build and inspect the world, list the tools, serve them."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from commands.terminal import Json, group, print_json, show_rows

app = group()
world = group("The database of facts that the tools look things up in.")
app.add_typer(world, name="world")


@world.command("build")
def world_build(
    url: Annotated[str | None, typer.Option(help="Database to fill; without it a file in the cache folder.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Build anew even if the world is there.")] = False,
) -> None:
    """Builds the world, unless it is there already, and prints its version.

    Example: divegym world build --url postgresql://user@host/divegym
    """
    from toolservers.world import WorldError, open_world
    from toolservers.world.build import build

    try:
        version = build(url) if force else open_world(url).version
    except WorldError:
        version = build(url)
    print(version)


@world.command("info")
def world_info(json: Json = False) -> None:
    """Says what the world in use holds, and where that comes from.

    Example: divegym world info --json
    """
    from toolservers.world import open_world
    from toolservers.world.info import info

    found = asyncio.run(info(open_world()))
    if json:
        return print_json(found)
    show_rows([{"table": table.name, "rows": f"{table.rows:,}", "KiB": f"{table.bytes // 1024:,}",
                "sources": ", ".join(table.sources)} for table in found.tables])
    print(f"world {found.version}: {found.rows:,} rows, {found.bytes / 2**20:.0f} MiB")


@app.command()
def tools(
    domain: Annotated[str | None, typer.Option(help="Only the tools of this domain.")] = None, json: Json = False
) -> None:
    """Lists the tools.

    Example: divegym tools --domain financial
    """
    from toolservers.catalog import load
    from toolservers.connection import ToolSpec

    found = load(*[domain] if domain else [])
    if json:
        return print_json([ToolSpec.of(tool) for tool in found.values()])
    show_rows([{"tool": tool.name, "kind": str(tool.kind), "domain": tool.domain, "group": tool.group,
                "description": tool.description.partition("\n")[0]} for tool in found.values()])


@app.command()
def serve(
    domain: Annotated[str, typer.Argument(help="Domain whose tools to serve.")],
    http: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Serve streamable HTTP at /mcp.")] = None,
    stdio: Annotated[bool, typer.Option("--stdio", help="Serve stdin and stdout (the default).")] = False,
    allow_host: Annotated[list[str] | None, typer.Option(help="Further Host header to accept, * for any.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds that a call may take.")] = 10.0,
) -> None:
    """Serves the tools of one domain over MCP.

    Example: divegym serve financial --http :8101
    """
    from toolservers.server import serve as run

    if http and stdio:
        raise typer.BadParameter("--http and --stdio exclude each other")
    host, _, port = (http or ":0").rpartition(":")
    if not port.isdigit():
        raise typer.BadParameter(f"{http!r} is not HOST:PORT", param_hint="--http")
    asyncio.run(run(domain, "http" if http else "stdio", host or "127.0.0.1", int(port), timeout=timeout,
                    allowed_hosts=allow_host or ()))
