"""How stored lessons are compared with new runs: charts by their numbers, not by how they are written down."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
from nbval.plugin import IPyNbCell


def seen(y: list[float], uid: str = "one") -> Any:
    """What nbval compares for a chart with these heights: a text that it can also report."""
    return IPyNbCell.sanitize(None, json.loads(go.Figure(go.Bar(y=y, uid=uid)).to_json()))


def test_a_difference_in_the_last_bit_is_none() -> None:
    assert seen([1.0, 1 / 3]) == seen([1.0, np.nextafter(1 / 3, 1)])


def test_a_difference_a_reader_could_see_is_one() -> None:
    assert seen([1.0, 2.0]) != seen([1.0, 2.02])


def test_a_random_id_is_no_difference() -> None:
    assert seen([1.0], uid="one") == seen([1.0], uid="two")


def test_numbers_packed_in_base64_are_compared_as_numbers() -> None:
    packed = {"data": [{"y": {"dtype": "f8", "bdata": "VVVVVVVV1T8=", "shape": "1"}}], "layout": {}}  # 1/3
    other = {"data": [{"y": {"dtype": "f8", "bdata": "VlVVVVVV1T8=", "shape": "1"}}], "layout": {}}  # its neighbour
    assert IPyNbCell.sanitize(None, packed) == IPyNbCell.sanitize(None, other)
    assert "0.333333" in IPyNbCell.sanitize(None, packed)
