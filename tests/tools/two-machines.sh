#!/bin/bash
# SPDX-License-Identifier: MIT
# A guest under load moves between two machines, each a whole host under QEMU with a network card, the
# two cards connected: over ssh, and back over TCP; while it moves, somebody counts its answers.
# Either end, the network, the guest and either machine fail in the middle: the guest runs on, once,
# and whoever is left says why. What happens inside is tests/tools/parts/machine-one and machine-two.
# soak: two machines, half an hour
# timeout: 2400
set -euo pipefail
# shellcheck source=../boot/lib.bash
. "$(dirname "$0")/../boot/lib.bash"
need_memory 4096

# machine NAME MAC OWN-PORT OTHER-PORT: one of them, in the background.
machine() {
    local wire="dgram,id=wire,local.type=inet,local.host=127.0.0.1,local.port=$3"
    wire+=",remote.type=inet,remote.host=127.0.0.1,remote.port=$4"
    "$src/scripts/boot" --tools --smp 1 --mem 1536 --dom0-mem 768M --timeout 1500 --log "$CONSOLE_LOG.$1" --quiet \
        --dom0-args "store=xenolith consoled=xenolith libxenstore=xenolith" --scenario "machine-$1" \
        -- -netdev "$wire" -device "virtio-net-pci,netdev=wire,mac=$2" &
}
first() { machine one 52:54:00:00:00:01 "${ports[0]}" "${ports[1]}"; }
second() { machine two 52:54:00:00:00:02 "${ports[1]}" "${ports[0]}"; }

# Free ports of this computer, for the wire between the two.
read -r -a ports < <(python3 - <<'PY'
import socket
sockets = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(2)]
for s in sockets:
    s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))
PY
)
# Both make the images that are not there, but not at once.
"$src/scripts/dom0-image" >/dev/null
"$src/scripts/tools-image" >/dev/null
rm -f "$CONSOLE_LOG".{one,two,two-before}
second
two=$!
first
one=$!
tail -q -F -n +1 "$CONSOLE_LOG.one" "$CONSOLE_LOG.two" 2>/dev/null | grep --line-buffered -a -v '^\[' &
# It is reset in the middle of its work, which ends QEMU, and started again. (A reset of the same QEMU
# would do, but 7.2 takes 0.1 s then for each word that is written where code once was.)
! wait $two || fail "the second machine was not reset"
mv "$CONSOLE_LOG.two" "$CONSOLE_LOG.two-before"
second
wait $! || fail "the second machine: status $?"
# So is the first, and that is its end.
wait $one || true
cat "$CONSOLE_LOG".{one,two-before,two} >"$CONSOLE_LOG"
check_none '^FAILED'
check_some '^ONE-LEAVES'
check_once '^DOM0-DONE 0'
check_none 'Panic on CPU|BUG at|\(XEN\).*(WARN|Warning)|Fatal trap|Lock order|Kernel panic'
finish
