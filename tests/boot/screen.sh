#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that messages come out on the VGA text screen and on the second serial port, up to a panic:
# the screen is read from the machine's memory.
# timeout: 60
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

open_monitor
# The first serial port is the one named first.
boot_it --no-modules --mem 512 --append "console=com2,vga com2=57600,8n1 noreboot" \
    --timeout 50 --expect 'never' -- "${monitor_args[@]}" -serial "file:$scratch/com1" &
await 'XEN\) Halted' 40 || finish
check_once 'XEN\) No kernel for Domain 0'
[ ! -s "$scratch/com1" ] || fail "text on the first serial port"

monitor "pmemsave 0xb8000 4000 \"$scratch/screen\""
for _ in $(seq 40); do [ -s "$scratch/screen" ] && break; sleep 0.25; done
sleep 0.5
# A character and its colours, 80 x 25 times; the attribute of every one is light grey on black.
python3 - "$scratch/screen" >"$scratch/text" <<'PYTHON'
import sys
cells = open(sys.argv[1], "rb").read()
assert len(cells) == 4000 and set(cells[1::2]) == {7}, "not a screen of grey text"
for line in range(25):
    print(cells[line * 160:line * 160 + 160:2].decode("latin-1").rstrip())
PYTHON
cat "$scratch/text"
grep -q '^(XEN) No kernel for Domain 0: pass it as the first module' "$scratch/text" ||
    fail "the panic is not on the screen"
[ "$(tail -n 2 "$scratch/text" | head -n 1)" = "(XEN) Halted (noreboot). Reset the machine by hand." ] ||
    fail "the last message is not in the line above the cursor"
monitor quit
finish
