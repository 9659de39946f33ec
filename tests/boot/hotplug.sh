#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that Dom0 can take its virtual CPUs offline and online.
# alone: keeps both cores busy
# timeout: 200
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

boot_it --smp 4 --scenario hotplug
check_fact cpus 4
check_fact hotplug-failed 0
finish
