# SPDX-License-Identifier: MIT
"""Ganeti's own module for Xen, driven as its node daemon does: see agents.sh.

agents_ganeti.py KERNEL FOLDER
"""

import os
import subprocess
import sys
import time

from ganeti import constants, errors, objects
from ganeti.hypervisor.hv_base import HvInstanceState
from ganeti.hypervisor.hv_xen import XenPvmHypervisor

kernel, folder = sys.argv[1:]
name = "web.example.org"
params = {
    **constants.HVC_DEFAULTS[constants.HT_XEN_PVM], constants.HV_KERNEL_PATH: kernel,
    constants.HV_INITRD_PATH: "", constants.HV_XEN_CMD: "xl"}
instance = objects.Instance(
    name=name, hvparams=params, nics=[], disks=[], tags=set(),
    beparams={constants.BE_MAXMEM: 32, constants.BE_MINMEM: 16, constants.BE_VCPUS: 2})
xen = XenPvmHypervisor(_cfgdir=folder)
xen.REBOOT_RETRY_INTERVAL = 0.2


def info():
    return xen.GetInstanceInfo(name, hvparams=params)


def wait_for(what):
    """A domain that is being destroyed is shown with states that Ganeti does not know, by any xl."""
    end = time.monotonic() + 30
    while True:
        try:
            if what():
                return
        except errors.HypervisorError as e:
            assert "unhandled Xen instance state" in str(e), e
        assert time.monotonic() < end, what
        time.sleep(0.1)


def reboot():
    before = info()[1]
    try:
        xen.RebootInstance(instance)
    except errors.HypervisorError as e:
        assert "unhandled Xen instance state" in str(e), e
    wait_for(lambda: info() and info()[1] > before)


def disk(path):
    return (objects.Disk(dev_type=constants.DT_PLAIN, mode=constants.DISK_RDWR,
                         logical_id=("group", "volume")), path, None)


assert xen.Verify(hvparams=params) is None
node = xen.GetNodeInfo(hvparams=params)
assert (node["cpu_total"], node["cpu_nodes"], node["cpu_sockets"]) == (4, 1, 1), node
assert node["memory_total"] == 4096 and node["hv_version"] == (4, 17), node
assert node["memory_free"] + node["memory_dom0"] + node["memory_hv"] == 4096, node
assert xen.ListInstances(hvparams=params) == []

image = os.path.join(folder, "image")
with open(image, "wb") as f:
    f.truncate(1 << 20)
xen.StartInstance(instance, [disk(image)], True)
assert info()[0] == name and info()[2] == 32 and info()[4] == HvInstanceState.RUNNING, info()
subprocess.check_call(["xl", "unpause", name])
blocks = subprocess.check_output(["xl", "block-list", name], text=True).splitlines()
assert len(blocks) == 2 and blocks[1].startswith("2048 "), blocks  # sda

xen.BalloonInstanceMemory(instance, 24)
with open(os.path.join(folder, name)) as f:
    assert "memory = 24\n" in f
try:
    xen.BalloonInstanceMemory(instance, 100000)
    raise AssertionError("more memory than the guest may have")
except errors.HypervisorError as e:
    assert "at most" in str(e), e

reboot()
assert xen.ListInstances(hvparams=params) == [name]
# It asks the guest, which stays as a domain that is shut down (on_poweroff = preserve), then destroys.
xen.StopInstance(instance)
wait_for(lambda: info() is None)
xen.StartInstance(instance, [], False)
xen.StopInstance(instance, force=True)
wait_for(lambda: info() is None)
params[constants.HV_KERNEL_PATH] = "/none"
os.makedirs(os.environ["GANETI_ROOTDIR"] + "/var/log/ganeti/xen", exist_ok=True)
try:
    xen.StartInstance(instance, [], False)
    raise AssertionError("a kernel that there is not")
except errors.HypervisorError as e:
    assert "cannot read /none" in str(e), e
print("ok    Ganeti")
