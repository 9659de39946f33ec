#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A store daemon that is small enough to trust: one process, socket clients with all rights.

    tests/store/mini-store.py SOCKET [--conflicts N] [--trace]

Prints "ready" when it listens, and runs until it is killed. --conflicts: the first N commits are
answered with EAGAIN. --trace: prints each request.
"""
import argparse
import copy
import re
import selectors
import socket
import struct
import sys

(CONTROL, DIRECTORY, READ, GET_PERMS, WATCH, UNWATCH, T_START, T_END, INTRODUCE, RELEASE, DOMAIN_PATH,
 WRITE, MKDIR, RM, SET_PERMS, EVENT, ERROR, IS_INTRODUCED, RESUME, SET_TARGET) = range(20)
DIRECTORY_PART = 22
PAYLOAD_MAX = 4096


class Refused(Exception):
    """The name of an error, for the client."""


class Node:
    def __init__(self, perms=(b"n0",)):
        self.value, self.perms, self.children = b"", list(perms), {}


class Client:
    def __init__(self, sock):
        self.sock, self.buf, self.watches, self.transactions = sock, b"", [], {}


def split(path):
    """An absolute path as a list of names."""
    if not path.startswith(b"/"):
        path = b"/local/domain/0/" + path
    if path == b"/":
        return []
    if not re.fullmatch(rb"(/[-A-Za-z0-9_@]+)+", path) or len(path) > 3072:
        raise Refused("EINVAL")
    return path[1:].split(b"/")


def find(root, path, create=False):
    node = root
    for name in split(path):
        if name not in node.children:
            if not create:
                raise Refused("ENOENT")
            node.children[name] = Node(node.perms)
        node = node.children[name]
    return node


class Store:
    def __init__(self, args):
        self.args, self.root, self.clients, self.generation = args, Node(), [], 1
        self.last_id, self.conflicts = 0, args.conflicts

    def fire(self, path):
        for client in self.clients:
            for wpath, token in client.watches:
                if path == wpath or path.startswith(wpath.rstrip(b"/") + b"/"):
                    self.send(client, EVENT, 0, 0, path + b"\0" + token + b"\0")

    def send(self, client, kind, req, tx, body):
        try:
            client.sock.sendall(struct.pack("<IIII", kind, req, tx, len(body)) + body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has gone; serve() notices

    def change(self, client, tx, path, what):
        """Changes the tree of the transaction, or the store."""
        root = self.root
        if tx:
            root, changed, _ = client.transactions[tx]
            changed.append(path)
        what(root)
        if not tx:
            self.generation += 1
            self.fire(path)

    def start(self, client):
        self.last_id += 1
        client.transactions[self.last_id] = (copy.deepcopy(self.root), [], self.generation)
        return b"%d\0" % self.last_id

    def end(self, client, tx, commit):
        if tx not in client.transactions:
            raise Refused("ENOENT")
        root, changed, generation = client.transactions.pop(tx)
        if not commit:
            return
        if self.conflicts or (changed and generation != self.generation):
            self.conflicts -= min(self.conflicts, 1)
            raise Refused("EAGAIN")
        if changed:
            self.root = root
            self.generation += 1
        for path in changed:
            self.fire(path)

    def directory(self, root, kind, args):
        names = b"".join(name + b"\0" for name in sorted(find(root, args[0]).children))
        if kind == DIRECTORY:
            if len(names) > PAYLOAD_MAX:
                raise Refused("E2BIG")
            return names
        offset, start = int(args[1]), b"%d\0" % self.generation
        part = names[offset:offset + PAYLOAD_MAX - len(start) - 1]
        if offset + len(part) == len(names):
            return start + part + b"\0"
        return start + part[:part.rindex(b"\0") + 1]

    def remove(self, root, path):
        names = split(path)
        if not names:
            raise Refused("EINVAL")
        parent = find(root, b"/" + b"/".join(names[:-1]))
        parent.children.pop(names[-1], None)

    def control(self, args):
        if args[0] == b"help":
            return b"check\nhelp\nlive-update\nprint\n\0"
        if args[0] == b"print":
            return b" ".join(args[1:]) + b"\0"
        if args[0] == b"check":
            return b"\0"
        if args[0] == b"refuse":
            raise Refused("EACCES")
        if args[0] == b"live-update":
            self.updates = getattr(self, "updates", []) + [args[1:]]
            if args[1] == b"-s":
                return b"BUSY\0" if len(self.updates) == 3 else b"OK\0"
            return b"no such file\0" if args[-1] == b"/bad" else b"OK\0"
        raise Refused("EINVAL")

    def request(self, client, kind, tx, body):
        args = body.split(b"\0")[:-1] if kind != WRITE else body.split(b"\0", 1)
        if tx and kind != T_END and tx not in client.transactions:
            raise Refused("ENOENT")
        root = client.transactions[tx][0] if tx in client.transactions else self.root
        if kind == READ:
            return find(root, args[0]).value
        if kind in (DIRECTORY, DIRECTORY_PART):
            return self.directory(root, kind, args)
        if kind == GET_PERMS:
            return b"".join(p + b"\0" for p in find(root, args[0]).perms)
        if kind == T_START:
            return self.start(client)
        if kind == T_END:
            self.end(client, tx, args[0] == b"T")
        elif kind == WRITE:
            self.change(client, tx, args[0], lambda r: setattr(find(r, args[0], True), "value", args[1]))
        elif kind == MKDIR:
            self.change(client, tx, args[0], lambda r: find(r, args[0], True))
        elif kind == RM:
            self.change(client, tx, args[0], lambda r: self.remove(r, args[0]))
        elif kind == SET_PERMS:
            if not all(re.fullmatch(rb"[nrwb]\d+", p) for p in args[1:]) or not args[1:]:
                raise Refused("EINVAL")
            self.change(client, tx, args[0], lambda r: setattr(find(r, args[0]), "perms", args[1:]))
        elif kind == WATCH:
            if (args[0], args[1]) in client.watches:
                raise Refused("EEXIST")
            client.watches.append((args[0], args[1]))
            self.send(client, kind, 0, 0, b"OK\0")
            self.send(client, EVENT, 0, 0, args[0] + b"\0" + args[1] + b"\0")
            return None
        elif kind == UNWATCH:
            if (args[0], args[1]) not in client.watches:
                raise Refused("ENOENT")
            client.watches.remove((args[0], args[1]))
        elif kind == DOMAIN_PATH:
            return b"/local/domain/" + args[0] + b"\0"
        elif kind == IS_INTRODUCED:
            return b"T\0" if args[0] == b"0" else b"F\0"
        elif kind == CONTROL:
            return self.control(args)
        else:
            raise Refused("ENOSYS")
        return b"OK\0"

    def serve(self, client):
        """False when the client is gone."""
        try:
            data = client.sock.recv(65536)
        except ConnectionError:
            return False
        client.buf += data
        while len(client.buf) >= 16:
            kind, req, tx, length = struct.unpack_from("<IIII", client.buf)
            if length > PAYLOAD_MAX:
                return False
            if len(client.buf) < 16 + length:
                break
            body, client.buf = client.buf[16:16 + length], client.buf[16 + length:]
            if self.args.trace:
                print(kind, tx, body, flush=True)
            try:
                answer = self.request(client, kind, tx, body)
            except Refused as error:
                kind, answer = ERROR, str(error).encode() + b"\0"
            try:
                if answer is not None:
                    self.send(client, kind, req, tx, answer)
            except ConnectionError:
                return False
        return bool(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("socket")
    parser.add_argument("--conflicts", type=int, default=0)
    parser.add_argument("--trace", action="store_true")
    store = Store(parser.parse_args())
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(store.args.socket)
    listener.listen()
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ, None)
    print("ready", flush=True)
    while True:
        for key, _ in selector.select():
            if key.data is None:
                client = Client(listener.accept()[0])
                store.clients.append(client)
                selector.register(client.sock, selectors.EVENT_READ, client)
            elif not store.serve(key.data):
                store.clients.remove(key.data)
                selector.unregister(key.data.sock)
                key.data.sock.close()


if __name__ == "__main__":
    sys.exit(main())
