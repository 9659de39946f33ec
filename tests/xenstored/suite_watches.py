# SPDX-License-Identifier: MIT
"""Watches of sockets."""
import xs
from suite import BASE, refused, test


@test
def watch_first_event_and_order(e):
    c, w = e.connect(), e.connect()
    w.watch(BASE + "/none", "tok")
    w.watch(BASE, "top")
    for i in range(5):
        c.write(BASE + "/n%d" % i)
    assert [w.event() for _ in range(5)] == [(BASE + "/n%d" % i, "top") for i in range(5)]


@test
def watch_fires_for_all_changes(e):
    c, w = e.connect(), e.connect()
    c.write(BASE + "/d/e", "1")
    w.watch(BASE + "/d")
    c.write(BASE + "/d/e", "2")
    assert w.event()[0] == BASE + "/d/e"
    c.mkdir(BASE + "/d/f")
    assert w.event()[0] == BASE + "/d/f"
    c.set_perms(BASE + "/d/f", "n0", "r1")
    assert w.event()[0] == BASE + "/d/f"
    c.rm(BASE + "/d/f")
    assert w.event()[0] == BASE + "/d/f"
    c.write(BASE + "/other")
    c.mkdir(BASE + "/d/e")  # exists: no change
    c.read(BASE + "/d/e")
    w.no_event()


@test
def watch_rm_of_tree(e):
    """One event for what was removed, and one for each watch on a node within."""
    c, w = e.connect(), e.connect()
    c.write(BASE + "/a/b/c")
    c.write(BASE + "/a/b/d")
    w.watch(BASE + "/a", "a")
    w.watch(BASE + "/a/b/c", "c")
    c.rm(BASE + "/a")
    assert sorted([w.event(), w.event()]) == [(BASE + "/a", "a"), (BASE + "/a/b/c", "c")]
    w.no_event()
    c.write(BASE + "/p/q")
    w = e.connect()
    w.watch(BASE + "/p/q/none", "none")
    c.rm(BASE + "/p")
    with e.differs("a node that never was"):
        w.no_event()


@test
def watch_own_change_after_answer(e):
    c = e.connect()
    c.watch(BASE)
    c.send_bytes(xs.message(xs.WRITE, xs.strings(BASE + "/x") + b"v", 1))
    kinds = [c.receive()[0], c.receive()[0]]
    assert sorted(kinds) == [xs.WRITE, xs.WATCH_EVENT], kinds
    if e.ours:
        assert kinds == [xs.WRITE, xs.WATCH_EVENT]


@test
def watch_duplicates(e):
    c = e.connect()
    c.watch(BASE, "one")
    refused("EEXIST", c.watch, BASE, "one")
    c.watch(BASE, "two")
    c.unwatch(BASE, "one")
    refused("ENOENT", c.unwatch, BASE, "one")
    refused("ENOENT", c.unwatch, BASE + "/x", "two")
    c.write(BASE + "/a")
    assert c.event() == (BASE + "/a", "two")
    c.no_event()


@test
def watch_relative(e):
    c = e.connect()
    c.watch("xs-test-rel", "t")
    c.write("/local/domain/0/xs-test-rel/sub", "v")
    assert c.event() == ("xs-test-rel/sub", "t")
    c.rm("xs-test-rel")
    assert c.event() == ("xs-test-rel", "t")


@test
def watch_root(e):
    c, w = e.connect(), e.connect()
    w.watch("/", "root")
    c.write(BASE + "/r")
    while w.event() != (BASE + "/r", "root"):
        pass


@test
def watch_ends_with_connection(e):
    c, w = e.connect(), e.connect()
    w.watch(BASE, "gone")
    w.close()
    for i in range(20):
        c.write(BASE + "/%d" % i)
    c.watch(BASE, "gone")


@test
def reset_watches(e):
    c = e.connect()
    c.watch(BASE, "one")
    t = c.start()
    assert c.ask(xs.RESET_WATCHES, b"\0") == b"OK\0"
    c.write(BASE + "/x")
    c.no_event()
    c.watch(BASE, "one")
    if e.ours:
        refused("ENOENT", c.end, t)
