"""The questions of the course: each a walk over the tree, with its column in a comparison."""

from virtlearn.model.questions import (
    attack,
    cpu,
    failure,
    following,
    memory,
    moving,
    power,
    price,
    start,
)
from virtlearn.model.questions.question import Growth, Question

__all__ = ["QUESTIONS", "TOPICS", "Growth", "Question"]

# The columns of a comparison, in their order.
QUESTIONS = (
    memory.COPIES,
    memory.MEMORY,
    memory.MOST_COPIES,
    attack.KERNEL_COUNT,
    start.ONE_MORE,
    memory.DISK,
    cpu.COMPUTING,
    cpu.RANDOM_IO,
    failure.ALL_UP,
    attack.LOST,
)
# What running many costs, beside the copies themselves.
RUNNING = (memory.COPIES, power.HALF_BUSY, price.PRICE, *moving.COLUMNS, *following.COLUMNS)
# What a comparison can be about; one table with all columns would be too wide to read.
TOPICS = {"one host": QUESTIONS, "running many": RUNNING}
