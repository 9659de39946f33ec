# SPDX-License-Identifier: MIT
"""Transactions."""
import xs
from suite import BASE, refused, test


@test
def transaction_isolation(e):
    a, b = e.connect(), e.connect()
    a.write(BASE + "/x", "old")
    t = a.start()
    a.write(BASE + "/x", "new", tx=t)
    a.write(BASE + "/y/z", "made", tx=t)
    assert a.read(BASE + "/x", tx=t) == "new" and a.directory(BASE, tx=t) == ["x", "y"]
    assert b.read(BASE + "/x") == "old" and a.read(BASE + "/x") == "old"
    refused("ENOENT", b.read, BASE + "/y/z")
    a.end(t)
    assert b.read(BASE + "/x") == "new" and b.read(BASE + "/y/z") == "made"


@test
def transaction_abort(e):
    c = e.connect()
    c.write(BASE + "/x", "old")
    t = c.start()
    c.write(BASE + "/x", "new", tx=t)
    c.rm(BASE + "/x", tx=t)
    c.end(t, False)
    assert c.read(BASE + "/x") == "old"


@test
def transaction_ids(e):
    a, b = e.connect(), e.connect()
    t, u = a.start(), a.start()
    assert t != u and t and u
    refused("EBUSY", a.ask, xs.TRANSACTION_START, b"\0", t)
    a.end(t)
    v = b.start()
    with e.differs("unknown"):
        refused("ENOENT", a.read, "/", tx=u + 1000)
    with e.differs("unknown"):
        refused("ENOENT", a.end, t)
    refused(("ENOENT", "EINVAL"), a.end, 0)
    if v != u:
        with e.differs("unknown"):
            refused("ENOENT", b.read, "/", tx=u)


@test
def transaction_conflict_on_read(e):
    a, b = e.connect(), e.connect()
    a.write(BASE + "/x", "1")
    t = a.start()
    a.read(BASE + "/x", tx=t)
    b.write(BASE + "/x", "2")
    a.write(BASE + "/y", "1", tx=t)
    refused("EAGAIN", a.end, t)
    refused("ENOENT", b.read, BASE + "/y")


@test
def transaction_conflict_on_absence(e):
    a, b = e.connect(), e.connect()
    t = a.start()
    refused("ENOENT", a.read, BASE + "/x", tx=t)
    b.write(BASE + "/x")
    a.write(BASE + "/mine", tx=t)
    refused("EAGAIN", a.end, t)


@test
def transaction_conflict_on_listing(e):
    a, b = e.connect(), e.connect()
    t = a.start()
    a.directory(BASE, tx=t)
    b.write(BASE + "/new")
    a.write(BASE + "/mine", tx=t)
    refused("EAGAIN", a.end, t)


@test
def transaction_conflict_on_perms(e):
    a, b = e.connect(), e.connect()
    a.write(BASE + "/x")
    t = a.start()
    a.perms(BASE + "/x", tx=t)
    a.write(BASE + "/mine", tx=t)
    b.set_perms(BASE + "/x", "n0", "r1")
    refused("EAGAIN", a.end, t)


@test
def transaction_conflict_on_removal(e):
    a, b = e.connect(), e.connect()
    a.write(BASE + "/d/x", "1")
    t = a.start()
    a.read(BASE + "/d/x", tx=t)
    a.write(BASE + "/mine", tx=t)
    b.rm(BASE + "/d")
    refused("EAGAIN", a.end, t)


@test
def transactions_apart_do_not_conflict(e):
    if not e.ours:
        return
    a, b = e.connect(), e.connect()
    a.write(BASE + "/d/x", "1")
    t, u = a.start(), b.start()
    for c, tx, name in ((a, t, "left"), (b, u, "right")):
        c.write(BASE + "/d/" + name, name, tx=tx)
        c.read(BASE + "/d/" + name, tx=tx)
    a.end(t)
    b.end(u)
    assert sorted(a.directory(BASE + "/d")) == ["left", "right", "x"]
    # Nor does what was written back unchanged.
    t = a.start()
    a.read(BASE + "/d/x", tx=t)
    a.write(BASE + "/d/left", "2", tx=t)
    b.write(BASE + "/d/x", "1")
    a.end(t)


@test
def transaction_own_writes_are_no_conflict(e):
    a, b = e.connect(), e.connect()
    a.write(BASE + "/x", "1")
    t = a.start()
    assert a.read(BASE + "/x", tx=t) == "1"
    a.write(BASE + "/x", "2", tx=t)
    assert a.read(BASE + "/x", tx=t) == "2"
    assert a.directory(BASE, tx=t) == ["x"]
    a.rm(BASE + "/x", tx=t)
    refused("ENOENT", a.read, BASE + "/x", tx=t)
    a.write(BASE + "/x/y", "3", tx=t)
    b.write("/xs-test-other", "elsewhere")
    a.end(t)
    b.rm("/xs-test-other")
    assert a.directory(BASE) == ["x"] and a.read(BASE + "/x/y") == "3"


@test
def transaction_only_reading_commits(e):
    if not e.ours:
        return
    a, b = e.connect(), e.connect()
    a.write(BASE + "/x", "1")
    t = a.start()
    a.read(BASE + "/x", tx=t)
    b.write(BASE + "/x", "2")
    assert a.read(BASE + "/x", tx=t) == "1"
    a.end(t)


@test
def transaction_events_at_commit(e):
    a, w = e.connect(), e.connect()
    a.write(BASE + "/old/sub")
    w.watch(BASE)
    w.watch(BASE + "/old/sub", "sub")
    t = a.start()
    a.write(BASE + "/a", tx=t)
    a.rm(BASE + "/old", tx=t)
    a.mkdir(BASE + "/b", tx=t)
    w.no_event()
    a.end(t)
    got = [w.event() for _ in range(4)]
    assert [p for p, k in got if k == "t"] == [BASE + "/a", BASE + "/old", BASE + "/b"], got
    assert (BASE + "/old/sub", "sub") in got
    t = a.start()
    a.write(BASE + "/c", tx=t)
    a.end(t, False)
    w.no_event()


@test
def transaction_ends_with_connection(e):
    a, b = e.connect(), e.connect()
    t = a.start()
    a.write(BASE + "/lost", tx=t)
    a.close()
    refused("ENOENT", b.read, BASE + "/lost")


@test
def transactions_race_to_a_counter(e):
    """Lost updates would show in the sum."""
    clients = [e.connect() for _ in range(4)]
    clients[0].write(BASE + "/n", "0")
    done = retries = 0
    state = {}
    while done < 40:
        for c in clients:
            if c not in state:
                t = c.start()
                state[c] = (t, int(c.read(BASE + "/n", tx=t)))
        for c in clients:
            t, n = state.pop(c)
            c.write(BASE + "/n", str(n + 1), tx=t)
            try:
                c.end(t)
                done += 1
            except xs.XsError as x:
                assert str(x) == "EAGAIN"
                retries += 1
    assert clients[0].read(BASE + "/n") == str(done) and retries
