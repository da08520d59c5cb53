"""Charts: from values of the model to figures that say what they show.

They compute nothing and display nothing. A new chart is a function in one of the rooms and its name
in that room's ``__all__``; a new room is one more line of each kind here.
"""
# ruff: noqa: F403 - each room says in its ``__all__`` what is public, and that is said once.

from virtlearn.charts import (
    attack,
    blocks,
    capacity,
    choosing,
    cpu,
    crossing,
    dark,
    day,
    energy,
    exposing,
    failing,
    filling,
    following,
    history,
    ideas,
    layers,
    memory,
    moving,
    placing,
    pressure,
    queueing,
    speed,
    starting,
    storage,
    tank,
    towers,
    waiting,
)
from virtlearn.charts._chart import Chart
from virtlearn.charts.attack import *
from virtlearn.charts.blocks import *
from virtlearn.charts.capacity import *
from virtlearn.charts.choosing import *
from virtlearn.charts.cpu import *
from virtlearn.charts.crossing import *
from virtlearn.charts.dark import *
from virtlearn.charts.day import *
from virtlearn.charts.energy import *
from virtlearn.charts.exposing import *
from virtlearn.charts.failing import *
from virtlearn.charts.filling import *
from virtlearn.charts.following import *
from virtlearn.charts.history import *
from virtlearn.charts.ideas import *
from virtlearn.charts.layers import *
from virtlearn.charts.memory import *
from virtlearn.charts.moving import *
from virtlearn.charts.placing import *
from virtlearn.charts.pressure import *
from virtlearn.charts.queueing import *
from virtlearn.charts.speed import *
from virtlearn.charts.starting import *
from virtlearn.charts.storage import *
from virtlearn.charts.tank import *
from virtlearn.charts.towers import *
from virtlearn.charts.waiting import *

__all__ = ["Chart"]
__all__ += attack.__all__
__all__ += blocks.__all__
__all__ += capacity.__all__
__all__ += choosing.__all__
__all__ += cpu.__all__
__all__ += crossing.__all__
__all__ += dark.__all__
__all__ += day.__all__
__all__ += energy.__all__
__all__ += exposing.__all__
__all__ += failing.__all__
__all__ += filling.__all__
__all__ += following.__all__
__all__ += history.__all__
__all__ += ideas.__all__
__all__ += layers.__all__
__all__ += memory.__all__
__all__ += moving.__all__
__all__ += placing.__all__
__all__ += pressure.__all__
__all__ += queueing.__all__
__all__ += speed.__all__
__all__ += starting.__all__
__all__ += storage.__all__
__all__ += tank.__all__
__all__ += towers.__all__
__all__ += waiting.__all__
