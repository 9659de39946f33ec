# SPDX-License-Identifier: MIT
"""See bound.sh. Argument: the source folder."""

import glob
import importlib
import re
import sys

src = sys.argv[1]
failed = 0


def fail(text: str) -> None:
    global failed
    failed = 1
    print("FAILED", text)


def code_of(headers: "list[str]") -> str:
    text = ""
    for path in headers:
        text += open(path).read() + "\n"
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    return re.sub(r"^\s*#(?:.*\\\n)*.*$", "", text, flags=re.M)


def functions(code: str, prefix: str) -> "dict[str, str]":
    """Names of what is declared, with their types."""
    found = {}
    for m in re.finditer(r"([A-Za-z_][\w\s*]*?)\b(" + prefix + r"_\w+)\s*\(([^;{}]*)\)[^;{}()]*;",
                         code):
        kind = m.group(1).split("typedef")
        if len(kind) == 1 and kind[0].strip():
            found[m.group(2)] = " ".join(kind[0].split())
    return found


for name, prefixes in (("ctrl", ["xctl"]), ("store", ["xstore", "xs"]), ("light", ["xlight"])):
    headers = sorted(glob.glob(f"{src}/libs/{name}/include/*.h") +
                     glob.glob(f"{src}/libs/{name}/include/xenolith/*.h"))
    code = code_of(headers)
    declared = {}
    for prefix in prefixes:
        declared.update(functions(code, prefix))
    module = importlib.import_module(f"xenolith.raw.{name}")
    interface = open(f"{src}/bindings/python/{name}.i").read()
    try:
        unbound = set(re.findall(r"^%ignore (\w+);", open(
            f"{src}/bindings/python/{name}-unbound.i").read(), re.M))
    except FileNotFoundError:
        unbound = set()
    exported = set(re.findall(r"\b(\w+);", open(glob.glob(f"{src}/libs/{name}/*.map")[0]).read()))
    for f in sorted(exported - set(declared)):
        fail(f"{f} is exported, but this test does not find it in a header")
    if len(declared) < 50:
        fail(f"only {len(declared)} functions in the headers of libs/{name}")
    for f in sorted(declared):
        if f in unbound:
            if hasattr(module, f):
                fail(f"{f} has a binding, and is in {name}-unbound.i")
        elif not callable(getattr(module, f, None)):
            fail(f"{f} has no binding in {name}.i")
    for f in sorted(unbound - set(declared)):
        fail(f"{name}-unbound.i: there is no function {f}")
    # Those that fail are marked; an int of the others is no error unless %value says so.
    values = set(re.findall(r"^%value\((\w+)\)", interface, re.M))
    for f, kind in sorted(declared.items()):
        if re.fullmatch(r"X\w+_API int", kind) and f not in values:
            fail(f"{f}() is marked as one that cannot fail: {name}.i needs %value({f})")
        if kind.endswith("_CHECK int") and f in values:
            fail(f"{f}() can fail: {name}.i must not have %value({f})")
    print(f"{len(declared)} functions of libs/{name}, {len(unbound)} of them unbound")
sys.exit(failed)
