#!/bin/bash
# SPDX-License-Identifier: MIT
# xl's commands for devices, on a simulated host where this script serves them.
#   tests/light/device.sh [BUILD]
set -euo pipefail
# shellcheck source=light.bash
. "$(dirname "$0")/light.bash"
start_host cpus=2
g=$(guest make 1 4096)
store write "/local/domain/$g/name" web "/libxl/$g/type" pv /local/domain/0/name Domain-0
back=/local/domain/0/backend

# What a kernel does with the states of its side.
serve() {
    while sleep 0.1; do
        for dev in "vbd/$g/51728" "vif/$g/0" "vif/$g/1" "vinput/$g/0"; do
            case $(store read "$back/$dev/state" 2>/dev/null) in
                1) store write "$back/$dev/state" 2 ;;
                5) store write "$back/$dev/state" 6 ;;
            esac
        done
    done
}
serve &
server=$!
trap 'kill $server; wait $server 2>/dev/null || true; end_host' EXIT

echo disk >disk
run 0 '' '' block-attach web "$work/disk,raw,xvdb,r"
same "mode" "$(store read "$back/vbd/$g/51728/mode")" r
same "number" "$(store read "$back/vbd/$g/51728/physical-device")" 7:0
fails 'cannot attach a disk to domain '"$g"': the domain has a disk xvdb already' \
    block-attach web "$work/disk" raw xvdb
fails '/none: No such file or directory' block-attach web vdev=xvdc target=/none
run 1 '' $'command line: error: disk: vdev is missing, what the guest calls the disk\n' block-attach web /x,raw
run 2 '' $'Usage: xl block-attach DOMAIN DISK...\n' block-attach web
run 0 "Vdev  BE  handle state evt-ch ring-ref BE-path                       
51728 0   $g      1     -1     -1       $back/vbd/$g/51728
" '' block-list web
same "block-list --json" "$("$xl" -H "$where" block-list --json "$g" |
    python3 -c 'import json, sys; d = json.load(sys.stdin)[0]; print(d["kind"], d["name"], d["server"], d["state"])')" "disk xvdb vbd 1"

run 0 '' '' network-attach web mac=00:16:3e:00:00:05 script=/bin/true bridge=br7
store write "/local/domain/$g/device/vif/0/tx-ring-ref" 768 "/local/domain/$g/device/vif/0/rx-ring-ref" 769 \
    "/local/domain/$g/device/vif/0/event-channel" 9
run 0 "Idx BE Mac Addr.         handle state evt-ch   tx-/rx-ring-ref BE-path                       
0   0  00:16:3e:00:00:05     0     1      9   768/769         $back/vif/$g/0
" '' network-list web
fails 'there is no bridge xenbr0' network-attach web
fails 'Unknown device 00:16:3e:00:00:06.' network-detach web 00:16:3e:00:00:06
fails 'there is no /libxl/'"$g"'/device/vif/7' network-detach web 7
run 0 '' '' network-detach web 00:16:3E:00:00:05
run 0 $'Idx BE Mac Addr.         handle state evt-ch   tx-/rx-ring-ref BE-path                       \n' '' \
    network-list web

run 0 '' '' vkb-attach web backend-type=linux unique-id=pad
run 0 "Idx BE handle state evt-ch    ref ID         BE-type    BE-path                       
0   0       0     1     -1     -1 pad        linux      $back/vinput/$g/0
" '' vkb-list web
run 0 '' '' vkb-detach web 0
fails 'takes a device model' vkb-attach web backend-type=qemu
store write "/libxl/$g/device/console/1/backend" "$back/console/$g/1" "/libxl/$g/device/console/1/name" a \
    "/libxl/$g/device/console/1/connection" pty "/local/domain/$g/device/console/1/tty" /dev/pts/7
run 0 "Idx BE state evt-ch ring-ref connection                               
0   0  -1    -1     -1       pty        /dev/pts/7                     
" '' channel-list web
run 1 "$("$xl" -H "$where" block-list web)"$'\n' $'xl: there is no domain "wob"\n' block-list wob web

# Ctrl-C in the middle: nobody serves this one, so it is waited for.
env --default-signal=INT "$xl" -H "$where" block-attach web "$work/disk,raw,xvdd,r" >out 2>err &
attach=$!
until store read "$back/vbd/$g/51760/state" >/dev/null 2>&1; do sleep 0.05; done
kill -INT "$attach"
status=0
wait "$attach" || status=$?
same "status after Ctrl-C" "$status" 1
same "what is said then" "$(cat err)" "xl: cannot attach a disk to domain $g: it was cancelled"
same "disks after that" "$(store list "/libxl/$g/device/vbd")" 51728

run 0 '' '' block-detach web xvdb

# CD drives, which PV guests see as disks.
run 0 '' '' block-attach web "vdev=xvdb,devtype=cdrom,target=$work/disk"
run 0 '' '' cd-eject web xvdb
same "no medium" "$(store read "$back/vbd/$g/51728/params" 2>/dev/null)" ""
same "still a drive" "$(store read "$back/vbd/$g/51728/device-type")" cdrom
run 0 '' '' cd-insert web xvdb "file:$work/disk"
same "a medium" "$(store read "$back/vbd/$g/51728/params")" "$work/disk"
same "read only" "$(store read "$back/vbd/$g/51728/mode")" r
fails 'cannot use /none as medium: No such file or directory' cd-insert web xvdb /none
same "still the medium" "$(store read "$back/vbd/$g/51728/params")" "$work/disk"
fails 'there is no /libxl/'"$g"'/device/vbd/51712' cd-eject web xvda
run 0 '' '' block-detach web xvdb
run 0 '' '' block-attach web "$work/disk,raw,xvdb,r"
fails 'xvdb is no CD drive but a disk' cd-eject web xvdb
run 2 '' $'Usage: xl cd-insert DOMAIN DISK FILE\n' cd-insert web xvdb
run 0 '' '' block-detach web xvdb
fails 'there is no /libxl/'"$g"'/device/vbd/51728' block-detach -f web xvdb
fails 'a disk cannot be called sdz' block-detach web sdz
same "devices left" "$(store list "/libxl/$g/device")" console
exit "$failed"
