"""Pictures ahead: what a page unpacks at a position is what the library draws there."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import math
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from virtlearn import explore
from virtlearn.site.positions import Axis, Call, Columns, _leaves, axes_of, draw, packed, reached

NAMES = sorted(name for name in explore.__all__ if name[0].islower())


def unpack(text: str) -> dict[str, Any]:
    return json.loads(gzip.decompress(base64.b64decode(text)))


def rebuild(data: dict[str, Any], at: tuple[int, ...]) -> dict[str, Any]:
    """A second way from columns to a picture: leaf by leaf into dictionaries, lists made at the end."""
    sizes = [len(control["values"]) for control in data["controls"]]
    picture: dict[Any, Any] = {}
    for path, table, number in data["leaves"]:
        used, column = data["columns"][number]
        place = 0
        for axis in used:
            place = place * sizes[axis] + at[axis]
        if column[place] < 0:
            continue
        inside = picture
        for key in path[:-1]:
            inside = inside.setdefault(key, Branch())
        inside[path[-1]] = table[column[place]]
    return whole(picture)


class Branch(dict[Any, Any]):
    """What has parts of its own, in contrast to a leaf that happens to be a dictionary."""


def whole(value: Any) -> Any:
    if isinstance(value, Branch) and all(isinstance(key, int) for key in value):
        return [whole(value[i]) for i in range(len(value))]
    if isinstance(value, dict):
        return {key: whole(inner) for key, inner in value.items()}
    return value


def few(axis: Axis, chance: random.Random) -> Axis:
    """The same control with two of its positions."""
    kept = sorted(chance.sample(range(len(axis.values)), min(2, len(axis.values))))
    values = tuple(axis.values[i] for i in kept)
    return replace(axis, values=values, texts=tuple(axis.texts[i] for i in kept), start=0)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_shows_what_the_library_draws(name: str) -> None:
    call = Call(name)
    explorer = call.explorer()
    axes = [few(axis, random.Random(name)) for axis in axes_of(explorer)]
    values = reached(explorer, axes)
    distinct = list({repr(at): at for at in values}.values())
    data = unpack(packed(explorer, axes, values, draw(call, distinct)))
    grid = itertools.product(*(range(len(axis.values)) for axis in axes))
    for at, wanted in zip(grid, values, strict=True):
        picture, chart = rebuild(data, at), explorer.at(wanted)
        assert picture["sentence"] == chart.describe()
        assert picture["table"] == [list(row) for row in chart.table()]
        plain = json.loads(json.dumps(chart.to_spec()))
        assert {"data": picture["data"], "layout": picture["layout"]} == plain


@pytest.mark.parametrize("name", NAMES)
def test_every_control_in_sight_has_positions_that_begin_where_the_lesson_begins(name: str) -> None:
    explorer = Call(name).explorer()
    axes = axes_of(explorer)
    assert [axis.name for axis in axes] == list(explorer.in_sight)
    for axis in axes:
        assert axis.values[axis.start] == explorer.values[axis.name]
        control = explorer.controls[axis.name]
        if axis.slider:
            assert axis.values[0] == control.positions[0]
            assert axis.values[-1] == control.positions[-1]
            assert len(axis.values) >= min(3, len(control.positions))
        else:
            assert axis.values == control.options


def test_the_start_of_a_lesson_is_a_position_also_between_the_steps() -> None:
    explorer = Call("density", (("app_mib", 100),)).explorer()
    (axis,) = (axis for axis in axes_of(explorer) if axis.name == "app_mib")
    assert 100 in axis.values


def test_a_column_has_no_axis_for_a_control_that_it_does_not_depend_on() -> None:
    columns = Columns((3, 4))
    for i, (row, column) in enumerate(itertools.product(range(3), range(4))):
        columns.put(
            i, dict(_leaves({"row": row, "column": column, "both": row * column, "none": 7}))
        )
    said = columns.to_json()
    used = {leaf[0][0]: said["columns"][leaf[2]][0] for leaf in said["leaves"]}
    assert used == {"row": [0], "column": [1], "both": [0, 1], "none": []}


plain = st.none() | st.booleans() | st.integers(-9, 9) | st.text("abc", max_size=3)
nested = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)
    ),
    max_leaves=8,
)
pictures = st.dictionaries(st.sampled_from("ab"), nested, min_size=1, max_size=2)


@given(st.lists(pictures, min_size=6, max_size=6))
def test_any_picture_comes_out_as_it_went_in(drawn: list[dict[str, Any]]) -> None:
    columns = Columns((2, 3))
    for i, picture in enumerate(drawn):
        columns.put(i, dict(_leaves(picture)))
    data = {"controls": [{"values": [0] * 2}, {"values": [0] * 3}], **columns.to_json()}
    for i, at in enumerate(itertools.product(range(2), range(3))):
        assert rebuild(data, at) == drawn[i]


def test_the_budget_bounds_what_is_computed() -> None:
    for name in NAMES:
        explorer = Call(name).explorer()
        axes = axes_of(explorer, budget=500)
        free = [len(axis.values) for axis in axes if axis.slider and axis.name != explorer.picked]
        listed = [len(axis.values) for axis in axes if not axis.slider]
        assert math.prod(free) * math.prod(listed) <= 500 or max(free, default=3) <= 3
