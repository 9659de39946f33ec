#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each message that a document quotes in the first column of a table "Message" is one of ours.

usage: messages.py SOURCE_DIR

"..." in a document stands for what a message fills in.  Messages are the string literals of C and
assembler sources, with neighbours put together.  Exit status 0 if all were found.
"""
import os
import re
import sys

FOLDERS = ("xen", "libs", "daemons", "utils")


def literals(text):
    """The string literals of a C source; what is filled in is one character, NUL."""
    text = re.sub(r'"\s*PRI\w+\s*"', "u", text)
    text = re.sub(r'"\s*PRI\w+', 'u"', text)
    text = re.sub(r'"\s*\n\s*"', "", text)
    for m in re.finditer(r'"((?:\\.|[^"\\\n])*)"', text):
        s = m[1].replace('\\"', '"').replace("\\n", "").replace("\\\\", "\\")
        yield re.sub(r"%[-#0+ ]*[\d*]*(?:\.[\d*]+)?(?:hh|h|ll|l|z|j)?[a-zA-Z]?", "\0", s)


def all_messages(source):
    for folder in FOLDERS:
        for base, _, files in os.walk(os.path.join(source, folder)):
            for name in files:
                if name.endswith((".c", ".S")):
                    with open(os.path.join(base, name), encoding="utf-8") as f:
                        yield from literals(f.read())


def quoted(text):
    """(line, message) of the first columns of tables headed "Message"."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("| Message |"):
            inside = True
        elif not line.startswith("|"):
            inside = False
        elif inside and not line.startswith("|---"):
            m = re.match(r"\| `([^`]+)` \|", line)
            yield number, m[1] if m else ""


def main():
    source = sys.argv[1]
    have = "\n".join(all_messages(source))
    failed = count = 0
    for name in sorted(os.listdir(os.path.join(source, "docs"))):
        if not name.endswith(".md"):
            continue
        with open(os.path.join(source, "docs", name), encoding="utf-8") as f:
            for line, message in quoted(f.read()):
                count += 1
                parts = [re.escape(p) for p in message.split("...")]
                if not message or not re.search("[^\n]*\0[^\n]*".join(parts), have):
                    failed += 1
                    print("FAILED docs/%s:%d: nothing says: %s" % (name, line, message))
    print("%d messages, %d unknown" % (count, failed))
    sys.exit(1 if failed or not count else 0)


main()
