# SPDX-License-Identifier: MIT
"""Plays with a fleet program: fleet.py PROGRAM [ARGUMENT...].  See fleet.sh."""
import os
import queue
import subprocess
import sys
import tempfile
import threading

from xenolith import Host

SECONDS = 20 * float(os.environ.get("TEST_SCALE", "1"))


class Fleet:
    """The program, on a host; its lines, as they come."""

    def __init__(self, host, folder):
        self.process = subprocess.Popen(
            sys.argv[1:] + [f"{folder}/{name}.cfg" for name in "ab"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env={**os.environ, "XENOLITH_HOST": host.sim.where})
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def says(self, *wanted):
        """The next lines, in any order."""
        got = [self.lines.get(timeout=SECONDS) for _ in wanted]
        assert sorted(map(str, got)) == sorted(wanted), (got, wanted)
        print("ok   ", " / ".join(wanted), flush=True)

    def asked(self, command, *wanted):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        self.says(*wanted)

    def ended(self, status, errors):
        assert self.process.wait(SECONDS) == status, self.process.returncode
        assert self.lines.get(timeout=SECONDS) is None
        text = self.process.stderr.read()
        assert text == errors, text


def play(host, folder):
    kernel = host.sim.kernel
    disk = os.path.join(folder, "disk.img")
    with open(disk, "wb") as f:
        f.truncate(1 << 20)
    for name, more in ("a", "on_reboot = 'restart'"), ("b", "vcpus = 2\non_crash = 'restart'"):
        with open(f"{folder}/{name}.cfg", "w", encoding="utf-8") as f:
            f.write(f"name = '{name}'\nkernel = '{kernel}'\nmemory = 8\n{more}\n")
    fleet = Fleet(host, folder)
    fleet.says("a: runs", "b: runs")
    fleet.asked("list", "a          runs", "b          runs", "2 guests")
    fleet.asked(f"disk a {disk},raw,xvdb,r", "a: done adding a disk")
    assert [d.name for d in host.domain("a").devices("disk")] == ["xvdb"]
    fleet.asked("disk a nonsense=1", 'a: "nonsense=1" is no disk')
    fleet.asked("disk a", "fleet: list, start, stop, kill, disk or quit")
    fleet.asked("start nobody", "fleet: start whom?")

    host.domain("b").wait_ready(SECONDS)
    fleet.asked("stop b", "b: done stopping", "b: has ended, reason 0", "b: is gone")
    fleet.asked("stop b", "b: is off")
    fleet.asked("list", "a          runs", "b          off", "2 guests")
    fleet.asked("start b", "b: runs")

    for reason, name, again in (1, "a", True), (3, "a", False), (3, "b", True):
        host.sim.end_guest(host.domain(name).domid, reason)
        fleet.says(f"{name}: has ended, reason {reason}", f"{name}: is gone",
                   *[f"{name}: runs"] * again)
    # Its third life is the last one.
    host.sim.end_guest(host.domain("b").domid, 3)
    fleet.says("b: has ended, reason 3", "b: is gone", "b: runs")
    host.sim.end_guest(host.domain("b").domid, 3)
    fleet.says("b: has ended, reason 3", "b: is gone")
    fleet.asked("start b", "b: runs")
    fleet.asked("kill b", "b: is gone")
    fleet.asked("start b", "b: runs")
    host.domain("b").destroy()
    fleet.says("b: was destroyed")

    # A name that is taken, and the end.
    fleet.asked("start a", "a: runs")
    host.create(host.domain("a").config().clone(name="b"))
    other = host.domain("b")
    fleet.asked("start b", f'b: cannot create domain "b": domain {other.domid} has the name "b" already')
    host.domain("a").wait_ready(SECONDS)
    fleet.asked("quit", "a: done stopping", "a: has ended, reason 0", "a: is gone")
    fleet.ended(0, "")
    assert [d.name for d in host] == ["Domain-0", "b"], list(host)
    other.destroy()

    with open(f"{folder}/b.cfg", "a", encoding="utf-8") as f:
        f.write("memory = many\n")
    fleet = Fleet(host, folder)
    assert fleet.process.wait(SECONDS) == 1
    said = fleet.process.stderr.read() + str(list(iter(fleet.lines.get, None)))
    assert "b.cfg:6" in said and "many" in said, said
    host.sim.audit()


with Host("sim:") as the_host, tempfile.TemporaryDirectory() as the_folder:
    play(the_host, the_folder)
