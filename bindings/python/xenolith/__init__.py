# SPDX-License-Identifier: MIT
"""Virtual machines on a Xen host from Python: all that the xl tool can do.

>>> from xenolith import Config, Host
>>> with Host("sim:") as host:
...     web = host.create(Config(name="web", kernel=host.sim.kernel, memory=8))
...     web.wait_ready(timeout=5)
...     for domain in host:
...         print(domain.domid, domain.name)
...     web.shutdown(wait=True)
0 Domain-0
1 web

Host("") is the host that the program runs on; "sim:", as here, a simulated one, which needs no root
and no Xen. What takes time has two forms: host.create(...) waits, and host.start_create(...)
returns an Operation, which is waited for with wait() or with await.

What fails raises a subclass of Error, with the chain of causes. Memory is counted in KiB where a
name ends in _kb, time in seconds; names and units of records are those of the C headers.
"""

from .config import Config, Message, Settings
from .console import Console
from .device import Device, disk_number
from .domain import Domain
from .errors import (Busy, Cancelled, Error, Exists, Invalid, Link, NoSpace, NotConnected, NotFound,
                     NotSupported, Refused, TimedOut)
from .events import Events, Watch
from .host import Host
from .operation import Operation, Progress, Transfer
from .record import Record
from .store import Store, Transaction
from .tls import TlsFiles

__all__ = [
    "Busy", "Cancelled", "Config", "Console", "Device", "Domain", "Error", "Events", "Exists", "Host",
    "Invalid", "Link", "Message", "NoSpace", "NotConnected", "NotFound", "NotSupported", "Operation",
    "Progress", "Record", "Refused", "Settings", "Store", "TimedOut", "TlsFiles", "Transaction",
    "Transfer", "Watch", "disk_number"]
