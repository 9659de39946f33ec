#!/bin/bash
# SPDX-License-Identifier: MIT
# xl's commands that need no host: check, explain, create -n; and list, on a simulated one.
#   tests/light/xl.sh [BUILD]
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
build=$(realpath "${1:-$build}")
xl=$build/utils/xl/xl
configs=$src/tests/light/configs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0

# run STATUS OUTPUT ERRORS COMMAND...: all three must be so.
run() {
    local status=0
    "${@:4}" >out 2>err || status=$?
    if [ "$status" = "$1" ] && diff -u <(printf '%s' "$2") out && diff -u <(printf '%s' "$3") err; then
        echo "ok    ${*:4}"
    else
        echo "FAILED ${*:4}: status $status"
        failed=1
    fi
}

for cfg in "$configs"/*.cfg; do
    run 0 "$(cat "${cfg%cfg}json")"$'\n' "Parsing config from $cfg"$'\n' "$xl" -N create "$cfg"
done
cat >ok.cfg <<'END'
name = "x"
kernel = "/k"
uuid = "6f2c5a0e-3f4b-4f1c-9d56-7a1c0de50001"
END
printf 'name = "x"\nmemroy = 5\nmemory = "lots"\n' >bad.cfg
run 0 'ok.cfg: no errors, 0 warnings'$'\n' '' "$xl" check ok.cfg
run 1 'ok.cfg: no errors, 0 warnings'$'\n' 'none.cfg: error: cannot read the file: No such file or directory
bad.cfg:2:1: warning: unknown key "memroy" is ignored; did you mean "memory"?
bad.cfg:3:10: error: memory: "lots" is not a number
bad.cfg: error: kernel: is missing; give a kernel, a bootloader or a firmware
' "$xl" check none.cfg ok.cfg bad.cfg
run 2 '' 'Usage: xl check FILE...'$'\n' "$xl" check

# A saved domain is none when it ends before it begins.
head -c 48 /dev/zero >zero.save
run 1 '' "xl: /dev/null: the file's header at byte 0 cannot be used: it ends at byte 0
xl: zero.save: the file's header at byte 0 cannot be used: this is no saved domain
xl: cannot read none.save: No such file or directory
" "$xl" stream-check /dev/null zero.save none.save
run 2 '' 'Usage: xl stream-check FILE...'$'\n' "$xl" stream-check
run 2 '' 'Usage: xl save [-cp] DOMAIN FILE [CONFIG]'$'\n' "$xl" save g
run 2 '' 'Usage: xl restore [-pceF] [CONFIG] FILE'$'\n' "$xl" restore
run 2 '' 'Usage: xl suspend DOMAIN...'$'\n' "$xl" suspend
run 1 '' 'bad.cfg:2:1: warning: unknown key "memroy" is ignored; did you mean "memory"?
bad.cfg:3:10: error: memory: "lots" is not a number
bad.cfg: error: kernel: is missing; give a kernel, a bootloader or a firmware
' "$xl" restore bad.cfg zero.save
run 1 '' "Loading zero.save
xl: cannot restore a domain from zero.save: cannot use what is in zero.save: the file's header at byte 0 cannot be used: this is no saved domain
" "$xl" -H sim: restore zero.save

# Arguments are lines behind the file.
"$xl" -N create ok.cfg memory=64 'vif=["bridge=b"]' >out 2>err
for text in '"target_memkb": 65536' '"bridge": "b"'; do
    grep -q "$text" out || { echo "FAILED KEY=VALUE"; failed=1; }
done
run 1 '' 'ok.cfg:5:8: error: memory: "x" needs quotes'$'\n' "$xl" create -q --dryrun -f ok.cfg memory=x
run 1 '' 'xl: cannot read none.cfg: No such file or directory'$'\n' "$xl" create -qn none.cfg

run 0 'memory = MiB
    How much memory it starts with.
    From 1 to 1073741824.
' '' "$xl" explain memory
run 0 'timer_mode = "delay_for_missed_ticks", "no_delay_for_missed_ticks", "no_missed_ticks_pending" or "one_missed_tick_pending"
    What becomes of timer ticks that were missed.
    Only for HVM and PVH guests.
' '' "$xl" explain timer_mode
run 1 '' 'xl: there is no key "memroy"; did you mean "memory"?'$'\n' "$xl" explain memroy
grep -q '^    backendtype="phy", "tap", "qdisk" or "standalone"$' < <("$xl" explain disk) || { echo "FAILED parts"; failed=1; }
# Every key has an explanation.
mapfile -t keys < <("$xl" explain)
"$xl" explain "${keys[@]}" >out
awk '/^[^ ]/ { if (open) print "FAILED explain " open; open = $1; n++ } /^    [A-Z]/ { open = "" }
    END { print n }' out >count
[ "$(cat count)" = "${#keys[@]}" ] || { cat count; failed=1; }
[ "$("$xl" explain | sort | uniq -d)" = "" ] || { echo "FAILED keys come twice"; failed=1; }
head=$'Name                                        ID   Mem VCPUs\tState\tTime(s)'
"$xl" -H sim: list >out
[ "$(head -n 1 out)" = "$head" ] || { echo "FAILED head of list"; failed=1; }
awk 'NR == 2 && /^\(null\) +0 +[0-9]+ +[0-9]+     [r-][b-]----  +[0-9.]+$/ { ok = 1 } END { exit !ok }' out ||
    { echo "FAILED row of list: $(tail -n 1 out)"; failed=1; }
"$xl" -H sim: list --json 0 >out
python3 -c 'import json, sys; d, = json.load(sys.stdin); sys.exit(d["domid"] or d["type"] != "pv")' <out ||
    { echo "FAILED list --json"; failed=1; }
"$xl" -H sim:cpus=2 vcpu-list --json >out
python3 -c '
import json, sys
a, b = json.load(sys.stdin)
sys.exit((a["domid"], a["vcpu"], b["vcpu"], b["hard"], b["online"]) != (0, 0, 1, [0, 1], True))' <out ||
    { echo "FAILED vcpu-list --json"; failed=1; }
grep -q '00000000-0000-0000-0000-000000000000' < <("$xl" -H sim: list -v) || { echo "FAILED list -v"; failed=1; }
vcpu() { printf '%-32s %5s %5s%5s   %s %9s  %s\n' "$@"; } # as Debian's, one blank less than the head
run 0 "$(printf '%-32s %5s %5s %5s %5s %9s %s' Name ID VCPU CPU State 'Time(s)' 'Affinity (Hard / Soft)'
    echo
    for i in 0 1 2; do vcpu '(null)' 0 $i $i r-- 0.0 'all / all'; done)"$'\n' '' "$xl" -H sim:cpus=3 vcpu-list
run 1 '' 'xl: there is no domain 99999'$'\n' "$xl" -H sim: vcpu-list 99999
run 1 '' 'xl: cannot see domain 7: cannot look up, domain 7: domctl 5: ESRCH, no such domain or vCPU'$'\n' "$xl" -H sim: list 7
run 1 '' 'xl: cannot look for domain "web": this host has no store'$'\n' "$xl" -H sim: list web
run 1 '' 'xl: cannot open the hypervisor: no such kind of host: vbox:'$'\n' "$xl" -H vbox: list
run 2 '' 'Usage: xl list [-vZcn] [--json] [DOMAIN]'$'\n' "$xl" -H sim: list a b
run 2 '' 'xl: there is no command "crate"; see xl help'$'\n' "$xl" crate
run 2 '' 'xl: there is no command "c"; see xl help'$'\n' "$xl" c # check or create
run 0 "$("$xl" explain memory)"$'\n' '' "$xl" exp memory
run 0 'Usage: xl vcpu-list [--json] [DOMAIN...]

Shows the vCPUs of all domains, or some.

Options:
    --json            as JSON
' '' "$xl" help vcpu-list
run 0 "$("$xl" help list)"$'\n' '' "$xl" list -h
run 0 "$("$xl" help list)"$'\n' '' "$xl" list --help
run 2 '' 'xl: there is no command "crate"; see xl help'$'\n' "$xl" help crate
run 2 '' 'xl list: there is no option -x, or its value is missing
Usage: xl list [-vZcn] [--json] [DOMAIN]
' "$xl" -H sim: list -x
run 2 '' 'xl list: there is no option --jsn, or its value is missing
Usage: xl list [-vZcn] [--json] [DOMAIN]
' "$xl" -H sim: list --jsn
# Every command of the list has a page of its own.
"$xl" help | sed -n 's/^ \([a-z0-9-]*\) .*/\1/p' >commands
[ "$(wc -l <commands)" -gt 4 ] || { echo "FAILED xl help"; failed=1; }
while read -r command; do
    grep -q "^Usage: xl $command" < <("$xl" help "$command") || { echo "FAILED help $command"; failed=1; }
done <commands
exit "$failed"
