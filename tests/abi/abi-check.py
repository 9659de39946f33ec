#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Check the public headers against Debian's libxen-dev and a checked-in table.

usage: abi-check.py SOURCE_DIR [--write]

Four groups of checks, one line each on standard output:
  - every header compiles alone as strict C99 and as C++11;
  - sizes and offsets of all structs agree with reference.txt;
  - every integer constant, struct, union and field of ours has the same value,
    offset and size in libxen-dev.  Names in exceptions.txt are left out;
  - what only Xenolith has (OWN) takes no name and no number of the header there that it adds to.

LIBXEN_DEV_INCLUDE may name the include directory of an unpacked libxen-dev;
without it and without the package the last two groups are reported as skipped.
--write makes reference.txt anew.  Exit status 0 if nothing failed.
"""
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
C99 = ["gcc", "-x", "c", "-std=c99"]
CXX = ["g++", "-x", "c++", "-std=c++11"]
STRICT = ["-pedantic", "-Wall", "-Wextra", "-Wundef", "-Werror", "-fsyntax-only"]
GNU = ["gcc", "-x", "c", "-std=gnu11", "-w", "-D__XEN_TOOLS__"]
# Some of Debian's headers need another one before them.
NEEDS = {"arch-x86/hvm/save.h": "hvm/save.h"}
# Our own header, the one of Debian's that it adds to, and the constants that share one space of
# numbers with those of the same beginning there.
OWN = {"xenolith.h": ("domctl.h", re.compile(r"XEN_DOMCTL_[a-z]\w*$"))}
TYPE_WORDS = set("""char short int long signed unsigned sizeof uint8_t uint16_t uint32_t uint64_t
    int8_t int16_t int32_t int64_t""".split())
TOKEN = re.compile(r'[A-Za-z_]\w*|0[xX][0-9a-fA-F]+\w*|\d\w*|"(?:\\.|[^"])*"|<<|>>|\S')


def run(cmd, text):
    return subprocess.run(cmd, input=text, capture_output=True, text=True, check=False)


def first_error(messages):
    lines = messages.strip().splitlines() or [""]
    return next((m for m in lines if "error" in m), lines[0])


# --- Reading one of our headers -------------------------------------------------------------

class Parser:
    """Just enough C for declarations of structs, unions, enums and typedefs."""

    def __init__(self, text):
        self.toks = TOKEN.findall(text)
        self.pos = 0
        self.records = {}  # C type name: list of (path, kind)
        self.enums = []

    def peek(self):
        return self.toks[self.pos] if self.pos < len(self.toks) else ""

    def take(self, want=None):
        tok = self.peek()
        if want is not None and tok != want:
            raise SyntaxError("expected %s near: %s" %
                              (want, " ".join(self.toks[self.pos - 5:self.pos + 5])))
        self.pos += 1
        return tok

    def parse(self):
        while self.peek():
            self.declaration()

    def declaration(self):
        typedef = self.peek() == "typedef"
        if typedef:
            self.take()
        fields, tag = self.specifier()
        names = self.declarators()
        self.take(";")
        if typedef and fields is not None and tag is None:
            self.records[names[0][0]] = fields

    def specifier(self):
        """Type of a declaration: (fields or None, tag or None)."""
        while self.peek() in ("const", "volatile", "extern", "__extension__"):
            self.take()
        kind = self.peek()
        if kind in ("struct", "union", "enum"):
            self.take()
            tag = self.take() if re.match(r"\w", self.peek()) else None
            if self.peek() != "{":
                return None, tag
            if kind == "enum":
                self.enum_body()
                return None, tag
            fields = self.record_body()
            if tag:
                self.records["%s %s" % (kind, tag)] = fields
            return fields, tag
        self.take()
        while re.match(r"[A-Za-z_]", self.peek()) and \
                re.match(r"[A-Za-z_*]", self.toks[self.pos + 1]):
            self.take()
        return None, None

    def enum_body(self):
        self.take("{")
        while self.peek() != "}":
            self.enums.append(self.take())
            while self.peek() not in (",", "}"):
                self.take()
            if self.peek() == ",":
                self.take()
        self.take("}")

    def record_body(self):
        self.take("{")
        fields = []
        while self.peek() != "}":
            inner, _ = self.specifier()
            for name, kind in self.declarators():
                fields.append((name, kind))
                prefix = name + ("[0]." if kind == "array" else ".")
                fields += [(prefix + path, k) for path, k in inner or []]
            self.take(";")
        self.take("}")
        return fields

    def declarators(self):
        """Names up to the semicolon, each with its kind."""
        names = []
        while self.peek() != ";":
            while self.peek() == "*":
                self.take()
            name, kind = self.take(), "plain"
            while self.peek() == "[":
                self.take()
                kind = "flexible" if self.peek() == "]" else "array"
                while self.take() != "]":
                    pass
            if self.peek() == ":":
                self.take()
                self.take()
                kind = "bits"
            names.append((name, kind))
            if self.peek() == ",":
                self.take()
        return names


def own_lines(output, path):
    """Macro definitions and code that stand in this header itself."""
    macros, code, here = [], [], False
    for line in output.splitlines():
        mark = re.match(r'# \d+ "([^"]*)"', line)
        if mark:
            here = os.path.normpath(mark.group(1)) == path
        elif here and line.startswith("#define "):
            macros.append(line[8:])
        elif here and not line.startswith("#"):
            code.append(line)
    return macros, "\n".join(code)


def read_header(include, header):
    """All constants and records that a header defines: {name: C expression}, {type: fields}."""
    path = os.path.normpath(os.path.join(include, "public", header))
    text = '#include "%s"\n' % path
    out = run(GNU + ["-E", "-dD", "-"], text)
    if out.returncode:
        raise SyntaxError(first_error(out.stderr))
    macros, code = own_lines(out.stdout, path)
    parser = Parser(code)
    parser.parse()
    calls = {}
    for macro in macros:
        m = re.match(r"(\w+)(\([^)]*\))?\s*(.*)", macro)
        if m.group(3):
            args = len(m.group(2).split(",")) if m.group(2) else 0
            calls[m.group(1)] = m.group(1) + ("(%s)" % ", ".join("37 21 6 3".split()[:args])
                                              if args else "")
    names = list(calls)
    probe = text + "".join("@@ %d @@ %s\n" % (i, calls[n]) for i, n in enumerate(names))
    out = run(GNU + ["-E", "-P", "-"], probe)
    constants = {n: n for n in parser.enums}
    for line in out.stdout.splitlines():
        m = re.match(r"@@ (\d+) @@ (.*)", line)
        if m and is_constant(m.group(2), parser.enums):
            name = names[int(m.group(1))]
            constants[name] = calls[name]
    return constants, parser.records


def is_constant(text, enums):
    """Is this, with all macros expanded, an integer constant expression?"""
    words = [t for t in TOKEN.findall(text) if re.match(r"[A-Za-z_]", t)]
    known = all(w in TYPE_WORDS or w in enums or w.endswith("_t") for w in words)
    # Strings, initialisers, member accesses and pointer casts are something else.
    return known and re.search(r'\w', text) and not re.search(r'["{=;.@[]|->|\*\s*\)', text) \
        and not all(w in TYPE_WORDS or w.endswith("_t") for w in TOKEN.findall(text))


# --- Asking the compiler --------------------------------------------------------------------

def questions(constants, records):
    """One C statement for each fact, by name."""
    asks = {}
    for name, expr in constants.items():
        asks["constant " + name] = 'printf("%%#llx", (unsigned long long)(%s));' % expr
    for ctype, fields in records.items():
        asks["size " + ctype] = 'printf("%%zu", sizeof(%s));' % ctype
        for path, kind in fields:
            asks["field %s.%s" % (ctype, path)] = field_question(ctype, path, kind)
    return asks


def field_question(ctype, path, kind):
    if kind == "bits":
        return ("{ %s t; unsigned char *b = (void *)&t; memset(b, 0, sizeof(t)); t.%s = -1;"
                ' for (size_t i = 0; i < sizeof(t); i++)'
                ' if (b[i]) printf("%%zu:%%02x ", i, b[i]); }' % (ctype, path))
    if kind == "flexible":
        return 'printf("%%zu -", offsetof(%s, %s));' % (ctype, path)
    return 'printf("%%zu %%zu", offsetof(%s, %s), sizeof(((%s *)0)->%s));' % (
        ctype, path, ctype, path)


def answers(includes, flags, asks, tmp):
    """Compile and run the questions: {name: answer}; those that do not compile are missing."""
    names = list(asks)
    for _ in range(3):
        # Debian's headers expect the fixed-size types to be there.
        lines = ["#include <%s.h>" % i for i in ("stddef", "stdint", "stdio", "string")]
        lines += ['#include "%s"' % i for i in includes] + ["int main(void)", "{"]
        first = len(lines) + 1
        lines += ['printf("%s\\t"); %s puts("");' % (n, asks[n]) for n in names]
        lines += ["return 0;", "}", ""]
        exe = tempfile.mktemp(dir=tmp)
        out = run(GNU + flags + ["-fmax-errors=0", "-O0", "-o", exe, "-"], "\n".join(lines))
        if out.returncode == 0:
            text = run([exe], "").stdout
            return dict(line.rstrip().split("\t", 1) for line in text.splitlines())
        bad = {int(n) - first for n in re.findall(r"<stdin>:(\d+):\d+: error", out.stderr)}
        kept = [n for i, n in enumerate(names) if i not in bad]
        if len(kept) == len(names):
            raise SyntaxError(first_error(out.stderr))
        names = kept
    raise SyntaxError("the questions do not compile")


# --- The checks -----------------------------------------------------------------------------

class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def ok(self, text):
        self.passed += 1
        print("ok    " + text)

    def fail(self, text):
        self.failed += 1
        print("FAIL  " + text)


def compiles_alone(include, header):
    text = '#include "public/%s"\n#include "public/%s"\nextern int not_empty;\n' % (header, header)
    results = []
    for label, cmd in (("C99", C99), ("C++11", CXX)):
        out = run(cmd + STRICT + ["-I", include, "-"], text)
        results.append((label, out.returncode == 0, first_error(out.stderr)))
    return results


def find_reference():
    for base in (os.environ.get("LIBXEN_DEV_INCLUDE"), "/usr/include"):
        if not base:
            continue
        for path in (base, os.path.dirname(os.path.normpath(base))):
            if os.path.isfile(os.path.join(path, "xen", "xen.h")):
                return path
    return None


def read_exceptions():
    names = {}
    with open(os.path.join(HERE, "exceptions.txt"), encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                name, _, reason = line.strip().partition("  ")
                names[name] = reason.strip()
    return names


def inspect(include, reference, header, tmp):
    """Everything about one header that needs a compiler; runs in a worker thread."""
    result = {"alone": compiles_alone(include, header), "ours": {}, "theirs": None,
              "clashes": None, "error": None}
    try:
        asks = questions(*read_header(include, header))
        path = os.path.join(include, "public", header)
        result["ours"] = answers([path], [], asks, tmp) if asks else {}
        lost = set(asks) - set(result["ours"])
        if lost:
            raise SyntaxError("not understood: " + ", ".join(sorted(lost)))
        if reference and header in OWN:
            result["clashes"] = clashes(reference, OWN[header], asks, result["ours"], tmp)
        elif reference:
            result["theirs"] = {}
            if os.path.isfile(os.path.join(reference, "xen", header)):
                need = os.path.join(reference, "xen", NEEDS.get(header, "xen.h"))
                path = os.path.join(reference, "xen", header)
                result["theirs"] = answers([need, path], [], asks, tmp) if asks else {}
    except SyntaxError as err:
        result.update(error=str(err), theirs=None)
    return result


def clashes(reference, own, asks, ours, tmp):
    """Names and numbers of a header of our own that one of libxen-dev's has too."""
    header, numbers = own
    path = os.path.normpath(os.path.join(reference, "xen", header))
    found = [name + " has a name of" for name in answers([path], [], asks, tmp)]
    macros, _ = own_lines(run(GNU + ["-E", "-dD", path], "").stdout, path)
    theirs = {n: n for n in (m.split()[0] for m in macros) if numbers.match(n)}
    if not theirs:
        raise SyntaxError("no numbers found in " + path)
    taken = set(answers([path], [], questions(theirs, {}), tmp).values())
    return found + ["%s has a number of" % name for name, value in ours.items()
                    if numbers.match(name.replace("constant ", "")) and value in taken]


def compare(report, header, ours, theirs, exceptions, used):
    for kind, label in (("constant", "constants"), ("size", "structs"), ("field", "fields")):
        good = 0
        for name in (n for n in ours if n.startswith(kind + " ")):
            if name in exceptions:
                used.add(name)
            elif name not in theirs:
                report.fail("%s: %s is not in libxen-dev" % (header, name))
            elif theirs[name] != ours[name]:
                report.fail("%s: %s is %s, in libxen-dev %s" %
                            (header, name, ours[name], theirs[name]))
            else:
                good += 1
        if good:
            report.ok("%s: %d %s agree with libxen-dev" % (header, good, label))


def check_table(report, found, write):
    """Compare sizes and offsets with the checked-in table."""
    path = os.path.join(HERE, "reference.txt")
    table = {}
    for header in sorted(found):
        for name, value in found[header]["ours"].items():
            if not name.startswith("constant "):
                table["%s: %s" % (header, name)] = value
    if write:
        with open(path, "w", encoding="utf-8") as f:
            f.write("# Sizes of structs; offsets and sizes of fields (bit fields: byte:bits).\n"
                    "# Made by abi-check.py --write; a difference is a break of the ABI.\n")
            f.writelines("%s = %s\n" % item for item in table.items())
    with open(path, encoding="utf-8") as f:
        stored = dict(line.rstrip("\n").split(" = ", 1) for line in f if not line.startswith("#"))
    wrong = 0
    for name in sorted(set(table) | set(stored)):
        if table.get(name) != stored.get(name):
            wrong += 1
            report.fail("reference.txt: %s is %s, in the table %s" %
                        (name, table.get(name, "missing"), stored.get(name, "missing")))
    if not wrong:
        report.ok("reference.txt: %d sizes and offsets agree" % len(table))


def main():
    args = [a for a in sys.argv[1:] if a != "--write"]
    if len(args) != 1:
        sys.exit("usage: abi-check.py SOURCE_DIR [--write]")
    include = os.path.abspath(os.path.join(args[0], "xen", "include"))
    top = os.path.join(include, "public")
    headers = sorted(os.path.relpath(os.path.join(d, f), top)
                     for d, _, files in os.walk(top) for f in files if f.endswith(".h"))
    reference, exceptions, used = find_reference(), read_exceptions(), set()
    report = Report()
    with tempfile.TemporaryDirectory() as tmp, concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda h: inspect(include, reference, h, tmp), headers)
        found = dict(zip(headers, results))
    for header in headers:
        for label, good, message in found[header]["alone"]:
            text = "%s: compiles alone as %s" % (header, label)
            report.ok(text) if good else report.fail(text + ": " + message)
        if found[header]["error"]:
            report.fail("%s: %s" % (header, found[header]["error"]))
    if not headers:
        report.fail("no headers in " + top)
    check_table(report, found, "--write" in sys.argv)
    if reference:
        for header in headers:
            if found[header]["theirs"] is not None:
                compare(report, header, found[header]["ours"], found[header]["theirs"],
                        exceptions, used)
            elif found[header]["clashes"] is not None:
                for text in found[header]["clashes"]:
                    report.fail("%s: %s libxen-dev" % (header, text))
                if not found[header]["clashes"]:
                    report.ok("%s: names and numbers are ours alone" % header)
        for name in sorted(set(exceptions) - used):
            report.fail("exceptions.txt: %s is not needed" % name)
    else:
        print("skip  libxen-dev is not installed: constants and layouts not compared with it")
    print("%d passed, %d failed" % (report.passed, report.failed))
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
