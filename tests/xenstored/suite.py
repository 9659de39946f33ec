# SPDX-License-Identifier: MIT
"""What the files of the protocol suite share: the list of tests, and what a test works with."""
import contextlib
import time

import xs
from differences import DIFFERENCES

TESTS = {}
BASE = "/xs-test"


def test(fn):
    TESTS[fn.__name__] = fn
    return fn


def with_guests(fn):
    fn.needs_guests = True
    return test(fn)


def refused(name, fn, *args, **kwargs):
    """Calls fn and expects an error by this name (or one of several, in a tuple)."""
    names = (name,) if isinstance(name, str) else name
    try:
        result = fn(*args, **kwargs)
    except xs.XsError as e:
        assert str(e) in names, "%s instead of %s" % (e, names)
        return
    raise AssertionError("no %s: %.60r" % (names, result))


def settle(check, what):
    """Waits for something that follows from what another connection did."""
    end = time.monotonic() + xs.timeout()
    while not check():
        assert time.monotonic() < end, what
        time.sleep(0.01)


class Env:
    """What a test works with."""

    def __init__(self, name, daemon=None, socket=None):
        self.name = name  # of the daemon: one of differences.NAMES
        self.daemon = daemon
        self.socket = socket
        self.ours = name == "ours"
        self.clients = []
        self.domids = iter(range(1, 30000))
        self.case = None
        self.seen = []  # differences of this case

    @contextlib.contextmanager
    def differs(self, detail):
        """Around what one of Debian's daemons is known to do differently: must fail there, and only
        there. What fails must leave the connections in order, or use one of its own."""
        reason = self.expected("%s: %s" % (self.case, detail))
        if not reason:
            yield
            return
        try:
            with xs.less_patience():
                yield
        except Exception:  # any way to fail
            self.seen.append("%s: %s" % (detail, reason))
            return
        raise AssertionError("%s: the expected difference is gone (%s)" % (detail, reason))

    def expected(self, key):
        return DIFFERENCES.get(key, {}).get(self.name)

    def connect(self):
        c = self.daemon.connect() if self.daemon else xs.SocketClient(self.socket)
        self.clients.append(c)
        return c

    def domain(self, domid=None):
        return self.daemon.domain(domid or next(self.domids))

    def guest(self, domid=None):
        return self.daemon.guest(domid or next(self.domids))

    def prepare(self, case):
        self.case = case
        self.seen = []
        for c in self.clients:
            c.close()
        self.clients = []
        c = self.connect()
        try:
            c.rm(BASE)
        except xs.XsError:
            pass
        c.mkdir(BASE)
        c.set_perms(BASE, "n0")
