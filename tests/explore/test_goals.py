"""Goals of the lessons: none stands at the start, each can be reached, and the library decides."""

import functools

import nbformat
import pytest

from virtlearn import course, explore
from virtlearn.errors import UnknownName
from virtlearn.explore import Slider
from virtlearn.explore._goals import Goal, goals
from virtlearn.site.pages import _calls

NEIGHBOURS = 3
LESSONS = course.material()["lessons"]


@functools.cache
def called():
    """For each goal, the values that its lesson begins with."""
    starts = {}
    for book in sorted(LESSONS.glob("[0-9]*.ipynb")):
        for cell in nbformat.read(book, 4).cells:
            if cell.cell_type == "code":
                for room, name, _, named in _calls(cell.source):
                    if room == "explore":
                        wanted = named.pop("goals", ())
                        starts.update(dict.fromkeys(wanted, (book.stem, name, named)))
    return starts


def places(control):
    return control.positions if isinstance(control, Slider) else control.options


def neighbours_reach_it(reached, name, control, others):
    """Whether so many positions side by side reach the goal."""
    values = places(control)

    def stands(i):
        return 0 <= i < len(values) and reached({**others, name: values[i]}, name, values[i])

    # As many side by side hold exactly one of these.
    for i in range(NEIGHBOURS - 1, len(values), NEIGHBOURS):
        if stands(i):
            beside = range(i - NEIGHBOURS + 1, i + 1)
            if any(all(map(stands, range(j, j + NEIGHBOURS))) for j in beside):
                return True
    return False


@pytest.mark.parametrize(
    ("standing", "enough"),
    [("..###....", True), (".##.##.#.", False), ("###", True), ("....##", False), ("##", False)],
)
def test_three_side_by_side_are_found_wherever_they_stand(standing, enough):
    control = Slider("x", "x", "", tuple(range(len(standing))), 0, "Where")
    found = neighbours_reach_it(lambda _, name, at: standing[at] == "#", "x", control, {})
    assert found is enough


def ways(explorer):
    """Moving one slider, and then moving one other control before."""
    sliders = {n: c for n, c in explorer.controls.items() if isinstance(c, Slider)}
    for name, control in sliders.items():
        yield name, control, {}
    for name, control in sliders.items():
        for other, beside in explorer.controls.items():
            if other != name:
                few = max(1, len(places(beside)) // 8)
                for value in (*places(beside)[::few], places(beside)[-1]):
                    yield name, control, {other: value}


@pytest.mark.parametrize("name", goals())
def test_a_goal_is_not_reached_at_the_start_and_then_in_three_neighbouring_positions(name):
    _, called_explorer, start = called()[name]
    explorer = getattr(explore, called_explorer)(goals=(name,), **start)
    assert list(explorer.goals.values()) == [False]

    @functools.cache
    def stands(key):
        values = dict(key)
        return explorer.reached(values, explorer.at(values))[0]

    def reached(wanted, moved, value):
        values = explorer.reach(wanted)
        return values[moved] == value and stands(tuple(values.items()))

    assert any(neighbours_reach_it(reached, *way) for way in ways(explorer))


@pytest.mark.parametrize("name", goals())
def test_a_goal_stands_in_its_lesson_and_reads_as_a_sentence(name):
    lesson, called_explorer, _ = called()[name]
    goal = goals()[name]
    assert lesson[:2] == name[:2]
    assert called_explorer == goal.explorer
    assert goal.text.endswith(".")
    assert "'" not in goal.text.replace("'s", "")


def test_a_goal_compares_numbers_words_and_facts():
    goal = Goal("00.g1", "stack", "x", [["on", "=", "a"], ["n", ">=", 3], ["n", "<", "m"]])
    assert goal.reached({"on": "a"}, {"n": 3, "m": 4})
    assert not goal.reached({"on": "b"}, {"n": 3, "m": 4})
    assert not goal.reached({"on": "a"}, {"n": 2, "m": 4})
    assert not goal.reached({"on": "a"}, {"n": 4, "m": 4})
    assert not goal.reached({"on": "a"}, {}), "what does not fit has no facts, and reaches nothing"


def test_a_goal_that_is_not_there_is_refused():
    with pytest.raises(UnknownName, match=r"There is no goal of density called '99\.g1'"):
        explore.density(goals=("99.g1",))
