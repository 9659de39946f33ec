# SPDX-License-Identifier: MIT
"""What a PV guest does of itself to be saved, and with its balloon: no guest code runs on a simulated host.

Layouts are those of Xen's public headers (struct start_info, shared_info, vcpu_guest_context), for
64-bit guests.
"""

from __future__ import annotations

import array
import struct
from typing import Any

from .raw import ctrl

_PAGE, _WORD = 4096, 8
_SI_NR_PAGES, _SI_STORE, _SI_CONSOLE, _SI_TABLES, _SI_NR_TABLES, _SI_LIST = 32, 56, 72, 88, 96, 104
_SHARED_MAX_PFN, _SHARED_CR3, _SHARED_LIST = 3088, 3112, 3120
_CTX_RAX, _CTX_RDX, _CTX_RSI, _CTX_CR3 = 520 + 80, 520 + 96, 520 + 104, 5008
_NONE = (1 << 64) - 1  # in the list of frames: no memory here
# What is mapped at first ends behind page tables and stack, after some room, at 4 MiB.
_ROOM, _MAPPED = 129, 1024


class _Words:
    """Numbers of 64 bits in memory, by their offsets in bytes."""

    def __init__(self, memory: Any) -> None:
        self.memory = memory

    def __getitem__(self, at: int) -> int:
        return int(struct.unpack_from("<Q", self.memory, at)[0])

    def __setitem__(self, at: int, value: int) -> None:
        struct.pack_into("<Q", self.memory, at, value)


class _Page(_Words):
    """A page of a domain, mapped for a while."""

    def __init__(self, handle: Any, domid: int, frame: int) -> None:
        self._handle = handle
        self._addr = ctrl.xctl_foreign_map(handle, domid, 3, array.array("Q", [frame]), None)
        super().__init__(ctrl.memory(self._addr, _PAGE))

    def __enter__(self) -> "_Page":
        return self

    def __exit__(self, *_: object) -> None:
        self.memory = None
        ctrl.xctl_foreign_unmap(self._handle, self._addr, 1)


class PvGuest:
    """One domain, as it is when this is made."""

    def __init__(self, handle: Any, domid: int) -> None:
        self._handle = handle
        self._domid = domid
        self._context = _Words(bytearray(ctrl.xctl_vcpu_get_context(handle, domid, 0).to_bytes()))
        # Where the builder has said so; a guest that comes back has it at the same address.
        self._start_info = self._context[_CTX_RSI]

    def _page(self, frame: int) -> _Page:
        return _Page(self._handle, self._domid, frame)

    def _frame(self, address: int) -> int:
        frame = self._context[_CTX_CR3] >> 12
        for shift in (39, 30, 21, 12):
            with self._page(frame) as table:
                frame = (table[(address >> shift & 511) * _WORD] & 0xFFFFFFFFFF000) >> 12
        return frame

    def _list(self, address: int, pages: int) -> "array.array[int]":
        frames = array.array("Q")
        while len(frames) < pages:
            with self._page(self._frame(address + len(frames) * _WORD)) as part:
                frames.frombytes(bytes(part.memory))
        return frames[:pages]

    def boot(self) -> None:
        """Tells where its list of frames is."""
        shared = int(ctrl.xctl_domain_info(self._handle, self._domid).shared_info_frame)
        with self._page(shared) as s, self._page(self._frame(self._start_info)) as start:
            s[_SHARED_MAX_PFN] = start[_SI_NR_PAGES]
            s[_SHARED_LIST] = start[_SI_LIST]
            s[_SHARED_CR3] = self._context[_CTX_CR3]

    def before_suspend(self) -> None:
        """Names its two rings by pages of its own, and its first page to the hypercall that stops it."""
        first = self._frame(self._start_info)
        with self._page(first) as start:
            frames = self._list(start[_SI_LIST], start[_SI_NR_PAGES])
            for ring in (_SI_STORE, _SI_CONSOLE):
                # Unless it was here before, and went on.
                if start[ring] >= len(frames):
                    start[ring] = frames.index(start[ring])
        self._context[_CTX_RDX] = first
        self._context[_CTX_RAX] = 0
        context = ctrl.vcpu_guest_context.from_bytes(self._context.memory, 0)
        ctrl.xctl_vcpu_set_context(self._handle, self._domid, 0, context)

    def balloon(self, pages: int) -> None:
        """Gives memory back, the last pages first, or takes it again, to have so many; not those that
        are mapped at first, and not more than it began with."""
        with self._page(self._frame(self._start_info)) as start:
            address, frames = start[_SI_LIST], self._list(start[_SI_LIST], start[_SI_NR_PAGES])
            tables = frames.index(self._frame(start[_SI_TABLES]))
            mapped = tables + start[_SI_NR_TABLES] + _ROOM
            pages = max(pages, -(-mapped // _MAPPED) * _MAPPED)
        there = [i for i, frame in enumerate(frames) if frame != _NONE]
        gone = there[pages:]
        back = [i for i, frame in enumerate(frames) if frame == _NONE][:max(0, pages - len(there))]
        if gone:
            ctrl.xctl_memory_decrease(self._handle, self._domid, 0,
                                      array.array("Q", [frames[i] for i in gone]))
        got = array.array("Q", [_NONE] * len(back))
        if back:
            ctrl.xctl_memory_increase(self._handle, self._domid, 0, 0, got)
        for i, frame in [(i, _NONE) for i in gone] + list(zip(back, got)):
            frames[i] = frame
        self._write_list(address, frames)

    def _write_list(self, address: int, frames: "array.array[int]") -> None:
        for at in range(0, len(frames), _PAGE // _WORD):
            part = frames[at:at + _PAGE // _WORD].tobytes()
            with self._page(self._frame(address + at * _WORD)) as page:
                page.memory[:len(part)] = part
