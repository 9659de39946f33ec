#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that a Dom0 larger than the machine is refused, or made smaller, with a message.
# timeout: 200
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

boot_it --mem 1024 --dom0-mem 8G --expect '(dom0_mem|Dom0).*(memory|MiB|MB|pages)|[Nn]ot enough memory'
check_none 'Fatal trap|BUG at'
finish
