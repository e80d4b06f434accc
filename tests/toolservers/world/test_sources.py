from __future__ import annotations

import dataclasses
import os
import zipfile
from pathlib import Path

import pytest

from toolservers.world import WorldError
from toolservers.world.manifest import Source
from toolservers.world.sources import Sources, digest, verify
from toolservers.world.volume import volumes


def wheel(folder: Path, text: str = "fact") -> Source:
    """A tiny wheel in `folder`, and its pin."""
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / "tiny-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("tiny/data.txt", text)
        archive.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
    sha256 = digest(folder / "tiny-1.0-py3-none-any.whl")
    return Source("tiny", "1.0", "CC0", "a fact", (), "tiny-1.0-py3-none-any.whl", sha256, ("tiny/data.txt",))


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index that is a folder, the only one that pip may use."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return tmp_path / "index"


def test_fetches_verifies_and_reads(index: Path, tmp_path: Path) -> None:
    sources = Sources([wheel(index)], tmp_path / "cache")
    sources.fetch()
    assert sources.read("tiny", "tiny/data.txt") == b"fact"
    assert sources.paths("tiny", "tiny/*.txt") == ["tiny/data.txt"]


def test_another_file_under_the_same_name_is_refused(index: Path, tmp_path: Path) -> None:
    pinned = wheel(index)
    wheel(index, "forged fact")
    with pytest.raises(WorldError, match=r"tiny-1\.0-py3-none-any\.whl has sha256 .* the manifest pins"):
        Sources([pinned], tmp_path / "cache").fetch()
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_wheel_that_is_there_is_not_fetched_again(index: Path, tmp_path: Path) -> None:
    pinned = wheel(tmp_path / "cache")
    Sources([pinned], tmp_path / "cache").fetch()  # the index holds nothing, so a download would fail


def test_a_damaged_wheel_is_fetched_again(index: Path, tmp_path: Path) -> None:
    pinned = wheel(index)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / pinned.wheel).write_bytes(b"half a fi")
    sources = Sources([pinned], tmp_path / "cache")
    sources.fetch()
    assert sources.read("tiny", "tiny/data.txt") == b"fact"


def test_an_absent_package_is_named(index: Path, tmp_path: Path) -> None:
    index.mkdir()
    absent = Source("tiny", "9.9", "CC0", "nothing", (), "tiny-9.9-py3-none-any.whl", "0" * 64)
    with pytest.raises(WorldError, match=r"pip could not download tiny==9\.9"):
        Sources([absent], tmp_path / "cache").fetch()


def test_verify_names_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="did not bring"):
        verify(tmp_path / "none.whl", dataclasses.replace(volumes()["general"].manifest.wheels[0], wheel="none.whl"))


@pytest.mark.parametrize("domain", volumes())
def test_a_manifest_pins_every_source(domain: str) -> None:
    for source in volumes()[domain].manifest.wheels:
        assert len(source.sha256) == 64
        assert source.platform or source.wheel.endswith("-none-any.whl")
        assert source.licence and source.files and source.tables
