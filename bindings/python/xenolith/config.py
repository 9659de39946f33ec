# SPDX-License-Identifier: MIT
"""Configurations of domains: from and to files, JSON and dictionaries."""

from __future__ import annotations

import json
import os
import uuid
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple, Union

from .errors import Error
from .raw import light
from .record import Record

Value = Union[str, int, bool, List[Any], Tuple[Any, ...]]


class Message(NamedTuple):
    """What is to be said about a configuration."""

    is_error: bool
    """Or a warning."""
    file: str
    line: int
    """From 1; 0: about the whole file."""
    column: int
    """From 1, in bytes; 0: about the whole line."""
    key: str
    text: str
    """Which rule is broken, and what would be right."""

    def __str__(self) -> str:
        place = ":".join(str(p) for p in (self.file, self.line, self.column) if p)
        kind = "error" if self.is_error else "warning"
        return ": ".join(p for p in (place, kind, self.key, self.text) if p)


class _Messages:
    """The list that the library fills while it reads; failures carry it on."""

    def __init__(self) -> None:
        self.raw = light.xlight_messages_new()

    def get(self) -> Tuple[Message, ...]:
        found = []
        for i in range(light.xlight_messages_count(self.raw)):
            m = light.xlight_messages_get(self.raw, i)
            found.append(Message(m.is_error, m.file, m.line, m.column, m.key, m.text))
        return tuple(found)

    def read(self, function: Any, *args: Any) -> Any:
        try:
            return function(*args)
        except Error as e:
            messages = self.get()
            wrong = "; ".join(str(m) for m in messages if m.is_error)
            raise type(e)(e.errno or 0, e.chain, wrong or str(e), messages) from None


def _quote(text: str) -> str:
    escaped = "".join(
        c if c >= " " and c not in "\\\"" else {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(
            c, "\\" + c if c >= " " else f"\\x{ord(c):02x}")
        for c in text)
    return f'"{escaped}"'


def _write(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_write(v) for v in value)}]"
    return _quote(os.fspath(value))  # type: ignore[call-overload]


class Config:
    """The configuration of a domain. It does not change; replace() makes another one.

    The keys are those of xl.cfg(5), with its units: memory in MiB. Invalid, with all messages, when
    something is wrong. Without a UUID it gets a random one.

    >>> from xenolith import Config, Invalid
    >>> c = Config(name="web", kernel="/boot/vmlinuz", memory=256, disk=["/web.img,raw,xvda,rw"])
    >>> c.name, c["b_info"]["target_memkb"], c["disks"][0]["vdev"]
    ('web', 262144, 'xvda')
    >>> Config.from_dict(c.to_dict()) == c
    True
    >>> try:
    ...     Config(name="web", kernel="/k", memroy=256, memory=-1)
    ... except Invalid as e:
    ...     [(m.is_error, m.line) for m in e.messages]
    [(True, 4), (False, 3)]
    """

    def __init__(self, **keys: Value) -> None:
        text = "".join(f"{key} = {_write(value)}\n" for key, value in keys.items())
        messages = _Messages()
        raw = messages.read(light.xlight_config_parse, "", text, messages.raw)
        self._take(raw, messages.get())

    def _take(self, raw: Any, messages: Tuple[Message, ...]) -> None:
        self._json = str(light.xlight_config_to_json(raw))
        self.messages = messages
        """Warnings."""

    @classmethod
    def _make(cls, raw: Any, messages: Tuple[Message, ...] = ()) -> "Config":
        c = cls.__new__(cls)
        c._take(raw, messages)
        return c

    @classmethod
    def parse(cls, text: str, file: str = "") -> "Config":
        """A text as of a configuration file; `file` is its name in messages."""
        messages = _Messages()
        raw = messages.read(light.xlight_config_parse, file, text, messages.raw)
        return cls._make(raw, messages.get())

    @classmethod
    def read(cls, path: "str | os.PathLike[str]") -> "Config":
        """A configuration file, xl.cfg(5). NotFound, Refused: it cannot be read."""
        messages = _Messages()
        raw = messages.read(light.xlight_config_read, os.fspath(path), messages.raw)
        return cls._make(raw, messages.get())

    @classmethod
    def from_json(cls, text: str, file: str = "") -> "Config":
        """JSON as Xen's toolstack writes it. What is unknown gives a warning; nothing is made up
        for what is missing."""
        messages = _Messages()
        raw = messages.read(light.xlight_config_from_json, file, text, messages.raw)
        return cls._make(raw, messages.get())

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> "Config":
        """The same, as a dictionary."""
        return cls.from_json(json.dumps(value))

    def to_json(self) -> str:
        """JSON as Xen's toolstack writes it (xl -N create)."""
        return self._json

    def to_dict(self) -> Dict[str, Any]:
        """The same, as a dictionary of one's own."""
        return dict(json.loads(self._json))

    def to_text(self) -> str:
        """As a configuration file. Invalid: it says what files cannot."""
        messages = _Messages()
        return str(messages.read(light.xlight_config_to_text, self._raw(), messages.raw))

    def replace(self, **keys: Value) -> "Config":
        """One with other values of these keys of xl.cfg(5).

        >>> Config(name="a", kernel="/k", memory=8).replace(name="b").name
        'b'
        """
        text = "".join(f"{key} = {_write(value)}\n" for key, value in keys.items())
        return Config.parse(self.to_text() + text)

    def clone(self, **keys: Value) -> "Config":
        """replace(), for one more domain: with another UUID.

        >>> c = Config(name="a", kernel="/k", memory=8)
        >>> c.clone(name="b").uuid != c.uuid
        True
        """
        keys.setdefault("uuid", str(uuid.uuid4()))
        return self.replace(**keys)

    def _raw(self) -> Any:
        return light.xlight_config_from_json("", self._json, None)

    @property
    def name(self) -> str:
        """The domain's name."""
        return str(self["c_info"]["name"])

    @property
    def uuid(self) -> str:
        """Its UUID, as text."""
        return str(self["c_info"]["uuid"])

    def action(self, reason: int) -> int:
        """What happens when the domain ends by itself for a reason, SHUTDOWN_*: one of
        raw.light.XLIGHT_DESTROY, XLIGHT_RESTART and so on."""
        return int(light.xlight_config_action(self._raw(), reason))

    def __getitem__(self, name: str) -> Any:
        return json.loads(self._json, object_hook=Record)[name]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self._json == other._json

    def __hash__(self) -> int:
        return hash(self._json)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<Config of {self.name!r}>"


def raw_or_none(config: Optional[Config]) -> Any:
    """An argument that may be left out."""
    return None if config is None else config._raw()


class Settings(Record):
    """What holds for all domains of a host, the file xl.conf(5)."""

    @classmethod
    def read(cls, path: "str | os.PathLike[str]" = light.XLIGHT_SETTINGS_FILE) -> "Settings":
        """Reads a file; one that is not there is as an empty one. Invalid: it has errors."""
        messages = _Messages()
        text = messages.read(light.xlight_settings_read, os.fspath(path), messages.raw)
        return cls(json.loads(text))

    @classmethod
    def parse(cls, text: str, file: str = "") -> "Settings":
        """The same from a text.

        >>> Settings.parse('vif.default.bridge = "br0"').get("vif.default.bridge")
        'br0'
        """
        messages = _Messages()
        return cls(json.loads(messages.read(light.xlight_settings_parse, file, text, messages.raw)))

    def apply(self, config: Config) -> Config:
        """The configuration with what it leaves open and the settings say.

        >>> s = Settings.parse('max_grant_frames = 77')
        >>> s.apply(Config(name="a", kernel="/k", memory=8))["b_info"]["max_grant_frames"]
        77
        """
        raw = config._raw()
        light.xlight_settings_apply(json.dumps({k: v for k, v in self.items() if v is not None}), raw)
        return Config._make(raw, config.messages)
