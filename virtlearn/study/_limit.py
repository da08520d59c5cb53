"""A limit on the time a learner's function may take: a loop without an end is an answer too."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Any

__all__ = ["LIMIT_S", "TooLong", "within"]

LIMIT_S = 5.0
AGAIN_S = 0.2


class TooLong(BaseException):
    """A function was still running when its time was over.

    Not an ``Exception``, so that ``except Exception`` in the function does not swallow it.
    """


class _Timer:
    """Raises `TooLong` in the thread that made it, until `stop`.

    Python's own way into another thread: unlike an alarm signal it is there on Windows too. It is
    heard between two steps of Python, so it cannot end one long wait, such as ``time.sleep(1000)``.
    """

    def __init__(self, seconds: float) -> None:
        self._thread = threading.get_ident()
        self._over = threading.Event()
        # While it is held nobody raises: a function that ends in time is not hit after its end.
        self._turn = threading.Lock()
        self._watcher = threading.Thread(target=self._watch, args=(seconds,), daemon=True)

    def start(self) -> None:
        self._watcher.start()

    def _watch(self, seconds: float) -> None:
        wait = seconds
        # A bare ``except:`` in the function may swallow the first one.
        while not self._over.wait(wait):
            with self._turn:
                if not self._over.is_set():
                    self._raise_there(ctypes.py_object(TooLong))
            wait = AGAIN_S

    def _raise_there(self, what: Any) -> None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), what)

    def stop(self) -> None:
        with self._turn:
            self._over.set()
            self._raise_there(None)  # takes back what was not heard yet


def within(seconds: float, function: Callable[..., Any], *values: Any) -> Any:
    """Call a function, and stop it when its time is over.

    Parameters
    ----------
    seconds : float
        The most time it may take.
    function : callable
        What to call.
    *values : object
        What it is given.

    Returns
    -------
    object
        What the function gives.

    Raises
    ------
    TooLong
        When it is still running after that time.

    Examples
    --------
    >>> within(5, max, 3, 7)
    7
    """
    timer = _Timer(seconds)
    try:
        try:
            timer.start()
            return function(*values)
        finally:
            timer.stop()
    except TooLong:
        timer.stop()  # the exception comes at any step, also while the timer was being stopped
        raise
