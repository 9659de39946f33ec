# SPDX-License-Identifier: MIT
"""Operations: what takes time, or has to wait. Start any number; then wait(), or await, each."""

from __future__ import annotations

import asyncio
import os
import select
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Generator, Generic, NamedTuple, Optional, Type, TypeVar

from .errors import NO_DOMAIN, Cancelled, TimedOut
from .raw import light

if TYPE_CHECKING:
    from .host import Host

T = TypeVar("T")


class Progress(NamedTuple):
    """How far an operation is."""

    step: str
    """What is being done; "" at the end."""
    done: int
    steps: int
    """How many are behind, out of how many; that can grow."""
    undoing: bool
    """It has failed or was cancelled, and done counts down."""


class Transfer(NamedTuple):
    """How far saving, restoring or migrating is; all 0 for other operations."""

    round: int
    """Which round is being sent: 1 is all memory, while the guest runs; the last, while it stands."""
    round_pages: int
    round_done: int
    """Of what that consists, and how much of it is done."""
    pages: int
    """Pages with content, in all rounds."""
    bytes: int
    time_ns: int
    downtime_ns: int
    """Since when it goes on, and for how long the guest has not run."""


class Operation(Generic[T]):
    """Something under way on a host. Nothing happens outside of wait() and await; a host can have
    any number at once. One that is dropped before its end is called off.

    >>> from xenolith import Host, Config
    >>> with Host("sim:") as host:
    ...     op = host.start_create(Config(name="web", kernel=host.sim.kernel, memory=8))
    ...     first = op.progress.step
    ...     domain = op.wait()
    ...     (domain.name, op.done)
    ('web', True)
    """

    def __init__(self, host: "Host", raw: Any, finish: Callable[["Operation[T]"], T]) -> None:
        self.host = host
        self._raw = raw
        self._finish = finish
        self._wakers: "list[Callable[[], None]]" = []

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return bool(self.host._call(light.xlight_op_result, self._raw) != -115)

    @property
    def domid(self) -> Optional[int]:
        """The domain that it is about; None: not known yet."""
        domid = int(self.host._call(light.xlight_op_domid, self._raw))
        return None if domid == NO_DOMAIN else domid

    @property
    def progress(self) -> Progress:
        """How far it is."""
        p = self.host._call(light.xlight_op_progress, self._raw)
        return Progress(p.step, p.done, p.steps, p.undoing)

    @property
    def transfer(self) -> Transfer:
        """What has been moved so far."""
        t = self.host._call(light.xlight_op_transfer, self._raw)
        return Transfer(*(getattr(t, name) for name in Transfer._fields))

    @property
    def console(self) -> bool:
        """Whether the domain's console can be opened already: a boot loader talks there."""
        return bool(self.host._call(light.xlight_op_console, self._raw))

    def cancel(self) -> None:
        """Asks for an end: what was done is undone while the operation is waited for, which raises
        Cancelled then. No effect beyond a point of no return."""
        self.host._call(light.xlight_op_cancel, self._raw)

    def _step(self) -> bool:
        return bool(self.host._call(light.xlight_op_process, self._raw))

    def _wait_ms(self) -> int:
        return int(self.host._call(light.xlight_op_timeout, self._raw))

    def wait(self, timeout: Optional[float] = None) -> T:
        """Waits for the end and returns the result. TimedOut after `timeout` seconds: it can be
        waited for again."""
        end = None if timeout is None else time.monotonic() + timeout
        poll = select.poll()
        poll.register(light.xlight_op_fd(self._raw), select.POLLIN)
        woken, wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        poll.register(woken, select.POLLIN)

        def waker() -> None:
            try:
                os.write(wake, b"x")
            except BlockingIOError:
                pass  # it is full: enough

        self.host._waiting(self, waker)
        try:
            while not self._step():
                ms = self._wait_ms()
                if end is not None:
                    left = max(0, int((end - time.monotonic()) * 1000))
                    if not left:
                        raise TimedOut(110, why="the operation has not ended in time")
                    ms = left if ms < 0 else min(ms, left)
                for ready, _ in poll.poll(None if ms < 0 else ms):
                    if ready == woken:
                        os.read(woken, 4096)
        finally:
            self.host._waited(self, waker)
            os.close(wake)
            os.close(woken)
        return self._finish(self)

    def __await__(self) -> Generator[Any, None, T]:
        return self._drive().__await__()

    async def _drive(self) -> T:
        cancelled: Optional[asyncio.CancelledError] = None
        loop = asyncio.get_running_loop()
        fd = light.xlight_op_fd(self._raw)
        woken = asyncio.Event()

        def waker() -> None:
            loop.call_soon_threadsafe(woken.set)

        self.host._waiting(self, waker)
        loop.add_reader(fd, woken.set)
        try:
            while True:
                woken.clear()
                try:
                    if self._step():
                        break
                except Cancelled:
                    if cancelled:
                        raise cancelled from None
                    raise
                ms = self._wait_ms()
                timer = loop.call_later(ms / 1000, woken.set) if ms >= 0 else None
                try:
                    await woken.wait()
                except asyncio.CancelledError as e:
                    # What was done is undone before the task ends.
                    cancelled = e
                    self.cancel()
                finally:
                    if timer:
                        timer.cancel()
        finally:
            loop.remove_reader(fd)
            self.host._waited(self, waker)
        if cancelled:
            raise cancelled
        return self._finish(self)

    def close(self) -> None:
        """Frees it; one that has not ended is called off, and waited for."""
        self.host._call(light.xlight_op_free, self._raw)

    def __enter__(self) -> "Operation[T]":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

    def run(self) -> T:
        """wait(), and away with it: also when that is interrupted."""
        with self:
            return self.wait()


def ignore(op: "Operation[None]") -> None:
    """For operations without a result."""


__all__ = ["Operation", "Progress", "Transfer"]
