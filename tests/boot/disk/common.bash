# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# common.bash - what the scenarios on a disk share. Sourced.

peer=/dev/tcp/10.0.2.100/7

# systemd has finished starting, and nothing of it failed.
units() {
    echo "FACT system-state=$(systemctl is-system-running --wait)"
    echo "FACT failed-units=$(systemctl --failed --plain --no-legend | cut -d' ' -f1 | xargs)"
    echo "FACT multi-user=$(systemctl is-active multi-user.target)"
}

# kernel_warns: what the kernel complained of, on a hypervisor; what it says of QEMU alone is not ours.
kernel_warns() { [ "$xen" = no ] || dmesg -r | grep '^<[0-4]>' | sed 's/^/KERNEL-WARNS /'; }

# restart: what a scenario has to say before the machine starts again; it is run again then.
restart() {
    sync
    kernel_warns
    systemctl reboot
    # systemd ends us.
    sleep infinity
}

# How many interrupts of the named kind ("msi", "ioapic") the devices had so far.
interrupts() { awk -v kind="-$1" '/xen-pirq/ && index($0, kind) {
    for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++) n += $i } END { print n + 0 }' /proc/interrupts; }

# QEMU's DHCP server names no router when it does not let anybody out.
wait_for_network() {
    local i
    for ((i = 0; i < 60; i++)); do
        [ -z "$(ip -4 -o address show scope global)" ] || return 0
        sleep 0.5
    done
    echo "FACT network=none"
    return 1
}

# receive SEED MIB, send SEED MIB: a stream over the network; prints "right" or what is wrong.
receive() {
    exec 3<>"$peer" || return
    echo "send $1 $2" >&3
    stream verify "$1" "$2" <&3
    exec 3>&-
}
send() {
    exec 3<>"$peer" || return
    echo "receive $1 $2" >&3
    stream write "$1" "$2" >&3
    cat <&3
    exec 3>&-
}

# clocks LABEL: ours and the host's.
clocks() {
    exec 3<>"$peer" || return
    echo clock >&3
    clock ask 3 "$1"
    exec 3>&-
}
