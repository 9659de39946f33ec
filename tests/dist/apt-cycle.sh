#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that a Debian gets our packages by apt, starts the hypervisor by its own GRUB, runs a guest, and is plain
# Linux again without them: a computer with a disk of its own, and three boots (tests/boot/disk/apt-cycle).
# Exit status: 0 passed, 1 failed, 2 could not run, 3 skipped: no debhelper, or packages that apt cannot get.
# timeout: 2400
set -euo pipefail
# shellcheck source=../boot/lib.bash
. "$(dirname "$0")/../boot/lib.bash"

for tool in dh dpkg-scanpackages mmdebstrap; do
    command -v $tool >/dev/null || skip "$tool is missing; see scripts/setup"
done
[ -x /sbin/sfdisk ] || skip "sfdisk is missing (Debian's package fdisk)"

# add_dependencies IMAGE: what apt on that disk will need beside our packages, as this computer's apt gets it.
add_dependencies() {
    chmod 755 "$scratch"
    mkdir -p "$scratch/apt/archives/partial"
    apt-get -o Dir::State::status="$1/status" -o Dir::State::extended_states=/dev/null -o Dir::Cache="$scratch/apt" \
        -o Debug::NoLocking=true -o APT::Install-Recommends=true -y --download-only install \
        "$scratch"/debs/{xenolith-{hypervisor,utils},libxenolith{0,-store4}}_*.deb >"$scratch/log" 2>&1 ||
        { tail -n 5 "$scratch/log"; skip "apt cannot get what our packages depend on; try: apt-get update"; }
    find "$scratch/apt/archives" -name '*.deb' -exec cp -t "$scratch/debs" {} +
}

# make_guest FILE: a ramdisk that has no more than a console.
make_guest() {
    mkdir -p "$scratch/guest"/{bin,dev,proc,sys,etc,tmp}
    cp "$(command -v busybox)" "$scratch/guest/bin/"
    install -m 755 "$src/tests/tools/image/guest-init" "$scratch/guest/init"
    pack_cpio "$scratch/guest" | gzip -1 >"$1"
}

# make_packages IMAGE: the disk with a source for apt.
make_packages() {
    "$src/scripts/deb"
    mkdir "$scratch/debs"
    cp "$build"/deb/packages/*.deb "$scratch/debs/"
    add_dependencies "$1"
    (cd "$scratch/debs" && dpkg-scanpackages -m . >Packages 2>"$scratch/log") || { cat "$scratch/log"; exit 2; }
    make_guest "$scratch/debs/guest-initrd"
    truncate -s "$(($(du -s -B 1M "$scratch/debs" | cut -f 1) * 3 / 2 + 16))M" "$scratch/debs.ext4"
    /sbin/mke2fs -q -t ext4 -O ^has_journal -L xenolith-debs -d "$scratch/debs" "$scratch/debs.ext4"
}

image=$("$src/scripts/disk-image" --grub)
make_packages "$image"
boot_it --disk virtio --own-loader --allow-reset --data "$scratch/debs.ext4" --scenario apt-cycle --timeout 1500

[ "$(console -c '^FACT system-state=running')" = 3 ] || fail "not three starts without a failed unit"
check_fact 1.kernel-on hardware
for did in grub-install update-grub apt-update apt-install; do check_fact "1.$did" 0; done
check_fact 1.installed '(installed ){4}'
check_fact 1.active 'inactive inactive'
check_fact 2.kernel-on xen
check_fact 2.version '.*xenolith.*'
for unit in proc-xen.mount xenstored xen-init-dom0 xenconsoled xen; do check_fact "2.$unit" active; done
for did in create guest-up shutdown apt-purge; do check_fact "2.$did" 0; done
check_some '^GUEST-UP .* hypervisor=xen type=PV'
check_fact 2.list 'Domain-0 [0-9]+ web 1'
check_fact 2.list-then Domain-0
check_fact 3.kernel-on hardware
check_none '^FACT 3.proc-xen'
for list in packages files contents; do check_fact "3.$list" ''; done
check_quiet
finish
