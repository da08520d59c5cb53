"""The questions of the course: each a walk over the tree, with the column that a comparison shows of it."""

from virtlearn.model.questions import attack, cpu, failure, memory, start
from virtlearn.model.questions.question import Growth, Question

__all__ = ["QUESTIONS", "Growth", "Question"]

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
