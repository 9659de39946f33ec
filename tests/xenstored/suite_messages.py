# SPDX-License-Identifier: MIT
"""Requests and answers on a socket."""
import xs
from suite import BASE, refused, test


@test
def read_and_write(e):
    c = e.connect()
    c.write(BASE + "/a", "one")
    assert c.read(BASE + "/a") == "one"
    c.write(BASE + "/a", b"two\0with\0nuls")
    assert c.ask(xs.READ, xs.strings(BASE + "/a")) == b"two\0with\0nuls"
    c.write(BASE + "/a")
    assert c.read(BASE + "/a") == ""
    refused("ENOENT", c.read, BASE + "/b")


@test
def write_makes_parents(e):
    c = e.connect()
    c.write(BASE + "/x/y/z", "deep")
    assert c.directory(BASE + "/x") == ["y"]
    assert c.read(BASE + "/x/y") == ""
    c.mkdir(BASE + "/p/q")
    assert c.directory(BASE + "/p") == ["q"]


@test
def mkdir_keeps_what_exists(e):
    c = e.connect()
    c.write(BASE + "/a", "value")
    c.mkdir(BASE + "/a")
    assert c.read(BASE + "/a") == "value"


@test
def directory_lists_all(e):
    c = e.connect()
    names = ["n%02d" % i for i in range(40)]
    for n in reversed(names):
        c.write(BASE + "/" + n)
    assert sorted(c.directory(BASE)) == names
    assert c.directory(BASE + "/n00") == []
    refused("ENOENT", c.directory, BASE + "/no")


@test
def rm_rules(e):
    c = e.connect()
    c.write(BASE + "/a/b/c")
    c.rm(BASE + "/a")
    refused("ENOENT", c.read, BASE + "/a/b/c")
    c.rm(BASE + "/a")  # missing, but its parent is there
    refused("ENOENT", c.rm, BASE + "/a/b")
    with e.differs("the root"):
        refused("EINVAL", c.rm, "/")


@test
def large_values(e):
    c = e.connect()
    c.write(BASE + "/a", b"x" * 2000)
    assert c.ask(xs.READ, xs.strings(BASE + "/a")) == b"x" * 2000
    room = 4096 - len(BASE + "/a") - 1
    with e.differs("a whole message"):
        c.write(BASE + "/a", b"x" * room)
        assert c.ask(xs.READ, xs.strings(BASE + "/a")) == b"x" * room


@test
def large_directory_in_parts(e):
    c = e.connect()
    names = sorted("name-%04d-%s" % (i, "x" * 20) for i in range(300))
    for n in names:
        c.write(BASE + "/" + n)
    with e.differs("too much at once"):
        refused("E2BIG", c.directory, BASE)
        read_in_parts(c, names)


def read_in_parts(c, names):
    got, generation = b"", None
    while not got.endswith(b"\0\0"):
        g, part = c.directory_part(BASE, len(got))
        assert generation in (None, g) and part
        generation = g
        got += part
    assert sorted(got.decode().split("\0")[:-2]) == names
    c.write(BASE + "/new")
    assert c.directory_part(BASE, 0)[0] != generation
    refused("ENOENT", c.directory_part, BASE + "/no", 0)


@test
def directory_part_of_empty(e):
    c = e.connect()
    assert c.directory_part(BASE, 0)[1] == b"\0"


@test
def get_domain_path(e):
    c = e.connect()
    assert c.ask(xs.GET_DOMAIN_PATH, b"17\0") == b"/local/domain/17\0"
    with e.differs("no number"):
        refused("EINVAL", c.ask, xs.GET_DOMAIN_PATH, b"x\0")


@test
def relative_paths(e):
    c = e.connect()
    c.write("/local/domain/0/xs-test-relative", "v")
    assert c.read("xs-test-relative") == "v"
    c.rm("xs-test-relative")
    refused("ENOENT", c.read, "/local/domain/0/xs-test-relative")


@test
def invalid_paths(e):
    c = e.connect()
    for p in ("", "//", BASE + "//a", BASE + "/", BASE + "/a b", BASE + "/a.b", BASE + "/\x7f",
              "/" + "x" * 3072, "/" + "/".join(["y"] * 1600)):
        refused("EINVAL", c.read, p)
        refused("EINVAL", c.write, p, "v")
        refused("EINVAL", c.mkdir, p)
    with e.differs("special names are no nodes"):
        refused("EINVAL", c.write, "@releaseDomain", "v")
    c.mkdir("/xs-test/" + "x" * (2048 - 9))
    with e.differs("longest path"):
        c.mkdir("/xs-test/" + "x" * (3072 - 9))
    c.mkdir(BASE + "/A-Z_a@0")


@test
def malformed_payloads(e):
    c = e.connect()
    for payload in (b"/xs-test", b"/xs-test\0x", b"/xs-test\0x\0"):
        for kind in (xs.READ, xs.DIRECTORY, xs.GET_PERMS, xs.MKDIR, xs.RM):
            with e.differs("one path"):
                refused("EINVAL", c.ask, kind, payload)
    for payload in (b"/xs-test", b"/xs-test\0", b"/xs-test\0q0\0", b"/xs-test\0n\0", b"/xs-test\0n0",
                    b"/xs-test\0\0"):
        refused("EINVAL", c.ask, xs.SET_PERMS, payload)
    for payload in (b"/xs-test\0n-1\0", b"/xs-test\0n99999999999\0"):
        with e.differs("impossible domain"):
            refused("EINVAL", c.ask, xs.SET_PERMS, payload)
    for payload in (b"/xs-test\0", b"/xs-test\0t", b"/x x\0t\0"):
        refused("EINVAL", c.ask, xs.WATCH, payload)
        refused(("EINVAL", "ENOENT"), c.ask, xs.UNWATCH, payload)
    for payload in (b"/xs-test\0x\0", b"/xs-test\0" + b"-1\0"):
        with e.differs("offset"):
            refused("EINVAL", c.ask, xs.DIRECTORY_PART, payload)
    refused("EINVAL", c.ask, xs.WRITE, b"/xs-test")
    refused("EINVAL", c.ask, xs.TRANSACTION_END, b"X\0")
    c.set_perms(BASE, "n0")
    assert c.read(BASE) == ""


@test
def empty_payloads(e):
    for kind in (xs.SET_PERMS, xs.WATCH, xs.DIRECTORY_PART, xs.WRITE, xs.TRANSACTION_END):
        with e.differs("answer"):
            refused("EINVAL", e.connect().ask, kind, b"")
    for kind in (xs.READ, xs.DIRECTORY, xs.GET_PERMS, xs.MKDIR, xs.RM):
        with e.differs("no path"):
            refused("EINVAL", e.connect().ask, kind, b"")


@test
def unknown_types(e):
    c = e.connect()
    for kind in (xs.RESTRICT, 23, 100, 0xffff, 0xffffffff):
        refused(("ENOSYS", "EINVAL"), c.ask, kind, b"/\0")


@test
def too_long_message_closes(e):
    c = e.connect()
    c.send_bytes(xs.message(xs.READ, length=4097))
    try:
        c.receive()
    except (xs.Closed, ConnectionResetError):
        return
    raise AssertionError("still open")


@test
def pieces_and_pipelines(e):
    c = e.connect()
    m = xs.message(xs.WRITE, xs.strings(BASE + "/p") + b"pieces", 5)
    for byte in m:
        c.send_bytes(bytes([byte]))
    assert c.receive() == (xs.WRITE, 5, 0, b"OK\0")
    c.send_bytes(b"".join(xs.message(xs.READ, xs.strings(BASE + "/p"), i) for i in range(500)))
    for i in range(500):
        assert c.receive() == (xs.READ, i, 0, b"pieces")


@test
def client_that_reads_nothing(e):
    """It stops itself, and nobody else."""
    slow, c = e.connect(), e.connect()
    c.write(BASE + "/big", b"x" * 2000)
    slow.s.setblocking(False)
    sent = 0
    request = xs.message(xs.READ, xs.strings(BASE + "/big"), 9)
    try:
        while sent < 5000000:
            sent += slow.s.send(request * 100)
    except BlockingIOError:
        pass
    for _ in range(100):
        assert len(c.read(BASE + "/big")) == 2000
    # Whole requests only: the last one may be cut.
    for _ in range(sent // len(request)):
        assert slow.receive()[3] == b"x" * 2000
