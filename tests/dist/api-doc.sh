#!/bin/bash
# SPDX-License-Identifier: MIT
# `make api-doc` works without a warning, and says something about each function that a library exports.
# Without doxygen it fails and says so.
# Exit status: 0 passed, 1 failed, 3 skipped: there is no doxygen.
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# A search path without doxygen.
mkdir "$work/bin"
for tool in sh bash env make rm mkdir cat; do ln -s "$(command -v $tool)" "$work/bin/"; done
if PATH=$work/bin make -C "$build" -o Makefile -s api-doc >"$work/log" 2>&1 ||
    ! grep -q "install Debian's package doxygen" "$work/log"; then
    echo "FAILED: nothing says that doxygen is missing"
    cat "$work/log"
    failed=1
fi
command -v doxygen >/dev/null || { echo "skipped: there is no doxygen"; exit 3; }

make -C "$build" -s api-doc API_DIR="$work/api" srcdir="$src" API_FILES="$src/docs/api" \
    API_OPTIONS="GENERATE_XML = YES" >"$work/log" 2>&1 || { echo "FAILED: make api-doc"; failed=1; }
if grep -i -E 'warning|error' "$work/log"; then
    echo "FAILED: doxygen has something to say"
    failed=1
fi
[ -s "$work/api/html/index.html" ] || { echo "FAILED: there is no index.html"; exit 1; }

grep -hoE '\b(xctl|xlight|xstore|xs)_[a-z0-9_]+;' "$src"/libs/*/*.map | tr -d ';' | sort -u >"$work/exported"
python3 - "$work/api/xml" "$work/exported" <<'END' || failed=1
import glob, sys
import xml.etree.ElementTree as ET

said = {}
for path in glob.glob(sys.argv[1] + "/*.xml"):
    for member in ET.parse(path).iter("memberdef"):
        if member.get("kind") == "function":
            text = "".join("".join(member.find(part).itertext()).strip()
                           for part in ("briefdescription", "detaileddescription"))
            name = member.findtext("name")
            said[name] = max(said.get(name, ""), text, key=len)
wanted = open(sys.argv[2]).read().split()
silent = [name for name in wanted if len(said.get(name, "")) < 10]
for name in silent:
    print("FAILED: nothing is said about", name)
print(len(wanted), "functions,", len(silent), "without a word")
sys.exit(1 if silent or len(wanted) < 300 else 0)
END
exit "$failed"
