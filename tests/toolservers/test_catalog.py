from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import toolservers
from toolservers.catalog import load
from toolservers.domains import domains

ROOT = Path(toolservers.__file__).parent


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)


def test_nothing_is_hidden_where_everything_is_installed() -> None:
    assert load().hidden == {}


def test_a_group_without_its_library_is_hidden_and_says_so() -> None:
    shown = run("import sys; sys.modules['QuantLib'] = None; sys.argv = ['divegym', 'tools']; "
                "import divegym; divegym.main()")
    assert "hidden: financial.bonds: module QuantLib is not installed: pip install divegym" in shown.stdout.splitlines()
    assert "bond_" not in shown.stdout and "fx_rate" in shown.stdout


def test_every_library_is_declared() -> None:
    """What a module imports on first use, inside its functions, it names in `LIBRARIES`."""
    for name in domains():
        for path in (ROOT / name).glob("*.py"):
            lazy = {found for found in re.findall(r"^ +(?:from|import) (\w+)", path.read_text(), re.MULTILINE)
                    if found not in sys.stdlib_module_names and found != "toolservers"}
            declared = getattr(importlib.import_module(f"toolservers.{name}.{path.stem}"), "LIBRARIES", ())
            assert lazy <= set(declared), path.name


def test_a_module_of_ours_that_is_missing_is_a_bug() -> None:
    broken = run("import sys; sys.modules['toolservers.lookup'] = None; from toolservers.catalog import load; load()")
    assert "ModuleNotFoundError" in broken.stderr and broken.returncode == 1
