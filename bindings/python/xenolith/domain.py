# SPDX-License-Identifier: MIT
"""A domain, and what can be done with it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Set, Union

from .config import Config, raw_or_none
from .console import Console
from .device import KINDS, Device, DeviceConfig, kind_number, to_json
from .errors import NotFound
from .operation import Operation, ignore
from .raw import light
from .record import Record, read_record, read_records, read_set, write_set
from .tls import TlsFiles

if TYPE_CHECKING:
    from .host import Host

Cpus = Union[str, Set[int], List[int], range]


def _migrate_options(keep_domid: bool, verify: bool, rounds: int, few_pages: int, downtime_ms: int,
                     bandwidth: int, compress: bool) -> Any:
    options = light.xlight_migrate_options()
    options.keep_domid, options.verify = keep_domid, verify
    options.rounds, options.few_pages = rounds, few_pages
    options.downtime_ms, options.bandwidth = downtime_ms, bandwidth
    options.compress = compress
    return options


class Domain:
    """A domain of a host, by its id. It may end at any time: then calls raise NotFound. On domain 0
    some raise Refused.

    >>> from xenolith import Host, Config
    >>> with Host("sim:") as host:
    ...     web = host.create(Config(name="web", kernel=host.sim.kernel, memory=8, maxmem=16))
    ...     web.pause()
    ...     paused = web.info().paused
    ...     web.unpause()
    ...     web.memory_kb = 6 * 1024
    ...     (paused, web.memory_kb, web.uptime() < 60, [d.name for d in host])
    ...     web.destroy()
    ...     web.exists
    (True, 6144, True, ['Domain-0', 'web'])
    False
    """

    def __init__(self, host: "Host", domid: int) -> None:
        self.host = host
        self.domid = domid

    def _call(self, function: Any, *args: Any) -> Any:
        return self.host._call(function, self.host._raw, self.domid, *args)

    def _start(self, function: Any, *args: Any) -> "Operation[None]":
        return Operation(self.host, self._call(function, *args), ignore)

    # What it is

    def info(self) -> Record:
        """Its state: struct xlight_domain. Memory in KiB, times in nanoseconds."""
        return read_record(self._call(light.xlight_domain_info))

    @property
    def exists(self) -> bool:
        """Whether it is still there, and not about to go."""
        try:
            return not self.info().dying
        except NotFound:
            return False

    @property
    def name(self) -> Optional[str]:
        """Its name, if any; setting it renames the domain. Exists: the name is taken."""
        name = self.info()["name"]
        return None if name is None else str(name)

    @name.setter
    def name(self, name: str) -> None:
        self._call(light.xlight_domain_rename, name)

    @property
    def uuid(self) -> str:
        """Its UUID, as text."""
        return str(self.info()["uuid"])

    def config(self) -> Config:
        """What it was created with, and what was changed since. NotFound: nobody wrote it down."""
        return Config._make(self._call(light.xlight_domain_config))

    def uptime(self) -> int:
        """For how many seconds it has been running. NotFound: nobody wrote that down."""
        return int(self._call(light.xlight_uptime))

    def vcpus(self) -> List[Record]:
        """Its vCPUs: struct xlight_vcpu."""
        return read_records(self._call(light.xlight_vcpu_list))

    def nodes(self) -> Set[int]:
        """The NUMA nodes that its memory comes from."""
        return read_set(self._call(light.xlight_domain_nodes))

    # Life

    def pause(self) -> None:
        """Stops its vCPUs; counted."""
        self._call(light.xlight_domain_pause)

    def unpause(self) -> None:
        """Takes back one pause(). Invalid: no toolstack has paused it."""
        self._call(light.xlight_domain_unpause)

    def start_destroy(self) -> "Operation[None]":
        """Like pulling the plug. Goes as far as it can whatever fails, and can be repeated."""
        return self._start(light.xlight_domain_destroy_start)

    def destroy(self) -> None:
        """start_destroy(), and waits."""
        self.start_destroy().run()

    def start_shutdown(self, reboot: bool = False, wait: bool = False) -> "Operation[None]":
        """Asks the guest to end, or to start anew. Ends when it has taken the request; with wait,
        when it has shut down or is gone. TimedOut: within a minute it has not even taken it."""
        return self._start(light.xlight_domain_shutdown_start, reboot, wait)

    def shutdown(self, reboot: bool = False, wait: bool = False) -> None:
        """start_shutdown(), and waits."""
        self.start_shutdown(reboot, wait).run()

    def start_wait(self) -> "Operation[None]":
        """Ends when the domain has shut down, or is gone."""
        return self._start(light.xlight_domain_wait_start)

    def wait(self, timeout: Optional[float] = None) -> None:
        """start_wait(), and waits: TimedOut after `timeout` seconds."""
        with self.start_wait() as op:
            op.wait(timeout)

    def wait_ready(self, timeout: Optional[float] = None) -> None:
        """Waits until the guest's kernel runs and can be asked to shut down, which it says in the
        store (control/feature-poweroff). TimedOut after `timeout` seconds; NotFound: it has gone."""
        with self.host.store.watch(self._ready_path()) as watch:
            while not self._is_ready():
                watch.next(timeout)

    async def ready(self) -> None:
        """The same for asyncio."""
        with self.host.store.watch(self._ready_path()) as watch:
            async for _ in watch:
                if self._is_ready():
                    return

    def _ready_path(self) -> str:
        return f"/local/domain/{self.domid}/control/feature-poweroff"

    def _is_ready(self) -> bool:
        if self.host.store.get(self._ready_path()) == "1":
            return True
        # Its nodes go first, and nothing tells when the rest does.
        if not self.host.store.exists(f"/local/domain/{self.domid}"):
            raise NotFound(3, why=f"domain {self.domid} has gone before it was ready")
        return False

    def console(self) -> Console:
        """Its console, to read and to type. Busy: somebody else reads it; Refused: only root may."""
        return Console(self)

    def start_dump(self, path: "str | os.PathLike[str]") -> "Operation[None]":
        """Writes memory and vCPUs to a file, in the format of Xen's toolstack. NotFound: the guest
        has not come far enough to know its own memory."""
        return self._start(light.xlight_domain_dump_start, os.fspath(path))

    def dump(self, path: "str | os.PathLike[str]") -> None:
        """start_dump(), and waits."""
        self.start_dump(path).run()

    # To files, and to other hosts

    def start_suspend(self) -> "Operation[None]":
        """Asks the guest to stop where it is, and waits until it has. TimedOut: within two minutes it
        has not; Busy: it is paused; NotSupported: it is not a PV guest."""
        return self._start(light.xlight_domain_suspend_start)

    def suspend(self) -> None:
        """start_suspend(), and waits."""
        self.start_suspend().run()

    def resume(self) -> None:
        """Lets a suspended guest go on. Invalid: it is not suspended."""
        self._call(light.xlight_domain_resume)

    def start_save(self, to: "str | os.PathLike[str] | int", after: str = "destroy",
                   live: bool = False, compress: bool = False, config: Optional[Config] = None
                   ) -> "Operation[None]":
        """Writes it to a file, or to a descriptor, which must stay open until the end; then it is
        gone. after="continue": it runs on; "pause": until unpause(). live: most is written while it
        runs. compress: with zstd, which Xen's own tools cannot read. config is written down in place
        of its own. Errors are those of start_suspend(); NotFound: the guest has not come far enough
        to know its own memory, or nobody has written down its configuration."""
        options = light.xlight_save_options()
        options.live, options.compress = live, compress
        try:
            options.after = {"destroy": light.XLIGHT_SAVE_DESTROY, "continue": light.XLIGHT_SAVE_GO_ON,
                             "pause": light.XLIGHT_SAVE_PAUSE}[after]
        except KeyError:
            raise ValueError('after is "destroy", "continue" or "pause"') from None
        if isinstance(to, int):
            return self._start(light.xlight_domain_save_fd_start, to, options, raw_or_none(config))
        return self._start(light.xlight_domain_save_start, os.fspath(to), options, raw_or_none(config))

    def save(self, to: "str | os.PathLike[str] | int", after: str = "destroy", live: bool = False,
             compress: bool = False, config: Optional[Config] = None) -> None:
        """start_save(), and waits. Host.restore() makes it a domain again.

        >>> import tempfile
        >>> from xenolith import Host, Config
        >>> with Host("sim:") as host, tempfile.TemporaryDirectory() as d:
        ...     web = host.create(Config(name="web", kernel=host.sim.kernel, memory=8))
        ...     web.wait_ready()
        ...     web.save(d + "/web", compress=True)
        ...     gone = not web.exists
        ...     (gone, host.restore(d + "/web").name)
        (True, 'web')
        """
        self.start_save(to, after, live, compress, config).run()

    def start_migrate(self, fd: int, out: Optional[int] = None, keep_domid: bool = False,
                      verify: bool = False, rounds: int = 0, few_pages: int = 0, downtime_ms: int = 0,
                      bandwidth: int = 0, compress: bool = False, config: Optional[Config] = None
                      ) -> "Operation[None]":
        """Sends it to another host while it runs, whose Host.start_receive(), or xl migrate-receive,
        is at the other end of a socket, or of two pipes (to read, and out); both must stay open.
        verify sends its memory twice; limits are those of struct xlight_migrate_options, bandwidth
        in MiB/s. compress: with zstd, which only our own receiver takes. config is sent in place of
        its own. Operation.transfer tells how far it is. Whatever fails before the other end was told
        to start it, it goes on here. NotConnected: the other end has gone, talks nonsense, or could
        not start it. Error EREMOTEIO: nobody knows whether it did; it stays here, suspended, with
        "--migratedaway" behind its name."""
        options = _migrate_options(keep_domid, verify, rounds, few_pages, downtime_ms, bandwidth, compress)
        return self._start(light.xlight_domain_migrate_start, fd, fd if out is None else out, options,
                           raw_or_none(config))

    def start_migrate_to(self, address: str, tls: Optional[TlsFiles] = None, keep_domid: bool = False,
                         verify: bool = False, rounds: int = 0, few_pages: int = 0,
                         downtime_ms: int = 0, bandwidth: int = 0, compress: bool = False,
                         config: Optional[Config] = None) -> "Operation[None]":
        """start_migrate() to tcp://HOST:PORT or tls://HOST:PORT, where Host.start_receive_from(), or
        xl migrate-receive --listen, waits. TLS needs files. Invalid: it is no address, or files are of
        no use; Refused: one of both ends is not who it must be; NotConnected and others: nobody is
        there. In all these cases it runs on."""
        options = _migrate_options(keep_domid, verify, rounds, few_pages, downtime_ms, bandwidth, compress)
        return self._start(light.xlight_domain_migrate_to_start, address, tls._raw() if tls else None,
                           options, raw_or_none(config))

    # Changes

    def memory(self) -> Record:
        """target_kb, what it shall have now; maximum_kb, the most it can ever have. KiB."""
        m = self._call(light.xlight_memory_get)
        return Record(target_kb=m.target_kb, maximum_kb=m.maximum_kb)

    @property
    def memory_kb(self) -> int:
        """What it shall have now, KiB; setting it asks the guest, which takes its time. Invalid:
        more than its maximum, or too little for domain 0."""
        return int(self.memory().target_kb)

    @memory_kb.setter
    def memory_kb(self, kib: int) -> None:
        self._call(light.xlight_memory_set_target, kib)

    @property
    def max_memory_kb(self) -> int:
        """The most it can ever have, KiB. Setting it, Invalid: less than the target."""
        return int(self.memory().maximum_kb)

    @max_memory_kb.setter
    def max_memory_kb(self, kib: int) -> None:
        self._call(light.xlight_memory_set_maximum, kib)

    def set_vcpus(self, number: int) -> None:
        """Asks it to use its first vCPUs only. Invalid: none, or more than it has been given."""
        self._call(light.xlight_vcpu_set, number)

    def pin(self, vcpu: int, hard: Optional[Cpus] = None, soft: Optional[Cpus] = None,
            force: bool = False) -> None:
        """Where a vCPU may run, and where it runs best; None leaves it. Sets are numbers, or text
        like "0-3,8". With force also if the vCPU has pinned itself. Invalid: no CPU is left."""
        self._call(light.xlight_vcpu_pin, vcpu, None if hard is None else write_set(hard),
                   None if soft is None else write_set(soft), force)

    def sched(self) -> Record:
        """Its share of the CPUs: struct xlight_sched; times in microseconds, cap in percent."""
        return read_record(self._call(light.xlight_sched_get))

    def set_sched(self, **values: Union[int, bool]) -> None:
        """Changes some of them, as weight=512. Invalid: out of range."""
        changed = {**self.sched(), **values}
        self.host._call(light.xlight_sched_set, self.host._raw, json.dumps(changed))

    def sched_vcpus(self) -> List[Record]:
        """The same of single vCPUs, for rtds. NotSupported: another scheduler."""
        return read_records(self._call(light.xlight_sched_vcpus_get))

    def set_sched_vcpus(self, vcpus: List[Dict[str, Any]]) -> None:
        """Changes those given, with all members."""
        self.host._call(light.xlight_sched_vcpus_set, self.host._raw,
                        [json.dumps({"domid": self.domid, **v}) for v in vcpus])

    def move(self, pool: int) -> None:
        """Moves it to another pool of CPUs."""
        self.host._call(light.xlight_cpupool_move, self.host._raw, pool, self.domid)

    def sysrq(self, key: str) -> None:
        """Presses a SysRq key of its kernel. Invalid: not a letter or digit."""
        self._call(light.xlight_sysrq, key)

    def trigger(self, button: str, vcpu: int = 0) -> None:
        """Presses "nmi", "reset", "init", "power" or "sleep". Invalid: no such button."""
        self._call(light.xlight_trigger, button, vcpu)

    # Devices

    def devices(self, kind: Optional[str] = None) -> List[Device]:
        """Its devices, of one kind ("disk", "nic", "channel", "p9", "vfb", "vkb") or all."""
        found = []
        for k in [kind] if kind else list(KINDS):
            for info in read_records(self._call(light.xlight_device_list, kind_number(k))):
                found.append(Device(self, k, info))
        return found

    def start_attach(self, kind: str, config: DeviceConfig) -> "Operation[None]":
        """Gives it one more device: a specification as in configuration files, or a dictionary.
        Exists: there is one with this name or id; Busy: the disk is in use elsewhere; TimedOut:
        nothing serves such devices; NotSupported: this needs a device model."""
        return self._start(light.xlight_device_attach_start, kind_number(kind),
                           to_json(kind, config))

    def attach(self, kind: str, config: DeviceConfig) -> None:
        """start_attach(), and waits."""
        self.start_attach(kind, config).run()

    def start_change_medium(self, drive: str, target: Optional[str]) -> "Operation[None]":
        """Puts another medium into a CD drive, or takes it out (None). NotFound: there is no such
        drive, or no such file; Invalid: that disk is no drive."""
        return self._start(light.xlight_medium_change_start, drive, target)

    def change_medium(self, drive: str, target: Optional[str]) -> None:
        """start_change_medium(), and waits."""
        self.start_change_medium(drive, target).run()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Domain) and (self.host, self.domid) == (other.host, other.domid)

    def __hash__(self) -> int:
        return hash(self.domid)

    def __repr__(self) -> str:
        return f"<Domain {self.domid}>"


__all__ = ["Domain"]
