# SPDX-License-Identifier: MIT
"""The read-only socket, and xenstore-control."""
import xs
from suite import BASE, refused, test, with_guests


@with_guests
def read_only_socket(e):
    c, r = e.connect(), e.daemon.connect(read_only=True)
    c.write(BASE + "/a", "1")
    assert r.read(BASE + "/a") == "1"
    refused("EROFS", r.write, BASE + "/a", "2")
    refused("EROFS", r.rm, BASE + "/a")
    refused("EROFS", r.control, "help")
    r.watch(BASE)
    c.write(BASE + "/a", "2")
    assert r.event() == (BASE + "/a", "t")


@with_guests
def control_commands(e):
    c = e.connect()
    assert c.control("check") == "OK"
    assert "live-update" in c.control("help")
    assert "nodes" in c.control("memreport")
    log = e.daemon.path("log")
    assert c.control("logfile", log) == "OK"
    c.write(BASE + "/logged", b"v\x1b[1m")
    assert c.control("log", "off") == "OK"
    c.write(BASE + "/silent", "v")
    with open(log) as f:
        text = f.read()
    assert "WRITE (/xs-test/logged v?[1m)" in text and "silent" not in text
    for args in (("nothing",), ("log",), ("log", "x"), ("live-update",), ("live-update", "-x")):
        refused("EINVAL", c.control, *args)
    assert c.control("quota-soft", "set", "memory", 1000) == "OK"
    assert "memory" in c.control("quota-soft")
    assert "Max used" in c.control("quota", "max", "-r")


@with_guests
def release_of_own_domain(e):
    """Last of all: it may leave no store."""
    c = e.connect()
    refused("EINVAL", c.ask, xs.RELEASE, b"0\0")
    assert c.read(BASE) == ""
