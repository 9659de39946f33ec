# SPDX-License-Identifier: MIT
"""Consoles of a simulated host: the console daemon's terminals, and guests that ask for a login there."""

from __future__ import annotations

import os
import select
import tty
from typing import Container, Dict, Tuple


class Terminals:
    """The terminals of all domains that have one, by their ids. What is typed there makes `poll` end."""

    def __init__(self, poll: select.poll) -> None:
        self._poll = poll
        self._ttys: Dict[int, Tuple[int, int]] = {}  # of each, this end, and what keeps it open
        self._prompts: Dict[int, str] = {}

    def open(self, domid: int) -> str:
        """Makes one, if there is none; returns its name."""
        if domid not in self._ttys:
            ours, theirs = self._ttys[domid] = os.openpty()
            tty.setraw(theirs)
            os.set_blocking(ours, False)
            self._poll.register(ours, select.POLLIN)
            self._says(domid, self._prompts.get(domid, ""))
        return os.ttyname(self._ttys[domid][1])

    def up(self, domid: int, name: str) -> None:
        """User space has come up."""
        self._prompts[domid] = f"{name} login: "
        self._says(domid, self._prompts[domid])

    def take(self, ready: Container[int]) -> None:
        """A guest that is up asks again after each line, whatever it is."""
        for domid, (ours, _) in self._ttys.items():
            if ours in ready:
                lines = os.read(ours, 4096).replace(b"\r", b"\n").count(b"\n")
                if domid in self._prompts:
                    self._says(domid, f"\r\n{self._prompts[domid]}" * lines)

    def _says(self, domid: int, text: str) -> None:
        if domid in self._ttys:
            try:
                os.write(self._ttys[domid][0], text.encode())
            except BlockingIOError:
                pass  # nobody reads, and it is full

    def close(self, domid: int) -> None:
        """The domain has gone."""
        self._prompts.pop(domid, None)
        if domid in self._ttys:
            ours, theirs = self._ttys.pop(domid)
            self._poll.unregister(ours)
            os.close(ours)
            os.close(theirs)

    def close_all(self) -> None:
        """The host ends."""
        for domid in list(self._ttys):
            self.close(domid)
