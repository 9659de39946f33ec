# SPDX-License-Identifier: MIT
"""What the files of the protocol suite share: the list of tests, and what a test works with."""
import time

import xs

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
    raise AssertionError("no %s: %r" % (names, result))


def settle(check, what):
    """Waits for something that follows from what another connection did."""
    end = time.monotonic() + xs.TIMEOUT
    while not check():
        assert time.monotonic() < end, what
        time.sleep(0.01)


class Env:
    """What a test works with."""

    def __init__(self, args, daemon):
        self.args = args
        self.daemon = daemon
        self.ours = daemon is not None
        self.clients = []
        self.domids = iter(range(1, 30000))

    def connect(self):
        c = self.daemon.connect() if self.daemon else xs.SocketClient(self.args.socket)
        self.clients.append(c)
        return c

    def domain(self, domid=None):
        return self.daemon.domain(domid or next(self.domids))

    def guest(self, domid=None):
        return self.daemon.guest(domid or next(self.domids))

    def prepare(self):
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
