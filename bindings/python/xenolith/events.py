# SPDX-License-Identifier: MIT
"""Streams that are iterated over, or waited for with `async for`: events of a host, watches."""

from __future__ import annotations

import asyncio
import select
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Optional, Type, TypeVar

from .errors import TimedOut
from .raw import light, store
from .record import Record, read_record

if TYPE_CHECKING:
    from .host import Host

T = TypeVar("T")
S = TypeVar("S", bound="Stream[Any]")


class Stream(Generic[T]):
    """Things that happen, in their order. Without an end: whoever has seen enough closes it."""

    def _fd(self) -> int:
        raise NotImplementedError

    def _take(self) -> Optional[T]:
        """The next one, or None when it has yet to come."""
        raise NotImplementedError

    def close(self) -> None:
        """Ends the stream."""
        raise NotImplementedError

    def poll(self) -> Optional[T]:
        """The next one if it is there already, else None."""
        return self._take()

    def next(self, timeout: Optional[float] = None) -> T:
        """Waits for the next one; TimedOut after `timeout` seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            item = self._take()
            if item is not None:
                return item
            left = None if end is None else max(0.0, end - time.monotonic())
            if left == 0:
                raise TimedOut(110, why="nothing has happened in time")
            poll = select.poll()
            poll.register(self._fd(), select.POLLIN)
            poll.poll(None if left is None else left * 1000 + 1)

    def __iter__(self: S) -> S:
        return self

    def __next__(self) -> T:
        return self.next()

    def __aiter__(self: S) -> S:
        return self

    async def __anext__(self) -> T:
        loop = asyncio.get_running_loop()
        while True:
            item = self._take()
            if item is not None:
                return item
            ready = asyncio.Event()
            loop.add_reader(self._fd(), ready.set)
            try:
                await ready.wait()
            finally:
                loop.remove_reader(self._fd())

    def __enter__(self: S) -> S:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()


class Events(Stream[Record]):
    """What happens on a host: records with `event` ("domain-created", "domain-shutdown", ...),
    `domid`, `name` and what else an event has; see <xenolith/light-event.h>.

    >>> from xenolith import Host, Config
    >>> with Host("sim:") as host, host.events() as events:
    ...     domain = host.create(Config(name="web", kernel=host.sim.kernel, memory=8))
    ...     events.next(timeout=5).event
    'domain-created'
    """

    def __init__(self, host: "Host") -> None:
        self.host = host
        self._raw = host._call(light.xlight_events_open, host._raw)

    def _fd(self) -> int:
        return int(light.xlight_events_fd(self._raw))

    def _take(self) -> Optional[Record]:
        text = self.host._call(light.xlight_events_next, self._raw)
        if text is None:
            self.host._call(light.xlight_events_process, self._raw)
            text = self.host._call(light.xlight_events_next, self._raw)
        return None if text is None else read_record(text)

    def close(self) -> None:
        self.host._call(light.xlight_events_close, self._raw)


class Watch(Stream[str]):
    """Paths of the store that have changed, at and below one; the first comes at once. It has a
    connection of its own.

    >>> from xenolith import Host
    >>> with Host("sim:") as host, host.store.watch("/demo") as watch:
    ...     first = watch.next(timeout=5)
    ...     host.store["/demo/a"] = "1"
    ...     (first, watch.next(timeout=5))
    ('/demo', '/demo/a')
    """

    def __init__(self, where: Optional[str], path: str) -> None:
        self._raw = store.xstore_open_why(where)
        store.xstore_watch(self._raw, path, "watch")

    def _fd(self) -> int:
        return int(store.xstore_get_fd(self._raw))

    def _take(self) -> Optional[str]:
        event = store.xstore_next_event(self._raw)
        if event is None:
            store.xstore_process(self._raw)
            event = store.xstore_next_event(self._raw)
        return None if event is None else str(event[0])

    def close(self) -> None:
        store.xstore_close(self._raw)
