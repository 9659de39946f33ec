#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Ten guests at once, from creating to saving: ten_guests.py [HOST CONFIGURATION]"""
import asyncio
import sys
import tempfile

from xenolith import Config, Domain, Host


async def make(host: Host, config: Config, number: int, folder: str) -> Domain:
    domain = await host.start_create(config.clone(name=f"guest-{number}"))
    with domain.console() as console:
        await console.says("login:")
    domain.memory_kb -= 16 << 10
    with open(f"{folder}/{number}.img", "wb") as disk:
        disk.truncate(1 << 20)
    await domain.start_attach("disk", f"{disk.name},raw,xvda,rw")
    await domain.devices("disk")[0].connected()
    while domain.info().memory_kb > domain.memory_kb:
        await asyncio.sleep(0.1)
    return domain


async def main(where: str = "sim:", file: str = "") -> None:
    with Host(where) as host, tempfile.TemporaryDirectory() as folder:
        config = Config.read(file) if file else Config(name="a", kernel=host.sim.kernel, memory=96)
        guests = await asyncio.gather(*(make(host, config, i, folder) for i in range(10)))
        await guests[3].start_save(f"{folder}/saved")
        guests[3] = await host.start_restore(f"{folder}/saved")
        with guests[3].console() as console:
            console.write("\n")
            await console.says("login:")
        print("name      id  memory  disk")
        for g in guests:
            print(f"{g.name}  {g.domid:3}  {g.info().memory_kb >> 10} MiB  {g.devices()[0].name}")
        await asyncio.gather(*(g.start_destroy() for g in guests))


asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), timeout=900))
