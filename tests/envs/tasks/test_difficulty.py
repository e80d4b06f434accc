"""Shapes as text, and which proofs a difficulty lets through."""

import pytest

from envs.tasks.difficulty import FRONTIER, NAMED, OPERATORS, SEVERAL, SHORT, Difficulty, Shape


@pytest.mark.parametrize("text", ["R", "R R(0)", "R R P(0,1)", "R P(0) R P(0,2)"])
def test_a_shape_reads_back_as_it_was_written(text: str) -> None:
    assert str(Shape.parse(text)) == text


@pytest.mark.parametrize("text", ["", "X", "R(0)", "R P(1)", "R,R", "R (0)"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"shape|refers"):
        Shape.parse(text)


def test_copies_stand_side_by_side() -> None:
    assert str(Shape.parse("R P(0)").times(3)) == "R P(0) R P(2) R P(4)"


def test_the_frontier_shares_no_shape_with_short() -> None:
    assert not set(SHORT.shapes) & set(FRONTIER.shapes)
    assert {len(Shape.parse(text)) for text in FRONTIER.shapes} == {3}


def test_drafts_stay_within_the_difficulty() -> None:
    for difficulty in NAMED.values():
        assert all(difficulty.allows(draft.shape, draft.operator) for draft in difficulty.drafts())
    assert {draft.operator for draft in OPERATORS.drafts()} >= set(SEVERAL)
    assert "pick" not in {draft.operator for draft in OPERATORS.drafts()}


def test_own_shapes_can_be_asked_for() -> None:
    own = Difficulty((4, 4), shapes=("R R(0) R(1) P(2)",))
    assert [str(draft.shape) for draft in own.drafts()] == ["R R(0) R(1) P(2)"]


@pytest.mark.parametrize("wrong", [
    {"calls": (0, 2)}, {"calls": (3, 2)}, {"calls": (1, 2), "operators": ("median",)},
    {"calls": (5, 5), "shapes": ("R",)}, {"calls": (1, 1), "shapes": ("Q",)},
])
def test_impossible_difficulties_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Difficulty(**wrong)  # type: ignore[arg-type]
