"""What it costs an hour, where cores and memory are paid by what is asked for."""

from __future__ import annotations

from typing import NamedTuple

from virtlearn import core
from virtlearn.catalog.evidence import evidence
from virtlearn.model.questions.question import Question
from virtlearn.model.tree import Tree

__all__ = ["PRICE", "Prices", "cost_usd_h", "usual_prices"]

MIB_A_GIB = 1024


class Prices(NamedTuple):
    """What an hour costs.

    Parameters
    ----------
    core_usd_h, gib_usd_h : float
        The price of a core and of a GiB of memory [USD/h].
    """

    core_usd_h: float
    gib_usd_h: float


def usual_prices() -> Prices:
    """Give the prices of one large cloud.

    Returns
    -------
    Prices
        Of a core and of a GiB, each for an hour.

    References
    ----------
    COST-01.
    """
    core_price = evidence("COST-01:vCPU-hour").number
    # The source sells by the GB; that it means 1024 MiB is assumed.
    return Prices(core_price, evidence("COST-01:GB-hour").number)


def cost_usd_h(tree: Tree, prices: Prices) -> float:
    """Price what the copies ask for, and the memory of all between them and the hardware.

    Parameters
    ----------
    tree : Tree
        The tree.
    prices : Prices
        What a core and a GiB cost [USD/h].

    Returns
    -------
    float
        [USD/h]

    Raises
    ------
    ImpossibleAmount
        Where a price is negative or not finite.
    """
    asked = sum(tree.nouns[i].cpu_cores for i in tree.copies.tolist())
    shared_mib = float(tree.memory_mib[tree.shared].sum())
    held_mib = float(tree.memory_mib.sum()) - shared_mib
    paid = core.cost.metered_usd_h(
        1,
        copy_cores=asked,
        copy_gib=held_mib / MIB_A_GIB,
        core_usd_h=prices.core_usd_h,
        gib_usd_h=prices.gib_usd_h,
    )
    return float(paid)


PRICE = Question(
    "price an hour",
    lambda tree, growth: cost_usd_h(tree, usual_prices()),
    lambda usd: f"{usd:.3f} USD",
    better=-1,
)
