#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that a release archive holds every file of the repository, and no product of a build.
# Exit status: 0 passed, 1 failed, 2 could not run, 3 skipped.
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

git -C "$src" rev-parse --is-inside-work-tree >/dev/null 2>&1 ||
    { echo "skipped: not in a git work tree"; exit 3; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

make -C "$build" distdir distdir="$tmp/dist" >"$tmp/log" 2>&1 || { tail "$tmp/log"; exit 1; }
# Only made by the autotools, or of no use outside of git.
made='^(aclocal\.m4|configure|config\.h\.in|Makefile\.in|build-aux/.*|m4/.*)$'
(cd "$tmp/dist" && find . -type f -o -type l) | sed 's,^\./,,' | grep -v -E "$made" | sort >"$tmp/have"
git -C "$src" ls-files --cached --others --exclude-standard | grep -v -x '.gitignore' |
    sort >"$tmp/want"
if ! diff -u --label repository --label archive "$tmp/want" "$tmp/have"; then
    echo "FAILED: the archive is not the repository; see EXTRA_DIST in the Makefile fragments"
    exit 1
fi
[ -x "$tmp/dist/run" ] && [ -x "$tmp/dist/check" ] && [ -x "$tmp/dist/configure" ]
