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

# apt_says COMMAND [ARGUMENT]...: what the command prints, which depends on the packages that apt knows
# and on nothing else. Kept in the cache folder until these change: apt needs seconds for each answer.
apt_says() {
    local file=$cache/apt- key
    key=$(echo "$*" | sha256sum)
    file+=${key:0:12}
    if [ ! -s "$file" ] || [ -n "$(find /var/lib/apt/lists /var/lib/dpkg/status /etc/apt \
        "${BASH_SOURCE[0]}" -newer "$file" -print -quit 2>/dev/null)" ]; then
        mkdir -p "$cache"
        "$@" >"$file.$$"
        mv "$file.$$" "$file"
    fi
    cat "$file"
}

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

# pack_cpio DIR: a folder as an archive for an initramfs.
pack_cpio() { (cd "$1" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0); }

# package_versions NAME...: what apt would install now.
package_versions() {
    apt-cache policy "$@" | awk '/^[a-z]/ { name = $1 } /Candidate:/ { print name $2 }'
}

# debian_sources: this computer's apt sources of Debian itself, as files that mmdebstrap takes.
debian_sources() {
    local f
    for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
        [ -f "$f" ] || continue
        grep -q -E '^(URIs:|deb ).*debian(-security)?/?( |$)' "$f" && echo "$f"
    done
    true
}

# debian_mirror: where this computer gets Debian's packages from.
debian_mirror() {
    debian_sources | xargs cat |
        sed -n -E 's/^(URIs:|deb)( \[[^]]*\])? +([^ ]*\/debian)\/?( .*)?$/\3/p' | head -n 1
}

# fetch_backport META DIR: unpacks the package that a meta package of Debian's backports names now,
# whether or not this computer uses backports; prints the package's name.
fetch_backport() {
    local tmp options name
    tmp=$(mktemp -d)
    chmod 755 "$tmp"
    mkdir -p "$tmp"/{lists,cache/archives}/partial
    echo "deb $(debian_mirror) $(. /etc/os-release && echo "$VERSION_CODENAME")-backports main" >"$tmp/sources"
    options=(-o "Dir::Etc::SourceList=$tmp/sources" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::lists=$tmp/lists" -o "Dir::Cache=$tmp/cache")
    (
        cd "$tmp"
        apt-get "${options[@]}" update -qq
        name=$(apt-cache "${options[@]}" depends "$1" | awk '/Depends:/ { print $2; exit }')
        apt-get "${options[@]}" download -qq "$name"
        echo "$name" >name
    ) >"$tmp/log" 2>&1 || { cat "$tmp/log" >&2; rm -rf "$tmp"; die "cannot download the backport of $1"; }
    mkdir -p "$2"
    dpkg -x "$tmp"/*.deb "$2"
    cat "$tmp/name"
    rm -rf "$tmp"
}

# stage FOLDER TARGET: what `make install` (or install-exec) installs, below a folder instead of /.
stage() {
    local log
    log=$(make -C "$build" -s "$2" DESTDIR="$1" 2>&1) || { echo "$log" >&2; die "make $2 failed"; }
}

# static_program FOLDER SOURCE [GCC ARGS]: the program that a source of tests/ is, in a folder that
# keeps it until the source is newer; for machines that have no C library, or another one.
static_program() {
    local source=$src/tests/$2 out=${2##*/}
    out=$1/${out%.c}
    shift 2
    [ "$out" -nt "$source" ] || {
        gcc -O2 -static "$@" -o "$out.new" "$source"
        # Renamed at the end: somebody may be running it.
        mv "$out.new" "$out"
    }
}

# What Debian's Xen is known to boot on under QEMU 7.2, as options of scripts/boot. With XSAVE, vector
# registers of Dom0's processes now and then hold what was in them before: what should have been cleared
# by memset() is not, and the process hangs or crashes. (Xen loads them late; we do so at each switch.)
# shellcheck disable=SC2034 # for those who source this
reference_machine=(--machine pc --cpu "max,-smap,-rdtscp,-xsave")

# reference_hypervisor: Debian's Xen 4.17 as a file that scripts/boot takes for $XENOLITH_HV.
reference_hypervisor() {
    local dir=$cache/xen-hypervisor-4.17-amd64
    [ -d "$dir" ] || fetch_package xen-hypervisor-4.17-amd64 "$dir"
    [ -f "$dir/xen" ] || gunzip -c "$dir/boot/xen-4.17-amd64.gz" >"$dir/xen"
    echo "$dir/xen"
}

# reference_daemons: the folder with Debian's two store daemons, oxenstored and xenstored.
reference_daemons() {
    local dir=$cache/xen-utils-4.17
    [ -d "$dir/usr/lib/xen-4.17/bin" ] || (fetch_package xen-utils-4.17 "$dir") || return
    echo "$dir/usr/lib/xen-4.17/bin"
}

# fake_xen: the library that lets them run on a computer without Xen.
fake_xen() {
    local out=$build/tests/xenstored/fake-xen.so
    mkdir -p "${out%/*}"
    gcc -Wall -Wextra -Werror -O1 -g -shared -fPIC -fvisibility=hidden -o "$out" \
        "$src/tests/xenstored/fake-xen.c"
    echo "$out"
}
