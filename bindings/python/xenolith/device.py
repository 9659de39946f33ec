# SPDX-License-Identifier: MIT
"""Devices of domains that run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional, Union

from .config import _Messages
from .errors import NotFound
from .events import Watch
from .operation import Operation, ignore
from .raw import light
from .record import Record

if TYPE_CHECKING:
    from .domain import Domain

KINDS: Dict[str, int] = {
    "disk": light.XLIGHT_DISK, "nic": light.XLIGHT_NIC, "channel": light.XLIGHT_CHANNEL,
    "p9": light.XLIGHT_P9, "vfb": light.XLIGHT_VFB, "vkb": light.XLIGHT_VKB}
HOW: Dict[str, int] = {
    "gently": light.XLIGHT_DETACH_GENTLY, "later": light.XLIGHT_DETACH_FORCED_LATER,
    "forced": light.XLIGHT_DETACH_FORCED}

CONNECTED = 4  # XenbusState

DeviceConfig = Union[str, Mapping[str, Any]]


def kind_number(kind: str) -> int:
    """The number that the library has for a kind. ValueError: there is none."""
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of devices; there are {', '.join(KINDS)}")
    return KINDS[kind]


def parse(kind: str, text: str) -> Record:
    """A specification as in configuration files. Invalid: it has errors.

    >>> parse("disk", "/web.img,raw,xvda,rw").vdev
    'xvda'
    """
    messages = _Messages()
    return Record(json.loads(
        messages.read(light.xlight_device_parse, kind_number(kind), text, messages.raw)))


def to_json(kind: str, config: DeviceConfig) -> str:
    """What the library takes, from a specification or a dictionary."""
    value: Mapping[str, Any] = parse(kind, config) if isinstance(config, str) else config
    return json.dumps({k: v for k, v in value.items() if v is not None})


def disk_number(name: str) -> int:
    """The number of a disk's name. Invalid: it is no such name.

    >>> disk_number("xvda")
    51712
    """
    return int(light.xlight_disk_number(name))


class Device:
    """A device of a domain, at one moment; attributes as of struct xlight_device."""

    def __init__(self, domain: "Domain", kind: str, info: Record) -> None:
        self.domain = domain
        self.kind = kind
        self.info = info

    @property
    def devid(self) -> int:
        """Its number; of a disk, disk_number() of its name."""
        return int(self.info["devid"])

    def __getattr__(self, name: str) -> Any:
        if name == "info":
            raise AttributeError(name)
        return getattr(self.info, name)

    def wait_connected(self, timeout: Optional[float] = None) -> None:
        """Waits until the guest uses it: attach() ends when it is ready for that. TimedOut when its
        state has not changed for `timeout` seconds; NotFound: it has gone."""
        with self._watch_state() as watch:
            while not self._is_connected():
                watch.next(timeout)

    async def connected(self) -> None:
        """The same for asyncio."""
        with self._watch_state() as watch:
            async for _ in watch:
                if self._is_connected():
                    return

    def _state_path(self) -> str:
        return f"{self.info['frontend']}/state"

    def _watch_state(self) -> Watch:
        return self.domain.host.store.watch(self._state_path())

    def _is_connected(self) -> bool:
        state = self.domain.host.store.get(self._state_path())
        if state is None:
            raise NotFound(3, why=f"{self!r} has gone before it was connected")
        self.info["state"] = int(state)
        return int(state) == CONNECTED

    def start_detach(self, how: str = "later") -> "Operation[None]":
        """Takes it away: "gently", only if the guest agrees; "later", by force after ten seconds;
        "forced", without asking. NotFound: it is gone; TimedOut: the guest does not let go."""
        host = self.domain.host
        return Operation(host, host._call(light.xlight_device_detach_start, host._raw,
                                          self.domain.domid, KINDS[self.kind], self.devid, HOW[how]),
                         ignore)

    def detach(self, how: str = "later") -> None:
        """start_detach(), and waits."""
        self.start_detach(how).run()

    def __repr__(self) -> str:
        return f"<Device {self.kind} {self.info.get('name') or self.devid} of {self.domain!r}>"
