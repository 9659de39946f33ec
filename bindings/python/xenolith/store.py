# SPDX-License-Identifier: MIT
"""The store: names and values that domains and toolstacks share."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from types import TracebackType
from typing import Callable, Iterator, List, Optional, Sequence, Tuple, Type, TypeVar, Union

from .errors import Busy, NotFound
from .events import Watch
from .raw import store

T = TypeVar("T")
Value = Union[str, bytes, int, bool]


def _bytes(value: Value) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        return b"1" if value else b"0"
    return str(value).encode()


class Store:
    """A connection to the store daemon. Paths begin with "/", or are relative to the caller's
    /local/domain/<id>. Values are text; read_bytes() is for those that are not.

    where: the path of a socket or device; None: the usual places. NotConnected, NotFound or
    Refused when there is no daemon.

    >>> from xenolith import Host
    >>> with Host("sim:") as host:
    ...     store = host.store
    ...     store["/demo/name"] = "web"
    ...     store["/demo/size"] = 8
    ...     (store["/demo/name"], int(store["/demo/size"]), sorted(store.list("/demo")),
    ...      "/demo/none" in store, store.get("/demo/none"))
    ('web', 8, ['name', 'size'], False, None)
    """

    def __init__(self, where: Optional[str] = None) -> None:
        self.where = where
        self._raw = store.xstore_open_why(where)
        self._lock = threading.RLock()

    def close(self) -> None:
        """Ends the connection; its transactions end without effect."""
        store.xstore_close(self._raw)

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

    def set_timeout(self, seconds: Optional[float]) -> None:
        """How long calls wait for the daemon; then they raise TimedOut. None, as at first: for
        ever."""
        store.xstore_set_timeout(self._raw, -1 if seconds is None else int(seconds * 1000))

    def read_bytes(self, path: str, transaction: int = 0) -> bytes:
        """A value. NotFound: no such node; Refused: the caller may not."""
        with self._lock:
            return bytes(store.xstore_read(self._raw, transaction, path))

    def read(self, path: str, transaction: int = 0) -> str:
        """A value as text; bytes that are not UTF-8 become surrogates."""
        return self.read_bytes(path, transaction).decode(errors="surrogateescape")

    def get(self, path: str, default: Optional[str] = None) -> Optional[str]:
        """read(), or the default when there is no such node."""
        try:
            return self.read(path)
        except NotFound:
            return default

    def write(self, path: str, value: Value, transaction: int = 0) -> None:
        """Sets a value; creates the node and those above as needed. Numbers are written decimal,
        truth as 0 and 1."""
        with self._lock:
            store.xstore_write(self._raw, transaction, path, _bytes(value))

    def mkdir(self, path: str, transaction: int = 0) -> None:
        """Creates a node; fine when there is one."""
        with self._lock:
            store.xstore_mkdir(self._raw, transaction, path)

    def remove(self, path: str, transaction: int = 0) -> None:
        """Removes a node and all below; fine when there is none."""
        with self._lock:
            store.xstore_rm(self._raw, transaction, path)

    def exists(self, path: str, transaction: int = 0) -> bool:
        """Whether there is a node that the caller may read."""
        with self._lock:
            return bool(store.xstore_exists(self._raw, transaction, path))

    def list(self, path: str, transaction: int = 0) -> List[str]:
        """The names of the children."""
        with self._lock:
            return list(store.xstore_list(self._raw, transaction, path))

    def walk(self, path: str) -> Iterator[Tuple[str, str]]:
        """All nodes at and below a path with their values; what goes meanwhile is left out."""
        try:
            value, names = self.read(path), self.list(path)
        except NotFound:
            return
        yield path, value
        for name in sorted(names):
            yield from self.walk(f"{path.rstrip('/')}/{name}")

    __getitem__ = read
    __contains__ = exists

    def __setitem__(self, path: str, value: Value) -> None:
        self.write(path, value)

    def __delitem__(self, path: str) -> None:
        self.remove(path)

    def permissions(self, path: str) -> List[Tuple[int, int]]:
        """Pairs of a domain and 0, 1 (reads), 2 (writes) or 3; the first is the owner, with what
        all others may."""
        with self._lock:
            return list(store.xstore_get_perms(self._raw, 0, path))

    def set_permissions(self, path: str, permissions: Sequence[Tuple[int, int]],
                        transaction: int = 0) -> None:
        """Replaces them."""
        with self._lock:
            store.xstore_set_perms(self._raw, transaction, path, permissions)

    def watch(self, path: str) -> Watch:
        """The changes at and below a path."""
        return Watch(self.where, path)

    @contextmanager
    def transaction(self) -> Iterator["Transaction"]:
        """Requests that take effect together at the end of the block, or not at all when it raises.
        Busy: others interfered; see transact()."""
        t = Transaction(self)
        try:
            yield t
        except BaseException:
            t._end(False)
            raise
        t._end(True)

    def transact(self, work: Callable[["Transaction"], T]) -> T:
        """Calls work in a transaction, again and again until nothing interferes; it must have no
        other lasting effect. Returns what it returned.

        >>> from xenolith import Host
        >>> with Host("sim:") as host:
        ...     host.store["/n"] = 1
        ...     host.store.transact(lambda t: t.write("/n", int(t.read("/n")) + 1))
        ...     host.store["/n"]
        '2'
        """
        while True:
            t = Transaction(self)
            try:
                result = work(t)
            except BaseException:
                t._end(False)
                raise
            try:
                t._end(True)
            except Busy:
                continue
            return result

    def control(self, command: str, *args: str) -> str:
        """Has the daemon execute a command, and returns its answer."""
        with self._lock:
            return str(store.xstore_control(self._raw, command, list(args)))


class Transaction:
    """The requests of Store, in one transaction."""

    def __init__(self, s: Store) -> None:
        self._store = s
        with s._lock:
            self.id = int(store.xstore_transaction_start(s._raw))

    def _end(self, commit: bool) -> None:
        with self._store._lock:
            store.xstore_transaction_end(self._store._raw, self.id, commit)

    def read(self, path: str) -> str:
        return self._store.read(path, self.id)

    def write(self, path: str, value: Value) -> None:
        self._store.write(path, value, self.id)

    def mkdir(self, path: str) -> None:
        self._store.mkdir(path, self.id)

    def remove(self, path: str) -> None:
        self._store.remove(path, self.id)

    def exists(self, path: str) -> bool:
        return self._store.exists(path, self.id)

    def list(self, path: str) -> List[str]:
        return self._store.list(path, self.id)
