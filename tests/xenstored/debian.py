# SPDX-License-Identifier: MIT
"""Debian's two store daemons on a host without Xen, see fake-xen.c; or ours."""
import os
import signal
import subprocess
import time

import xs

CONFIG = "xenstored-kva = /proc/xen/xsd_kva\nxenstored-port = /proc/xen/xsd_port\n"


class DebianDaemon(xs.Daemon):
    """One of them; `preload` is fake-xen.c, compiled."""

    arguments = ()

    def __init__(self, program, preload, wrapper=()):
        super().__init__(program, wrapper=wrapper)
        self.preload = os.path.abspath(preload)
        with open(self.path("xsd_port"), "w") as f:
            f.write("1")
        with open(self.path("xsd_kva"), "w") as f:
            f.truncate(4096)
        with open(self.path("oxenstored.conf"), "w") as f:
            f.write(CONFIG)

    def launch(self):
        env = dict(os.environ, XENSTORED_RUNDIR=self.dir.name, XENSTORED_ROOTDIR=self.dir.name,
                   FAKE_XEN_DIR=self.dir.name, LD_PRELOAD=self.preload)
        for name in ("socket", "host"):
            if os.path.exists(self.path(name)):
                os.unlink(self.path(name))
        arguments = [a.replace("DIR", self.dir.name) for a in self.arguments]
        with open(self.path("stderr"), "a") as err:
            self.process = subprocess.Popen(self.wrapper + [self.program] + arguments, env=env,
                                            stdout=err, stderr=err)
        self.insist(lambda: self.connect().close())

    def connect_host(self):
        """A socket has its name before one can connect to it."""
        self.insist(super().connect_host)

    def insist(self, connect):
        end = time.monotonic() + 6 * xs.TIMEOUT
        while True:
            try:
                return connect()
            except (FileNotFoundError, ConnectionRefusedError):
                pass
            if time.monotonic() > end or self.process.poll() is not None:
                raise RuntimeError("no start: " + self.stderr())
            time.sleep(0.01)

    def stop(self):
        """How one of them ends says nothing about the protocol."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        return 0


class CXenstored(DebianDaemon):
    name = "cxenstored"
    arguments = ("-N",)


class OXenstored(DebianDaemon):
    name = "oxenstored"
    arguments = ("--no-fork", "--no-access-log", "--config-file", "DIR/oxenstored.conf")


def start(name, program, preload, wrapper=()):
    """A daemon by its name in differences.py."""
    for kind in (CXenstored, OXenstored):
        if kind.name == name:
            return kind(program, preload, wrapper=wrapper)
    return xs.Daemon(program, wrapper=wrapper)
