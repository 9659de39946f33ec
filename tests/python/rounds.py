# SPDX-License-Identifier: MIT
"""See rounds.sh. Argument: how many rounds."""

import asyncio
import gc
import os
import sys
import time

from xenolith import Config, Host, NotFound
from xenolith.raw import light


def rss_kb() -> int:
    with open("/proc/self/smaps_rollup") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("Pss_Anon:"))


def state(host: Host) -> "dict[str, int]":
    # It keeps names of attributes that C code asked for, one block each, up to 4,096 of them.
    sys._clear_type_cache()
    gc.collect()
    return {"descriptors": len(os.listdir("/proc/self/fd")), "threads": len(os.listdir("/proc/self/task")),
            "objects": len(gc.get_objects()), "references to None": sys.getrefcount(None),
            "references to the host": sys.getrefcount(host), "blocks": sys.getallocatedblocks(),
            "garbage": len(gc.garbage)}


async def by_asyncio(host: Host, config: Config) -> None:
    domain = await host.start_create(config)
    await domain.start_destroy()


def one_round(host: Host, config: Config, i: int) -> None:
    if i % 4 == 3:
        asyncio.run(by_asyncio(host, config))
        return
    domain = host.create(config, paused=i % 2 == 0)
    domain.config().to_dict()
    if i % 10 == 1:
        op = host.start_create(config.replace(name="other", uuid="00000000-0000-0000-0000-000000000001"))
        op._step()  # dropped in the middle
        try:
            host.create(config)
        except OSError:
            pass
    with host.events() as events:
        events.poll()
    domain.destroy()
    try:
        domain.info().name
    except NotFound:
        pass


def rounds(host: Host, config: Config, nr: int) -> None:
    for i in range(nr):
        one_round(host, config, i)


def main() -> int:
    nr = int(sys.argv[1])
    host = Host("sim:")
    config = Config(name="web", kernel=host.sim.kernel, memory=8)
    light.xlight_config_type()
    rounds(host, config, 40)  # what is made once
    before, kb, start = state(host), rss_kb(), time.monotonic()
    try:
        rounds(host, config, nr)
    finally:
        if host.sim._guests.failure:
            print("FAILED the simulated guests:", repr(host.sim._guests.failure))
    seconds, after = time.monotonic() - start, state(host)
    grown = rss_kb() - kb
    print(f"{nr} rounds, {seconds * 1000 / nr:.2f} ms each; {grown} KiB more of {kb}")
    failed = 0
    for what, number in before.items():
        # An interpreter's own caches grow a bit; what leaks does so each time.
        exact = ("descriptors", "threads", "garbage", "references to the host")
        allowed = 0 if what in exact else 100 + nr // 100
        if after[what] - number > allowed:
            print(f"FAILED {what}: {number} before, {after[what]} after {nr} rounds")
            failed = 1
    # The smallest block of malloc() has 32 bytes.
    if grown > 256 + nr * 16 // 1024:
        print(f"FAILED memory: {grown} KiB more after {nr} rounds")
        failed = 1
    host.sim.audit()
    host.close()
    return failed


if __name__ == "__main__":
    sys.exit(main())
