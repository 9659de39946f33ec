# SPDX-License-Identifier: MIT
"""What goes wrong: one family of exceptions, which carry the chain of causes.

>>> from xenolith import Host, NotFound
>>> with Host("sim:") as host:
...     try:
...         host.domain(99).pause()
...     except NotFound as e:
...         print(e.code, [link.code for link in e.chain])
ESRCH ['ESRCH', 'ESRCH', 'ESRCH']
"""

from __future__ import annotations

import errno as _errno
import os as _os
from typing import NamedTuple, Optional, Sequence, Tuple


class Link(NamedTuple):
    """One step of an explanation: what was tried, and how that failed."""

    errno: int
    """As in the module errno; positive."""
    domid: Optional[int]
    """The domain that it is about."""
    text: str

    @property
    def code(self) -> str:
        """The name of the error, such as "ENOENT"."""
        return _errno.errorcode.get(self.errno, str(self.errno))


class Error(OSError):
    """Something failed. `chain` begins with what was wanted and ends with the deepest known cause;
    it can be empty. `messages` is what is to be said about a configuration. str() is all in one
    line."""

    def __init__(self, number: int, chain: Sequence[Link] = (), why: str = "",
                 messages: Sequence[object] = ()) -> None:
        text = why or ": ".join(link.text for link in chain) or _os.strerror(number)
        super().__init__(number, text)
        self.chain: Tuple[Link, ...] = tuple(chain)
        self.messages: Tuple[object, ...] = tuple(messages)

    @property
    def code(self) -> str:
        """The name of the error, such as "ENOENT"."""
        return _errno.errorcode.get(self.errno or 0, str(self.errno))

    @property
    def domid(self) -> Optional[int]:
        """The domain that it is about, if any."""
        return next((link.domid for link in self.chain if link.domid is not None), None)

    def __str__(self) -> str:
        return str(self.strerror)


class NotFound(Error, LookupError):
    """There is no such domain, device, node of the store, or file."""


class Exists(Error, FileExistsError):
    """A name, an id or a UUID is taken."""


class Refused(Error, PermissionError):
    """The caller may not, or the hypervisor speaks another version of the control ABI."""


class Busy(Error):
    """It is in use, or others interfered."""


class TimedOut(Error, TimeoutError):
    """Somebody did not answer in time."""


class Invalid(Error, ValueError):
    """Arguments, or a configuration, make no sense."""


class NotConnected(Error, ConnectionError):
    """There is no store daemon or no hypervisor, or the connection is lost."""


class NotSupported(Error):
    """This host, or this library, cannot do that."""


class Cancelled(Error):
    """The operation was called off; what it had done is undone."""


class NoSpace(Error):
    """Memory, or some other resource, is used up."""


_kinds = {
    _errno.ENOENT: NotFound, _errno.ESRCH: NotFound, _errno.ENODEV: NotFound,
    _errno.ENODATA: NotFound, _errno.ENXIO: NotFound,
    _errno.EEXIST: Exists, _errno.ENOTUNIQ: Exists,
    _errno.EPERM: Refused, _errno.EACCES: Refused, _errno.EROFS: Refused,
    _errno.EBUSY: Busy, _errno.EAGAIN: Busy,
    _errno.ETIMEDOUT: TimedOut,
    _errno.EINVAL: Invalid, _errno.ERANGE: Invalid, _errno.E2BIG: Invalid,
    _errno.EILSEQ: Invalid, _errno.EBADMSG: Invalid, _errno.EDOM: Invalid, _errno.ENOEXEC: Invalid,
    _errno.ENOTCONN: NotConnected, _errno.ECONNRESET: NotConnected,
    _errno.ECONNREFUSED: NotConnected, _errno.EPROTO: NotConnected, _errno.EPIPE: NotConnected,
    _errno.EOPNOTSUPP: NotSupported, _errno.ENOSYS: NotSupported,
    _errno.ECANCELED: Cancelled,
    _errno.ENOMEM: NoSpace, _errno.ENOSPC: NoSpace,
}

NO_DOMAIN = 0x7FF4


def make(number: int, links: Sequence[Tuple[int, int, str]], why: str) -> Error:
    """The exception for a failed call: the modules below call this."""
    chain = [Link(code, None if domid == NO_DOMAIN else domid, text) for code, domid, text in links]
    return _kinds.get(number, Error)(number, chain, why)
