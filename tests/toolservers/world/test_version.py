from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from toolservers.world.version import agrees, difference, merge, parse, text

versions = st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.sampled_from(["0" * 16, "1" * 16]))


@given(versions)
def test_the_text_says_everything(one: dict[str, str]) -> None:
    assert parse(text(one)) == one
    assert text(parse(text(one))) == text(one)


@given(versions, versions)
def test_a_task_agrees_with_every_world_that_has_its_volumes(made: dict[str, str], here: dict[str, str]) -> None:
    assert agrees(text(made), text(here)) == all(here.get(name) == version for name, version in made.items())
    assert agrees(text(made), text(here | made))
    assert (difference(text(made), text(here)) == "") == agrees(text(made), text(here))


@given(versions, versions)
def test_servers_that_differ_on_a_volume_agree_with_no_task_of_it(one: dict[str, str], other: dict[str, str]) -> None:
    merged = merge([text(one), text(other)])
    assert parse(merged).keys() == one.keys() | other.keys()
    for name, version in one.items():
        assert agrees(text({name: version}), merged) == (other.get(name, version) == version)


def test_the_canonical_form() -> None:
    assert text({"general": "b" * 16, "financial": "a" * 16}) == f"financial-{'a' * 16} general-{'b' * 16}"
    assert merge(["financial-1 general-2", "general-2", "medical-3"]) == "financial-1 general-2 medical-3"


def test_a_difference_names_the_volumes() -> None:
    assert difference("financial-1 general-2", "financial-3 general-2") == (
        "made with financial-1, this world has financial-3")
    assert difference("financial-1 medical-4", "financial-3 general-2") == (
        "made with financial-1, this world has financial-3; made with medical-4, this world has no medical volume")
    assert difference("w1", "w2") == "made with w1, this world has w2"
