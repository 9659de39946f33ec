#!/bin/bash
# SPDX-License-Identifier: MIT
# The Debian packages of `make deb`: what is in them, that they install into a root of their own, that what
# they install works there, and that nothing is left when they are purged. The first time takes minutes.
# Exit status: 0 passed, 1 failed, 3 skipped: no debhelper, or not root.
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

command -v dh >/dev/null || { echo "skipped: debhelper is missing"; exit 3; }
[ "$(id -u)" = 0 ] || { echo "skipped: not root"; exit 3; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0
fail() {
    echo "FAILED: $*"
    failed=1
}
# same WHAT GOT WANTED
same() { [ "$2" = "$3" ] || fail "$1: \"$2\", not \"$3\""; }

"$src/scripts/deb" >"$tmp/names" || { cat "$tmp/names"; exit 1; }
version=$(sed -n 's/^VERSION = //p' "$build/Makefile")
cd "$build/deb/packages"
same packages "$(tr '\n' ' ' <"$tmp/names")" "libxenolith-dev_${version}_amd64.deb \
libxenolith-store4_${version}_amd64.deb libxenolith0_${version}_amd64.deb python3-xenolith_${version}_amd64.deb \
xenolith-doc_${version}_all.deb xenolith-hypervisor_${version}_amd64.deb xenolith-utils_${version}_amd64.deb "
field() { dpkg-deb -f "$1"_*.deb "$2"; }
same "what the hypervisor is in place of" "$(field xenolith-hypervisor Conflicts)" xen-hypervisor
[[ $(field xenolith-utils Conflicts) == *xen-utils-common*xenstore-utils* ]] || fail "utils beside Debian's"
[[ $(field xenolith-utils Depends) == *libxenolith-store4*libxenolith0* ]] || fail "$(field xenolith-utils Depends)"
[[ $(field python3-xenolith Depends) == python3*libxenolith0* ]] || fail "$(field python3-xenolith Depends)"
same "what the store library provides" "$(field libxenolith-store4 Provides)" "libxenstore4 (= 4.17.0)"

# Every file once, all of root, nothing that others may write to.
for deb in *.deb; do dpkg-deb -c "$deb"; done >"$tmp/contents"
grep -v '^d' "$tmp/contents" | awk '{ print $6 }' | sort >"$tmp/files"
[ -z "$(uniq -d "$tmp/files")" ] || fail "in two packages: $(uniq -d "$tmp/files")"
if grep -v ' root/root ' "$tmp/contents"; then fail "not root's"; fi
if grep -E '^-.{7}w|^.{3}s|^.{6}s' "$tmp/contents"; then fail "rights"; fi
if grep -E '\./usr/local|\.la$|/build/' "$tmp/files"; then fail "what does not belong into packages"; fi
# (That all of an installation is in some package is what dh_missing looks after.)

# A root with a GRUB, whose update-grub says when it was called. Scripts run outside of it, with DPKG_ROOT.
root=$tmp/root
mkdir -p "$root"/var/lib/dpkg/{info,updates,triggers} "$root"/var/{cache,lib/systemd} "$root/etc/systemd/system" \
    "$root/boot/grub" "$tmp/bin"
touch "$root"/var/lib/dpkg/{status,available} "$root/boot/grub/grub.cfg"
cat >"$tmp/bin/update-grub" <<END
#!/bin/sh
find "\$DPKG_ROOT/boot" -name 'xen-*' | wc -l >>"$tmp/grub"
END
# These two look into the running system.
printf '#!/bin/sh\n' | tee "$tmp/bin/py3compile" >"$tmp/bin/py3clean"
chmod +x "$tmp"/bin/*
find "$root" | sort >"$tmp/before"
in_root() {
    PATH=$tmp/bin:$PATH DEBIAN_FRONTEND=noninteractive dpkg --root="$root" --force-script-chrootless \
        --force-depends "$@" >"$tmp/log" 2>&1 || { cat "$tmp/log"; fail "dpkg $1"; }
}
in_root --install ./*.deb
same "calls of update-grub, and hypervisors then" "$(cat "$tmp/grub")" 1
same "hypervisors" "$(cd "$root/boot" && echo xen-*)" "xen-xenolith-$version.gz"
! command -v grub-file >/dev/null || grub-file --is-x86-multiboot2 "$root/boot/xen-xenolith-$version.gz" ||
    fail "GRUB does not take the hypervisor"
for unit in proc-xen.mount xenstored.service xen-init-dom0.service xenconsoled.service xen.service; do
    [ -L "$root/etc/systemd/system/multi-user.target.wants/$unit" ] || fail "$unit is not enabled"
done

# What is there, works: programs have their libraries, Python its package, a C program can be compiled.
lib=$root/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH=$lib
for program in "$root"/usr/sbin/* "$root"/usr/bin/* "$root"/usr/libexec/*/* "$lib"/*.so.?; do
    [ -f "$program" ] || continue
    if ldd "$program" 2>&1 | grep 'not found'; then fail "$program lacks a library"; fi
done
"$root/usr/sbin/xl" help >"$tmp/log" || fail "xl help"
grep -q '^ create ' "$tmp/log" || fail "what xl help says"
grep -q '/usr/libexec/xen/bin' "$root/usr/sbin/xl" || fail "where xl looks for the console"
PYTHONPATH=$root/usr/lib/python3/dist-packages PYTHONDONTWRITEBYTECODE=1 \
    XENOLITH_SIM_STORE=$root/usr/libexec/xenolith/sim-store /usr/bin/python3 - >"$tmp/log" 2>&1 <<'END' || { cat "$tmp/log"; fail "Python"; }
from xenolith import Config, Host
with Host("sim:") as host:
    host.create(Config(name="web", kernel=host.sim.kernel, memory=8)).destroy()
END
export PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_PATH=$lib/pkgconfig
read -r -a flags <<<"$(pkg-config --cflags --libs xenolith-light)"
for example in "$root"/usr/share/doc/xenolith-doc/examples/*.c*; do
    case $example in *.gz) gzip -dc "$example" ;; *) cat "$example" ;; esac >"$tmp/example.c"
    gcc -o "$tmp/example" "$tmp/example.c" "${flags[@]}" -Wl,-rpath-link,"$lib" || fail "$example"
done

# Debian's own script makes the entry, by the name that GRUB's options have.
if [ -f /etc/grub.d/20_linux_xen ]; then
    touch_kernel() { echo x >"$root/boot/$1-6.1.0-1-amd64"; }
    touch_kernel vmlinuz && touch_kernel initrd.img && echo CONFIG_XEN_DOM0=y >"$root/boot/config-6.1.0-1-amd64"
    # shellcheck disable=SC2016 # for that script to expand
    printf '#!/bin/sh\n[ "$3" != --target=fs_uuid ] || echo u\n' >"$tmp/bin/grub-probe"
    chmod +x "$tmp/bin/grub-probe"
    sed "s| /boot/| $root/boot/|g" /etc/grub.d/20_linux_xen >"$tmp/20_linux_xen"
    grub_probe=$tmp/bin/grub-probe GRUB_DEVICE=/dev/sda1 GRUB_DISTRIBUTOR=Debian \
        pkgdatadir=/usr/share/grub sh "$tmp/20_linux_xen" \
        >"$tmp/menu" 2>"$tmp/log" || { cat "$tmp/log"; fail "20_linux_xen"; }
    grep -q "^menuentry .* 'xen-gnulinux-simple-u' {" "$tmp/menu" || fail "$(head -n 3 "$tmp/menu")"
    grep -q "multiboot2.*/boot/xen-xenolith-$version.gz" "$tmp/menu" || fail "GRUB's entry"
    rm "$root"/boot/*-6.1.0-1-amd64
fi
[ "$(sed "s|/boot|$root/boot|" "$root/etc/default/grub.d/xenolith.cfg" | GRUB_DEVICE_UUID=u sh -c '. /dev/stdin; echo $GRUB_DEFAULT')" = \
    xen-gnulinux-simple-u ] || fail "what GRUB shall start"

# What programs make while they run, and the end.
mkdir -p "$root/var/cache/xenolith" "$root/var/log/xen/console"
touch "$root/var/cache/xenolith/x.kernel" "$root/var/log/xen/console/guest-web.log" "$root/var/lib/xen/userdata-d.1.x.libxl-json"
names=()
for deb in *.deb; do names+=("$(dpkg-deb -f "$deb" Package)"); done
in_root --remove "${names[@]}"
same "calls of update-grub" "$(tail -n 1 "$tmp/grub")" 0
in_root --purge "${names[@]}"
find "$root" | grep -v "^$root/var/lib/dpkg/" | sort >"$tmp/after"
grep -v "^$root/var/lib/dpkg/" "$tmp/before" | comm -13 - "$tmp/after" >"$tmp/left"
[ ! -s "$tmp/left" ] || fail "left after purge: $(cat "$tmp/left")"
! command -v lintian >/dev/null || lintian --tag-display-limit 0 --fail-on error ./*.deb || fail lintian
exit "$failed"
