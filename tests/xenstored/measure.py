# SPDX-License-Identifier: MIT
"""Counts the instructions that a daemon executes, by valgrind: the same on every machine."""
import os
import re
import subprocess
import tempfile
import time

import xs


class Callgrind:
    """Start a daemon with .wrapper in front, then attach(); after on() per_call() counts.

    Only instructions of the daemon itself count, not those of the kernel on its behalf.
    """

    def __init__(self):
        self.dir = tempfile.TemporaryDirectory(prefix="xs-cg")
        self.base = os.path.join(self.dir.name, "cg")
        self.wrapper = ["valgrind", "-q", "--tool=callgrind", "--instr-atstart=no",
                        "--callgrind-out-file=" + self.base]
        self.pid = None
        self.dumps = 0

    def attach(self, daemon):
        self.pid = daemon.process.pid
        return self

    def control(self, option):
        subprocess.run(["callgrind_control", option, str(self.pid)], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=True)

    def on(self):
        """Before this the daemon is faster, and not counted."""
        self.control("--instr=on")

    def take(self):
        """Instructions since the last time."""
        self.dumps += 1
        name = "%s.%d" % (self.base, self.dumps)
        self.control("--dump")
        end = time.monotonic() + xs.timeout()
        while True:
            try:
                with open(name) as f:
                    total = re.search(r"^(?:totals|summary): (\d+)", f.read(), re.M)
                if total:
                    os.unlink(name)
                    return int(total.group(1))
            except FileNotFoundError:
                pass
            assert time.monotonic() < end, "no dump"
            time.sleep(0.01)

    def per_call(self, calls, fn):
        """Instructions for one call of fn(number)."""
        self.take()
        for i in range(calls):
            fn(i)
        return self.take() / calls


def eight_and_eight(c, path, i):
    """A transaction of 8 reads and 8 writes."""
    t = c.start()
    for k in range(8):
        c.read(path(i + k), tx=t)
        c.write(path(i + k), "t%d" % i, tx=t)
    c.end(t)
