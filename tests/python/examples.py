# SPDX-License-Identifier: MIT
"""Runs ten_guests.py on a simulated host: examples.py PROGRAM.  See examples.sh."""
import os
import re
import subprocess
import sys
import tempfile
import time

from xenolith import Host

SECONDS = 60 * float(os.environ.get("TEST_SCALE", "1"))


def run(*args):
    done = subprocess.run([sys.executable, *sys.argv[1:], *args], stdout=subprocess.PIPE,
                          text=True, timeout=SECONDS)
    assert done.returncode == 0, done
    return done.stdout.splitlines()


def check(table):
    """Ten guests, each with its memory and its disk; the fourth was saved, and is another domain."""
    print("\n".join(table))
    assert table[0].split() == ["name", "id", "memory", "disk"], table[0]
    rows = [re.fullmatch(r"guest-(\d) +(\d+) +80 MiB +xvda", line) for line in table[1:]]
    assert all(rows), table
    assert [int(row[1]) for row in rows] == list(range(10)), table
    ids = [int(row[2]) for row in rows]
    assert len(set(ids)) == 10 and ids[3] == max(ids) == 11, ids


def nothing_left(host, before):
    assert [d.domid for d in host] == [0], host.list()
    # The store daemon lets go of the last page when it has heard of the last domain's end.
    end = time.monotonic() + SECONDS
    while host.info().free_memory_kb != before.free_memory_kb and time.monotonic() < end:
        time.sleep(0.001)
    assert host.info().free_memory_kb == before.free_memory_kb, (host.info(), before)
    store = host.store
    assert store.list("/local/domain") == ["0"], list(store.walk("/local/domain"))
    assert not [path for path, _ in store.walk("/vm")][1:], list(store.walk("/vm"))
    backs = [path for path, _ in store.walk("/local/domain/0/backend") if path.count("/") > 5]
    assert not backs, backs
    host.sim.audit()


check(run())
# On a host that is there before and after, with a configuration of its own.
with Host("sim:") as the_host, tempfile.TemporaryDirectory() as the_folder:
    file = os.path.join(the_folder, "guest.cfg")
    with open(file, "w", encoding="utf-8") as f:
        f.write(f"name = 'any'\nkernel = '{the_host.sim.kernel}'\nmemory = 96\n")
    at_first = the_host.info()
    check(run(the_host.sim.where, file))
    nothing_left(the_host, at_first)
