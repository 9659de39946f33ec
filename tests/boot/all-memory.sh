#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that without dom0_mem Dom0 gets nearly all of the machine.
# timeout: 300
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"
need_memory 2048

boot_it --mem 2048 --dom0-mem all --scenario facts --timeout 280
check_fact memory-mib '1[4-9][0-9][0-9]|20[0-4][0-9]'
finish
