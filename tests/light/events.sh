#!/bin/bash
# SPDX-License-Identifier: MIT
# xl events on a simulated host: each kind of event, and nothing else.
#   tests/light/events.sh [BUILD]
set -euo pipefail
# shellcheck source=light.bash
. "$(dirname "$0")/light.bash"
start_host cpus=2
guest make 1 4096 >/dev/null
store write /local/domain/1/name old
"$xl" -H "$where" events >log 2>err &
events_pid=$!
# expect WHAT WANTED...: the events since the last time, without what differs in each run.
seen=0
expect() {
    local i got wanted
    wanted=$(printf '%s\n' "${@:2}")
    for ((i = 0; i < 100 * ${TEST_SCALE:-1}; i++)); do
        got=$(tail -n +$((seen + 1)) log | python3 -c '
import json, sys
for line in sys.stdin:
    e = json.loads(line)
    assert abs(e.pop("time_ms") / 1000 - __import__("time").time()) < 100
    e.pop("uuid", None)
    print(e.pop("event"), e.pop("domid"), *[f"{k}={v}" for k, v in e.items()])')
        [ "$got" != "$wanted" ] || break
        sleep 0.05
    done
    same "$1" "$got" "$wanted"
    seen=$(wc -l <log)
}
# Nothing happens until the stream has begun: a change of the name is the sign.
for ((i = 0; i < 200 * ${TEST_SCALE:-1}; i++)); do
    store write /local/domain/1/name "old$i"
    [ ! -s log ] || break
    sleep 0.05
done
sleep 0.3
seen=$(wc -l <log)
store write /local/domain/1/name web
expect "a name" "domain-named 1 name=web"
d=/local/domain/1
store write $d/data/x 1 $d/name web $d/console/port 3
store write $d/memory/target 4096
expect "memory, and what is of no interest" "memory-target 1 name=web target_kb=4096"
store write $d/cpu/0/availability online $d/cpu/1/availability offline
expect "a vCPU" "vcpu-on 1 name=web vcpu=0"
store write $d/cpu/1/availability online
expect "another" "vcpu-on 1 name=web vcpu=1"
store write $d/cpu/1/availability offline
expect "a vCPU less" "vcpu-off 1 name=web vcpu=1"
store write $d/device/vbd/51712/state 1
expect "a disk" "device-added 1 name=web device=vbd/51712" "device-state 1 name=web device=vbd/51712 state=1"
store write $d/device/vbd/51712/state 4
expect "a disk works" "device-state 1 name=web device=vbd/51712 state=4"
store write $d/device/vbd/51712/state nonsense $d/memory/target lots $d/cpu/x/availability on
store rm $d/device/vbd/51712
expect "a disk goes" "device-removed 1 name=web device=vbd/51712"
guest introduce 1 "$work/socket"
guest shutdown 1 1
expect "a reboot" "domain-shutdown 1 name=web reason=1"
guest make 2 4096 >/dev/null
store write /local/domain/2/name second
guest introduce 2 "$work/socket"
expect "a domain" "domain-created 2 name=second"
guest destroy 1
expect "an end" "domain-destroyed 1 name=web"
same "no errors" "$(cat err)" ""
kill "$events_pid"

"$xl" -H "$where" events -n 1 >log 2>err &
events_pid=$!
for ((i = 0; i < 200 * ${TEST_SCALE:-1}; i++)); do
    store write /local/domain/2/name "second$i"
    kill -0 "$events_pid" 2>/dev/null || break
    sleep 0.05
done
status=0
wait "$events_pid" || status=$?
same "one event" "$status $(wc -l <log)" "0 1"
"$xl" -H "$where" events >log 2>err &
events_pid=$!
sleep 0.5
kill "$store_pid"
status=0
wait "$events_pid" || status=$?
same "the store daemon goes" "$status $(grep -c 'cannot follow what happens' err)" "1 1"
where=sim:
fails 'cannot follow what happens: this host has no store' events
run 1 '' $'xl: "0" is not a number of events\n' events -n 0
exit "$failed"
