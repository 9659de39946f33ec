# SPDX-License-Identifier: MIT
"""A simulated host that is whole: a store daemon, back ends, and guests that do what they are asked.

No guest code runs. A domain that is not paused is ready after a moment, and asks for a login on its
console; it shuts down when it is asked, connects to its devices and lets go of them, and has a
balloon for its memory, PV guests at least.
"""

from __future__ import annotations

import os
import select
import shutil
import struct
import subprocess
import tempfile
import threading
import time
import weakref
from typing import Any, Callable, Dict, List, Optional, Set

from .errors import Busy, Error, Invalid, NotConnected, NotFound, TimedOut
from .pv import PvGuest
from .raw import ctrl, store
from .raw.where import LIBEXEC
from .terminal import Terminals

SHUTDOWN = {"poweroff": 0, "halt": 0, "reboot": 1, "suspend": 2}
_LOOK = 5  # ms between looks at domains that have not started


def tiny_kernel() -> bytes:
    """A kernel for guests that nobody runs: an ELF file with Xen's notes and a page of code."""

    def note(kind: int, data: bytes) -> bytes:
        return struct.pack("<III4s", 4, len(data), kind, b"Xen") + data + b"\0" * (-len(data) % 4)

    base, at, page = 0xFFFFFFFF80000000, 0x100000, 4096
    notes = (note(1, struct.pack("<Q", base + at)) + note(3, struct.pack("<Q", base)) +
             note(4, struct.pack("<Q", 0)) + note(5, b"xen-3.0\0") + note(6, b"linux\0") +
             note(8, b"generic\0"))
    head = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 2, 62, 1, base + at, 64, 0, 0, 64, 56,
                       2, 0, 0, 0)
    load = struct.pack("<IIQQQQQQ", 1, 7, page, base + at, at, page, page, page)
    about = struct.pack("<IIQQQQQQ", 4, 4, 64 + 112, 0, 0, len(notes), len(notes), 4)
    return (head + load + about + notes).ljust(page, b"\0") + b"\x90" * page


class _Guests(threading.Thread):
    """Plays back ends, the console daemon and guests, through the store."""

    def __init__(self, host: str, socket: str) -> None:
        super().__init__(name="xenolith-sim", daemon=True)
        self.ctrl = ctrl.xctl_open_why(host)
        self.store = store.xstore_open_why(socket)
        # As xen-init-dom0 does it.
        for path, value in (("/local/domain/0/name", "Domain-0"), ("/local/domain/0/domid", "0"),
                            ("/local/pool/0/name", "Pool-0")):
            self._write(path, value)
        self.end, self._ender = os.pipe()
        self.starting: Set[int] = set()
        self.failure: Optional[BaseException] = None
        self._poll = select.poll()
        self._poll.register(store.xstore_get_fd(self.store), select.POLLIN)
        self._poll.register(self.end, select.POLLIN | select.POLLHUP)
        self._terminals = Terminals(self._poll)
        for path in ("/local/domain", "@introduceDomain"):
            store.xstore_watch(self.store, path, path)

    def stop(self) -> None:
        os.close(self._ender)
        if threading.current_thread() is not self:
            self.join()
        self._terminals.close_all()
        store.xstore_close(self.store)
        ctrl.xctl_close(self.ctrl)
        os.close(self.end)

    def run(self) -> None:
        try:
            while True:
                self._take()
                ready = [fd for fd, _ in self._poll.poll(_LOOK if self.starting else None)]
                if self.end in ready:
                    return
                self._terminals.take(ready)
                store.xstore_process(self.store)
        except Error as e:
            # The store daemon has gone.
            self.failure = e

    def _take(self) -> None:
        # Requests take events in, too: those come last.
        for domid in list(self.starting):
            self._start(domid)
        while True:
            event = store.xstore_next_event(self.store)
            if event is None:
                break
            try:
                self._happened(event[0])
            except NotFound:
                pass  # a domain that is gone already

    def _read(self, path: str) -> str:
        return str(store.xstore_read(self.store, 0, path).decode())

    def _get(self, path: str) -> str:
        try:
            return self._read(path)
        except NotFound:
            return ""

    def _write(self, path: str, value: str) -> None:
        store.xstore_write(self.store, 0, path, value.encode())

    def _answer(self, there: str, values: Dict[str, str]) -> None:
        """Writes these, if a node is there still: else a domain that goes would come back."""
        while True:
            t = store.xstore_transaction_start(self.store)
            still = store.xstore_exists(self.store, t, there)
            for path, value in values.items() if still else ():
                store.xstore_write(self.store, t, path, value.encode())
            try:
                store.xstore_transaction_end(self.store, t, still)
                return
            except Busy:
                pass

    def _happened(self, path: str) -> None:
        parts = path.split("/")
        if path == "@introduceDomain":
            self.starting |= {d for d in self._domains() if d} - self._ready()
        elif "backend" in parts and parts[-1] in ("state", "hotplug-status"):
            self._back_end(path[:path.rindex("/")])
        elif path.endswith("/control/shutdown"):
            self._shutdown(int(parts[3]), path)
        elif path.endswith("/memory/target"):
            self._balloon(int(parts[3]), path)
        elif path.endswith("/console/tty") and not self._read(path):
            self._answer(path, {path: self._terminals.open(int(parts[3]))})
        elif path == f"/local/domain/{parts[-1]}" and not store.xstore_exists(self.store, 0, path):
            self._terminals.close(int(parts[-1]))

    def _domains(self) -> List[int]:
        found: List[int] = []
        first = 0
        while True:
            try:
                info = ctrl.xctl_domain_info_next(self.ctrl, first)
            except NotFound:
                return found
            found.append(int(info.domain))
            first = info.domain + 1

    def _ready(self) -> Set[int]:
        return {d for d in self._domains()
                if self._get(f"/local/domain/{d}/control/feature-poweroff")}

    def _start(self, domid: int) -> None:
        try:
            flags = self._flags(domid)
            if flags & ctrl.XEN_DOMINF_paused and not flags & ctrl.XEN_DOMINF_dying:
                return
            if not flags & ctrl.XEN_DOMINF_dying:
                self._does(domid, PvGuest.boot)
                control = f"/local/domain/{domid}/control"
                self._answer(control, {f"{control}/feature-{feature}": "1"
                                       for feature in ("reboot", "suspend", "poweroff")})
                self._terminals.up(domid, self._get(f"/local/domain/{domid}/name"))
        except NotFound:
            pass
        self.starting.discard(domid)

    def _flags(self, domid: int) -> int:
        return int(ctrl.xctl_domain_info(self.ctrl, domid).flags)

    def _does(self, domid: int, what: Callable[[PvGuest], None]) -> None:
        """What a PV guest does of itself; not to the end when it is being destroyed."""
        if self._flags(domid) & ctrl.XEN_DOMINF_hvm_guest:
            return
        try:
            what(PvGuest(self.ctrl, domid))
        except (Invalid, NotFound):
            if not self._flags(domid) & ctrl.XEN_DOMINF_dying:
                raise

    def _shutdown(self, domid: int, path: str) -> None:
        wish = self._read(path)
        if wish in SHUTDOWN:
            self._answer(path, {path: ""})
            if wish == "suspend":
                self._does(domid, PvGuest.before_suspend)
            ctrl.xctl_domain_shutdown(self.ctrl, domid, SHUTDOWN[wish])

    def _balloon(self, domid: int, path: str) -> None:
        if self._get(f"/local/domain/{domid}/control/feature-poweroff"):
            self._does(domid, lambda guest: guest.balloon(int(self._read(path)) >> 2))

    def _back_end(self, back: str) -> None:
        if "/console/" in back:
            return
        state = self._read(f"{back}/state")
        front = self._read(f"{back}/frontend")
        if state == "1":
            self._answer(f"{back}/state", {f"{back}/state": "2"})
        elif state == "2" and self._get(f"{back}/hotplug-status") == "connected":
            self._answer(f"{back}/state", {f"{front}/state": "4", f"{back}/state": "4"})
        elif state == "5":
            self._answer(f"{back}/state", {f"{front}/state": "6", f"{back}/state": "6"})


class Sim:
    """What runs behind Host("sim:"). It ends with the host, or with the process."""

    _number = 0
    _numbers = threading.Lock()

    def __init__(self, where: str) -> None:
        with Sim._numbers:
            Sim._number += 1
            self.name = f"python-{os.getpid()}-{Sim._number}"
        self._options = where[len("sim:"):]
        self._dir = tempfile.mkdtemp(prefix="xenolith-sim-")
        self.socket = os.path.join(self._dir, "socket")
        self.kernel = os.path.join(self._dir, "kernel")
        """The path of a kernel for its guests, which has nothing to do."""
        with open(self.kernel, "wb") as f:
            f.write(tiny_kernel())
        host = f"sim:{self.name}{',' if self._options else ''}{self._options}"
        self.where = f"{host},store={self.socket},state={self._dir}/state"
        self._life, self._daemon = self._start_daemon(host)
        try:
            self._await_store()
            self._guests = _Guests(host, self.socket)
        except BaseException:
            _end(os.getpid(), self._daemon, self._life, None, self._dir)
            raise
        self._guests.start()
        self._end = weakref.finalize(self, _end, os.getpid(), self._daemon, self._life, self._guests,
                                     self._dir)

    def _start_daemon(self, host: str) -> "tuple[int, subprocess.Popen[bytes]]":
        program = os.environ.get("XENOLITH_SIM_STORE", os.path.join(LIBEXEC, "sim-store"))
        theirs, ours = os.pipe()
        env = {**os.environ, "XENSTORED_RUNDIR": self._dir, "XENOLITH_SIM_LIFE": str(theirs)}
        try:
            daemon = subprocess.Popen([program, "-N", "--host", host], env=env, pass_fds=[theirs],
                                      stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        except OSError as e:
            os.close(ours)
            shutil.rmtree(self._dir)
            raise NotFound(e.errno or 2, why=f"cannot start {program}: {e.strerror}") from None
        finally:
            os.close(theirs)
        return ours, daemon

    def _await_store(self) -> None:
        end = time.monotonic() + 60
        while True:
            try:
                store.xstore_close(store.xstore_open(self.socket))
                return
            except (NotFound, NotConnected):
                pass
            if self._daemon.poll() is not None:
                raise Invalid(22, why="the simulated store daemon has ended; are the options right?")
            if time.monotonic() > end:
                raise TimedOut(110, why="the simulated store daemon does not start")
            time.sleep(0.001)

    def end_guest(self, domid: int, reason: int) -> None:
        """As if the guest had ended by itself, for a reason SHUTDOWN_* (3: it crashed).

        >>> from xenolith import Host, Config
        >>> with Host("sim:") as host:
        ...     web = host.create(Config(name="web", kernel=host.sim.kernel, memory=8))
        ...     host.sim.end_guest(web.domid, 3)
        ...     web.wait(timeout=5)
        ...     web.info().shutdown_reason
        3
        """
        ctrl.xctl_domain_shutdown(self._guests.ctrl, domid, reason)

    def advance(self, seconds: float) -> None:
        """Moves time on: guests that run use it up."""
        ctrl.xctl_sim_advance(self._guests.ctrl, int(seconds * 1e9))

    def fail(self, what: int, command: int = -1, nth: int = 1, number: int = 12) -> None:
        """The nth call of a kind, raw.ctrl.XCTL_SIM_*, fails with an errno: for tests of how a
        script takes that. Only calls of this process count."""
        ctrl.xctl_sim_fail(self._guests.ctrl, what, command, nth, number)

    def audit(self) -> None:
        """Checks the books of the host. Invalid: they are wrong."""
        ctrl.xctl_sim_audit(self._guests.ctrl)

    def close(self) -> None:
        """Ends it."""
        self._end()


def _end(pid: int, daemon: Any, life: int, guests: Optional[_Guests], path: str) -> None:
    if pid != os.getpid():
        return  # a child after a fork: the host is its parent's
    if guests:
        guests.stop()
    os.close(life)
    daemon.wait()
    shutil.rmtree(path, ignore_errors=True)
