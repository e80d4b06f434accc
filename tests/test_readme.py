from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import divegym

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
COMMANDS = [line.partition("#")[0].strip() for language, text in BLOCKS if not language
            for line in text.splitlines() if line.startswith("divegym ")]


@pytest.mark.parametrize("code", [text for language, text in BLOCKS if language == "python"])
def test_python_examples_run(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=100)


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_parse(line: str) -> None:
    words, command = shlex.split(line)[1:], typer.main.get_command(divegym.app)
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    command.make_context("divegym", words)  # raises for an option that there is not


def test_make_targets_exist() -> None:
    named = {line.split()[1] for _, text in BLOCKS for line in text.splitlines() if line.startswith("make ")}
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named and named <= known
