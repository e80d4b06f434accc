from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from toolservers.domains import domains
from toolservers.world import WorldError
from toolservers.world.volume import Volume, check_tables, closure, volumes

MANIFEST = 'version = "0"\n[rows]\n'
COUNTRIES = """
from sqlalchemy.orm import Mapped
from toolservers.world.model import Key, Model

class Land(Model):
    __tablename__ = "countries"
    name: Mapped[Key]
"""


@pytest.fixture
def made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def volume(folder: Path, domain: str, *tables: str, models: str = "") -> Volume:
    """A volume of a made-up domain, written to disk."""
    facts = folder / f"{folder.name.replace('-', '_')}_{domain}" / "facts"
    facts.mkdir(parents=True)
    (facts / "__init__.py").write_text("NEEDS = ()\n")
    (facts / "models.py").write_text(models)
    (facts / "manifest.toml").write_text(MANIFEST + "".join(f"{table} = 1\n" for table in tables))
    return Volume(f"{facts.parent.name}.facts")


@pytest.mark.parametrize("domain", volumes())
def test_the_tables_are_those_of_the_manifest(domain: str) -> None:
    one = volumes()[domain]
    assert [table.name for table in one.tables] == sorted(one.manifest.rows)
    listed = {table for source in one.manifest.sources for table in source.tables}
    assert listed == one.manifest.rows.keys()


def test_wheels_have_one_owner() -> None:
    names = [source.name for one in volumes().values() for source in one.manifest.sources]
    assert len(names) == len(set(names))


def test_two_volumes_with_a_table_of_one_name_are_refused(made_up: Path) -> None:
    one, other = volume(made_up, "one", "genes", "proteins"), volume(made_up, "other", "genes")
    with pytest.raises(WorldError, match=r"_one and .*_other both have a table 'genes'"):
        check_tables([one, other])
    check_tables([one])


def test_a_model_with_another_volumes_table_is_refused(made_up: Path) -> None:
    assert volumes()["general"].tables
    with pytest.raises(WorldError, match=r"volume .*_lands: Table 'countries' is already defined"):
        _ = volume(made_up, "lands", "lands", models=COUNTRIES).tables


def test_a_volume_comes_after_what_it_needs() -> None:
    assert [one.domain for one in closure(["financial"])] == ["general", "financial"]
    assert [one.domain for one in closure(["general"])] == ["general"]
    assert closure() == closure(domains()) == closure(reversed(domains()))
    with pytest.raises(ValueError, match="unknown domain 'nowhere'; there are "):
        closure(["general", "nowhere"])


def test_the_recipe_covers_a_volume_and_what_it_needs(made_up: Path) -> None:
    one = volume(made_up, "one")
    (one.folder / "loaders").mkdir()
    before = one.recipe
    for change in ("models.py", "manifest.toml", "loaders/genes.py"):
        (one.folder / change).write_text(MANIFEST + f"# {change}\n")
        after = Volume(one.package).recipe
        assert after != before
        before = after
    (one.folder / "__init__.py").write_text("NEEDS = ('general',)\n")
    del sys.modules[one.package]
    assert Volume(one.package).recipe != before


def test_tools_import_no_loader() -> None:
    code = "import sys; from toolservers.catalog import load; load(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert not [name for name in loaded.stdout.split() if ".facts.loaders" in name or name == "toolservers.world.build"]
