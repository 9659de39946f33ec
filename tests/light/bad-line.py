#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A bad line to a port of this host: bad-line.py PORT N turns a bit over in byte N of what goes there.
It prints the port where it is to be connected to, takes one connection, and ends with it."""
import socket
import sys
import threading


def pass_on(source: socket.socket, target: socket.socket, bad: int) -> None:
    done = 0
    try:
        while data := bytearray(source.recv(65536)):
            if done <= bad < done + len(data):
                data[bad - done] ^= 1
            done += len(data)
            target.sendall(data)
    except OSError:
        pass
    for side in source, target:
        try:
            side.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


port, bad = map(int, sys.argv[1:])
with socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
    print(server.getsockname()[1], flush=True)
    near, _ = server.accept()
with near, socket.create_connection(("localhost", port)) as far:
    back = threading.Thread(target=pass_on, args=(far, near, -1))
    back.start()
    pass_on(near, far, bad)
    back.join()
