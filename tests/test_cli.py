from __future__ import annotations

import io
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

import divegym

COMMAND = typer.main.get_command(divegym.app)


@dataclass
class Ran:
    status: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line that an error is."""
        assert self.status == 1 and self.out == "" and "Traceback" not in self.err, self
        line, = self.err.splitlines()
        assert line.startswith("divegym: ")
        return line


Cli = Callable[..., Ran]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """The command line in this process."""
    monkeypatch.delenv("DIVEGYM_TRACEBACK", raising=False)

    def run(*arguments: str, stdin: str = "") -> Ran:
        monkeypatch.setattr(sys, "argv", ["divegym", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            divegym.main()
        out, err = capsys.readouterr()
        return Ran(int(ended.value.code or 0), out, err)

    return run


def commands(command: Any = COMMAND, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, child in getattr(command, "commands", {"": command}).items():
        if hasattr(child, "commands"):
            yield from commands(child, (*path, name))
        else:
            yield (*path, name), child


@pytest.mark.parametrize(("path", "command"), [pytest.param(*found, id=" ".join(found[0])) for found in commands()])
def test_every_command_shows_an_example_that_parses(path: tuple[str, ...], command: Any) -> None:
    example = re.search(r"Example: divegym (.+)", command.help)
    assert example, "the help text has no example"
    words = shlex.split(example[1])
    assert tuple(words[:len(path)]) == path
    command.make_context("divegym", words[len(path):])  # raises for an option that there is not


def test_help_loads_no_library() -> None:
    code = "import sys, divegym; sys.argv = ['divegym', '--help']\ntry: divegym.main()\nfinally: print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "steps" not in shown.stderr and "synth" in shown.stdout
    loaded = {name.partition(".")[0] for name in shown.stdout.splitlines()[-1].split()}
    assert not loaded & {"torch", "mcp", "pydantic", "numpy", "sqlalchemy", "gymnasium", "toolservers"}


def test_call_prints_the_output(cli: Cli) -> None:
    ran = cli("call", "fx_rate", "currency=USD", "on=2020-01-02")
    assert (ran.status, json.loads(ran.out), ran.err) == (0, {"rate": 1.1193}, "")


@pytest.mark.parametrize(("arguments", "said"), [
    (["fx_rate", "currency=ZZZ", "on=2020-01-02"], "unknown_entity: currency: "),
    (["fx_rate", "currency=USD"], "invalid_arguments: on: Field required"),
    (["fx_rate", "USD"], "'USD' is not name=value"),
    (["no_such_tool"], "unknown_tool: "),
    (["fx_rate", "--url", "http://127.0.0.1:9"], "http://127.0.0.1:9/mcp"),
])
def test_a_bad_call_is_one_line(cli: Cli, arguments: list[str], said: str) -> None:
    assert said in cli("call", *arguments).complaint


def test_tools_as_json_and_as_a_table(cli: Cli) -> None:
    listed = json.loads(cli("tools", "--domain", "financial", "--json").out)
    assert len(listed) >= 45
    assert listed[0].keys() >= {"name", "description", "input_schema", "output_schema"}
    assert "fx_rate" in cli("tools", "--domain", "financial").out
    assert "unknown domain 'nowhere'" in cli("tools", "--domain", "nowhere").complaint


def test_world_info(cli: Cli) -> None:
    info = json.loads(cli("world", "info", "--json").out)
    assert re.fullmatch(r"financial-[0-9a-f]{16} general-[0-9a-f]{16}", info["version"])
    assert f"world {info['version']}" in cli("world", "info").out
    assert [volume["domain"] for volume in info["volumes"]] == ["general", "financial"]
    assert "fx_rates" not in cli("world", "info", "--domain", "general").out
    assert "unknown domain 'nowhere'" in cli("world", "info", "--domain", "nowhere").complaint


def test_world_build_prints_its_volumes(cli: Cli) -> None:
    financial, general = json.loads(cli("world", "info", "--json").out)["version"].split()
    printed = [line.partition(":")[0] for line in cli("world", "build").out.splitlines()]
    assert printed == [general, financial]
    assert cli("world", "build", "--domain", "general").out.startswith(f"{general}: 35,509 rows, ")
    assert "unknown domain 'nowhere'" in cli("world", "build", "--domain", "nowhere").complaint


def test_synth_then_validate(cli: Cli, tmp_path: Path) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    wanted = ("synth", "--count", "5", "--seed", "3", "--difficulty", "short")
    assert json.loads(cli(*wanted, "--out", str(first), "--json").out)["written"] == 5
    shown = cli(*wanted, "--out", str(second), "--show", "2").out
    assert first.read_bytes() == second.read_bytes()
    questions = [json.loads(line)["question"] for line in first.read_text().splitlines()]
    assert re.sub(r"\s", "", questions[1]) in re.sub(r"\s", "", shown)
    assert questions[2] not in shown
    checked = json.loads(cli("validate", str(first), "--json").out)
    assert (checked["checked"], checked["passed"]) == (5, 5)


def test_validate_names_what_is_wrong(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "tasks.jsonl"
    cli("synth", "--count", "2", "--difficulty", "short", "--out", str(file))
    good = file.read_text()
    tasks = [json.loads(line) for line in good.splitlines()]
    tasks[1]["proof"]["calls"] *= 2  # not minimal any more
    file.write_text("".join(json.dumps(task) + "\n" for task in tasks))
    ran = cli("validate", str(file))
    assert ran.status == 1 and "line 2" in ran.out and "1 of 2 tasks fail" in ran.err
    file.write_text(good[:-1])
    assert "line 2: cut off" in cli("validate", str(file)).err
    financial = tasks[0]["world"].partition(" ")[0]
    file.write_text(good.replace(financial, "financial-" + "0" * 16))
    assert f"made with financial-{'0' * 16}, this world has {financial})" in cli("validate", str(file)).err


def test_play_from_a_pipe(cli: Cli) -> None:
    ran = cli("play", "--seed", "3", stdin="tools\nhint\nanswer nonsense\nquit\n")
    assert ran.status == 0
    assert "> hint" in ran.out and "not right" in ran.out and "the answer is" in ran.out


def test_play_by_the_oracle(cli: Cli) -> None:
    ran = cli("play", "--policy", "oracle", "--seed", "3", "--difficulty", "frontier")
    assert ran.status == 0 and "right: reward 1.1" in ran.out


@pytest.mark.parametrize(("arguments", "said"), [
    (["play", "--policy", "nobody"], "no policy is called 'nobody'"),
    (["play", "--difficulty", "silly"], "unknown difficulty 'silly'"),
    (["play", "--tasks", "missing.jsonl"], "missing.jsonl"),
    (["play", "--server", "financial=http://127.0.0.1:9"], "no url for domain 'general'"),
    (["synth", "--domain", "nowhere", "--out", "unwritten.jsonl"], "unknown domain 'nowhere'"),
    (["serve", "nowhere"], "unknown domain 'nowhere'"),
    (["validate", "missing.jsonl"], "missing.jsonl"),
])
def test_what_a_user_can_mend_is_one_line(cli: Cli, arguments: list[str], said: str) -> None:
    ran = cli(*arguments)
    assert ran.status == 1 and said in ran.err and "Traceback" not in ran.err
    assert not Path("unwritten.jsonl").exists()


@pytest.mark.parametrize("arguments", [
    ["serve", "financial", "--http", "somewhere"], ["serve", "financial", "--http", ":1", "--stdio"],
    ["synth", "--count", "0", "--out", "x"], ["train", "--preset", "none"], ["nothing"],
    ["play", "--server", "http://localhost:8101"],
])
def test_wrong_usage_exits_with_2(cli: Cli, arguments: list[str]) -> None:
    ran = cli(*arguments)
    assert ran.status == 2 and "Usage" in ran.err


def test_eval_wants_a_whole_policy(cli: Cli, tmp_path: Path) -> None:
    assert "holds no tokenizer.json" in cli("eval", str(tmp_path), "--tasks", "missing.jsonl").complaint


def test_training_without_torch_names_the_extra() -> None:
    code = "import sys; sys.modules['torch'] = None; sys.argv = ['divegym', 'train']; import divegym; divegym.main()"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert Ran(ran.returncode, ran.stdout, ran.stderr).complaint.endswith("pip install 'divegym[train]'")


def test_a_bug_keeps_its_traceback(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commands.tools.print_json", lambda value: {}["bug"])
    monkeypatch.setattr(sys, "argv", ["divegym", "tools", "--json"])
    with pytest.raises(KeyError):
        divegym.main()
