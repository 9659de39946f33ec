#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How memory and work grow with the number of guests.

    scale.py DAEMON [GUESTS...]     default: 10 100 1000

Each guest has 100 nodes and 10 watches. Prints a table of bytes a guest (by the daemon's own account,
and resident) and instructions an operation; fails when they are not flat.
"""
import os
import resource
import sys

import measure
import xs

NODES, WATCHES, CALLS = 100, 10, 300
COLUMNS = ("guests", "bytes/guest", "resident", "read", "write", "write+event", "transaction 8+8",
           "read by ring", "watch+unwatch", "introduce+die")


def all_at_once(c, requests):
    c.send_bytes(b"".join(requests))
    for _ in requests:
        assert c.receive()[0] != xs.ERROR


def populate(d, c, domid):
    g = d.guest(domid)
    t = c.start()
    path = "/local/domain/%d/device/vbd/%d/key-%d"
    all_at_once(c, [xs.message(xs.WRITE, xs.strings(path % (domid, i // 10, i % 10)) + b"value %d" % i,
                               tx=t) for i in range(NODES - 1)])
    c.end(t)
    requests = [xs.message(xs.WATCH, xs.strings("device/vbd/%d" % i, "token %d" % i), i)
                for i in range(WATCHES)]
    for i, r in enumerate(requests):
        g.send_bytes(r)
        assert g.receive()[0] == xs.WATCH and g.receive()[0] == xs.WATCH_EVENT, i
    return g


def held(c, guests):
    """Bytes that the daemon holds for all guests, as it counts them."""
    return sum(int(c.control("quota", i + 1).split("memory")[1].split()[1]) for i in range(guests))


def come_and_go(d, domid):
    d.guest(domid, home=False)
    d.destroy(domid)
    d.guests.pop().close()


def measure_with(program, guests):
    cg = measure.Callgrind()
    with xs.Daemon(os.path.abspath(program), wrapper=cg.wrapper) as d:
        cg.attach(d)
        c = d.connect()
        empty = d.memory()
        rings = [populate(d, c, i + 1) for i in range(guests)]
        row = [guests, held(c, guests) / guests, (d.memory() - empty) / guests]
        path = lambda i: "/local/domain/%d/device/vbd/3/key-%d" % (i * 7 % guests + 1, i % 10)
        unwatched = lambda i: path(i).replace("vbd", "vif")
        for n in range(0, guests * 10, 50):
            all_at_once(c, [xs.message(xs.WRITE, xs.strings(unwatched(n + i)) + b"new")
                            for i in range(50)])
        cg.on()
        row.append(cg.per_call(CALLS, lambda i: c.read(path(i))))
        row.append(cg.per_call(CALLS, lambda i: c.write(unwatched(i), "v%d" % i)))
        row.append(cg.per_call(CALLS, lambda i: (c.write(path(i), "v%d" % i),
                                                 rings[i * 7 % guests].take())))
        row.append(cg.per_call(CALLS, lambda i: measure.eight_and_eight(c, unwatched, i)))
        row.append(cg.per_call(CALLS, lambda i: rings[i % guests].read("device/vbd/3/key-1")))
        w = d.connect()
        row.append(cg.per_call(CALLS, lambda i: (w.watch(path(i), "w"), w.unwatch(path(i), "w"))))
        row.append(cg.per_call(CALLS // 10, lambda i: come_and_go(d, 20000 + i)))
        assert c.control("check") == "OK"
    return row


def main():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    counts = [int(a) for a in sys.argv[2:]] or [10, 100, 1000]
    print(" ".join("%*s" % (max(9, len(n)), n) for n in COLUMNS))
    rows = []
    for n in counts:
        rows.append(measure_with(sys.argv[1], n))
        print(" ".join("%*d" % (max(9, len(n)), v) for n, v in zip(COLUMNS, rows[-1])), flush=True)
    first, last = rows[0], rows[-1]
    assert last[1] < 1.05 * first[1] + 100, "memory grows"
    grow = [COLUMNS[i] for i in range(3, len(COLUMNS)) if last[i] > 1.5 * first[i] + 300]
    assert not grow, "these grow: %s" % grow


if __name__ == "__main__":
    main()
