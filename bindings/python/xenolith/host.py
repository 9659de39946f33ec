# SPDX-License-Identifier: MIT
"""A host: its domains, its CPUs and memory, its store, its events."""

from __future__ import annotations

import json
import os
import threading
from types import TracebackType
from typing import Any, Callable, Iterator, List, Optional, Set, Tuple, Type, Union

from .config import Config, _Messages, raw_or_none
from .domain import Cpus, Domain
from .errors import NotConnected
from .events import Events
from .operation import Operation
from .raw import light
from .record import Record, read_record, read_records, read_set, write_set
from .sim import Sim
from .store import Store
from .tls import TlsFiles


class Host:
    """The host that the program runs on, or a simulated one.

    where: "": this host. "sim:": a simulated one, with a store and guests that do what they are
    asked; "sim:cpus=8,mem=8192" with other options, see <xenolith/ctrl-sim.h>; with store= among
    them nothing is started, and it is as xlight_open() has it. Refused: only root may, or the
    hypervisor speaks another version of the control ABI; NotFound, NotConnected: no hypervisor, or
    no store daemon.

    A context manager; iterating gives its domains. Threads may share a host: calls wait for each
    other, operations do not. A child after a fork opens its own.

    >>> from xenolith import Host
    >>> with Host("sim:cpus=2,mem=1024") as host:
    ...     info = host.info()
    ...     (info.nr_cpus, info.total_memory_kb, [d.domid for d in host])
    (2, 1048576, [0])
    """

    def __init__(self, where: str = "") -> None:
        self._sim: Optional[Sim] = None
        self._lock = threading.RLock()
        self._pending: "List[tuple[Operation[Any], Callable[[], None]]]" = []
        self._store: Optional[Store] = None
        if where.startswith("sim:") and "store=" not in where:
            self._sim = Sim(where)
            where = self._sim.where
        self.where = where
        try:
            self._raw = light.xlight_open_why(where)
        except BaseException:
            if self._sim:
                self._sim.close()
            raise

    def close(self) -> None:
        """Closes it; what was opened from it and is still in use stays usable. A simulated host
        ends."""
        light.xlight_close(self._raw)
        if self._store:
            self._store.close()
        if self._sim:
            self._sim.close()

    def __enter__(self) -> "Host":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

    def _call(self, function: Any, *args: Any) -> Any:
        """A call on the handle. It may take in what pending operations wait for."""
        with self._lock:
            try:
                return function(*args)
            finally:
                for op, wake in self._pending:
                    try:
                        ready = light.xlight_op_timeout(op._raw) == 0
                    except ValueError:
                        ready = True  # somebody has closed it: its wait() shall notice
                    if ready:
                        wake()

    def _waiting(self, op: "Operation[Any]", wake: Callable[[], None]) -> None:
        with self._lock:
            self._pending.append((op, wake))

    def _waited(self, op: "Operation[Any]", wake: Callable[[], None]) -> None:
        with self._lock:
            self._pending.remove((op, wake))

    @property
    def sim(self) -> Sim:
        """The simulated host behind it. NotConnected: it is a real one."""
        if not self._sim:
            raise NotConnected(107, why="this is no simulated host of its own")
        return self._sim

    @property
    def store(self) -> Store:
        """A connection to its store, opened with the first use."""
        with self._lock:
            if not self._store:
                self._store = Store(self._sim.socket if self._sim else self._store_path())
            return self._store

    def _store_path(self) -> Optional[str]:
        options = self.where[4:].split(",") if self.where.startswith("sim:") else []
        return next((o[6:] for o in options if o.startswith("store=")), None)

    # Domains

    def domains(self) -> List[Domain]:
        """All domains, in the order of their ids."""
        return [Domain(self, info.domid) for info in self.list()]

    def list(self) -> List[Record]:
        """Their states, all at once: struct xlight_domain."""
        return read_records(self._call(light.xlight_domain_list, self._raw))

    def __iter__(self) -> Iterator[Domain]:
        return iter(self.domains())

    def domain(self, which: Union[int, str]) -> Domain:
        """The domain with an id, which need not be there; or with a name, or with an id as text.
        NotFound: there is none; Exists: more than one has the name."""
        if isinstance(which, int):
            return Domain(self, which)
        return Domain(self, int(self._call(light.xlight_domain_find, self._raw, which)))

    __getitem__ = domain

    def start_create(self, config: Config, paused: bool = False, balloon: bool = False
                     ) -> "Operation[Domain]":
        """Creates a domain and starts it, or leaves it paused; balloon: takes memory of domain 0
        that is missing. Exists: the name, the UUID or the id is taken; NotSupported: the
        configuration has what cannot be done; Invalid: it does not go together; NotFound: the
        kernel is not there; NoSpace: not enough memory."""
        options = light.xlight_create_options()
        options.paused, options.balloon = paused, balloon
        raw = self._call(light.xlight_domain_create_start, self._raw, config._raw(), options)
        return Operation(self, raw, lambda op: Domain(self, op.domid or 0))

    def create(self, config: Config, paused: bool = False, balloon: bool = False) -> Domain:
        """start_create(), and waits. When that is interrupted, all is undone."""
        return self.start_create(config, paused, balloon).run()

    def start_restore(self, source: "str | os.PathLike[str] | int", paused: bool = False,
                      balloon: bool = False, lazy: bool = False, config: Optional[Config] = None
                      ) -> "Operation[Domain]":
        """Makes a domain of what Domain.save() wrote, from a file or a descriptor, which must stay
        open until the end; config: with that one in place of its own, which is in the file. Invalid:
        it is no saved domain, or is damaged; NotFound: there is no such file, or it ends in the
        middle; also the errors of start_create().

        lazy: it runs as soon as its page tables are read, and the rest follows; NotSupported: that
        needs Xenolith's hypervisor, and a file that is not compressed. From then on it cannot be
        called off, stands still while nobody drives the operation, and can be neither saved nor
        migrated. When the rest cannot be read the operation fails, and the domain stays: it cannot go
        on, and is to be destroyed."""
        options = light.xlight_restore_options()
        options.paused, options.balloon, options.lazy = paused, balloon, lazy
        place: "int | str"
        if isinstance(source, int):
            start, place = light.xlight_domain_restore_fd_start, source
        else:
            start, place = light.xlight_domain_restore_start, os.fspath(source)
        raw = self._call(start, self._raw, place, options, raw_or_none(config))
        return Operation(self, raw, lambda op: Domain(self, op.domid or 0))

    def restore(self, source: "str | os.PathLike[str] | int", paused: bool = False,
                balloon: bool = False, lazy: bool = False, config: Optional[Config] = None) -> Domain:
        """start_restore(), and waits."""
        return self.start_restore(source, paused, balloon, lazy, config).run()

    def start_receive(self, fd: int, out: Optional[int] = None, paused: bool = False,
                      balloon: bool = False) -> "Operation[Domain]":
        """Takes a domain from Domain.start_migrate(), or xl migrate, at the other end of a socket, or
        of two pipes (to read, and out); both must stay open. Exists: its name is taken;
        NotConnected: the other end has gone, or talks nonsense; TimedOut: it is silent; also the
        errors of start_restore()."""
        options = light.xlight_create_options()
        options.paused, options.balloon = paused, balloon
        raw = self._call(light.xlight_domain_receive_start, self._raw, fd, fd if out is None else out,
                         options)
        return Operation(self, raw, lambda op: Domain(self, op.domid or 0))

    def listen(self, address: str) -> Tuple[int, int]:
        """A socket that listens at tcp://HOST:PORT or tls://HOST:PORT, for start_receive_from() and to
        be closed with os.close(); and its port, which is a free one for PORT 0.

        >>> import os
        >>> from xenolith import Host
        >>> with Host("sim:") as host:
        ...     fd, port = host.listen("tcp://127.0.0.1:0")
        ...     os.close(fd)
        ...     port > 0
        True
        """
        fd, port = self._call(light.xlight_listen, self._raw, address)
        return fd, port

    def start_receive_from(self, fd: int, tls: Optional[TlsFiles] = None, paused: bool = False,
                           balloon: bool = False) -> "Operation[Domain]":
        """start_receive() from whoever connects to a socket of listen(), which stays open; with files
        only from a host that proves who it is. Refused: it does not."""
        options = light.xlight_create_options()
        options.paused, options.balloon = paused, balloon
        raw = self._call(light.xlight_domain_receive_from_start, self._raw, fd,
                         tls._raw() if tls else None, options)
        return Operation(self, raw, lambda op: Domain(self, op.domid or 0))

    def events(self) -> Events:
        """What happens from now on. NotConnected: there is no store."""
        return Events(self)

    def stat(self) -> List[Record]:
        """What all domains have used so far: struct xlight_stat."""
        return read_records(self._call(light.xlight_stat, self._raw))

    # The host

    def info(self) -> Record:
        """What it is: struct xlight_host, with the names of xl info. Memory in KiB."""
        return read_record(self._call(light.xlight_host_info, self._raw))

    def cpus(self) -> List[Record]:
        """Its CPUs: struct xlight_host_cpu."""
        return read_records(self._call(light.xlight_host_cpus, self._raw))

    def nodes(self) -> List[Record]:
        """Its NUMA nodes: struct xlight_node."""
        return read_records(self._call(light.xlight_host_nodes, self._raw))

    def pci_nodes(self) -> List[Record]:
        """The nodes of its PCI devices: struct xlight_pci_node."""
        return read_records(self._call(light.xlight_host_pci_nodes, self._raw))

    def uptime(self) -> int:
        """How long its kernel has been running, in seconds."""
        return int(self._call(light.xlight_host_uptime, self._raw))

    def console(self, clear: bool = False) -> str:
        """The hypervisor's messages, those kept; clear drops them."""
        return str(self._call(light.xlight_host_console, self._raw, clear))

    def debug_keys(self, keys: str) -> None:
        """As if these keys were pressed on its serial console; answers come as messages."""
        self._call(light.xlight_host_debug_keys, self._raw, keys)

    def set_options(self, options: str) -> None:
        """Changes command-line options of the hypervisor, "a=5 nob c". NotFound: no such option;
        Refused: it cannot be changed."""
        self._call(light.xlight_host_set_options, self._raw, options)

    def parse_cpus(self, text: str) -> Set[int]:
        """A set of CPUs as users write it, "0-3,^2", "all", "node:1". Invalid: it is none.

        >>> with Host("sim:cpus=4") as host: sorted(host.parse_cpus("all,^2"))
        [0, 1, 3]
        """
        return read_set(self._call(light.xlight_host_parse_cpus, self._raw, text))

    # Pools of CPUs

    def cpupools(self) -> List[Record]:
        """All pools: struct xlight_cpupool."""
        return read_records(self._call(light.xlight_cpupool_list, self._raw))

    def cpupool(self, which: str) -> int:
        """The id of the pool with a name, or an id as text. NotFound: there is none."""
        return int(self._call(light.xlight_cpupool_find, self._raw, which))

    def create_cpupool(self, name: str, cpus: Cpus, scheduler: str = "") -> int:
        """Makes a pool of CPUs that are in none; returns its id. Exists: the name is taken; Busy,
        NotFound: a CPU is not free, or the hypervisor lacks the scheduler."""
        number = light.xlight_scheduler_find(scheduler) if scheduler else 0
        return int(self._call(light.xlight_cpupool_create, self._raw, name, number, write_set(cpus)))

    def create_cpupool_from(self, text: str, file: str = "") -> int:
        """The same as an xlcpupool.cfg(5) file says it."""
        messages = _Messages()
        config = messages.read(light.xlight_cpupool_config_parse, file, text, messages.raw)
        cpus = self._call(light.xlight_cpupool_config_cpus, self._raw, config)
        parsed = json.loads(config)
        return self.create_cpupool(parsed["name"], cpus, parsed.get("sched") or "")

    def destroy_cpupool(self, pool: int) -> None:
        """Ends a pool. Busy: domains are in it."""
        self._call(light.xlight_cpupool_destroy, self._raw, pool)

    def rename_cpupool(self, pool: int, name: str) -> None:
        """Exists: the name is taken."""
        self._call(light.xlight_cpupool_rename, self._raw, pool, name)

    def add_cpus(self, pool: int, cpus: Cpus) -> None:
        """Puts free CPUs into a pool; all are tried. NotFound: one is not free."""
        self._call(light.xlight_cpupool_add_cpus, self._raw, pool, write_set(cpus))

    def remove_cpus(self, pool: int, cpus: Cpus) -> None:
        """Takes CPUs out of a pool; all are tried. Busy: domains need the last one."""
        self._call(light.xlight_cpupool_remove_cpus, self._raw, pool, write_set(cpus))

    def split_cpupools(self) -> None:
        """Makes one pool for each NUMA node. Exists: there is more than one pool already."""
        self._call(light.xlight_cpupool_split, self._raw)

    def sched_pool(self, pool: int) -> Record:
        """Parameters of a pool's scheduler: struct xlight_sched_pool."""
        return read_record(self._call(light.xlight_sched_pool_get, self._raw, pool))

    def set_sched_pool(self, pool: int, **values: int) -> None:
        """Changes some of them, as ratelimit_us=1000."""
        changed = {**self.sched_pool(pool), **values}
        self._call(light.xlight_sched_pool_set, self._raw, json.dumps(changed))

    def __repr__(self) -> str:
        return f"<Host {self.where!r}>"
