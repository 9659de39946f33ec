#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that Dom0 comes up with all CPUs, and without new warnings, on one kind of machine.
#   matrix.sh MACHINE CPUS MIB kernel|grub
# timeout: 420
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"
need_memory "$3"

boot_it --machine "$1" --smp "$2" --mem "$3" "--$4" --scenario up
check_some "DOM0-UP .* xen=yes cpus=$2 "
check_quiet
finish
