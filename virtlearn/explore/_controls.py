"""What a learner moves: sliders and menus, and rows of positions for them."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from virtlearn import units
from virtlearn.catalog.platforms import platform, platforms
from virtlearn.errors import ImpossibleAmount, ImpossibleCount, UnknownName, nearest, shown

__all__ = ["VISIBLE", "Control", "Menu", "Slider", "doubling", "platform_menu", "steps"]

VISIBLE = 4  # controls in sight beside time; the others stand under "More"
Idle = Callable[[Mapping[str, Any]], str]  # why a control changes nothing; an empty text otherwise


def _never(values: Mapping[str, Any]) -> str:
    return ""


@dataclass(frozen=True)
class Slider:
    """A number to move: its positions in order, and how it is called.

    Parameters
    ----------
    name : str
        The argument that it sets.
    label : str
        What stands beside it.
    unit : str
        The unit of its value, or an empty text for a plain number.
    positions : tuple of float
        Where the slider can stand; the box beside it takes any number between the ends.
    default : float
        Where it begins.
    tip : str
        What the pointer is told.
    words : callable, optional
        ``words(values)`` names each position that makes sense beside the other values.
    idle : callable, optional
        ``idle(values)`` says why moving it changes nothing beside the other values, such as
        ``"containers have no machine"``; an empty text where it counts.
    plays : float, optional
        Where it is time: how long it takes to play all its positions [s]; it has a Play button.
    """

    name: str
    label: str
    unit: str
    positions: tuple[float, ...]
    default: float
    tip: str = ""
    words: Callable[[Mapping[str, Any]], Sequence[str]] | None = None
    idle: Idle = _never
    plays: float = 0

    def check(self, value: Any) -> float:
        """Refuse what lies outside the ends, or is no number.

        Parameters
        ----------
        value : object
            What was given.

        Returns
        -------
        float
            The value, in the slider's unit; an int where the slider counts.

        Raises
        ------
        ImpossibleAmount
            Where the value is not a number, or lies outside the ends.
        ImpossibleCount
            Where a slider that counts is given part of a thing.
        """
        low, high = self.positions[0], self.positions[-1]
        number = isinstance(value, numbers.Real) and not isinstance(value, bool)
        hint = f"Try {self.name}={units.plain(self.default)}."
        # Compared as it is: a number of 400 digits cannot become a float.
        if not number or not low <= value <= high:
            span = f"{units.plain(low)} to {units.plain(high)} {self.unit}".rstrip()
            raise ImpossibleAmount(f"{self.name} is {shown(value)}; it goes from {span}.\n{hint}")
        if self.whole and not self.unit and value % 1:
            wrong = f"{self.name} is {shown(value)}; it counts, so it is a whole number."
            raise ImpossibleCount(f"{wrong}\n{hint}")
        exact = float(value)
        if self.whole and exact.is_integer():
            return int(exact)
        return exact

    @property
    def whole(self) -> bool:
        """Whether it counts things, so that its positions are whole numbers."""
        return all(isinstance(p, int) for p in self.positions)

    def place(self, value: float) -> int:
        """Find the position next to a value.

        Parameters
        ----------
        value : float
            A number between the ends.

        Returns
        -------
        int
            Which position, counted from 0.
        """
        return min(range(len(self.positions)), key=lambda i: abs(self.positions[i] - value))

    def at(self, place: int) -> float:
        """Give the value of a position.

        Parameters
        ----------
        place : int
            Which position, counted from 0.

        Returns
        -------
        float
            The number there, in the slider's unit.
        """
        return self.positions[place]

    @property
    def title(self) -> str:
        """The label with its unit."""
        return f"{self.label} [{self.unit}]" if self.unit else self.label


@dataclass(frozen=True)
class Menu:
    """One of several: a list to choose from.

    Parameters
    ----------
    name : str
        The argument that it sets.
    label : str
        What stands beside it.
    options : tuple
        What can be chosen, in order.
    default : object
        The option that it begins with.
    tip : str
        What the pointer is told.
    text : callable
        ``text(option)`` writes an option as a learner reads it.
    idle : callable, optional
        ``idle(values)`` says why choosing changes nothing beside the other values.
    """

    name: str
    label: str
    options: tuple[Any, ...]
    default: Any
    tip: str = ""
    text: Callable[[Any], str] = str
    idle: Idle = _never
    plays: ClassVar[float] = 0  # time is always a slider

    def check(self, value: Any) -> Any:
        """Refuse what is not in the list.

        Parameters
        ----------
        value : object
            What was given.

        Returns
        -------
        object
            The value, which is one of the options.

        Raises
        ------
        UnknownName
            Where it is none of the options.
        """
        kinds = tuple({type(option) for option in self.options})
        # Its kind comes first: asked whether it is among them, an array answers with an array.
        if not isinstance(value, kinds) or value not in self.options:
            near = nearest(value, map(str, self.options))
            raise UnknownName(f"{self.name} is {shown(value)}. {near}")
        # The option itself, as True is equal to 1.
        return self.options[self.options.index(value)]

    def place(self, value: Any) -> int:
        """Find an option in the list.

        Parameters
        ----------
        value : object
            One of the options.

        Returns
        -------
        int
            Its place, counted from 0.
        """
        return self.options.index(value)

    def at(self, place: int) -> Any:
        """Give the option at a place.

        Parameters
        ----------
        place : int
            Which one, counted from 0.

        Returns
        -------
        object
            The option there.
        """
        return self.options[place]


Control = Slider | Menu


def doubling(low: int, high: int, between: int = 0) -> tuple[int, ...]:
    """Positions that double, as memory does, with so many equal steps between.

    >>> doubling(16, 128), doubling(16, 64, between=3)
    ((16, 32, 64, 128), (16, 20, 24, 28, 32, 40, 48, 56, 64))
    """
    positions = [low]
    while positions[-1] * 2 <= high:
        base = positions[-1]
        positions += [base + base * i // (between + 1) for i in range(1, between + 2)]
    return tuple(positions)


def steps(low: float, high: float, step: float) -> tuple[float, ...]:
    """Positions at equal distances, ends included.

    >>> steps(0, 1, 0.25)
    (0.0, 0.25, 0.5, 0.75, 1.0)
    """
    places = range(round((high - low) / step) + 1)
    if all(isinstance(x, int) for x in (low, high, step)):
        return tuple(low + i * step for i in places)
    return tuple(round(float(low + i * step), 10) for i in places)


def platform_menu(name: str, default: str, label: str = "on", without: Sequence[str] = ()) -> Menu:
    """Choose a platform by its title."""
    among = tuple(on for on in platforms() if on not in without)
    tip = "The platform that the copies run on"
    return Menu(name, label, among, default, tip, lambda on: platform(on).title)
