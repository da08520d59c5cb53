"""How hours are laid out in strips under each other, a block of strips for each thing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["STRIPS", "Floats", "Sheet", "Spells"]

Floats = NDArray[np.float64]
Spells = tuple[ArrayLike, ArrayLike]  # when each begins and when it ends [h]
STRIPS = 0.8  # of a block's height; the rest is the gap to the next


class Sheet(NamedTuple):
    """How hours are laid out: in so many strips under each other, each so long [h]."""

    strips: int
    strip_h: float

    @property
    def hours(self) -> float:
        """How long all strips are [h]."""
        return self.strips * self.strip_h

    def y(self, block: int, strip: ArrayLike) -> NDArray[np.float64]:
        """Place a strip of a block; the first block and the first strip are on top."""
        inside = (np.asarray(strip) + 0.5) / self.strips - 0.5
        return np.asarray(-block - STRIPS * inside)

    @property
    def height(self) -> float:
        """How high a strip is, where a block is 1."""
        return STRIPS / self.strips

    def pieces(self, spells: Spells, least_h: float) -> tuple[Floats, Floats, Floats]:
        """Cut spells where a strip ends: the strip, the beginning in it and the length of each."""
        begin, end = (np.asarray(hours, np.float64) for hours in spells)
        first = (begin // self.strip_h).astype(int)
        # What ends with a strip does not reach into the next.
        last = np.ceil(end / self.strip_h).astype(int) - 1
        cut = []
        for b, e, low, high in zip(begin, end, first, last, strict=True):
            for strip in range(low, max(low, high) + 1):
                left = max(b - strip * self.strip_h, 0.0)
                right = min(e - strip * self.strip_h, self.strip_h)
                cut.append((strip, left, max(right - left, least_h)))
        strips, lefts, lengths = np.array(cut).reshape(-1, 3).T
        return strips, lefts, lengths
