#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A toolstack of one's own: keeps guests running, all at once.

    fleet.py FILE.cfg...    configurations as for xl create

It starts all of them side by side, starts those anew that end and whose configuration says so, and
takes commands, one a line: list, start NAME, stop NAME, kill NAME, disk NAME SPEC, quit (or the end
of the input), which stops all.  It does what ../fleet.c does; docs/library-guide.md goes through it.
"""
import asyncio
import os
import sys
from typing import Dict, List, Optional

from xenolith import Config, Domain, Error, Host, Invalid
from xenolith.raw import light

MAX_LIVES = 3  # after which a guest is left alone; "start" begins anew


def say(who: str, what: object) -> None:
    print(f"{who}: {what}", flush=True)


class Guest:
    """One configuration, and the domain that it is now, if any."""

    def __init__(self, host: Host, config: Config) -> None:
        self.host = host
        self.config = config
        self.name = config.name
        self.domain: Optional[Domain] = None
        self.doing = ""  # what is being done with it, one thing at a time
        self.wanted = True  # it shall run
        self.task: Optional["asyncio.Task[None]"] = None  # its lives
        self.action: Optional["asyncio.Task[None]"] = None  # the command it is busy with

    def start(self) -> None:
        self.wanted = True
        if not self.task or self.task.done():
            self.doing = "starting"
            self.task = asyncio.create_task(self.keep())

    async def keep(self) -> None:
        """Its lives, one after the other."""
        for number in range(MAX_LIVES):
            self.doing = "starting"
            end: object
            try:
                self.domain = await self.host.start_create(self.config)
                self.doing = ""
                say(self.name, "runs")
                end = await self.live(self.domain, number + 1 == MAX_LIVES)
            except Error as e:
                end, self.wanted = e, False
            self.domain, self.doing = None, ""
            say(self.name, end)
            if not self.wanted:
                return

    async def live(self, domain: Domain, last: bool) -> str:
        """Waits for its end, and takes away what is left. How did it end?"""
        await domain.start_wait()
        if self.doing == "going" and self.action:
            await self.action
            return "is gone"
        if not domain.exists:
            self.wanted = False  # whoever did it had a reason
            return "was destroyed"
        reason = domain.info().shutdown_reason
        say(self.name, f"has ended, reason {reason}")
        restart = self.config.action(reason) == light.XLIGHT_RESTART
        self.wanted = self.wanted and restart and not last
        self.doing = "going"
        await domain.start_destroy()
        return "is gone"

    def act(self, doing: str, what: str, spec: str = "") -> None:
        """One command, while it runs."""
        self.doing = doing
        self.action = asyncio.create_task(self.carry_out(doing, what, spec))

    async def carry_out(self, doing: str, what: str, spec: str) -> None:
        assert self.domain
        self.wanted = self.wanted and what == "disk"
        try:
            if what == "stop":
                await self.domain.start_shutdown()
            elif what == "kill":
                await self.domain.start_destroy()
                return
            else:
                await self.domain.start_attach("disk", spec)
            say(self.name, f"done {doing}")
        except Error as e:
            say(self.name, f'"{spec}" is no disk' if isinstance(e, Invalid) and spec else e)
        if self.doing == doing:
            self.doing = ""

    def __str__(self) -> str:
        if self.doing:
            return self.doing
        return "runs" if self.domain else "off"


class Fleet:
    """All guests, and the commands about them."""

    ACTIONS = {"stop": "stopping", "kill": "going", "disk": "adding a disk"}

    def __init__(self, host: Host, configs: List[Config]) -> None:
        self.guests: Dict[str, Guest] = {c.name: Guest(host, c) for c in configs}

    def command(self, words: List[str]) -> None:
        what, name, spec = (words + ["", ""])[:3]
        guest = self.guests.get(name)
        if what == "list":
            for g in self.guests.values():
                print(f"{g.name:10} {g}")
            print(f"{len(self.guests)} guests", flush=True)
        elif not guest:
            say("fleet", f"{what} whom?")
        elif guest.doing:
            say(name, f"is busy, {guest.doing}")
        elif what == "start":
            guest.start()
        elif not guest.domain:
            say(name, "is off")
        elif what in self.ACTIONS and (spec or what != "disk"):
            guest.act(self.ACTIONS[what], what, spec)
        else:
            say("fleet", "list, start, stop, kill, disk or quit")

    async def stop(self, guest: Guest) -> None:
        """At the end: asked first, then without asking."""
        guest.wanted = False
        for what in "stop", "kill":
            while guest.doing:
                await asyncio.sleep(0.01)
            if guest.domain and guest.task:
                guest.act(self.ACTIONS[what], what)
                await asyncio.wait([guest.task], timeout=60)

    async def run(self) -> None:
        lines = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        for guest in self.guests.values():
            guest.start()
        while line := (await lines.readline()).decode():
            words = line.split()
            if words == ["quit"]:
                break
            if words:
                self.command(words)
        await asyncio.gather(*(self.stop(g) for g in self.guests.values()))


def main() -> int:
    if len(sys.argv) < 2:
        print("Usage: fleet.py FILE.cfg...", file=sys.stderr)
        return 1
    try:
        configs = [Config.read(path) for path in sys.argv[1:]]
        for config in configs:
            for message in config.messages:
                print(message, flush=True)
        with Host(os.environ.get("XENOLITH_HOST", "")) as host:
            asyncio.run(Fleet(host, configs).run())
    except Error as e:
        print(f"fleet: {e}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
