"""The laws: pure numpy on arrays, with the unit in every name and no objects, files or plots.

Each module answers one kind of question about things that run inside other things. Functions take
what numpy takes and broadcast over leading axes, so a slider position and a sweep are the same
call. What is impossible is refused with a `ValueError` of `virtlearn.errors`.
"""

from virtlearn.core import (
    attack,
    cost,
    cpu,
    demand,
    energy,
    failure,
    lanes,
    memory,
    migration,
    network,
    packing,
    placing,
    scaling,
    startup,
    storage,
    tree,
)

__all__ = ["attack", "cost", "cpu", "demand", "energy", "failure", "lanes", "memory", "migration"]
__all__ += ["network", "packing", "placing", "scaling", "startup", "storage", "tree"]
