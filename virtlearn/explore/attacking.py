"""Explorers of how far an intruder gets, and what walls expose."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from virtlearn import charts, core, units
from virtlearn.catalog.platforms import Platform, layer, platform
from virtlearn.charts import Chart
from virtlearn.charts._tree import words
from virtlearn.charts._walled import Played
from virtlearn.core import attack
from virtlearn.core.check import Floats, Ints
from virtlearn.explore._base import explorer
from virtlearn.explore._boxes import MOST, box_slider, last_box, no_room
from virtlearn.explore._controls import Menu, Slider, platform_menu, steps
from virtlearn.explore._trial import trial
from virtlearn.model import Deployment
from virtlearn.model.tree import Bools

__all__ = ["blast_radius", "walls"]

ATTACKS = 100
KEY_STEPS = 8  # how often captured copies try the shared credentials
LAST = 32  # the last moment: all attacks are played
SEED = 7
# Ten steps for each factor of ten, from 0.001 to 1, in two digits that one can read.
_ESCAPES = (0.0, *(float(f"{10 ** (k / 10 - 3):.2g}") for k in range(31)))
_LATERALS = (0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 1)
_LATERAL = "Chance in each step that one copy's credentials open another"
# The walls that can stand in an intruder's way: the kind of layer, and the control that sets it.
_WALLS = {
    "container": "container_escape",
    "virtual-machine": "vm_escape",
    "workload": "process_escape",
    "user-space-kernel": "kernel_escape",
}


def _solid(on: Platform) -> list[str]:
    """List the kinds of a platform's layers that are walls: their chance is below 1."""
    return [spec.kind for spec in on.layers if spec.escape.value < 1 and spec.kind in _WALLS]


def _lacks(kind: str) -> Callable[[Mapping[str, Any]], str]:
    """Say why a wall's slider changes nothing on a platform without that wall."""

    def idle(values: Mapping[str, Any]) -> str:
        chosen = platform(values["on"])
        if kind in _solid(chosen):
            return ""
        if kind == "workload":
            return f"{chosen.title}: the application has no wall of its own"
        return f"{chosen.title} have no {words(kind)}"

    return idle


def _wall(kind: str, name: str, label: str) -> Slider:
    tip = f"Chance that an intruder gets through the wall of a {kind.replace('-', ' ')}"
    usual = layer(name).escape.value
    return Slider(_WALLS[kind], label, "", _ESCAPES, usual, tip, idle=_lacks(kind))


def _no_other_copy(values: Mapping[str, Any]) -> str:
    return "one copy has no other to open" if values["copies"] == 1 else ""


def _first_application(values: Mapping[str, Any]) -> int:
    return trial(values["on"], values["copies"], per_vm=values["per_vm"]).tree.index("workload")


def _in_the_tree(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Choose no box past the last one; who stands in the first application stays there."""
    stays = new["node"] == old["node"] == _first_application(old)
    node = _first_application(new) if stays else min(new["node"], last_box(new))
    return {**new, "node": node}


def _tried(values: Mapping[str, Any]) -> Deployment:
    """Deploy the copies on the platform with the walls as the sliders have them."""
    chosen = platform(values["on"])
    changes = {_WALLS[kind]: values[_WALLS[kind]] for kind in _solid(chosen)}
    changed = chosen.but(chosen.title, **changes)
    return trial.__wrapped__(changed, values["copies"], per_vm=values["per_vm"])


@dataclass(frozen=True)
class _Game:
    """A hundred attacks, and the moments of the first one."""

    deployment: Deployment
    node: int
    walls: list[int]  # in the order of trying
    taken: Bools  # after each move, in each attack, of each node
    moves: list[int]  # those of the first attack that something happens in

    def lost(self, move: int) -> list[int]:
        """Count the copies that each attack has taken after a move."""
        held = self.taken[move][:, self.deployment.tree.copies]
        return [int(n) for n in held.sum(axis=1)]

    def attacks(self, step: int) -> int:
        """Say how many attacks are over: one after the other first, then faster, in the end all."""
        over = step - len(self.moves) + 2
        frames = LAST - len(self.moves) + 2
        return max(over, round(1 + (ATTACKS - 1) * (over / frames) ** 2))

    def broken(self, attack: int, move: int) -> list[int]:
        """List the walls that gave way to the climb of an attack."""
        parent = self.deployment.tree.parent
        held = self.taken[min(move, len(self.walls)), attack]
        return [i for i in self.walls if held[parent[i]]]

    def keyed(self, attack: int, move: int) -> list[int]:
        """List the copies that an attack took by shared credentials, not by its climb."""
        by_climb = self.taken[len(self.walls), attack]
        fell = self.taken[move, attack] & ~by_climb
        return [i for i in self.deployment.tree.copies.tolist() if fell[i]]

    def word(self, step: int) -> str:
        """Say what is seen at a moment."""
        if step >= len(self.moves):
            return f"{self.attacks(step)} attacks"
        move = self.moves[step]
        lost = f"{self.lost(move)[0]} of {self.deployment.copies} copies lost"
        if move == 0:
            return f"Attack 1 begins: {lost}"
        if move > len(self.walls):
            return f"Attack 1, key step {move - len(self.walls)}: {lost}"
        wall = self.walls[move - 1]
        title = self.deployment.tree.layers[wall].title
        gave = wall in self.broken(0, move)
        return f"Attack 1: {title}'s wall {'gives way' if gave else 'holds'}"


def _moves(walls: list[int], held: Bools, copies: Ints) -> list[int]:
    """List the moves of one attack in which something is tried, its first moment included."""
    moves = [0]
    for move, _ in enumerate(walls, start=1):
        moves.append(move)
        if (held[move] == held[move - 1]).all():
            break  # this wall holds, and the next one is never tried
    keys = range(len(walls) + 1, len(held))
    return moves + [move for move in keys if not held[move - 1, copies].all()]


@functools.lru_cache(maxsize=8)
def _play(key: tuple[tuple[str, Any], ...]) -> _Game:
    """Play a hundred attacks with the same dice for the same tree."""
    values = dict(key)
    tried = _tried(values)
    tree, node, lateral = tried.tree, values["node"], values["lateral"]
    taken = attack.play_attacks(
        tree.parent,
        tried.escape,
        node,
        lateral=lateral,
        steps=KEY_STEPS if lateral else 0,
        trials=ATTACKS,
        rng=np.random.default_rng(SEED),
    )
    walls = attack.walls_on_the_way(tree.parent, tried.escape, node)
    return _Game(tried, node, walls, taken, _moves(walls, taken[:, 0], tree.copies))


def _game(values: Mapping[str, Any]) -> _Game:
    return _play(tuple((name, value) for name, value in values.items() if name != "step"))


def _moments(values: Mapping[str, Any]) -> list[str]:
    game = _game(values)
    return [*(game.word(step) for step in range(LAST)), f"{ATTACKS} attacks, and what to expect"]


@explorer(
    platform_menu("on", "containers"),
    _wall("container", "container", "container's wall"),
    _wall("virtual-machine", "virtual-machine", "machine's wall"),
    Slider("lateral", "shared credentials", "", _LATERALS, 0, _LATERAL, idle=_no_other_copy),
    Slider("copies", "copies", "", steps(1, MOST, 1), 12, "How many copies of the application run"),
    Slider(
        "per_vm",
        "copies in a VM",
        "",
        steps(1, 8, 1),
        4,
        "Counts where a machine can hold several",
        idle=no_room,
    ),
    box_slider("the intruder starts in", 4),
    _wall("workload", "process", "application's wall"),
    _wall("user-space-kernel", "sentry", "user-space kernel's wall"),
    Slider(
        "step",
        "attack",
        "",
        steps(0, LAST, 1),
        LAST,
        "Play the first attack move by move, and then a hundred",
        words=_moments,
        plays=12,
    ),
    pick="node",
    reconcile=_in_the_tree,
)
def blast_radius(**values: Any) -> Chart:
    """Explore how far an intruder gets: start anywhere, set each wall, share credentials or not.

    Parameters
    ----------
    on : str, optional
        A platform, by name.
    container_escape, vm_escape : float, optional
        Chance that an intruder gets through a container's or a machine's wall, 0 to 1.
    lateral : float, optional
        Chance in each step that one copy's credentials open another, 0 to 1; 0 where each copy
        has credentials of its own.
    copies : int, optional
        How many copies of the application run.
    per_vm : int, optional
        How many copies a virtual machine holds, where it can hold several.
    node : int, optional
        Where the intruder starts: its box in the tree, counted from the hardware, 0.
    process_escape, kernel_escape : float, optional
        Chance that an intruder gets through a process's or a user-space kernel's wall, 0 to 1.
    step : int, optional
        The moment, 0 to 32: first one attack move by move, then up to a hundred; at the end, what
        is to be expected.

    Returns
    -------
    Explorer
        The controls, and each box with the chance that the intruder controls it, 0 to 1; beside
        them the copies that a hundred attacks took.

    Examples
    --------
    >>> said = blast_radius(on="containers", copies=20, container_escape=0.05).sentence
    >>> said.split("; ")[0]
    'From the application, an intruder can expect to take 1.95 of 20 copies'
    >>> said.split("; ")[1].split(". ")[0]
    'it controls the hardware with a chance of 5 %'
    """
    game = _game(values)
    lateral = values["lateral"]
    keys = f"shared key, {units.percent(lateral, 2)} a step" if lateral else ""
    chart = charts.blast_radius(game.deployment, game.node, played=_shown(game, values), keys=keys)
    if not lateral:
        return chart
    lost = sum(game.lost(-1)) / ATTACKS
    told = units.plain(lost)
    return chart.also(f"With the shared keys, {ATTACKS} attacks of {KEY_STEPS} steps took {told}.")


def _shown(game: _Game, values: Mapping[str, Any]) -> Played:
    """Choose what is seen at a moment."""
    step = values["step"]
    if step == LAST:
        return _all_played(game, values["lateral"])
    if step < len(game.moves):
        move = game.moves[step]
        held = game.taken[move, 0].tolist()
        none = [0.0] * len(held)
        said = game.word(step)
        return Played(said, [], none, held, game.broken(0, move), game.keyed(0, move))
    over = game.attacks(step)
    last = over - 1
    lost = game.lost(-1)[:over]
    share = game.taken[-1, :over].mean(axis=0).tolist()
    mean = units.plain(sum(lost) / over)
    said = f"{over} attacks: {mean} of {game.deployment.copies} lost on average"
    move = len(game.taken) - 1
    held = game.taken[-1, last].tolist()
    return Played(said, lost, share, held, game.broken(last, move), game.keyed(last, move))


def _symmetric(game: _Game) -> Floats:
    """Give the share of attacks in which each box fell, equal for boxes that are alike."""
    tree = game.deployment.tree
    depth = core.tree.depth(tree.parent)
    exact = game.deployment.controlled_from(game.node)
    alike = np.stack([depth, exact, tree.copies_below])
    _, group = np.unique(alike, axis=1, return_inverse=True)
    share = game.taken[-1].mean(axis=0)
    return np.asarray((np.bincount(group, share) / np.bincount(group))[group])


def _all_played(game: _Game, lateral: float) -> Played:
    """Show all attacks, and for each box its exact chance, or its share where keys are shared."""
    lost = game.lost(-1)
    of = units.count(game.deployment.copies, "copy", "copies")
    exact = game.deployment.controlled_from(game.node)
    share = _symmetric(game) if lateral else exact
    mean = sum(lost) / ATTACKS if lateral else game.deployment.blast_radius(game.node)
    copies = game.deployment.tree.copies
    keyed = [i for i in copies.tolist() if exact[i] < 1] if lateral else []
    said = f"{units.plain(mean)} of {of} lost on average"
    return Played(said, lost, share.tolist(), (share == 1).tolist(), keyed=keyed)


def _layer(name: str, default: str) -> Menu:
    walls = ("process", "container", "sentry", "virtual-machine", "microvm", "kata-vm")
    return Menu(
        name, f"{name} wall", walls, default, "A wall to compare", lambda on: layer(on).title
    )


@explorer(_layer("first", "container"), _layer("second", "sentry"), _layer("third", "microvm"))
def walls(**chosen: str) -> Chart:
    """Explore what walls expose: the system calls that can be reached first, and what lies behind.

    Parameters
    ----------
    first, second, third : str, optional
        Layers that are walls, by name.

    Returns
    -------
    Explorer
        The menus, and the number of system calls in reach, first and once the wall has fallen.

    Examples
    --------
    >>> walls(first="container", second="sentry").table()[1][0]
    'container'
    """
    return charts.walls(*(layer(name) for name in dict.fromkeys(chosen.values())))
