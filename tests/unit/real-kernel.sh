#!/bin/bash
# SPDX-License-Identifier: MIT
# Unpacks Debian's kernel image with our decoders and with the packaged tools: as it is shipped (xz),
# and packed again in every other format that we read. The results must be the same to the byte.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
unpack=$build/tests/unit/unpack-kernel
image=$("$src/scripts/dom0-image")
kernel=$image/vmlinuz

[ -x "$unpack" ] || make -C "$build" -s tests/unit/unpack-kernel
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# The payload starts at the first XZ magic; xz ignores neither the size word at its end nor what
# follows, so let it complain about the trailing bytes.
offset=$(grep -a -b -o -m 1 "$(printf '\xfd7zXZ')" "$kernel" | head -n 1 | cut -d: -f1)
tail -c +$((offset + 1)) "$kernel" | xz -dc >"$tmp/want" 2>/dev/null || true
[ -s "$tmp/want" ] || die "xz found nothing to unpack in $kernel"

compare() {
    "$unpack" "$2" >"$tmp/got"
    cmp "$tmp/want" "$tmp/got" || die "$1: our decoder's output differs"
    echo "$1: $(stat -c %s "$tmp/got") bytes, the same"
}
compare "xz, as shipped" "$kernel"
gzip -1 -c "$tmp/want" >"$tmp/packed" && compare gzip "$tmp/packed"
zstd -3 -q -c "$tmp/want" >"$tmp/packed" && compare zstd "$tmp/packed"
lz4 -q -c "$tmp/want" >"$tmp/packed" && compare "lz4 frame" "$tmp/packed"
lz4 -l -q -c "$tmp/want" >"$tmp/packed" && compare "lz4 legacy" "$tmp/packed"
