# SPDX-License-Identifier: MIT
"""A xenstore client that shows everything: sockets and rings, whole messages or pieces of them.

Start a daemon on a host without Xen, play its hypervisor and its guests:

    with Daemon("build/daemons/xenstored/xenstored") as d:
        dom0 = d.connect()
        guest = d.guest(7)
"""
import array
import contextlib
import mmap
import os
import select
import signal
import socket
import struct
import subprocess
import tempfile
import time

(CONTROL, DIRECTORY, READ, GET_PERMS, WATCH, UNWATCH, TRANSACTION_START, TRANSACTION_END, INTRODUCE,
 RELEASE, GET_DOMAIN_PATH, WRITE, MKDIR, RM, SET_PERMS, WATCH_EVENT, ERROR, IS_DOMAIN_INTRODUCED,
 RESUME, SET_TARGET, RESTRICT, RESET_WATCHES, DIRECTORY_PART) = range(23)

HEADER = struct.Struct("<IIII")
SCALE = float(os.environ.get("TEST_SCALE", "1"))
TIMEOUT = SCALE * 10
_patience = [TIMEOUT]


def timeout():
    """How long to wait for what must come."""
    return _patience[-1]


@contextlib.contextmanager
def less_patience():
    """For what is not expected to come."""
    _patience.append(SCALE * 0.4)
    try:
        yield
    finally:
        _patience.pop()


class XsError(Exception):
    """An answer of type ERROR; str() is the name."""


class Closed(Exception):
    """The other side closed the connection."""


def message(kind, payload=b"", req=0, tx=0, length=None):
    return HEADER.pack(kind, req, tx, len(payload) if length is None else length) + payload


def strings(*parts):
    return b"".join((p if isinstance(p, bytes) else str(p).encode()) + b"\0" for p in parts)


class Client:
    """Requests and answers over something that has send_bytes() and recv_bytes()."""

    def __init__(self):
        self.buffer = b""
        self.events = []
        self.next_req = 1

    def receive(self, wait=None):
        """The next message: (type, req, tx, payload)."""
        end = time.monotonic() + (wait or timeout())
        while True:
            if len(self.buffer) >= 16:
                kind, req, tx, length = HEADER.unpack(self.buffer[:16])
                if len(self.buffer) >= 16 + length:
                    payload = self.buffer[16:16 + length]
                    self.buffer = self.buffer[16 + length:]
                    return kind, req, tx, payload
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.buffer += self.recv_bytes(left)

    def ask(self, kind, payload=b"", tx=0):
        """One request and its answer; events that come first are kept."""
        req = self.next_req
        self.next_req += 1
        self.send_bytes(message(kind, payload, req, tx))
        while True:
            got, got_req, got_tx, data = self.receive()
            if got == WATCH_EVENT:
                self.events.append(tuple(data.decode().split("\0")[:2]))
                continue
            assert got_req == req and got_tx == tx, (got, got_req, req, got_tx, tx)
            if got == ERROR:
                raise XsError(data.rstrip(b"\0").decode())
            assert got == kind, (got, kind)
            return data

    def event(self, wait=None):
        """The next event: (path, token)."""
        if self.events:
            return self.events.pop(0)
        kind, _, _, data = self.receive(wait)
        assert kind == WATCH_EVENT, kind
        return tuple(data.decode().split("\0")[:2])

    def no_event(self, wait=0.05):
        """Fails when an event is or comes in. An answered request shows that none is under way."""
        self.ask(GET_DOMAIN_PATH, b"0\0")
        if self.events:
            raise AssertionError("unexpected event %r" % (self.events[0],))
        try:
            event = self.event(wait)
        except TimeoutError:
            return
        raise AssertionError("unexpected event %r" % (event,))

    def read(self, path, tx=0):
        return self.ask(READ, strings(path), tx).decode()

    def write(self, path, value="", tx=0):
        value = value if isinstance(value, bytes) else value.encode()
        assert self.ask(WRITE, strings(path) + value, tx) == b"OK\0"

    def mkdir(self, path, tx=0):
        assert self.ask(MKDIR, strings(path), tx) == b"OK\0"

    def rm(self, path, tx=0):
        assert self.ask(RM, strings(path), tx) == b"OK\0"

    def directory(self, path, tx=0):
        data = self.ask(DIRECTORY, strings(path), tx).decode()
        return data.split("\0")[:-1]

    def directory_part(self, path, offset, tx=0):
        data = self.ask(DIRECTORY_PART, strings(path, offset), tx)
        generation, rest = data.split(b"\0", 1)
        return int(generation), rest

    def perms(self, path, tx=0):
        return self.ask(GET_PERMS, strings(path), tx).decode().split("\0")[:-1]

    def set_perms(self, path, *perms, tx=0):
        assert self.ask(SET_PERMS, strings(path, *perms), tx) == b"OK\0"

    def watch(self, path, token="t", first=True):
        assert self.ask(WATCH, strings(path, token)) == b"OK\0"
        if first:
            event = self.event()
            assert event == (path, token), event

    def unwatch(self, path, token="t"):
        assert self.ask(UNWATCH, strings(path, token)) == b"OK\0"

    def start(self):
        data = self.ask(TRANSACTION_START, b"\0")
        assert data.endswith(b"\0")
        return int(data[:-1])

    def end(self, tx, commit=True):
        assert self.ask(TRANSACTION_END, b"T\0" if commit else b"F\0", tx) == b"OK\0"

    def control(self, *args):
        return self.ask(CONTROL, strings(*args)).rstrip(b"\0").decode()

    def introduce(self, domid, port=1, gfn=0):
        assert self.ask(INTRODUCE, strings(domid, gfn, port)) == b"OK\0"


class SocketClient(Client):
    def __init__(self, path):
        super().__init__()
        self.s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.s.connect(path)

    def send_bytes(self, data):
        self.s.sendall(data)

    def recv_bytes(self, wait):
        self.s.settimeout(wait)
        try:
            data = self.s.recv(65536)
        except socket.timeout as e:
            raise TimeoutError from e
        if not data:
            raise Closed
        return data

    def close(self):
        self.s.close()


class RingClient(Client):
    """A guest's end of a ring. Indices are public: tests write nonsense into them."""
    REQ_CONS, REQ_PROD, RSP_CONS, RSP_PROD, FEATURES, CONNECTION, RING_ERROR = range(2048, 2076, 4)

    def __init__(self, domid):
        super().__init__()
        self.domid = domid
        self.memfd = os.memfd_create("ring")
        os.ftruncate(self.memfd, 4096)
        self.page = mmap.mmap(self.memfd, 4096)
        # In one piece, as a guest does: struct.pack_into() writes byte after byte.
        self.words = memoryview(self.page).cast("I")
        self.to_daemon = os.eventfd(0, os.EFD_NONBLOCK)
        self.to_guest = os.eventfd(0, os.EFD_NONBLOCK)

    def get(self, offset):
        return self.words[offset // 4]

    def set(self, offset, value):
        self.words[offset // 4] = value & 0xffffffff

    def kick(self):
        os.eventfd_write(self.to_daemon, 1)

    def wait(self, seconds):
        p = select.poll()
        p.register(self.to_guest, select.POLLIN)
        if not p.poll(seconds * 1000):
            raise TimeoutError
        os.eventfd_read(self.to_guest)

    def put(self, data):
        """As many bytes as fit into the ring now; returns the rest."""
        prod, cons = self.get(self.REQ_PROD), self.get(self.REQ_CONS)
        room = 1024 - ((prod - cons) & 0xffffffff)
        now, rest = data[:room], data[room:]
        at = prod & 1023
        first = now[:1024 - at]
        self.page[at:at + len(first)] = first
        self.page[0:len(now) - len(first)] = now[len(first):]
        self.set(self.REQ_PROD, prod + len(now))
        return rest

    def take(self):
        """What is in the ring of answers."""
        cons, prod = self.get(self.RSP_CONS), self.get(self.RSP_PROD)
        n = (prod - cons) & 0xffffffff
        assert n <= 1024, n
        at = cons & 1023
        data = self.page[1024 + at:1024 + min(1024, at + n)]
        data += self.page[1024:1024 + n - len(data)]
        self.set(self.RSP_CONS, prod)
        return data

    def send_bytes(self, data):
        end = time.monotonic() + timeout()
        data = self.put(data)
        self.kick()
        while data:
            if time.monotonic() > end:
                raise TimeoutError
            # A daemon with answers for us reads no more requests before we take them.
            got = self.take()
            self.buffer += got
            if got:
                self.kick()
            try:
                self.wait(0.01)
            except TimeoutError:
                pass
            data = self.put(data)
            self.kick()

    def recv_bytes(self, wait):
        end = time.monotonic() + wait
        while True:
            data = self.take()
            if data:
                self.kick()
                return data
            self.wait(max(0, end - time.monotonic()))

    def close(self):
        self.words.release()
        self.page.close()
        for fd in (self.memfd, self.to_daemon, self.to_guest):
            os.close(fd)


class LazyGuest(RingClient):
    """Sends events as Linux does: no more than the other side needs not to sleep over data."""

    def put(self, data):
        prod = self.get(self.REQ_PROD)
        rest = super().put(data)
        if len(rest) < len(data) and prod <= self.get(self.REQ_CONS):
            super().kick()
        return rest

    def take(self):
        cons = self.get(self.RSP_CONS)
        data = super().take()
        if data and (self.get(self.RSP_PROD) - cons) & 0xffffffff >= 1024:
            super().kick()
        return data

    def kick(self):
        """put() and take() decide."""


class Daemon:
    """Our daemon on a host without Xen, in a directory of its own."""

    name = "ours"

    def __init__(self, program, *args, wrapper=()):
        self.program = os.path.abspath(program)
        self.wrapper = list(wrapper)
        self.args = list(args)
        self.dir = tempfile.TemporaryDirectory(prefix="xs")
        self.guests = []
        self.process = None
        self.hypervisor = None

    def path(self, name):
        return os.path.join(self.dir.name, name)

    def __enter__(self):
        self.start()
        return self

    def start(self):
        self.launch()
        self.connect_host()

    def connect_host(self):
        self.hypervisor = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.hypervisor.connect(self.path("host"))

    def launch(self):
        """Starts the program and waits until it serves."""
        env = dict(os.environ, XENSTORED_RUNDIR=self.dir.name)
        ready, ready_out = os.pipe()
        self.process = subprocess.Popen(
            self.wrapper + [self.program, "-N", "--host", self.path("host"), "-F", self.path("pid"),
                            "-e", str(ready_out)] + self.args,
            env=env, pass_fds=(ready_out,), stderr=open(self.path("stderr"), "a"))
        os.close(ready_out)
        if not select.select([ready], [], [], 6 * TIMEOUT)[0] or not os.read(ready, 1):
            raise RuntimeError("no start: " + self.stderr())
        os.close(ready)

    def stderr(self):
        with open(self.path("stderr")) as f:
            return f.read()

    def __exit__(self, *exc):
        for g in self.guests:
            g.close()
        if self.hypervisor:
            self.hypervisor.close()
        status = self.stop() if self.process else 0
        text = self.stderr()
        self.dir.cleanup()
        # Also catches what sanitizers and valgrind report at the end.
        assert status == 0 or exc[0], "exit status %d\n%s" % (status, text)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(6 * TIMEOUT)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.hypervisor.close()

    def restart(self):
        """Another process, that knows of nothing."""
        self.kill()
        for g in self.guests:
            g.close()
        self.guests = []
        self.start()

    def connect(self, read_only=False):
        return SocketClient(self.path("socket_ro" if read_only else "socket"))

    def host(self, command, domid, port=0, fds=()):
        """What the hypervisor does: 1 create, 2 shut down, 3 destroy, 4 run again, 5 replace by
        another domain before anybody hears of it, 6 (ours only) lose events."""
        anc = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        self.hypervisor.sendmsg([struct.pack("<III", command, domid, port)], anc)
        self.hypervisor.settimeout(TIMEOUT)
        rc = struct.unpack("<I", self.hypervisor.recv(4))[0]
        assert rc == 0, os.strerror(rc)

    def domain(self, domid, port=1, kind=RingClient):
        """A domain that exists but is not introduced."""
        g = kind(domid)
        self.guests.append(g)
        self.host(1, domid, port, (g.memfd, g.to_daemon, g.to_guest))
        return g

    def guest(self, domid, home=True):
        """A domain with a home directory that belongs to it, introduced."""
        g = self.domain(domid)
        c = self.connect()
        if home:
            c.mkdir("/local/domain/%d" % domid)
            c.set_perms("/local/domain/%d" % domid, "n%d" % domid)
        c.introduce(domid)
        c.close()
        return g

    def replace(self, domid, port=1):
        g = RingClient(domid)
        self.guests.append(g)
        self.host(5, domid, port, (g.memfd, g.to_daemon, g.to_guest))
        return g

    def shutdown(self, domid):
        self.host(2, domid)

    def destroy(self, domid):
        self.host(3, domid)

    def resume(self, domid):
        self.host(4, domid)

    def memory(self):
        """Resident bytes that belong to the daemon alone."""
        with open("/proc/%d/smaps_rollup" % self.process.pid) as f:
            for line in f:
                if line.startswith("Private_Dirty:"):
                    return int(line.split()[1]) * 1024
        raise RuntimeError("no Private_Dirty")

    def cpu(self):
        """Microseconds of CPU time so far."""
        with open("/proc/%d/schedstat" % self.process.pid) as f:
            return int(f.read().split()[0]) / 1000
