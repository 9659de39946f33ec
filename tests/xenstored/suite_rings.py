# SPDX-License-Identifier: MIT
"""Rings, and guests that misuse them."""
import time

import xs
from suite import BASE, refused, settle, with_guests


@with_guests
def ring_long_messages(e):
    g = e.guest()
    g.write("v", b"y" * 2000)
    assert g.read("v") == "y" * 2000


@with_guests
def ring_indices_wrap(e):
    c, g = e.connect(), e.domain()
    for offset in (g.REQ_CONS, g.REQ_PROD, g.RSP_CONS, g.RSP_PROD):
        g.set(offset, 0xfffffff0)
    c.introduce(g.domid)
    for _ in range(50):
        assert g.ask(xs.GET_DOMAIN_PATH, b"1\0") == b"/local/domain/1\0"
    assert g.get(g.REQ_PROD) < 0x10000


@with_guests
def ring_written_before_introduction(e):
    c, g = e.connect(), e.domain()
    g.put(xs.message(xs.GET_DOMAIN_PATH, b"2\0", 77))
    c.introduce(g.domid)
    assert g.receive() == (xs.GET_DOMAIN_PATH, 77, 0, b"/local/domain/2\0")


@with_guests
def ring_pieces(e):
    g = e.guest()
    m = xs.message(xs.WRITE, xs.strings("v") + b"x" * 100, 3)
    for i in range(0, len(m), 7):
        g.put(m[i:i + 7])
        g.kick()
        time.sleep(0.001)
    assert g.receive() == (xs.WRITE, 3, 0, b"OK\0")


@with_guests
def ring_half_message_blocks_nobody(e):
    c, g, h = e.connect(), e.guest(), e.guest()
    g.put(xs.message(xs.WRITE, length=4000))
    g.kick()
    h.write("v", "1")
    c.write(BASE + "/v", "1")
    g.send_bytes(xs.strings("v") + b"z" * 1998)
    g.send_bytes(b"z" * 2000)
    refused(("ENOSPC", "E2BIG"), lambda: check_error(g.receive()))
    g.write("v", "fine")


def check_error(answer):
    if answer[0] == xs.ERROR:
        raise xs.XsError(answer[3].rstrip(b"\0").decode())
    return answer


@with_guests
def ring_hostile_indices(e):
    c = e.connect()
    for offset, add in ((xs.RingClient.REQ_PROD, 1025), (xs.RingClient.REQ_PROD, -1),
                        (xs.RingClient.REQ_CONS, 5), (xs.RingClient.REQ_PROD, 0x80000000)):
        g = e.guest()
        g.write("v", "1")
        g.watch("v")
        g.set(offset, g.get(offset) + add)
        g.kick()
        settle(lambda: g.get(g.RING_ERROR) == 2, "error 2 in the ring")
        c.write("/local/domain/%d/v" % g.domid, "2")
        assert c.ask(xs.IS_DOMAIN_INTRODUCED, xs.strings(g.domid)) == b"T\0"
    # Answers: found out when one is to be written.
    g = e.guest()
    g.set(g.RSP_CONS, g.get(g.RSP_CONS) + 3)
    g.put(xs.message(xs.READ, xs.strings("v")))
    g.kick()
    settle(lambda: g.get(g.RING_ERROR) == 2, "error 2 in the ring")
    assert c.control("check") == "OK"


@with_guests
def ring_too_long_message(e):
    g = e.guest()
    g.put(xs.message(xs.READ, length=4097))
    g.kick()
    with e.differs("error word"):
        settle(lambda: g.get(g.RING_ERROR) == 3, "error 3 in the ring")
    # Ignored from now on...
    g.put(xs.message(xs.GET_DOMAIN_PATH, b"1\0"))
    g.kick()
    time.sleep(0.05)
    assert g.take() == b""
    # ...until it starts over.
    with e.differs("reconnection"):
        reconnect(g)
        g.write("v", "1")


def reconnect(g):
    g.set(g.CONNECTION, 1)
    g.kick()
    settle(lambda: g.get(g.CONNECTION) == 0, "reconnected")
    assert [g.get(o) for o in (g.REQ_CONS, g.REQ_PROD, g.RSP_CONS, g.RSP_PROD)] == [0] * 4
    g.buffer = b""
    g.events = []


@with_guests
def ring_reconnect(e):
    c, g = e.connect(), e.guest()
    assert g.get(g.FEATURES) & 1
    g.watch("v")
    t = g.start()
    g.put(xs.message(xs.WRITE, length=100))
    reconnect(g)
    assert g.get(g.RING_ERROR) == 0
    c.write("/local/domain/%d/v" % g.domid, "1")
    g.no_event()
    with e.differs("unknown transaction"):
        refused("ENOENT", g.read, "v", tx=t)
    g.watch("v")


@with_guests
def ring_introduced_again(e):
    c, g = e.connect(), e.guest()
    g.watch("v")
    c.introduce(g.domid)
    assert g.get(g.REQ_PROD) == 0
    g.buffer, g.events = b"", []
    g.write("v", "1")
    g.no_event()
    # Behind a port that it does not have: refused, and it goes on behind the old one.
    with e.differs("wrong port"):
        refused("EINVAL", c.introduce, g.domid, port=2)
        g.write("v", "2")
    # Once more, because the port was given back and bound again.
    c.introduce(g.domid)
    g.buffer, g.events = b"", []
    g.write("v", "3")
    assert c.read("/local/domain/%d/v" % g.domid) == "3"


@with_guests
def ring_introduced_again_half_way(e):
    """The first half of a message is forgotten with the rest."""
    c, g = e.connect(), e.guest()
    g.send_bytes(b"rubbish")
    while g.get(g.REQ_CONS) != g.get(g.REQ_PROD):
        g.wait(xs.timeout())
    c.introduce(g.domid)
    g.buffer, g.events = b"", []
    g.write("v", "1")


@with_guests
def ring_zeroed_by_firmware(e):
    """Firmware clears an idle ring before it hands over; both sides go on from zero."""
    g = e.guest()
    g.write("v", "1")
    g.page[0:4096] = b"\0" * 4096
    assert g.read("v") == "1"


@with_guests
def broken_ring_and_death(e):
    c, g = e.connect(), e.guest()
    c.watch("@releaseDomain", "out")
    g.set(g.REQ_PROD, g.get(g.REQ_PROD) + 5000)
    g.kick()
    with e.differs("error word"):
        settle(lambda: g.get(g.RING_ERROR) == 2, "error 2 in the ring")
    c.no_event()
    e.daemon.shutdown(g.domid)
    assert c.event() == ("@releaseDomain", "out")
    e.daemon.destroy(g.domid)
    assert c.event() == ("@releaseDomain", "out")


@with_guests
def ring_lazy_guest(e):
    """Linux sends as few events as it can: header and payload apart, and not while we have to read."""
    c = e.connect()
    g = e.daemon.domain(next(e.domids), kind=xs.LazyGuest)
    home = "/local/domain/%d" % g.domid
    c.mkdir(home)
    c.set_perms(home, "n%d" % g.domid)
    c.introduce(g.domid)
    for i in range(1000):
        value = b"%d" % i + b"x" * (i * 7 % 1900)
        m = xs.message(xs.WRITE, xs.strings("v") + value, i) + xs.message(xs.READ, xs.strings("v"), i)
        # What does not fit waits for an event, as in the kernel; answers are read meanwhile.
        pieces = [m[:16], m[16:40], m[40:]]
        for p in pieces:
            g.send_bytes(p)
        assert g.receive() == (xs.WRITE, i, 0, b"OK\0")
        assert g.receive() == (xs.READ, i, 0, value)


@with_guests
def ring_of_replaced_domain(e):
    """A domain dies, and another gets its number and is introduced before anybody hears of it."""
    c, g = e.connect(), e.guest()
    g.write("v", "of the first")
    c.watch("@releaseDomain", "out")
    e.daemon.shutdown(g.domid)
    assert c.event() == ("@releaseDomain", "out")
    new = e.daemon.replace(g.domid)
    c.introduce(g.domid)
    new.write("v", "of the second")
    assert c.read("/local/domain/%d/v" % g.domid) == "of the second"
    while True:  # the first one may or may not be told of now
        try:
            c.event(0.2)
        except TimeoutError:
            break
    e.daemon.shutdown(g.domid)
    assert c.event() == ("@releaseDomain", "out")


@with_guests
def lost_events(e):
    """The kernel could not queue events: rings are looked at anyhow, and the next ones arrive."""
    if not e.ours:
        return
    guests = [e.guest() for _ in range(3)]
    for round_nr in range(3):
        for i, g in enumerate(guests):
            g.put(xs.message(xs.GET_DOMAIN_PATH, b"%d\0" % i, round_nr))
        e.daemon.host(6, 0)
        for i, g in enumerate(guests):
            assert g.receive() == (xs.GET_DOMAIN_PATH, round_nr, 0, b"/local/domain/%d\0" % i)
            g.write("v", "by an event")
