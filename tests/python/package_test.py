# SPDX-License-Identifier: MIT
"""What the package does, on the simulated host. See package.sh."""

import array
import asyncio
import errno
import gc
import itertools
import json
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
import unittest
import weakref

import xenolith
from xenolith import Config, Host, Store
from xenolith.raw import ctrl, light, store

SCALE = int(os.environ.get("TEST_SCALE", "1"))


class OnHost(unittest.TestCase):
    def setUp(self):
        self.host = Host("sim:")
        self.addCleanup(self.host.close)

    def config(self, name, **more):
        return Config(name=name, kernel=self.host.sim.kernel, memory=8, **more)

    def names(self):
        return [d.name for d in self.host.list() if not d.dying]

    def tearDown(self):
        self.host.sim.audit()


class Errors(OnHost):
    def test_chain(self):
        with self.assertRaises(xenolith.NotFound) as c:
            self.host.domain(77).pause()
        e = c.exception
        self.assertEqual((e.code, e.errno, e.domid), ("ESRCH", errno.ESRCH, 77))
        self.assertGreaterEqual(len(e.chain), 2)
        self.assertEqual(str(e), ": ".join(link.text for link in e.chain))
        self.assertIn("domain 77", e.chain[0].text)
        self.assertIsInstance(e, (LookupError, OSError))

    def test_kinds(self):
        self.host.create(self.config("web"))
        for kind, call in (
                (xenolith.Exists, lambda: self.host.create(self.config("web"))),
                (xenolith.Refused, lambda: self.host.domain(0).destroy()),
                (xenolith.NotFound, lambda: self.host.domain("none")),
                (xenolith.NotFound, lambda: Host("sim:").create(self.config("b", ramdisk="/none"))),
                (xenolith.Invalid, lambda: Host("sim:cpus=0")),
                (xenolith.Invalid, lambda: self.host.domain("web").trigger("bell")),
                (xenolith.NotSupported, lambda: self.host.domain("web").sched_vcpus())):
            with self.subTest(kind=kind.__name__):
                self.assertRaises(kind, call)

    def test_open(self):
        with self.assertRaises(xenolith.Error) as c:
            light.xlight_open_why("sim:cpus=none")
        self.assertIn("cpus", str(c.exception))
        self.assertRaises(xenolith.Error, Store, "/none/socket")

    def test_planned(self):
        self.host.sim.fail(ctrl.XCTL_SIM_DOMCTL, ctrl.XEN_DOMCTL_createdomain)
        with self.assertRaises(xenolith.NoSpace) as c:
            self.host.create(self.config("web"))
        self.assertIn("web", c.exception.chain[0].text)
        self.assertEqual(self.names(), ["Domain-0"])

    def test_wrong_arguments(self):
        for call in (lambda: light.xlight_domain_pause(None, 1),
                     lambda: light.xlight_domain_find(self.host._raw, None),
                     lambda: light.xlight_op_process(self.host._raw),
                     lambda: light.xlight_sched_set(self.host._raw, "no JSON"),
                     lambda: light.xlight_sched_set(self.host._raw, '{"weight": "many"}'),
                     lambda: light.xlight_vcpu_pin(self.host._raw, 0, 0, "x-y", None, False),
                     lambda: ctrl.xctl_domain_set_handle(ctrl.xctl_open("sim:"), 0, b"short"),
                     lambda: ctrl.xctl_domain_info(self.host._raw, 0)):
            self.assertRaises(ValueError, call)


class Domains(OnHost):
    def test_life(self):
        web = self.host.create(self.config("web", vcpus=2, maxmem=16), paused=True)
        self.assertEqual((web.info().paused, web.name, self.names()), (True, "web", ["Domain-0", "web"]))
        self.assertEqual(self.host["web"], web)
        web.name = "shop"
        web.unpause()
        web.wait_ready(30 * SCALE)
        self.assertEqual(self.host.domain("shop").domid, web.domid)
        self.assertEqual(web.config().uuid, web.uuid)
        web.memory_kb = 6144
        self.assertEqual(web.memory(), {"target_kb": 6144, "maximum_kb": 16384})
        self.assertRaises(xenolith.Invalid, setattr, web, "memory_kb", 1 << 40)
        web.set_vcpus(1)
        self.assertEqual(len(web.vcpus()), 2)
        web.pin(0, hard={1}, soft="0-1")
        self.assertEqual((web.vcpus()[0].hard, web.vcpus()[0].soft), ([1], [0, 1]))
        web.set_sched(weight=512)
        self.assertEqual(web.sched().weight, 512)
        self.assertEqual(web.nodes(), {0})
        self.host.sim.advance(3)
        stat = [s for s in self.host.stat() if s.domid == web.domid]
        self.assertEqual(len(stat), 1)
        web.shutdown(wait=True)
        self.assertEqual(web.info().shutdown_reason, 0)
        web.destroy()
        self.assertFalse(web.exists)

    def test_gone_before_ready(self):
        web = self.host.create(self.config("web"), paused=True)
        waiting = threading.Timer(0.05, web.destroy)
        waiting.start()
        self.assertRaises(xenolith.NotFound, web.wait_ready, 60 * SCALE)
        waiting.join()
        self.assertRaises(xenolith.NotFound, asyncio.run, web.ready())

    def test_devices(self):
        path = os.path.join(self.host.sim._dir, "disk")
        for name in path, path + "2":
            with open(name, "wb") as f:
                f.write(b"\0" * 4096)
        web = self.host.create(self.config("web", disk=[f"{path},raw,xvda,rw"]))
        self.assertEqual([(d.name, d.target, d.backend_domid) for d in web.devices("disk")],
                         [("xvda", path, 0)])
        self.assertRaises(xenolith.Exists, web.attach, "disk", f"{path}2,raw,xvda,rw")
        web.attach("disk", f"{path}2,raw,xvdb,r")
        self.assertEqual([d.name for d in web.devices("disk")], ["xvda", "xvdb"])
        self.assertEqual(len(web.config()["disks"]), 2)
        nic = {"bridge": "br0", "mac": "00:16:3e:01:02:03", "script": "none"}
        self.assertRaises(xenolith.Invalid, web.attach, "disk", "vdev=xvdc,colour=red")
        self.assertRaises(xenolith.Invalid, web.attach, "nic", {**nic, "mac": "x"})
        self.assertRaises(ValueError, web.attach, "lamp", "on")
        disks = web.devices("disk")
        for disk in disks:
            disk.wait_connected(timeout=60)
        self.assertEqual({d.state for d in disks}, {4})
        self.assertRaises(xenolith.NotFound, web.change_medium, "hdc", None)
        self.assertRaises(xenolith.Invalid, web.change_medium, "xvda", None)
        for disk in web.devices("disk"):
            disk.detach()
        self.assertEqual(web.devices("disk"), [])
        self.assertRaises(xenolith.NotFound, disk.wait_connected)

    def test_pools(self):
        self.host.remove_cpus(0, {3})
        pool = self.host.create_cpupool("fast", "3")
        self.assertEqual([p.name for p in self.host.cpupools()], ["Pool-0", "fast"])
        web = self.host.create(self.config("web"))
        web.move(pool)
        self.assertEqual(web.info().cpupool, pool)
        self.assertRaises(xenolith.Busy, self.host.destroy_cpupool, pool)
        web.destroy()
        self.host.rename_cpupool(pool, "slow")
        self.assertEqual(self.host.cpupool("slow"), pool)
        self.host.destroy_cpupool(pool)
        pool = self.host.create_cpupool_from('name = "p"\ncpus = "3"\n')
        self.host.set_sched_pool(pool, ratelimit_us=2000)
        self.assertEqual(self.host.sched_pool(pool).ratelimit_us, 2000)


class Consoles(OnHost):
    def test_says(self):
        web = self.host.create(self.config("web"), paused=True)
        with web.console() as console:
            self.assertRaises(xenolith.TimedOut, console.wait_for, "login:", 0.05)
            web.unpause()
            # What came in vain, and what comes behind, is there for the next one.
            self.assertRaises(xenolith.TimedOut, console.wait_for, "nonsense", 0.5 * SCALE)
            self.assertEqual(console.wait_for("we", 60), "we")
            self.assertEqual(console.next(60), "b login: ")
            self.assertIsNone(console.poll())
            console.write("\nroot\n")
            said = console.wait_for("login: ", 60) + console.wait_for("login: ", 60)
            self.assertEqual(said, "\r\nweb login: " * 2)
            console.write("")
        # A later reader gets what is new.
        with web.console() as console:
            console.write("\n", timeout=60)
            console.wait_for("web login:", 60)

    def test_characters(self):
        web = self.host.create(self.config("web"))
        with web.console() as console:
            console.wait_for("login: ", 60)
            terminal = self.host.sim._guests._terminals._ttys[web.domid][0]
            for byte in "é\0€".encode() + b"\xff.":
                os.write(terminal, bytes([byte]))
            self.assertEqual(console.wait_for(".", 60), "é\0€\ufffd.")

    def test_goes(self):
        web = self.host.create(self.config("web"))
        with web.console() as console:
            console.wait_for("login:", 60)
            web.destroy()
            self.assertRaises(xenolith.NotFound, console.wait_for, "login:", 60)
            self.assertEqual(console.next(60), " ")
            self.assertRaises(xenolith.NotFound, console.next, 60)
            self.assertRaises(xenolith.NotFound, self.write_on, console)
        console.close()
        with self.host.domain(99).console() as console:
            self.assertRaises(xenolith.NotFound, console.wait_for, "login:", 60)
            self.assertRaises(xenolith.NotFound, console.write, "x")

    def write_on(self, console):
        end = time.monotonic() + 60 * SCALE
        while time.monotonic() < end:
            console.write("x")

    def test_full(self):
        web = self.host.create(self.config("web"))
        with web.console() as console:
            console.wait_for("login:", 60)
            master = self.host.sim._guests._terminals._ttys[web.domid][0]
            self.host.sim._guests._poll.unregister(master)
            self.assertRaises(xenolith.TimedOut, console.write, "x" * (1 << 20), 0.1)
            self.host.sim._guests._poll.register(master)

    def test_asyncio(self):
        async def one(i):
            domain = await self.host.start_create(self.config(f"g{i}"))
            with domain.console() as console:
                said = await console.says("login: ")
                with self.assertRaises(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await console.says("more")
                console.write("\n")
                return said + await console.says("login: ")

        async def several():
            return await asyncio.gather(*(one(i) for i in range(4)))

        said = asyncio.run(asyncio.wait_for(several(), 60 * SCALE))
        self.assertEqual(said, [f"g{i} login: \r\ng{i} login: " for i in range(4)])

    def test_lock(self):
        with tempfile.TemporaryDirectory() as d:
            self.addCleanup(setattr, xenolith.console, "_LOCK", xenolith.console._LOCK)
            xenolith.console._LOCK = d + "/xenconsole.%d"
            lock = xenolith.console._take_lock(5)
            self.assertRaises(xenolith.Busy, xenolith.console._take_lock, 5)
            os.close(xenolith.console._take_lock(6))
            os.close(lock)
            os.close(xenolith.console._take_lock(5))
            xenolith.console._LOCK = d + "/none/xenconsole.%d"
            self.assertRaises(xenolith.NotFound, xenolith.console._take_lock, 5)


class Balloons(OnHost):
    def becomes(self, read, kib):
        end = time.monotonic() + 60 * SCALE
        while read() != kib and time.monotonic() < end:
            time.sleep(0.001)
        self.assertEqual(read(), kib)

    def has(self, domain, kib):
        self.becomes(lambda: domain.info().memory_kb, kib)

    def test_both_ways(self):
        free = self.host.info().free_memory_kb
        web = self.host.create(self.config("web", maxmem=16))
        web.wait_ready(60)
        taken = free - self.host.info().free_memory_kb
        web.memory_kb = 5 << 10
        self.has(web, 5 << 10)
        self.assertEqual(free - self.host.info().free_memory_kb, taken - (3 << 10))
        # With holes in its memory it can be moved.
        with tempfile.NamedTemporaryFile() as f:
            web.save(f.name)
            web = self.host.restore(f.name)
        web.wait_ready(60)
        self.has(web, 5 << 10)
        web.memory_kb = 7 << 10
        self.has(web, 7 << 10)
        # Not more than it began with, nor what it runs in.
        web.memory_kb = 12 << 10
        self.has(web, 8 << 10)
        web.memory_kb = 1 << 10
        self.has(web, 4 << 10)
        web.save("/dev/null", after="continue")
        web.destroy()
        # The last page is free when the store daemon has heard of it and lets go of its ring.
        self.becomes(lambda: self.host.info().free_memory_kb, free)


class Ctrl(unittest.TestCase):
    """The module below, which is close to C."""

    def setUp(self):
        self.h = ctrl.xctl_open("sim:cpus=2,nodes=2")

    def make(self, vcpus=1):
        config = ctrl.xen_domctl_createdomain()
        config.max_vcpus, config.max_evtchn_port = vcpus, 1023
        config.max_grant_frames = config.max_maptrack_frames = 4
        config.grant_opts = 1
        domid = ctrl.xctl_domain_create(self.h, 0, config)
        ctrl.xctl_domain_set_max_vcpus(self.h, domid, vcpus)
        ctrl.xctl_domain_set_max_mem(self.h, domid, 4096)
        return domid

    def test_structures(self):
        domid = self.make(2)
        ctrl.xctl_domain_set_handle(self.h, domid, bytes(range(16)))
        info = ctrl.xctl_domain_info(self.h, domid)
        self.assertEqual((info.domain, info.max_vcpu_id), (domid, 1))
        it, found = ctrl.xctl_domain_iter_new(self.h, 0), []
        while True:
            more, info = ctrl.xctl_domain_iter_next(it)
            if not more:
                break
            found.append(info.domain)
        self.assertEqual(found, [0, domid])
        size = ctrl.xen_domctl_getdomaininfo.nr_bytes
        array = bytearray(4 * size)
        self.assertEqual(ctrl.xctl_domain_list(self.h, 0, array), 2)
        second = ctrl.xen_domctl_getdomaininfo.from_bytes(array, 1)
        self.assertEqual((second.domain, len(second.to_bytes())), (domid, size))
        self.assertIsNone(ctrl.xen_domctl_getdomaininfo.from_bytes(array, 4))
        self.assertRaises(ValueError, ctrl.xctl_domain_list, self.h, 0, bytearray(size + 1))
        self.assertRaises(TypeError, ctrl.xctl_domain_list, self.h, 0, "text")
        self.assertRaises(BufferError, ctrl.xctl_domain_list, self.h, 0, bytes(size))
        self.assertEqual(ctrl.xctl_vcpu_next(self.h, domid, 0)[:2], [1, 0])
        self.assertEqual(ctrl.xctl_version(self.h), [4, 17])
        self.assertEqual(ctrl.xctl_version_extra(self.h), "-sim")

    def test_arrays(self):
        domid = self.make()
        frames = array.array("Q", range(16))
        self.assertEqual(ctrl.xctl_memory_populate(self.h, domid, 0, 0, frames), 16)
        self.assertEqual(ctrl.xctl_memory_reservation(self.h, domid)[0], 16)
        addr = ctrl.xctl_foreign_map(self.h, domid, 3, array.array("Q", [frames[2]]), None)
        view = ctrl.memory(addr, 4096)
        view[:5] = b"hello"
        self.assertEqual(bytes(ctrl.memory(addr, 5)), b"hello")
        ctrl.xctl_foreign_unmap(self.h, addr, 1)
        cpus = bytearray(1)
        ctrl.xctl_bitmap_parse("1,3", cpus)
        self.assertEqual(cpus, b"\x0a")
        self.assertEqual(ctrl.xctl_bitmap_format(bytes(cpus)), "1,3")
        self.assertEqual(ctrl.xctl_host_cpu_topology(self.h, None), 2)
        topo = bytearray(2 * ctrl.xen_sysctl_cputopo.nr_bytes)
        self.assertEqual(ctrl.xctl_host_cpu_topology(self.h, topo), 2)
        self.assertEqual(ctrl.xen_sysctl_cputopo.from_bytes(topo, 1).node, 1)
        buf = ctrl.xctl_buffer_alloc(self.h, 4096)
        ctrl.xctl_buffer_free(self.h, buf, 4096)
        self.assertEqual(ctrl.xctl_hypercall(self.h, ctrl.__dict__["__HYPERVISOR_xen_version"], [0]),
                         4 << 16 | 17)

    def test_events(self):
        domid = self.make()
        e = ctrl.xctl_evtchn_open(self.h)
        port = ctrl.xctl_evtchn_bind_unbound(e, domid)
        self.assertRaises(xenolith.Busy, ctrl.xctl_evtchn_pending, e)
        guest = ctrl.xctl_sim_attach(self.h, domid)
        theirs = ctrl.xctl_evtchn_open(guest)
        remote = ctrl.xctl_evtchn_bind_interdomain(theirs, 0, port)
        ctrl.xctl_evtchn_notify(theirs, remote)
        seen = ctrl.xctl_evtchn_pending(e)
        while seen != port:  # one for the binding itself comes first, or not
            seen = ctrl.xctl_evtchn_pending(e)
        with self.assertRaises(xenolith.Error) as c:
            ctrl.xctl_evtchn_unbind(e, 999)
        self.assertTrue(c.exception.chain)
        del guest
        gc.collect()
        ctrl.xctl_evtchn_close(theirs)


class Configs(unittest.TestCase):
    def test_both_ways(self):
        c = Config(name='a "b" \\ \n', kernel="/k", memory=64, vcpus=2, localtime=True,
                   vif=["bridge=br0", "bridge=br1"], extra="a=b")
        self.assertEqual(c.name, 'a "b" \\ \n')
        self.assertEqual(len(c["nics"]), 2)
        self.assertEqual(Config.from_json(c.to_json()), c)
        self.assertEqual(Config.from_dict(c.to_dict()), c)
        self.assertEqual(Config.parse(Config(name="x", kernel="/k", memory=8).to_text()).name, "x")
        self.assertEqual(c.replace(name="d")["b_info"]["max_vcpus"], 2)
        self.assertEqual(len({c, Config.from_json(c.to_json())}), 1)

    def test_saved(self):
        with open("/dev/null") as f, self.assertRaises(xenolith.Error) as r:
            light.xlight_stream_check(f.fileno())
        self.assertEqual(r.exception.code, "ENODATA")
        self.assertTrue(str(r.exception))

    def test_settings(self):
        with Host("sim:cpus=4") as host:
            s = json.dumps({k: v for k, v in xenolith.Settings.parse(
                'vif.default.bridge = "br7"\nvm.cpumask = "0-2"\nautoballoon = "off"\n'
                'lockfile = "/l"\n').items() if v is not None})
            nic = json.loads(light.xlight_settings_apply_nic(s, "{}"))
            self.assertEqual(nic["bridge"], "br7")
            self.assertEqual(light.xlight_settings_mask(host._raw, s, light.XLIGHT_PV, "all,^0"), "1-2")
            self.assertEqual(light.xlight_settings_options(host._raw, s)[0], False)
            options = light.xlight_create_options()
            options.set_lock_file("/l")
            self.assertEqual(options.lock_file, "/l")

    def test_messages(self):
        with self.assertRaises(xenolith.Invalid) as r:
            Config.parse("name = 'x'\nmemory = none\nvcpus = -1\n", "web.cfg")
        found = [(m.file, m.line) for m in r.exception.messages if m.is_error]
        self.assertTrue({("web.cfg", 2), ("web.cfg", 3)} <= set(found), found)
        self.assertIn("web.cfg:2", str(r.exception))
        self.assertTrue(Config(name="x", kernel="/k", memory=8, colour="red").messages)
        self.assertRaises(xenolith.NotFound, Config.read, "/none")
        self.assertRaises(xenolith.Invalid, Config.from_json, "{")


class Moves(OnHost):
    def guest(self, name="g"):
        domain = self.host.create(self.config(name))
        domain.wait_ready(60)
        return domain

    def closed_config(self):
        raw = light.xlight_config_from_json("", "{}", None)
        light.xlight_config_free(raw)
        return raw

    def test_file(self):
        domain = self.guest()
        uuid, domain_config = domain.uuid, domain.config()
        with tempfile.TemporaryDirectory() as d:
            domain.save(d + "/a", after="continue", live=True)
            self.assertEqual(domain.info().paused, False)
            domain.save(d + "/b", after="pause")
            self.assertEqual(domain.info().paused, True)
            domain.unpause()
            self.assertRaises(xenolith.Exists, self.host.restore, d + "/a")
            self.assertRaises(ValueError, domain.save, d + "/c", after="else")
            self.assertFalse(os.path.exists(d + "/c"))
            with domain.start_save(d + "/c", live=True) as op:
                op.wait()
                moved = op.transfer
            self.assertFalse(domain.exists)
            self.assertGreaterEqual(moved.pages, 8 << 8)
            self.assertGreater(moved.bytes, moved.pages * 4096)
            self.assertGreater(moved.downtime_ns, 0)
            for name in "abc":
                back = self.host.restore(d + "/" + name, paused=name == "b", lazy=name == "a")
                self.assertEqual((back.name, back.uuid, back.info().paused), ("g", uuid, name == "b"))
                back.destroy()
            # Another configuration: here, or from now on.
            back = self.host.restore(d + "/c", config=domain_config.replace(name="here"))
            self.assertEqual((back.name, back.uuid), ("here", uuid))
            back.wait_ready(60)
            back.save(d + "/d", config=domain_config.replace(name="later"))
            back = self.host.restore(d + "/d")
            self.assertEqual((back.name, back.config().name), ("later", "later"))
            back.destroy()
            with open(d + "/c", "r+b") as f:
                self.assertRaises(xenolith.NotSupported, self.host.restore, f.fileno(),
                                  config=domain_config.replace(type="pvh"))
                for wrong in "{}", self.closed_config():
                    self.assertRaises((TypeError, ValueError), light.xlight_domain_restore_fd_start,
                                      self.host._raw, f.fileno(), None, wrong)
                f.seek(0)
                back = self.host.restore(f.fileno())
                back.wait_ready(60)
                # What came back can go again.
                f.seek(0)
                f.truncate()
                back.save(f.fileno())
                f.seek(0)
                self.assertEqual(light.xlight_stream_check(f.fileno()).pages, 8 << 8)
                f.truncate(100000)
            self.assertRaises(xenolith.NotFound, self.host.restore, d + "/c")
            self.assertRaises(xenolith.NotFound, self.host.restore, d + "/none")
        self.assertEqual(self.names(), ["Domain-0"])

    def test_suspend(self):
        domain = self.guest()
        domain.suspend()
        self.assertTrue(domain.info().shutdown)
        domain.resume()
        self.assertFalse(domain.info().shutdown)
        self.assertRaises(xenolith.Invalid, domain.resume)

    def test_migrate(self):
        domain = self.guest()
        uuid = domain.uuid
        with Host("sim:") as there:
            async def move(limits):
                a, b = socket.socketpair()
                with a, b:
                    sends = domain.start_migrate(a.fileno(), **limits)
                    copy, _ = await asyncio.gather(there.start_receive(b.fileno()), sends)
                    return copy, sends.transfer

            copy, moved = asyncio.run(move({"rounds": 3, "bandwidth": 500}))
            self.assertEqual(self.names(), ["Domain-0"])
            self.assertEqual((copy.name, copy.uuid), ("g", uuid))
            self.assertGreaterEqual(moved.round, 2)
            copy.wait_ready(60)
            copy.destroy()

            async def move_to(domain):
                fd, port = there.listen("tcp://127.0.0.1:0")
                with socket.socket(fileno=fd):
                    sends = domain.start_migrate_to(f"tcp://127.0.0.1:{port}", compress=True,
                                                    config=domain.config().replace(on_reboot="preserve"))
                    return (await asyncio.gather(there.start_receive_from(fd), sends))[0]

            copy = asyncio.run(move_to(self.guest("t")))
            self.assertEqual((copy.name, copy.config()["on_reboot"]), ("t", "preserve"))
            copy.destroy()

        domain = self.guest("h")
        files = xenolith.TlsFiles("/none.pem", "/none.key", "/none.ca")
        self.assertRaises(xenolith.Invalid, domain.start_migrate_to, "there")
        self.assertRaises(xenolith.Invalid, domain.start_migrate_to, "tls://localhost:1")
        self.assertRaises(xenolith.Invalid, domain.start_migrate_to, "tls://localhost:1", files)
        self.assertRaises(TypeError, domain.start_migrate, 0, speed=1)
        a, b = socket.socketpair()
        with a:
            b.close()
            with domain.start_migrate(a.fileno()) as op:
                self.assertRaises(xenolith.NotConnected, op.wait)
        self.assertFalse(domain.info().paused or domain.info().shutdown)


class Asyncio(OnHost):
    def test_many(self):
        async def one(i):
            domain = await self.host.start_create(self.config(f"g{i}"))
            await domain.ready()
            return domain

        async def all_of_them():
            domains = await asyncio.gather(*(one(i) for i in range(8)))
            self.assertEqual(len(self.host.domains()), 9)
            await asyncio.gather(*(d.start_shutdown(wait=True) for d in domains))
            await asyncio.gather(*(d.start_destroy() for d in domains))

        asyncio.run(asyncio.wait_for(all_of_them(), 60 * SCALE))
        self.assertEqual(self.names(), ["Domain-0"])

    def test_failure(self):
        async def fails():
            await self.host.start_create(self.config("x", ramdisk="/none"))

        self.assertRaises(xenolith.NotFound, asyncio.run, fails())

    def test_cancel(self):
        async def cancelled():
            domain = await self.host.start_create(self.config("web"), paused=True)
            task = asyncio.ensure_future(wait_for(domain))
            await asyncio.sleep(0.01)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            await domain.start_destroy()

        async def wait_for(domain):
            await domain.start_wait()

        asyncio.run(cancelled())
        self.assertEqual(self.names(), ["Domain-0"])

    def test_streams(self):
        async def streams():
            with self.host.events() as events, self.host.store.watch("/x") as watch:
                domain = await self.host.start_create(self.config("web"))
                self.host.store["/x/y"] = 1
                seen = [await watch.__anext__() for _ in range(2)]
                event = await events.__anext__()
                self.assertEqual((event.event, event.domid), ("domain-created", domain.domid))
                self.assertEqual(seen, ["/x", "/x/y"])
                await domain.start_destroy()
                async for event in events:
                    if event.event == "domain-destroyed":
                        break

        asyncio.run(asyncio.wait_for(streams(), 60 * SCALE))


class Operations(OnHost):
    def test_progress_and_cancel(self):
        op = self.host.start_create(self.config("web"))
        self.assertFalse(op.done)
        self.assertGreater(op.progress.steps, 3)
        op.cancel()
        self.assertRaises(xenolith.Cancelled, op.wait, 30)
        self.assertTrue(op.done)
        self.assertEqual(self.names(), ["Domain-0"])

    def test_timeout(self):
        web = self.host.create(self.config("web"), paused=True)
        start = time.monotonic()
        self.assertRaises(xenolith.TimedOut, web.wait, 0.05)
        self.assertLess(time.monotonic() - start, 10 * SCALE)

    def test_threads(self):
        """The interpreter's lock is free while one waits, and both get what is theirs."""
        web = self.host.create(self.config("web"), paused=True)
        waiter = threading.Thread(target=web.wait)
        waiter.start()
        others = [threading.Thread(target=lambda i=i: self.host.create(self.config(f"g{i}")))
                  for i in range(4)]
        for t in others:
            t.start()
        for t in others:
            t.join(60 * SCALE)
        self.assertEqual(len(self.host.domains()), 6)
        self.assertTrue(waiter.is_alive())
        self.host.sim.end_guest(web.domid, 0)
        waiter.join(60 * SCALE)
        self.assertFalse(waiter.is_alive())

    def test_lock_is_free(self):
        xs = store.xstore_open(self.host.sim.socket)
        store.xstore_watch(xs, "/a", "t")
        store.xstore_wait_event(xs)
        seen = []
        waiter = threading.Thread(target=lambda: seen.append(store.xstore_wait_event(xs)))
        waiter.start()
        self.host.store["/a/b"] = "1"
        waiter.join(30 * SCALE)
        self.assertEqual(seen, [("/a/b", "t")])


class Stores(OnHost):
    def test_transactions(self):
        s = self.host.store
        s["/n"] = 0

        def work():
            mine = Store(self.host.sim.socket)
            for _ in range(20):
                mine.transact(lambda t: t.write("/n", int(t.read("/n")) + 1))

        threads = [threading.Thread(target=work) for _ in range(3)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(s["/n"], "60")
        with self.assertRaises(ZeroDivisionError):
            with s.transaction() as t:
                t.write("/n", "gone")
                1 / 0
        self.assertEqual(s["/n"], "60")
        self.assertEqual(store.xstore_transaction(s._raw, lambda t: s.write("/n", 7, t)), None)
        self.assertEqual(s["/n"], "7")
        self.assertRaises(ZeroDivisionError, store.xstore_transaction, s._raw, lambda t: 1 / 0)

    def test_values(self):
        s = self.host.store
        s["/b"] = b"\0\xff"
        self.assertEqual(s.read_bytes("/b"), b"\0\xff")
        s["/t"] = True
        self.assertEqual((s["/t"], dict(s.walk("/t"))), ("1", {"/t": "1"}))
        s.set_permissions("/t", [(0, 0), (5, 1)])
        self.assertEqual([tuple(p) for p in s.permissions("/t")], [(0, 0), (5, 1)])
        del s["/t"]
        self.assertRaises(xenolith.NotFound, s.read, "/t")
        self.assertRaises(xenolith.Invalid, s.read, "no path?")
        with s.watch("/b") as w:
            self.assertEqual(w.next(30 * SCALE), "/b")
            self.assertIsNone(w.poll())
            self.assertRaises(xenolith.TimedOut, w.next, 0.01)

    def test_xens_own(self):
        os.environ["XENSTORED_PATH"] = self.host.sim.socket
        self.addCleanup(os.environ.pop, "XENSTORED_PATH")
        h = store.xs_open(0)
        store.xs_write(h, 0, "/x/y", b"1")
        self.assertEqual((store.xs_read(h, 0, "/x/y"), store.xs_directory(h, 0, "/x")), (b"1", ["y"]))
        t = store.xs_transaction_start(h)
        store.xs_transaction_end(h, t, True)
        self.assertRaises(xenolith.NotFound, store.xs_read, h, 0, "/none")
        self.assertFalse(store.xs_is_domain_introduced(h, 9))
        self.assertEqual(store.xs_get_domain_path(h, 9), "/local/domain/9")
        self.assertEqual(store.xs_strings_to_perms(b"r3\0n4\0"), [(3, 1), (4, 0)])
        store.xs_close(h)
        self.assertRaises(ValueError, store.xs_read, h, 0, "/x")


class Lifetimes(OnHost):
    """Objects may die in any order."""

    def test_closed(self):
        raw = light.xlight_open("sim:")
        light.xlight_close(raw)
        light.xlight_close(raw)
        self.assertRaises(ValueError, light.xlight_domain_list, raw)

    def test_parent_first(self):
        host = Host("sim:")
        op = host.start_create(Config(name="a", kernel=host.sim.kernel, memory=8))
        events = host.events()
        below = light.xlight_ctrl(host._raw)
        light.xlight_close(host._raw)
        op.wait(30 * SCALE)
        self.assertEqual(events.next(30 * SCALE).event, "domain-created")
        self.assertEqual(ctrl.xctl_domain_info(below, 0).domain, 0)
        self.assertRaises(ValueError, host.info)
        del op, events
        gc.collect()
        self.assertEqual(ctrl.xctl_domain_info(below, 0).domain, 0)
        host.close()

    def test_any_order(self):
        for order in itertools.permutations(range(4)):
            h = ctrl.xctl_open("sim:")
            e = ctrl.xctl_evtchn_open(h)
            it = ctrl.xctl_domain_iter_new(h, 0)
            port = ctrl.xctl_evtchn_bind_unbound(e, 0)
            things = [h, e, it, [h, e, it]]
            del h, e, it
            for i in order:
                things[i] = None
                gc.collect(0)
            self.assertGreater(port, 0)

    def test_cycle(self):
        for _ in range(20):
            h = light.xlight_open(self.host.where)
            ring = [h, light.xlight_config_parse("", 'name="x"\nkernel="/none"\nmemory=8\n', None)]
            ring.append(light.xlight_domain_create_start(h, ring[1], None))
            ring.append(light.xlight_events_open(h))
            ring.append(ring)
            del h, ring
            gc.collect()
        self.assertEqual(self.names(), ["Domain-0"])

    def test_messages_outlive(self):
        m = light.xlight_messages_new()
        try:
            light.xlight_config_parse("f", "memory = x\n", m)
        except xenolith.Invalid:
            pass
        first = light.xlight_messages_get(m, 0)
        light.xlight_messages_free(m)
        del m
        gc.collect()
        self.assertEqual((first.file, first.line), ("f", 1))

    def test_dropped_host(self):
        host = Host("sim:")
        daemon, gone = host.sim._daemon, weakref.ref(host)
        del host
        gc.collect()
        self.assertIsNone(gone())
        self.assertIsNotNone(daemon.poll())

    def test_killed(self):
        """A script that is killed leaves nothing behind: package.sh looks."""
        r, w = os.pipe()
        pid = os.fork()
        if not pid:
            os.set_inheritable(w, True)
            os.execv(sys.executable, [sys.executable, "-c", f"""
import time, xenolith
host = xenolith.Host("sim:")
print(host.sim._daemon.pid, host.sim.name, host.sim._dir, file=open({w}, "w"), flush=True)
time.sleep(100)
"""])
        os.close(w)
        with open(r) as f:
            _, name, folder = f.readline().split()
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        end = time.monotonic() + 30 * SCALE
        while os.path.exists(f"/dev/shm/xenolith-sim-{os.getuid()}-{name}"):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
        shutil.rmtree(folder)


if __name__ == "__main__":
    unittest.main()
