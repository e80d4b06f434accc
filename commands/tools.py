"""Commands of the tools: build and inspect the world, list the tools, serve them."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from commands.terminal import Json, group, print_json, show_rows

app = group()
world = group("The database of facts that the tools look things up in.")
app.add_typer(world, name="world")


Domains = Annotated[list[str] | None, typer.Option("--domain", help="Only this domain's volume, and those it needs.")]


@world.command("build")
def world_build(
    domain: Domains = None,
    url: Annotated[str | None, typer.Option(help="Database to fill; without it files in the cache folder.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Build anew even what is there.")] = False,
) -> None:
    """Builds the volumes of the world that are not there already, and prints what there is then.

    Example: divegym world build --domain financial --url postgresql://user@host/divegym
    """
    from toolservers.world import open_world
    from toolservers.world.build import build
    from toolservers.world.info import info

    build(domain, url, force=force)
    for volume in asyncio.run(info(open_world(domain, url))).volumes:
        print(f"{volume.domain}-{volume.version}: {volume.rows:,} rows, {volume.bytes:,} bytes")


@world.command("info")
def world_info(domain: Domains = None, json: Json = False) -> None:
    """Says what the world in use holds, and where that comes from.

    Example: divegym world info --domain financial --json
    """
    from toolservers.world import open_world
    from toolservers.world.info import info

    found = asyncio.run(info(open_world(domain)))
    if json:
        return print_json(found)
    show_rows([{"volume": volume.domain, "table": table.name, "rows": f"{table.rows:,}",
                "KiB": f"{table.bytes // 1024:,}", "sources": ", ".join(table.sources)}
               for volume in found.volumes for table in volume.tables])
    show_rows([{"source": f"{one.source.name} {one.source.version}", "rows": f"{one.rows:,}",
                "KiB": f"{one.bytes // 1024:,}", "supplies": one.source.supplies, "licence": one.source.licence}
               for volume in found.volumes for one in volume.sources])
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
    for name, reason in found.hidden.items():
        print(f"hidden: {name}: {reason}")


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
