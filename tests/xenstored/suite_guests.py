# SPDX-License-Identifier: MIT
"""Guests: permissions, coming and going."""
import xs
from suite import BASE, refused, settle, test, with_guests


@test
def permissions_text(e):
    c = e.connect()
    c.write(BASE + "/p")
    c.set_perms(BASE + "/p", "n0", "r1", "w2", "b4")
    assert c.perms(BASE + "/p") == ["n0", "r1", "w2", "b4"]
    c.write(BASE + "/p/child")
    assert c.perms(BASE + "/p/child") == ["n0", "r1", "w2", "b4"]
    refused("ENOENT", c.set_perms, BASE + "/none", "n0")
    with e.differs("an owner to come"):
        c.set_perms(BASE + "/p", "n29999")


@with_guests
def guest_permissions(e):
    c, g, h = e.connect(), e.guest(), e.guest()
    c.write(BASE + "/secret", "s")
    c.write(BASE + "/shared", "s")
    c.set_perms(BASE + "/shared", "n0", "r%d" % g.domid, "b%d" % h.domid)
    refused("EACCES", g.read, BASE + "/secret")
    with e.differs("what is there"):
        refused("EACCES", g.read, BASE + "/no")
    assert g.read(BASE + "/shared") == "s"
    refused("EACCES", g.write, BASE + "/shared", "x")
    refused("EACCES", g.write, BASE + "/new", "x")
    refused("EACCES", g.rm, BASE + "/shared")
    refused("EACCES", g.mkdir, BASE + "/shared")
    refused("EACCES", g.set_perms, BASE + "/shared", "b%d" % g.domid)
    h.write(BASE + "/shared", "by h")
    h.write(BASE + "/shared/child", "mine")
    with e.differs("owner of a new node"):
        assert c.perms(BASE + "/shared/child")[0] == "n%d" % h.domid
    refused("EACCES", h.set_perms, BASE + "/shared", "b%d" % h.domid)


@with_guests
def guest_owns_its_home(e):
    c, g, h = e.connect(), e.guest(), e.guest()
    g.write("data", "1")
    assert c.perms("/local/domain/%d/data" % g.domid) == ["n%d" % g.domid]
    g.set_perms("data", "r%d" % g.domid, "n0")
    refused(("EPERM", "EACCES"), g.set_perms, "data", "n0")
    refused(("EPERM", "EACCES"), g.set_perms, "data", "n%d" % h.domid)
    refused(("EPERM", "EACCES", "ENOENT"), g.set_perms, "data", "n29999")
    g.rm("data")
    refused("EACCES", g.rm, "/local/domain")
    refused("EACCES", g.directory, "/")


@with_guests
def guest_and_its_devices(e):
    """A node that is read-only in a directory of the guest's can be removed only with it, for ever."""
    c, g = e.connect(), e.guest()
    top = BASE + "/console"
    c.write(top, "")
    c.set_perms(top, "n0", "r%d" % g.domid)
    c.write(top + "/1", "")
    c.set_perms(top + "/1", "n%d" % g.domid, "r0")
    c.write(top + "/1/tty", "/dev/pts/7")
    c.set_perms(top + "/1/tty", "n0", "r%d" % g.domid)
    g.write(top + "/1/state", "4")
    refused("EACCES", g.write, top + "/1/tty", "/etc/shadow")
    refused("EACCES", g.rm, top + "/1/tty")
    refused("EACCES", g.set_perms, top + "/1/tty", "n%d" % g.domid)
    g.rm(top + "/1")
    refused("EACCES", g.write, top + "/1/tty", "/etc/shadow")


@with_guests
def guest_target(e):
    c, g, dm = e.connect(), e.guest(), e.guest()
    g.write("x", "of g")
    refused("EACCES", dm.read, "/local/domain/%d/x" % g.domid)
    assert c.ask(xs.SET_TARGET, xs.strings(dm.domid, g.domid)) == b"OK\0"
    assert dm.read("/local/domain/%d/x" % g.domid) == "of g"
    dm.write("/local/domain/%d/x" % g.domid, "by dm")
    refused("EACCES", g.read, "/local/domain/%d" % dm.domid)
    with e.differs("no such target"):
        refused("ENOENT", c.ask, xs.SET_TARGET, xs.strings(dm.domid, 30000))


@with_guests
def guest_target_dies(e):
    """The next domain with the target's number is somebody else."""
    c, g, dm = e.connect(), e.guest(), e.guest()
    assert c.ask(xs.SET_TARGET, xs.strings(dm.domid, g.domid)) == b"OK\0"
    e.daemon.destroy(g.domid)
    settle(lambda: c.ask(xs.IS_DOMAIN_INTRODUCED, xs.strings(g.domid)) == b"F\0", "gone")
    new = e.guest(g.domid)
    new.write("y", "of new")
    refused("EACCES", dm.read, "/local/domain/%d/y" % g.domid)


@with_guests
def guest_may_not(e):
    g = e.guest()
    for kind, payload in ((xs.INTRODUCE, b"1\0" b"0\0" b"1\0"),
                          (xs.RELEASE, b"1\0"), (xs.RESUME, b"1\0"), (xs.SET_TARGET, b"1\0" b"2\0"),
                          (xs.IS_DOMAIN_INTRODUCED, b"1\0")):
        refused("EACCES", g.ask, kind, payload)
    if e.name != "cxenstored":  # it answers whatever error came last, and ends when none ever did
        refused("EACCES", g.ask, xs.SET_PERMS, b"@releaseDomain\0n0\0")
    with e.differs("xenstore-control"):
        refused("EACCES", g.ask, xs.CONTROL, b"help\0")
    refused(("EACCES", "EINVAL"), g.ask, xs.GET_PERMS, b"@releaseDomain\0")
    assert g.ask(xs.GET_DOMAIN_PATH, b"3\0") == b"/local/domain/3\0"


@with_guests
def guest_hears_only_what_it_may_see(e):
    c, g = e.connect(), e.guest()
    g.watch(BASE)
    g.watch("@releaseDomain", "rel")
    c.write(BASE + "/secret", "1")
    c.write(BASE + "/shared", "1")
    c.set_perms(BASE + "/shared", "n0", "r%d" % g.domid)
    assert g.event() == (BASE + "/shared", "t")
    c.write(BASE + "/shared", "2")
    assert g.event() == (BASE + "/shared", "t")
    c.rm(BASE + "/secret")
    g.no_event()
    c.rm(BASE + "/shared")
    assert g.event() == (BASE + "/shared", "t")
    # Taken away: one last event, because it could read the node until now.
    c.write(BASE + "/shared", "3")
    c.set_perms(BASE + "/shared", "n0", "r%d" % g.domid)
    g.event()
    c.set_perms(BASE + "/shared", "n0")
    assert g.event() == (BASE + "/shared", "t")
    c.write(BASE + "/shared", "4")
    g.no_event()


@with_guests
def special_watches(e):
    c, g = e.connect(), e.guest()
    c.watch("@introduceDomain", "in")
    c.watch("@releaseDomain", "out")
    g.watch("@releaseDomain", "g")
    h = e.guest()
    assert c.event() == ("@introduceDomain", "in")
    e.daemon.shutdown(h.domid)
    assert c.event() == ("@releaseDomain", "out")
    g.no_event()
    with e.differs("permissions"):
        assert c.perms("@releaseDomain") == ["n0"]
    c.set_perms("@releaseDomain", "n0", "r%d" % g.domid)
    e.daemon.destroy(h.domid)
    assert c.event() == ("@releaseDomain", "out")
    assert g.event() == ("@releaseDomain", "g")
    c.no_event()
    c.set_perms("@releaseDomain", "n0")
    if e.name != "cxenstored":  # as in guest_may_not
        refused(("ENOENT", "EINVAL"), c.set_perms, "@nothing", "n0")


@with_guests
def shutdown_fires_once(e):
    c, g = e.connect(), e.guest()
    other = e.guest()
    c.watch("@releaseDomain", "out")
    e.daemon.shutdown(g.domid)
    assert c.event() == ("@releaseDomain", "out")
    e.daemon.resume(other.domid)  # another change: everybody is looked at
    with e.differs("again"):
        c.no_event()
    assert c.ask(xs.RESUME, xs.strings(g.domid)) == b"OK\0"
    e.daemon.resume(other.domid)
    assert c.event() == ("@releaseDomain", "out")
    refused(("ENOENT", "EINVAL"), c.ask, xs.RESUME, b"30000\0")


@with_guests
def introduce_and_release(e):
    c, g = e.connect(), e.guest()
    intro = lambda d: c.ask(xs.IS_DOMAIN_INTRODUCED, xs.strings(d))
    assert intro(g.domid) == b"T\0" and intro(30000) == b"F\0" and intro(0x7ff0) == b"T\0"
    c.watch("@releaseDomain", "out")
    assert c.ask(xs.RELEASE, xs.strings(g.domid)) == b"OK\0"
    assert c.event() == ("@releaseDomain", "out")
    assert intro(g.domid) == b"F\0"
    refused(("ENOENT", "EINVAL"), c.ask, xs.RELEASE, xs.strings(g.domid))
    refused(("ENOENT", "EINVAL"), c.introduce, 30000)
    refused("EINVAL", c.introduce, g.domid, 0)
    refused("EINVAL", c.introduce, 0x7ff0)
    refused("EINVAL", c.ask, xs.INTRODUCE, b"1\0" b"2\0")
    # Only death takes nodes.
    with e.differs("nodes stay"):
        c.directory("/local/domain/%d" % g.domid)
    with e.differs("and back"):
        c.introduce(g.domid)
        g.write("again", "1")
        assert g.read("again") == "1"


@with_guests
def death_takes_everything(e):
    c, g = e.connect(), e.guest()
    g.write("a/b", "1")
    c.write(BASE + "/x")
    c.set_perms(BASE + "/x", "n0", "r%d" % g.domid, "b1")
    assert c.perms(BASE + "/x") == ["n0", "r%d" % g.domid, "b1"]
    c.write(BASE + "/y")
    c.set_perms(BASE + "/y", "b%d" % g.domid)
    c.watch(BASE, "w")
    g.start()
    g.watch(BASE + "/x")
    e.daemon.destroy(g.domid)
    with e.differs("watches"):
        assert c.event() == (BASE + "/y", "w")
    settle(lambda: c.ask(xs.IS_DOMAIN_INTRODUCED, xs.strings(g.domid)) == b"F\0", "released")
    refused("ENOENT", c.read, BASE + "/y")
    refused("ENOENT", c.directory, "/local/domain/%d" % g.domid)
    with e.differs("entries"):
        assert c.perms(BASE + "/x") == ["n0", "b1"]
    assert c.control("check") == "OK"


@with_guests
def death_before_introduction(e):
    """Creation failed: nodes name a domain that nobody introduced."""
    c, g = e.connect(), e.domain()
    c.write(BASE + "/x")
    c.set_perms(BASE + "/x", "n0", "r%d" % g.domid)
    e.daemon.destroy(g.domid)
    settle(lambda: c.perms(BASE + "/x") == ["n0"], "entry dropped")


@with_guests
def next_domain_of_a_number(e):
    """Whoever gets a dead domain's number inherits nothing, whatever the lists say."""
    c, g = e.connect(), e.guest()
    c.write(BASE + "/x", "secret")
    c.set_perms(BASE + "/x", "n0", "b%d" % g.domid)
    assert g.read(BASE + "/x") == "secret"
    e.daemon.destroy(g.domid)
    settle(lambda: c.ask(xs.IS_DOMAIN_INTRODUCED, xs.strings(g.domid)) == b"F\0", "released")
    new = e.guest(g.domid)
    refused("EACCES", new.read, BASE + "/x")
    refused("EACCES", new.write, BASE + "/x", "mine")
