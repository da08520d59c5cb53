"""A slider over the boxes of a tree, as two explorers have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from virtlearn.catalog.platforms import platforms
from virtlearn.charts._tree import numbered
from virtlearn.explore._controls import Slider, steps
from virtlearn.explore._trial import trial, why_alone

__all__ = ["MOST", "box_slider", "last_box", "no_room", "on_the_tree"]

MOST = 24  # copies


def _boxes(values: Mapping[str, Any]) -> list[str]:
    """Name the boxes of the tree that the values describe, in order."""
    tree = trial(values["on"], values["copies"], per_vm=values["per_vm"]).tree
    return numbered([layer.title for layer in tree.layers])


def _nothing_or_boxes(values: Mapping[str, Any]) -> list[str]:
    return ["nothing", *_boxes(values)]


def box_slider(label: str, default: int | None = None, *, nothing: bool = False) -> Slider:
    """Choose a box of the tree; the last one where no other is said.

    Where ``nothing`` may be chosen as well, it is -1.
    """
    end = max(len(trial(on, MOST).tree) for on in platforms()) - 1
    tip = "Click a box, or count the boxes from the hardware, 0"
    begin = end if default is None else default
    first, names = (-1, _nothing_or_boxes) if nothing else (0, _boxes)
    return Slider("node", label, "", steps(first, end, 1), begin, tip, names)


def no_room(values: Mapping[str, Any]) -> str:
    """Say why copies in a machine count for nothing; an empty text where they do."""
    return why_alone(values["on"])


def last_box(values: Mapping[str, Any]) -> int:
    """Count to the last box of the tree that the values describe, from 0."""
    return len(trial(values["on"], values["copies"], per_vm=values["per_vm"]).tree) - 1


def on_the_tree(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Choose no box past the last one.

    Who stands on the last box stays on the last one when the tree changes.
    """
    last_before = last_box(old)
    last = last_box(new)
    stays_last = new["node"] == old["node"] == last_before
    node = last if stays_last else min(new["node"], last)
    return {**new, "node": node}
