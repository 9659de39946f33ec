#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The daemon replaced or killed while it is busy.

    stress.py live-update DAEMON     updates under load: nothing may be lost
    stress.py kill DAEMON            kill -9 under load, then what is promised of a new one
"""
import os
import sys
import threading
import time

import xs

UPDATES = 15


class Worker(threading.Thread):
    """Counts up a node in transactions until told to stop; keeps what went wrong."""

    def __init__(self, client, node):
        super().__init__()
        self.client = client
        self.node = node
        self.stop = False
        self.done = 0
        self.retries = 0
        self.failed = None

    def step(self):
        c = self.client
        t = c.start()
        c.write(self.node, str(int(c.read(self.node, tx=t)) + 1), tx=t)
        try:
            c.end(t)
            self.done += 1
        except xs.XsError as e:
            if str(e) != "EAGAIN":
                raise
            self.retries += 1

    def run(self):
        try:
            while not self.stop:
                self.step()
        except Exception as e:  # anything at all is told by the main thread
            self.failed = repr(e)


def inherited(d):
    """The descriptors that a program started by the daemon would get."""
    def flags(fd):
        with open("/proc/%d/fdinfo/%s" % (d.process.pid, fd)) as f:
            return next(int(line.split()[1], 8) for line in f if line.startswith("flags:"))
    return {fd for fd in os.listdir("/proc/%d/fd" % d.process.pid) if not flags(fd) & os.O_CLOEXEC}


def refused_updates(d, control):
    """What cannot take over is refused, and all goes on."""
    before = inherited(d)
    assert len(before) <= 4, before  # the standard ones and the process id's
    assert control.control("live-update", "-f", "/bin/false") == "OK"
    answer = control.control("live-update", "-s")
    assert "cannot continue" in answer, answer
    assert inherited(d) == before, (inherited(d), before)
    # It says that it could, and is gone when it should.
    with open(d.path("gone"), "w") as f:
        f.write("#!/bin/sh\nrm \"$0\"\n")
    os.chmod(d.path("gone"), 0o755)
    assert control.control("live-update", "-f", d.path("gone")) == "OK"
    answer = control.control("live-update", "-s")
    assert "cannot be started" in answer, answer
    assert inherited(d) == before, (inherited(d), before)
    assert control.control("live-update", "-a") == "OK"
    control.control("live-update", "-c", "-N --no-such-option")
    assert "cannot continue" in control.control("live-update", "-s")


def live_update(program):
    with xs.Daemon(os.path.abspath(program)) as d:
        c = d.connect()
        guests = [d.guest(i) for i in range(1, 9)]
        c.write("/n", "0")
        c.set_perms("/n", "b0")
        c.write("/quiet", "before")
        watcher = d.connect()
        watcher.watch("/quiet", "w")
        guests[7].watch("own", "g")
        d.domain(30)  # never introduced, but named
        c.write("/named")
        c.set_perms("/named", "n0", "r30")
        t = c.start()
        c.write("/in-transaction", "kept", tx=t)
        assert c.read("/quiet", tx=t) == "before"
        half = d.connect()
        request = xs.message(xs.READ, xs.strings("/quiet"), 7)
        half.send_bytes(request[:20])
        full = d.connect()
        full.send_bytes(xs.message(xs.READ, xs.strings("/quiet"), 8) * 20)
        guests[6].put(request[:19])
        guests[6].kick()
        workers = [Worker(d.connect(), "/n") for _ in range(4)]
        workers += [Worker(g, "/n") for g in guests[:4]]
        for w in workers:
            w.start()
        control = d.connect()
        pid = d.process.pid
        exe = "/proc/%d/exe" % pid
        for i in range(UPDATES):
            if i % 3 == 1:
                assert control.control("live-update", "-f", os.path.abspath(program)) == "OK"
            answer = control.control("live-update", "-s", "-t", "10", "-F")
            assert answer == "OK", (i, answer, d.stderr())
            time.sleep(0.05)
            assert os.path.samefile(os.readlink(exe), program)
        refused_updates(d, control)
        for w in workers:
            w.stop = True
            w.join()
            assert w.failed is None, (workers.index(w), w.failed)
        total = sum(w.done for w in workers)
        assert int(c.read("/n")) == total and total > UPDATES, (c.read("/n"), total)
        assert all(w.done for w in workers)
        half.send_bytes(request[20:])
        assert half.receive() == (xs.READ, 7, 0, b"before")
        for _ in range(20):
            assert full.receive() == (xs.READ, 8, 0, b"before")
        guests[6].put(request[19:])
        guests[6].kick()
        assert guests[6].receive()[:3] == (xs.ERROR, 7, 0)
        c.end(t)
        assert c.read("/in-transaction") == "kept"
        c.write("/quiet", "after")
        assert watcher.event() == ("/quiet", "w")
        guests[7].write("own", "1")
        assert guests[7].event() == ("own", "g")
        d.destroy(5)
        end = time.monotonic() + xs.TIMEOUT
        while c.ask(xs.IS_DOMAIN_INTRODUCED, b"5\0") != b"F\0":
            assert time.monotonic() < end
        assert c.perms("/named") == ["n0", "r30"]
        d.destroy(30)
        while c.perms("/named") != ["n0"]:
            assert time.monotonic() < end
        assert c.control("check") == "OK" and d.process.pid == pid
        print("%d updates, %d transactions, %d retries" %
              (UPDATES, total, sum(w.retries for w in workers)))


def kill(program):
    with xs.Daemon(os.path.abspath(program)) as d:
        for round_nr in range(5):
            c = d.connect()
            c.write("/n", "0")
            guests = [d.guest(i) for i in range(1, 4)]
            workers = [Worker(d.connect(), "/n") for _ in range(8)]
            for w in workers:
                w.start()
            time.sleep(0.1)
            d.kill()
            for w in workers:
                w.join()
                # Everybody learns of it at once.
                assert w.failed and ("Closed" in w.failed or "Pipe" in w.failed or
                                     "reset" in w.failed), w.failed
            d.start()
            c = d.connect()
            assert c.directory("/") == ["tool"], "the tree is lost, all of it"
            assert d.stderr().count("did not end well") == round_nr + 1
            # A guest goes on with the ring it has once it is introduced again.
            for g in guests:
                d.host(1, g.domid, 1, (g.memfd, g.to_daemon, g.to_guest))
                g.buffer, g.events = b"", []
                g.take()
                c.mkdir("/local/domain/%d" % g.domid)
                c.set_perms("/local/domain/%d" % g.domid, "n%d" % g.domid)
                c.introduce(g.domid)
                g.write("again", "x")
                d.destroy(g.domid)
        print("5 times killed and started again")


if __name__ == "__main__":
    {"live-update": live_update, "kill": kill}[sys.argv[1]](sys.argv[2])
