#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows a Dom0 with other hardware than usual: console and keyboard at the second serial port, the
# ACPI timer as platform clock, and a PCIe port that signals by MSI when a device is plugged in (QEMU
# tells Dom0 by ACPI otherwise).
# alone: keeps both cores busy
# timeout: 240
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

open_monitor
boot_it --machine q35 --smp 2 --append "console=com2 com2=115200,8n1 clocksource=acpi" \
    --scenario msi --timeout 200 -- "${monitor_args[@]}" -serial "file:$scratch/com1" \
    -global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off \
    -device pcie-root-port,id=rp0,chassis=1,slot=1 &
boot=$!
await 'SCENARIO ready' 180 || finish
monitor "device_add virtio-rng-pci,bus=rp0,id=late"
wait "$boot" || fail "Dom0 did not end well"

[ ! -s "$scratch/com1" ] || fail "text on the first serial port"
check_once 'XEN\) time: TSC .* against acpi'
check_fact /sys/devices/system/clocksource/clocksource0/current_clocksource xen
check_fact slept '[34]'
check_fact msi.kind 'xen-pirq -msi'
check_fact msi.new '[1-9][0-9]*'
check_quiet
finish
