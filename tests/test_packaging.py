from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PACKAGES = ("toolservers", "envs", "policies", "trainer", "benchmarks", "commands")
UNLOCKED = {"torch"}  # installed by version: its builds for CPU and CUDA differ in what they need
LOCKS = {"base": ["cluster"], "train": ["cluster", "train"], "dev": ["cluster", "train", "dev"]}


def lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.lock").read_text()


def pins(name: str) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9._-]+)==(\S+) \\$", lock(name), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in found}


def required(extras: list[str]) -> Iterator[Requirement]:
    lists = [PROJECT["dependencies"], *(PROJECT["optional-dependencies"][extra] for extra in extras)]
    yield from (Requirement(text) for requirements in lists for text in requirements)


@pytest.mark.parametrize(("name", "extras"), LOCKS.items())
def test_a_lock_meets_the_requirements_of_its_extras(name: str, extras: list[str]) -> None:
    pinned = pins(name)
    for requirement in required(extras):
        package = canonicalize_name(requirement.name)
        if package not in UNLOCKED:
            assert requirement.specifier.contains(pinned[package]), requirement


def test_larger_locks_pin_the_same_versions() -> None:
    assert pins("base").items() <= pins("train").items() <= pins("dev").items()


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes_and_no_address(name: str) -> None:
    entries = re.split(r"^(?=[A-Za-z0-9])", lock(name), flags=re.MULTILINE)[1:]
    assert len(entries) == len(pins(name))
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in lock(name) and " @ " not in lock(name) and "--index" not in lock(name)


def test_the_base_install_is_free_of_torch() -> None:
    assert not {"torch", "transformers", "safetensors", "matplotlib"} & pins("base").keys()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The distribution, built from a copy of the sources."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE", "divegym.py"):
        shutil.copy(ROOT / file, source)
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index",
                    "--wheel-dir", str(out), str(source)], check=True, timeout=100)
    built, = out.glob("divegym-*.whl")
    return zipfile.ZipFile(built)


def test_the_wheel_holds_every_file_of_the_packages(wheel: zipfile.ZipFile) -> None:
    listed = subprocess.run(["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True)
    files = {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    assert files - set(wheel.namelist()) == set()
    assert "divegym.py" in wheel.namelist()


def test_every_import_is_declared() -> None:
    """What the sources import of third parties is required directly, or a part of that; oracles serve benchmarks."""
    parts = {"mcp_types": "mcp", "starlette": "mcp", "uvicorn": "mcp", "httpx2": "mcp", "pydantic_core": "pydantic",
             "yarl": "aiohttp", "scipy": "statsmodels", "click": "typer"}
    owners = packages_distributions()
    for package in PACKAGES:
        extras = ["train", "cluster", *(["dev"] if package == "benchmarks" else [])]
        declared = {canonicalize_name(one.name) for one in required(extras)}
        for path in (ROOT / package).rglob("*.py"):
            for module in re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(), re.MULTILINE):
                if module in sys.stdlib_module_names or module in PACKAGES or module == "__future__":
                    continue
                owner = parts.get(module) or owners.get(module, [module])[0]
                assert canonicalize_name(owner) in declared, f"{path.relative_to(ROOT)} imports {module}"
