#!/bin/bash
# SPDX-License-Identifier: MIT
# What helps users of xl: xl.conf, completion in bash, manual pages.
#   tests/light/docs.sh [BUILD]
set -euo pipefail
# shellcheck source=light.bash
. "$(dirname "$0")/light.bash"
start_host cpus=4
guest make 2 4096 >/dev/null
guest make 1 4096 >/dev/null
store write /local/domain/0/name Domain-0 /local/domain/1/name web /local/domain/2/name db /local/pool/0/name Pool-0

# xl.conf.
cat >all.conf <<'END'
# comment
autoballoon="off"
run_hotplug_scripts=0
lockfile="/tmp/lock"
vif.default.script="vif-x"
vif.default.bridge="br9"
vif.default.gatewaydev="eth9"
vif.default.backend="driver"
output_format="json"
blkdev_start="xvdz"
claim_mode=0
max_grant_frames=12
max_maptrack_frames=13
max_grant_version=1
vm.cpumask="0-2"
vm.pv.cpumask="1-3"
vm.hvm.cpumask="0"
domid_policy="random"
migrate.tls.cert="/c.pem"
migrate.tls.key="/c.key"
migrate.tls.ca="/ca.pem"
remus.default.netbufscript="/x"
colo.default.proxyscript="/y"
END
run 0 $'cpumap: 1-2\n' '' -C all.conf -N vcpu-pin web 0 all
run 0 $'cpumap: all\n' '' -C all.conf -N vcpu-pin -i web 0 all
run 0 $'cpumap: all\n' '' -C none.conf -N vcpu-pin web 0 all
fails 'vm.cpumask of xl.conf leaves no CPU' -C all.conf vcpu-pin web 0 3
run 0 '' '' -C all.conf vcpu-pin web 0 all
same "pinned" "$("$xl" -H "$where" vcpu-list web | awk 'NR == 2 { print $7 }')" "1-2"
# What it is for new domains, in the words of xl create -n.
printf 'name = "new"\nkernel = "/k"\nmemory = 8\nvif = ["", "bridge=br1"]\n' >new.cfg
facts='
import json, sys
c = json.load(sys.stdin)
b, i, n = c["b_info"], c["c_info"], c["nics"]
print(n[0].get("bridge"), n[0].get("script"), n[0].get("gatewaydev"), n[0].get("backend_domname"), n[1].get("bridge"),
      b.get("claim_mode"), i.get("run_hotplug_scripts"), b.get("blkdev_start"), b.get("max_grant_frames"),
      b.get("max_maptrack_frames"), b.get("max_grant_version"))'
same "create with xl.conf" "$("$xl" -C all.conf create -nq new.cfg | python3 -c "$facts")" \
    "br9 vif-x eth9 driver br1 False False xvdz 12 13 1"
same "create without" "$("$xl" -C none.conf create -nq new.cfg | python3 -c "$facts")" \
    "None None None None br1 True True None None None None"
echo 'claim_mode = 3' >wrong.conf
run 1 '' $'wrong.conf:1:14: error: claim_mode: must be at most 1, not 3\n' -C wrong.conf create -nq new.cfg
printf 'autobaloon = "on"\nclaim_mode = 2\nmax_grant_frames = "many"\nvm.cpumask = ["1"]\n' >bad.conf
run 1 '' 'bad.conf:1:1: warning: unknown key "autobaloon" is ignored; did you mean "autoballoon"?
bad.conf:2:14: error: claim_mode: must be at most 1, not 2
bad.conf:3:20: error: max_grant_frames: "many" is not a number
bad.conf:4:14: error: vm.cpumask: must be one value, not a list
' -C bad.conf vcpu-pin web 0 all
mapfile -t conf_keys < <("$xl" explain --conf)
same "keys of xl.conf" "$(printf '%s\n' "${conf_keys[@]}" | sort)" "$(sed -n 's/^\([a-z._]*\) *=.*/\1/p' all.conf | sort)"
grep -q 'From 0 to 1' < <("$xl" explain --conf claim_mode) || { echo "FAILED explain --conf"; failed=1; }

# Completion: what bash would offer for a line that ends in a blank or a beginning.
# shellcheck source=../../utils/xl/xl.bash-completion
. "$src/utils/xl/xl.bash-completion"
offers() { # offers LINE: as one line
    local words
    read -ra words <<<"$1"
    [[ $1 != *" " ]] || words+=("")
    COMP_WORDS=("$xl" -H "$where" "${words[@]}") COMP_CWORD=$((${#words[@]} + 2))
    COMPREPLY=()
    _xl
    printf '%s ' "${COMPREPLY[@]}"
}
same "commands" "$(offers vcpu-)" "vcpu-list vcpu-pin vcpu-set "
same "all commands" "$(offers ' ' | wc -w)" "$(($("$xl" help | grep -c '^ [a-z]') + 1))"
same "help" "$(offers 'help cpupool-cpu-')" "cpupool-cpu-add cpupool-cpu-remove "
same "domains" "$(offers 'mem-set ')" "Domain-0 web db "
same "a domain" "$(offers 'vcpu-pin w')" "web "
same "domains of many" "$(offers 'vcpu-list web ')" "Domain-0 web db "
same "a pool" "$(offers 'cpupool-migrate web ')" "Pool-0 "
same "a pool first" "$(offers 'cpupool-rename P')" "Pool-0 "
same "options" "$(offers 'list --')" "--verbose --context --cpupool --numa --json "
same "options with values" "$(offers 'sched-credit2 --w')" "--weight= "
same "one of some" "$(offers 'trigger web r')" "reset "
# Devices of "web", as the store has them.
g=$("$xl" -H "$where" domid web)
for dev in vbd/51712 vbd/51728 vif/0 vif/3 vkbd/1; do
    case $dev in vbd/*) server=vbd ;; vif/*) server=vif ;; *) server=vinput ;; esac
    store write "/libxl/$g/device/$dev/backend" "/local/domain/0/backend/$server/$g/${dev#*/}"
done
store write "/libxl/$g/device/vbd/51712/dev" xvda "/libxl/$g/device/vbd/51728/dev" xvdb "/libxl/$g/type" pv
same "disks" "$(offers 'block-detach web ')" "xvda xvdb "
same "a disk" "$(offers 'cd-eject web xvdb')" "xvdb "
same "a disk of a drive" "$(offers 'cd-insert web xvda')" "xvda "
same "disks behind an option" "$(offers 'block-detach -f web ')" "xvda xvdb "
same "no disks when one comes" "$(offers 'block-attach web ')" " "
same "interfaces" "$(offers 'network-detach web ')" "0 3 "
same "keyboards" "$(offers 'vkb-detach web ')" "1 "
same "devices of nobody" "$(offers 'block-detach nobody ')" " "
same "keys" "$(offers 'explain max_grant')" "max_grant_frames max_grant_version "
same "nothing" "$(offers 'mem-set web 1')" " "
same "no such command" "$(offers 'nonsense ')" " "

# Manual pages.
for page in xl.1 xl.cfg.5 xl.conf.5; do
    "$src/utils/xl/make-man" "$xl" "$page" >text && mv text "$page"
    same "$page has a name" "$(grep -c '^\.SH NAME' "$page")" 1
    ! grep -n -E "^['.]([ac-z]|b[^r])" "$page" || { echo "FAILED $page: a text that looks like a macro"; failed=1; }
    ! command -v groff >/dev/null ||
        same "$page in groff" "$(groff -man -ww -Tutf8 -z "$page" 2>&1 | head -n 3)" ""
done
"$xl" help | awk '/^ [a-z]/ { print $1 }' | while read -r command; do
    grep -q "^\.B ${command//-/\\\\-}" xl.1 || echo "$command"
done >missing
same "commands without a description" "$(cat missing)" ""
same "keys in xl.cfg(5)" "$(grep -c '^\.TP$' xl.cfg.5)" "$("$xl" explain | wc -l)"
same "keys in xl.conf(5)" "$(grep -c '^\.TP$' xl.conf.5)" "${#conf_keys[@]}"
status=0
"$src/utils/xl/make-man" "$xl" xl.9 >out 2>err || status=$?
same "no such page" "$status" 2
exit "$failed"
