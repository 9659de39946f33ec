#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How memory and time grow with the number of guests.

    scale.py DAEMON [GUESTS...]     default: 10 100 1000

Each guest has 100 nodes and 10 watches. Prints a table; fails when an operation costs more than twice
as much among 1000 guests as among 10, or a guest's memory grows.
"""
import os
import resource
import sys

import xs

NODES, WATCHES, OPS = 100, 10, 2000


def populate(d, c, domid):
    g = d.guest(domid)
    t = c.start()
    for i in range(NODES - 1):
        c.write("/local/domain/%d/device/vbd/%d/key-%d" % (domid, i // 10, i % 10), "value %d" % i, tx=t)
    c.end(t)
    requests = [xs.message(xs.WATCH, xs.strings("device/vbd/%d" % i, "token %d" % i), i)
                for i in range(WATCHES)]
    for i, r in enumerate(requests):
        g.send_bytes(r)
        assert g.receive()[0] == xs.WATCH and g.receive()[0] == xs.WATCH_EVENT, i
    return g


def per_op(d, fn):
    """Microseconds of the daemon's CPU time for one call."""
    before = d.cpu()
    for i in range(OPS):
        fn(i)
    return (d.cpu() - before) / OPS


def measure(program, guests):
    with xs.Daemon(os.path.abspath(program)) as d:
        c = d.connect()
        empty = d.memory()
        rings = [populate(d, c, i + 1) for i in range(guests)]
        memory = (d.memory() - empty) / guests
        path = lambda i: "/local/domain/%d/device/vbd/3/key-%d" % (i * 7 % guests + 1, i % 10)
        row = [guests, memory / 1024]
        row.append(per_op(d, lambda i: c.read(path(i))))
        # Nobody watches this part, then one guest does.
        row.append(per_op(d, lambda i: c.write(path(i).replace("vbd", "vif"), "v%d" % i)))
        row.append(per_op(d, lambda i: (c.write(path(i), "v%d" % i),
                                        rings[i * 7 % guests].take())))
        row.append(per_op(d, lambda i: c.end(transaction(c, path, i))))
        row.append(per_op(d, lambda i: rings[i % guests].read("device/vbd/3/key-1")))
        assert c.control("check") == "OK"
    return row


def transaction(c, path, i):
    t = c.start()
    for k in range(4):
        c.read(path(i + k), tx=t)
        c.write(path(i + k), "t%d" % i, tx=t)
    return t


def main():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    counts = [int(a) for a in sys.argv[2:]] or [10, 100, 1000]
    print("guests  KiB/guest  us: read  write  write+event  transaction of 8+2  read by ring")
    rows = []
    for n in counts:
        rows.append(measure(sys.argv[1], n))
        print("%6d %10.1f %9.1f %6.1f %12.1f %19.1f %13.1f" % tuple(rows[-1]), flush=True)
    first, last = rows[0], rows[-1]
    bad = [i for i in range(2, len(first)) if last[i] > 2 * first[i] + 5]
    assert not bad, "columns %s grow" % bad
    assert last[1] < 1.2 * first[1] + 2, "memory grows"


if __name__ == "__main__":
    main()
