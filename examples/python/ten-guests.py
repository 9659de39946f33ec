#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Ten guests at once: created, awaited, resized, given a disk. ten-guests.py [HOST [KERNEL]]"""
import asyncio
import os
import sys
import tempfile

from xenolith import Config, Domain, Host


async def guest(host: Host, number: int, kernel: str, folder: str) -> Domain:
    disks = [os.path.join(folder, f"{number}-{name}.img") for name in "ab"]
    for path in disks:
        with open(path, "wb") as f:
            f.truncate(1 << 20)
    config = Config(name=f"guest-{number}", kernel=kernel, memory=8, maxmem=16,
                    disk=[f"{disks[0]},raw,xvda,rw"])
    domain = await host.start_create(config)
    await domain.ready()
    domain.memory_kb = 12 * 1024
    await domain.start_attach("disk", f"{disks[1]},raw,xvdb,rw")
    return domain


async def main(where: str, kernel: str) -> None:
    with Host(where) as host, tempfile.TemporaryDirectory() as folder:
        domains = await asyncio.gather(*(
            guest(host, i, kernel or host.sim.kernel, folder) for i in range(10)))
        print("name      id  state    memory  disks")
        for domain in domains:
            info, disks = domain.info(), " ".join(d.name for d in domain.devices("disk"))
            state = "paused" if info.paused else "ready"
            print(f"{info.name:8} {info.domid:3}  {state:7} {domain.memory_kb // 1024:3} MiB  {disks}")
        await asyncio.gather(*(domain.start_destroy() for domain in domains))


asyncio.run(main(*(sys.argv[1:] + ["sim:", ""][len(sys.argv) - 1:])))
