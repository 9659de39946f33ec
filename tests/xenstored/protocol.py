#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The protocol suite: what a store daemon answers.

    protocol.py --daemon build/daemons/xenstored/xenstored   starts it, plays hypervisor and guests
    protocol.py --socket /run/xenstored/socket               any daemon that runs; works below /xs-test
    protocol.py ... NAME...                                  only these tests

Exit status: 0 passed, 1 failed. Tests with guests need --daemon. Each test starts from an empty
/xs-test and may leave anything there.
"""
import argparse
import importlib
import os
import sys
import time
import traceback

import xs
from suite import TESTS, Env

for part in ("messages", "watches", "transactions", "guests", "limits", "rings", "control"):
    importlib.import_module("suite_" + part)


def run(env, names):
    failed = 0
    for name in names:
        fn = TESTS[name]
        if getattr(fn, "needs_guests", False) and not env.daemon:
            print("SKIP", name)
            continue
        env.prepare()
        start = time.monotonic()
        try:
            fn(env)
        except Exception:  # any way to fail is one failure
            failed += 1
            print("FAILED", name)
            traceback.print_exc(file=sys.stdout)
            if env.daemon and env.daemon.process.poll() is not None:
                print("the daemon is gone:", env.daemon.process.returncode, env.daemon.stderr())
                return failed
            continue
        print("ok %s (%.2f s)" % (name, time.monotonic() - start))
    return failed


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--daemon")
    p.add_argument("--socket")
    p.add_argument("--wrapper", default="", help="a command in front of the daemon: valgrind ...")
    p.add_argument("names", nargs="*")
    args = p.parse_args()
    names = args.names or list(TESTS)
    if args.daemon:
        with xs.Daemon(os.path.abspath(args.daemon), wrapper=args.wrapper.split()) as d:
            failed = run(Env(args, d), names)
    elif args.socket:
        failed = run(Env(args, None), names)
    else:
        p.error("--daemon or --socket")
    print("%d tests, %d failed" % (len(names), failed))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
