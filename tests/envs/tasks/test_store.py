"""Task files and databases give back what they were given, and say exactly what is wrong with a damaged file."""

from pathlib import Path

import pytest

from envs.tasks.answer import NumberAnswer
from envs.tasks.database import TaskStore
from envs.tasks.expression import Pick, Ref
from envs.tasks.proof import Call, Proof
from envs.tasks.source import FileSource, StoreSource
from envs.tasks.store import TaskFileError, read_tasks, task_file, write_tasks
from envs.tasks.task import Measures, Split, Task


def make(seed: int, split: Split = Split.TRAIN, world: str = "w1") -> Task:
    call = Call(tool="number_sum", arguments={"first": seed, "second": 2})
    return Task(question=f"What is the sum of {seed} and 2? é", domain="general", tools=("number_sum",),
                answer=NumberAnswer(value=seed + 2), seed=seed, world=world, split=split,
                proof=Proof(calls=(call,), expression=Pick(of=Ref(ref=(0, "sum")))),
                measures=Measures(calls=1, depth=1, width=1, shape="P : pick", distinct_tools=1))


TASKS = [make(seed) for seed in range(20)]


def test_a_file_gives_back_its_tasks_and_equal_tasks_give_equal_bytes(tmp_path: Path) -> None:
    assert write_tasks(tmp_path / "a.jsonl", TASKS) == 20
    write_tasks(tmp_path / "b.jsonl", TASKS)
    assert list(read_tasks(tmp_path / "a.jsonl")) == TASKS
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def test_a_failure_while_writing_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    write_tasks(path, TASKS[:3])
    with pytest.raises(RuntimeError, match="stop"), task_file(path) as file:
        file.write(TASKS[5])
        raise RuntimeError("stop")
    assert list(read_tasks(path)) == TASKS[:3]
    assert [one.name for one in tmp_path.iterdir()] == ["tasks.jsonl"]


@pytest.mark.parametrize(("damage", "line", "fault"), [
    (lambda body: body[:-20], 20, "cut off"),
    (lambda body: body.replace(b'"seed":4', b'"seed":"four"'), 5, "seed"),
    (lambda body: body.replace(b'"schema_version":1', b'"schema_version":9', 1), 1, "schema version 9"),
    (lambda body: b"\n" + body, 1, "JSON"),
    (lambda body: body.replace(b"{", b"", 1), 1, "JSON"),
])
def test_a_damaged_file_names_line_and_fault(tmp_path: Path, damage: object, line: int, fault: str) -> None:
    path = tmp_path / "tasks.jsonl"
    write_tasks(path, TASKS)
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(TaskFileError, match=fault) as caught:
        list(read_tasks(path))
    assert caught.value.line == line


def test_a_missing_file_is_the_same_kind_of_error(tmp_path: Path) -> None:
    with pytest.raises(TaskFileError, match="cannot be read"):
        list(read_tasks(tmp_path / "none.jsonl"))


async def test_a_file_source_is_seeded_and_refuses_another_world(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    write_tasks(path, [*TASKS, make(99, world="w2")])
    source = FileSource(path)
    drawn = [await source.draw(seed) for seed in range(100)]
    assert drawn == [await source.draw(seed) for seed in range(100)]
    assert len({task.id for task in drawn}) > 15
    with pytest.raises(TaskFileError, match="line 21: made with w2, this world has w1"):
        FileSource(path, world="w1")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(TaskFileError, match="holds no task"):
        FileSource(tmp_path / "empty.jsonl")


async def test_a_database_stores_a_task_once_and_selects(tmp_path: Path) -> None:
    store = TaskStore(f"sqlite:///{tmp_path / 'tasks.sqlite'}")
    assert store.add([*TASKS, TASKS[0], make(50, Split.TEST), make(51, world="w2")]) == 22
    assert store.add(TASKS) == 0
    assert store.count(split=Split.TRAIN, worlds=["w1"]) == 20
    assert store.worlds() == ["w1", "w2"]
    assert sorted(task.seed for task in store.read(worlds=["w1"], split=Split.TEST)) == [50]
    assert list(store.read()) == sorted(store.read(), key=lambda task: task.id)
    source = StoreSource(store, "w1", "general", Split.TRAIN)
    assert [await source.draw(seed) for seed in range(30)] == [await source.draw(seed) for seed in range(30)]
    assert {task.world for task in [await source.draw(seed) for seed in range(30)]} == {"w1"}
    assert len(StoreSource(store, "more-1 w1")) == 21  # another volume beside the one they were made with
    with pytest.raises(ValueError, match="no such task of world w3"):
        StoreSource(store, "w3")
    with pytest.raises(IndexError, match="place 99"):
        store.at(99)
    store.close()
