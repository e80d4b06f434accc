"""The command line: the commands of every module as one."""

from __future__ import annotations

import os

from commands import benchmarks, play, tasks, tools, training
from commands.terminal import fail, group

PACKAGES = ("toolservers", "envs", "policies", "trainer", "benchmarks", "commands")

app = group("A gym of real tools: MCP servers, Gymnasium environments, tasks with replayable proofs, and a trainer.")
for module in (tools, tasks, play, training, benchmarks):
    app.add_typer(module.app)


def main() -> None:
    """Runs the command line. What a user can mend is one line on standard error; DIVEGYM_TRACEBACK=1 shows the rest."""
    try:
        app()
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in PACKAGES:
            raise
        fail(f"this needs {error.name}, which is not installed: pip install 'divegym[train]'")
    except Exception as error:
        ours = type(error).__module__.partition(".")[0] in PACKAGES
        if os.environ.get("DIVEGYM_TRACEBACK") or not (ours or isinstance(error, (OSError, ValueError))):
            raise
        fail(str(error))


if __name__ == "__main__":
    main()
