# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# lib.sh - what the scripts share: paths, messages, and the parts of a boot. Source it, do not run it.

src=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${XENOLITH_BUILD:-$src/build}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/xenolith
hv=${XENOLITH_HV:-$build/xen/xenolith}
export src build cache hv

say() { echo "${0##*/}: $*" >&2; }

die() {
    say "$*"
    exit 2
}

# Runs a command with root's rights.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "root's rights are needed for: $*"
    fi
}

# print_help FILE: prints the comment at the head of a script.
print_help() { sed -n '3,/^[^#]/{s/^# \{0,1\}//p}' "$1"; }

# The Dom0 kernel that Debian's meta package asks for now: 6.1.0-N-amd64.
dom0_kernel_version() {
    apt-cache depends linux-image-amd64 2>/dev/null |
        awk '/Depends: linux-image-[0-9]/ { sub("linux-image-", "", $2); print $2; exit }'
}

# fetch_package NAME DIR: unpacks a Debian package into DIR without installing it.
fetch_package() {
    local tmp
    tmp=$(mktemp -d)
    # apt drops root's rights for a download when it can enter the folder.
    chmod 755 "$tmp"
    (cd "$tmp" && apt-get download -qq "$1" 2>"$tmp/log") ||
        { cat "$tmp/log" >&2; rm -rf "$tmp"; die "cannot download package $1; try: apt-get update"; }
    mkdir -p "$2"
    dpkg -x "$tmp"/*.deb "$2"
    rm -rf "$tmp"
}
