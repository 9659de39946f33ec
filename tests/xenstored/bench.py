#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What operations cost in our daemon and in Debian's, in user-space instructions of the daemon.

    bench.py OURS [--debian FOLDER --preload FILE] [--limits]

--limits fails when one of ours costs more than LIMITS, or than C xenstored's when that is measured.
"""
import argparse
import os
import sys

import debian
import measure
import xs

CALLS = 500
COLUMNS = ("daemon", "read", "write", "transaction 8+8", "list of 50", "write+event", "read by ring")
# In Dom0 a read costs 27 k instructions and a write 29 k, client and kernel included: nearly all is
# system calls and switching between processes. These bounds keep our own part small beside that.
LIMITS = {"read": 1600, "write": 3200, "transaction 8+8": 60000, "list of 50": 5500,
          "write+event": 4000, "read by ring": 3800}


def path(i):
    return "/xs-test/k%d" % (i % 50)


def measure_daemon(name, program, preload):
    cg = measure.Callgrind()
    with debian.start(name, os.path.abspath(program), preload, cg.wrapper) as d:
        cg.attach(d)
        c, w, g = d.connect(), d.connect(), d.guest(1)
        for i in range(50):
            c.write(path(i), "v")
            c.write("/xs-watched/k%d" % i, "v")
        g.write("v", "1")
        w.watch("/xs-watched")
        cg.on()
        count = lambda fn, calls=CALLS: cg.per_call(calls, fn)
        return [name,
                count(lambda i: c.read(path(i))),
                count(lambda i: c.write(path(i), "v%d" % i)),
                count(lambda i: measure.eight_and_eight(c, path, i), CALLS // 5),
                count(lambda i: c.directory("/xs-test")),
                count(lambda i: (c.write(path(i).replace("test", "watched"), "v"), w.event())),
                count(lambda i: g.read("v"))]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("ours")
    p.add_argument("--debian")
    p.add_argument("--preload")
    p.add_argument("--limits", action="store_true")
    args = p.parse_args()
    programs = {"ours": args.ours}
    if args.debian:
        programs["cxenstored"] = os.path.join(args.debian, "xenstored")
        programs["oxenstored"] = os.path.join(args.debian, "oxenstored")
    print("%-12s" % COLUMNS[0] + " ".join("%*s" % (max(9, len(n)), n) for n in COLUMNS[1:]))
    rows = []
    for name, program in programs.items():
        rows.append(measure_daemon(name, program, args.preload))
        print("%-12s" % name + " ".join("%*d" % (max(9, len(n)), v) for n, v in
                                        zip(COLUMNS[1:], rows[-1][1:])), flush=True)
    if args.limits:
        over = [n for n, v in zip(COLUMNS[1:], rows[0][1:]) if v > LIMITS[n]]
        assert not over, "more than allowed: %s" % over
        for other in rows[1:]:
            assert all(a < b for a, b in zip(rows[0][1:], other[1:])), "more than " + other[0]


if __name__ == "__main__":
    main()
