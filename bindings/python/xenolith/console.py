# SPDX-License-Identifier: MIT
"""The console of a guest: what it says, and what is typed there."""

from __future__ import annotations

import codecs
import fcntl
import os
import select
import time
from typing import TYPE_CHECKING, Optional

from .errors import Busy, NotFound, TimedOut, make
from .events import Stream

if TYPE_CHECKING:
    from .domain import Domain

_LOCK = "/var/lock/xenconsole.%d"  # of xenconsole, ours and Xen's


class Console(Stream[str]):
    """The first console of a domain, as in xl console: a stream of pieces of text, as they come. The
    console daemon keeps what nobody has read, so of a new guest nothing is missed. Only one can
    read it: Busy, somebody else does. NotFound, from then on: the domain has gone.

    >>> from xenolith import Host, Config
    >>> with Host("sim:") as host:
    ...     web = host.create(Config(name="web", kernel=host.sim.kernel, memory=8))
    ...     with web.console() as console:
    ...         console.wait_for("login: ", timeout=5)
    'web login: '
    """

    def __init__(self, domain: "Domain") -> None:
        self.domain = domain
        self._path = f"/local/domain/{domain.domid}/console/tty"
        self._tty = self._lock = -1
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._ended = False
        self._unread = ""  # what came behind a text that was waited for
        # Others cannot see a simulated host of our own.
        if not domain.host.where.startswith("sim:"):
            self._lock = _take_lock(domain.domid)
        # Only once the daemon has written it there is a terminal.
        self._watch = domain.host.store.watch(self._path)

    def _fd(self) -> int:
        return self._watch._fd() if self._tty < 0 else self._tty

    def _open(self) -> bool:
        if self._ended:
            raise self._gone()
        while self._tty < 0 and self._watch.poll() is not None:
            store = self.domain.host.store
            if name := store.get(self._path):
                self._tty = self._open_tty(name)
            elif not store.exists(f"/local/domain/{self.domain.domid}"):
                raise self._gone()
        return self._tty >= 0

    def _open_tty(self, name: str) -> int:
        try:
            return os.open(name, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            raise self._gone() from None

    def _gone(self) -> NotFound:
        self._ended = True
        return NotFound(3, why=f"domain {self.domain.domid} has gone, and its console")

    def _take(self) -> Optional[str]:
        if self._unread:
            text, self._unread = self._unread, ""
            return text
        if not self._open():
            return None
        try:
            data = os.read(self._tty, 4096)
        except BlockingIOError:
            return None
        except OSError:
            data = b""  # EIO: its other end was closed
        if not data:
            raise self._gone()
        # None: the beginning of a character.
        return self._decoder.decode(data) or None

    def wait_for(self, text: str, timeout: Optional[float] = None) -> str:
        """Reads until the guest has said this, and returns all up to there. TimedOut after `timeout`
        seconds; what it has said meanwhile can be read again."""
        end = None if timeout is None else time.monotonic() + timeout
        said = ""
        try:
            while text not in said:
                said += self.next(None if end is None else max(0.0, end - time.monotonic()))
        finally:
            found = self._keep_rest(said, text)
        return found

    async def says(self, text: str) -> str:
        """The same for asyncio, where asyncio.timeout() is the timeout."""
        said = ""
        try:
            while text not in said:
                said += await self.__anext__()
        finally:
            found = self._keep_rest(said, text)
        return found

    def _keep_rest(self, said: str, text: str) -> str:
        before, found, after = said.partition(text)
        self._unread = after if found else said
        return before + found

    def write(self, text: str, timeout: Optional[float] = None) -> None:
        """Types this; "\\n" is the Enter key. TimedOut: for `timeout` seconds nobody has taken it."""
        data = text.encode()
        while data:
            if self._open():
                try:
                    data = data[os.write(self._tty, data):]
                    continue
                except BlockingIOError:
                    pass
                except OSError:
                    raise self._gone() from None
            self._await_room(timeout)

    def _await_room(self, timeout: Optional[float]) -> None:
        poll = select.poll()
        poll.register(self._fd(), select.POLLIN if self._tty < 0 else select.POLLOUT)
        if not poll.poll(None if timeout is None else timeout * 1000):
            raise TimedOut(110, why=f"nobody takes what is typed for domain {self.domain.domid}")

    def close(self) -> None:
        """Lets others read it."""
        self._watch.close()
        for fd in self._tty, self._lock:
            if fd >= 0:
                os.close(fd)
        self._tty = self._lock = -1


def _take_lock(domid: int) -> int:
    path, fd = _LOCK % domid, -1
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return fd
    except BlockingIOError:
        os.close(fd)
        raise Busy(16, why=f"somebody else reads the console of domain {domid}") from None
    except OSError as e:
        raise make(e.errno or 0, (), f"cannot open {path}: {e.strerror}") from None
