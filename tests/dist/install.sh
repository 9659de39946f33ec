#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that `make install DESTDIR=` puts everything below DESTDIR, usable from there, and that
# `make uninstall` takes all of it away.
# Exit status: 0 passed, 1 failed.
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
dest=$tmp/root
failures=0
fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}
make_it() { make -C "$build" --no-print-directory "$@" DESTDIR="$dest" >"$tmp/log" 2>&1 ||
    { tail "$tmp/log"; fail "make $*"; }; }

make_it install
prefix=$(sed -n 's/^prefix = //p' "$build/Makefile")
version=$(sed -n 's/^VERSION = //p' "$build/Makefile")

# The hypervisor, packed, as GRUB takes it.
image=$dest/boot/xen-xenolith-$version.gz
gzip -dc "$image" | cmp - "$build/xen/xenolith" || fail "$image is not the hypervisor"
if command -v grub-file >/dev/null; then
    grub-file --is-x86-multiboot2 "$image" || fail "GRUB does not take $image for a multiboot2 kernel"
    grub-file --is-x86-multiboot "$image" || fail "GRUB does not take $image for a multiboot kernel"
fi

# Each library: its names, its description for pkg-config, and a program that links with it.
export PKG_CONFIG_SYSROOT_DIR=$dest PKG_CONFIG_PATH=$dest$prefix/lib/pkgconfig
echo 'int main(void) { return 0; }' >"$tmp/empty.c"
for pc in "$PKG_CONFIG_PATH"/*.pc; do
    [ -f "$pc" ] || continue
    name=$(basename "$pc" .pc)
    pkg-config --validate "$name" || fail "$name.pc"
    read -r -a flags <<<"$(pkg-config --cflags --libs "$name")"
    gcc -o "$tmp/empty" "$tmp/empty.c" -Wl,--no-as-needed "${flags[@]}" \
        -Wl,-rpath-link,"$dest$prefix/lib" || fail "linking with $name"
    LD_LIBRARY_PATH=$dest$prefix/lib "$tmp/empty" || fail "running with $name"
done
# Programs find their libraries, and nothing of the build's folder is in them.
while read -r file; do
    if LD_LIBRARY_PATH=$dest$prefix/lib ldd "$file" 2>/dev/null | grep 'not found'; then
        fail "$file lacks a library"
    fi
    if readelf -d "$file" 2>/dev/null | grep -E 'R(UN)?PATH'; then fail "$file has a run path"; fi
done < <(find "$dest$prefix" -type f -perm -100)

# Python imports the package from there, and a simulated host starts.
package=$(find "$dest$prefix" -path '*/xenolith/__init__.py')
if [ -n "$package" ]; then
    PYTHONPATH=${package%/xenolith/*} PYTHONDONTWRITEBYTECODE=1 LD_LIBRARY_PATH=$dest$prefix/lib \
        XENOLITH_SIM_STORE=$dest$prefix/libexec/xenolith/sim-store \
        "$(sed -n 's/^PYTHON = //p' "$build/Makefile")" - >"$tmp/log" 2>&1 <<'END' || { cat "$tmp/log"; fail "the package for Python"; }
from xenolith import Host
with Host("sim:") as host:
    assert [d.name for d in host] == ["Domain-0"]
END
fi

# systemd takes the units and finds their programs. Its own units are not below DESTDIR.
if command -v systemd-analyze >/dev/null; then
    units=("$dest$prefix"/lib/systemd/system/*)
    [ ${#units[@]} = 5 ] || fail "units: ${units[*]}"
    mkdir "$tmp/units"
    for unit in "${units[@]}"; do
        sed -e "s|$prefix/s\?bin/|$dest&|" "$unit" >"$tmp/units/${unit##*/}"
    done
    systemd-analyze verify --man=no "$tmp"/units/* >"$tmp/log" 2>&1 || true
    if grep "^$tmp/units\|^xen\|^proc-xen" "$tmp/log"; then fail "systemd has something against the units"; fi
fi

[ -z "$(find "$dest" -type f -newer "$tmp/empty.c" -size 0)" ] || fail "empty files"
make_it uninstall
left=$(find "$dest" -type f -o -type l)
[ -z "$left" ] || fail "left after uninstall: $left"
[ "$failures" = 0 ]
