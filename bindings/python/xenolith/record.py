# SPDX-License-Identifier: MIT
"""What a host tells: dictionaries whose members are attributes, too."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Set


class Record(Dict[str, Any]):
    """A structure of the library, at one moment; names and units are those of its header.

    >>> Record(domid=3).domid
    3
    """

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"there is no {name}; there are {', '.join(self)}") from None

    def __dir__(self) -> List[str]:
        return [*super().__dir__(), *self]


def read_record(text: str) -> Record:
    """One structure from its JSON text."""
    value = json.loads(text, object_hook=Record)
    assert isinstance(value, Record)
    return value


def read_records(text: str) -> List[Record]:
    """A list of them."""
    value = json.loads(text, object_hook=Record)
    assert isinstance(value, list)
    return value


def read_set(text: str) -> Set[int]:
    """A list of CPUs or nodes.

    >>> sorted(read_set("0-2,8"))
    [0, 1, 2, 8]
    """
    numbers: Set[int] = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        numbers.update(range(int(first), int(last or first) + 1))
    return numbers


def write_set(numbers: "Set[int] | range | List[int] | str") -> str:
    """The other way round; text stays as it is.

    >>> write_set({0, 1, 8})
    '0,1,8'
    """
    if isinstance(numbers, str):
        return numbers
    return ",".join(str(n) for n in sorted(numbers))
