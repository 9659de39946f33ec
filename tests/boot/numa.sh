#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that a machine with two NUMA nodes (SRAT, SLIT) is read as such, and that Dom0 boots on it.
# timeout: 200
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

boot_it --smp 2 --mem 2048 --scenario up -- \
    -object memory-backend-ram,id=m0,size=1G -object memory-backend-ram,id=m1,size=1G \
    -numa node,nodeid=0,cpus=0,memdev=m0 -numa node,nodeid=1,cpus=1,memdev=m1 \
    -numa dist,src=0,dst=1,val=25
check_once 'ACPI: 2 CPUs \(2 usable\), 1 IO-APICs, 2 nodes'
finish
