"""The version of a world as text: its volumes by name, each with its own version, "financial-<hex> general-<hex>".

A task names the volumes that it was made from. It holds in every world that has those at the same versions, whatever
else that world has: another volume changes no answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def text(versions: Mapping[str, str]) -> str:
    """Versions by volume in their canonical form: sorted by name, one space between."""
    return " ".join(f"{name}-{version}".removeprefix("-") for name, version in sorted(versions.items()))


def parse(stated: str) -> dict[str, str]:
    """Versions by volume. A word without a dash is the version of a volume without a name."""
    words = (word.rpartition("-") for word in stated.split())
    return {name: version for name, _, version in words}


def agrees(stated: str, here: str) -> bool:
    """Whether the world `here` has every volume of `stated`, at the same version."""
    return parse(stated).items() <= parse(here).items()


def difference(stated: str, here: str) -> str:
    """Where two worlds disagree, volume by volume; empty if they agree."""
    theirs, ours = parse(stated), parse(here)
    return "; ".join(f"made with {_one(name, theirs)}, this world has {_one(name, ours)}"
                     for name in sorted(theirs) if ours.get(name) != theirs[name])


def _one(name: str, versions: Mapping[str, str]) -> str:
    return f"{name}-{versions[name]}".removeprefix("-") if name in versions else f"no {name or 'unnamed'} volume"


def merge(stated: Iterable[str]) -> str:
    """The world behind several servers. One on which they differ has all their versions: no task agrees with it."""
    found: dict[str, set[str]] = {}
    for one in stated:
        for name, version in parse(one).items():
            found.setdefault(name, set()).add(version)
    return text({name: "|".join(sorted(versions)) for name, versions in found.items()})
