#!/bin/bash
# SPDX-License-Identifier: MIT
# xl's questions about a host and changes of it, on a simulated one: info, pools, schedulers, memory,
# vCPUs, keys.
#   tests/light/query.sh [BUILD]
set -euo pipefail
# shellcheck source=light.bash
. "$(dirname "$0")/light.bash"
start_host cpus=6,nodes=2,mem=1024
g1=$(guest make 3 65536)
g2=$(guest make 1 32768)
store write /local/pool/0/name Pool-0 /local/domain/0/name Domain-0
for d in "$g1" "$g2"; do
    store write "/local/domain/$d/name" "g$d" "/local/domain/$d/memory/target" 65536 \
        "/local/domain/$d/memory/static-max" 131072 "/local/domain/$d/vm" "/vm/u$d"
done
json() { "$xl" -H "$where" "${@:2}" | python3 -c "import json, sys; d = json.load(sys.stdin); print($1)"; }

"$xl" -H "$where" info >out
same "lines of info" "$(sed 's/ *:.*//' out | tr '\n' ' ')" "host release version machine nr_cpus \
max_cpu_id nr_nodes cores_per_socket threads_per_core cpu_mhz hw_caps virt_caps total_memory free_memory \
sharing_freed_memory sharing_used_memory outstanding_claims free_cpus xen_major xen_minor xen_extra \
xen_version xen_caps xen_scheduler xen_pagesize platform_params xen_changeset xen_commandline cc_compiler \
cc_compile_by cc_compile_domain cc_compile_date build_id xend_config_format "
grep -q -x 'nr_cpus                : 6' out || { echo "FAILED column of info"; failed=1; }
run 0 $'6\n' '' info nr_cpus
run 0 $'pv hvm hap gnttab-v1\n' '' info virt_caps
run 0 "$(uname -r)"$'\n' '' info release
run 0 '' '' info nonsense
"$xl" -H "$where" info -n | sed -n '/^cpu_topology/,/^xen_major/p' | head -n -1 >out
free=$(json 'd["nodes"][0]["free_kb"] >> 10' info -n --json)
same "topology" "$(cat out)" "cpu_topology           :
cpu:    core    socket     node
  0:       0        0        0
  1:       1        0        0
  2:       2        0        0
  3:       0        1        1
  4:       1        1        1
  5:       2        1        1
device topology        :
device           node
No device topology data available
numa_info              :
node:    memsize    memfree    distances
   0:       512        $free      10,20
   1:       512        $free      20,10"
same "info --json" "$(json '(d["nr_cpus"], d["xen_major"], d["xen_scheduler"])' info --json)" "(6, 4, 'credit2')"

run 0 '' '' debug-keys qh
grep -q "'h' pressed" < <("$xl" -H "$where" dmesg) || { echo "FAILED dmesg"; failed=1; }
run 0 "$("$xl" -H "$where" dmesg)"$'\n' '' dmesg -c
run 0 '' '' dmesg
run 0 '' '' set-parameters 'loglvl=all  noreboot=1 tdt=7'
run 0 '' '' set-parameters 'tdt=4294967295'
fails 'cannot change "reboot": cannot read a setting: /params/reboot: ENOENT' set-parameters reboot=1
fails '"tdt" to "4294967296": it is out of range' set-parameters tdt=4294967296
fails '"tdt" to "x": not a value for this' set-parameters tdt=x
fails '"noreboot" to "maybe": not a value' set-parameters noreboot=maybe
fails '"sync_console" to "yes": it is fixed' set-parameters sync_console
run 2 '' $'Usage: xl debug-keys KEYS\n' debug-keys

# Pools.
pool_head="Name               CPUs   Sched     Active   Domain count"
run 0 "$pool_head
Pool-0               6   credit2       y          3
" '' cpupool-list
run 0 $'Name               CPU list\nPool-0             0,1,2,3,4,5\n' '' cpupool-list -c
fails 'cannot put CPU 5 into pool 0' cpupool-cpu-add Pool-0 5
run 0 '' '' cpupool-cpu-remove Pool-0 4-5
run 0 $'2\n' '' info free_cpus
printf 'name = "extra"\nsched = "credit"\ncpus = ["4", "5"]\n' >pool.cfg
made='cpupool name:   extra
scheduler:      credit
number of cpus: 2
'
run 0 "Using config file \"pool.cfg\"
$made" '' cpupool-create -n pool.cfg
run 0 "Using config file \"command line\"
$made" '' -N cpupool-create 'name="extra"' 'sched="credit"' 'cpus="4-5"'
run 0 "$pool_head
Pool-0               4   credit2       y          3
" '' cpupool-list
run 0 "Using config file \"pool.cfg\"
$made" '' cpupool-create pool.cfg
same "UUID of a pool" "$(store read /local/pool/1/uuid | grep -c -E '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]')" 1
fails 'pool 1 is called "extra" already' cpupool-rename 0 extra
fails 'CPU 4 is not free' cpupool-create 'name="x"' 'cpus="4"'
fails '"node:x" is not a set of CPUs|"node:x" in' cpupool-create 'name="x"' 'nodes="x"'
fails 'no CPU of these nodes is free' cpupool-create 'name="x"' 'nodes="1"'
fails 'unknown key "cpu" is ignored; did you mean "cpus"' cpupool-create 'cpu="4"'
fails 'sched: "credit3"' cpupool-create 'name="x"' 'sched="credit3"'
fails 'cannot read none.cfg: No such file' cpupool-create none.cfg
run 0 '' '' cpupool-migrate g1 extra
run 0 "$pool_head
extra                2    credit       y          1
" '' cpupool-list extra
same "cpupool-list --json" "$(json 'd[1]["name"], d[1]["cpus"], d[1]["scheduler"], d[1]["domains"]' cpupool-list --json)" \
    "extra [4, 5] credit 1"
fails 'pool 1 has 1 domains' cpupool-destroy extra
fails 'there is no pool "nope"' cpupool-destroy nope
fails 'there is no pool "7"' cpupool-migrate g1 7
fails 'there is no domain "g9"' cpupool-migrate g9 extra
fails 'cannot move domain 0 to pool 1' cpupool-migrate 0 extra
fails 'pool 0 cannot be destroyed' cpupool-destroy 0

# Schedulers.
shares() { printf '%-33s %4s %6s %4s\n' "$@"; }
run 0 "Cpupool Pool-0: ratelimit=1000us
$(shares Name ID Weight Cap Domain-0 0 256 0 g2 2 256 0)
" '' sched-credit2
run 0 "Cpupool extra: tslice=30ms ratelimit=1000us migration-delay=0us
$(shares Name ID Weight Cap g1 1 256 0)
" '' sched-credit
run 0 '' '' sched-credit2 -d g2 -w 512 -c 50
run 0 "$(shares Name ID Weight Cap g2 2 512 50)"$'\n' '' sched-credit2 --domain=g2
same "sched-credit2 --json" "$(json '[(x["domid"], x["weight"], x["cap"]) for x in d]' sched-credit2 --json)" "[(0, 256, 0), (2, 512, 50)]"
fails 'weights are from 1 to 65535, not 0' sched-credit2 -d g2 -w 0
fails 'weights are from 1 to 65535, not 65536' sched-credit2 -d g2 -w 65536
fails 'caps of 1 vCPUs are from 0 to 100, not 101' sched-credit2 -d g2 -c 101
fails '"heavy" is not a weight' sched-credit2 -d g2 -w heavy
fails 'domain 1 is scheduled by credit, not by credit2' sched-credit2 -d g1
fails 'need a domain' sched-credit2 -w 5
fails 'about a domain' sched-credit2 -d g2 -p Pool-0
fails "parameters need -s" sched-credit2 -r 5
run 0 $'Cpupool Pool-0: ratelimit=1000us\n' '' sched-credit2 -s
run 0 '' '' sched-credit2 -s -r 500
run 0 $'Cpupool Pool-0: ratelimit=500us\n' '' sched-credit2 -s -p Pool-0
fails 'cannot change how pool 0 is scheduled' sched-credit2 -s -r 7
run 0 '' '' sched-credit -s -p extra -t 20 -m 100
run 0 $'Cpupool extra: tslice=20ms ratelimit=1000us migration-delay=100us\n' '' sched-credit -s -p extra
fails 'pool 0 is scheduled by credit2, not by credit' sched-credit -s
run 0 '' $'xl: no pool of this host is scheduled by rtds\n' sched-rtds
fails 'domain 2 is scheduled by credit2, not by rtds' sched-rtds -d g2
fails 'domain 2 is scheduled by credit2, which has no parameters of vCPUs' sched-rtds -d g2 -v all
run 0 '' '' cpupool-migrate g1 Pool-0
run 0 '' '' cpupool-destroy extra
same "name of a pool that is gone" "$(store exists /local/pool/1 && echo there)" ""
run 0 $'Using config file "command line"\ncpupool name:   rt\nscheduler:      rtds\nnumber of cpus: 2\n' '' \
    cpupool-create 'name="rt"' 'sched="rtds"' 'nodes=["1"]'
run 0 '' '' cpupool-migrate g1 rt
times() { printf '%-33s %4s %9s %9s %10s\n' "$@"; }
vtimes() { printf '%-33s %4s %4s %9s %9s %10s\n' "$@"; }
run 0 "Cpupool rt: sched=RTDS
$(times Name ID Period Budget Extratime g1 1 10000 4000 yes)
" '' sched-rtds
run 0 "$(vtimes Name ID VCPU Period Budget Extratime g1 1 1 10000 4000 yes)"$'\n' '' sched-rtds -d g1 -v 1
run 0 '' '' sched-rtds -d g1 -v 0 -p 20000 -b 500 -e 0 -v 2 -p 30000 -b 30000 -e 1
run 0 "Cpupool rt: sched=RTDS
$(vtimes Name ID VCPU Period Budget Extratime g1 1 0 20000 500 no g1 1 1 10000 4000 yes g1 1 2 30000 30000 yes)
" '' sched-rtds -v all
run 0 '' '' sched-rtds -d g1 -v all -p 40000 -b 4 -e 1
same "sched-rtds --json" "$(json '[x["budget_us"] for x in d]' sched-rtds -d g1 -v all --json)" "[4, 4, 4]"
fails 'a budget of 5 in a period of 4' sched-rtds -d g1 -v 0 -p 4 -b 5 -e 0
fails 'domain 1 has no vCPU 3' sched-rtds -d g1 -v 3 -p 4 -b 4 -e 0
fails 'domain 1 has no vCPU 3' sched-rtds -d g1 -v 3
fails 'each -v needs one each' sched-rtds -d g1 -v 0 -v 1 -p 4 -b 4 -e 0
fails 'extratime is 0 or 1' sched-rtds -d g1 -v 0 -p 4 -b 4 -e 2
fails 'need vCPUs' sched-rtds -d g1 -p 4 -b 4 -e 0
run 0 '' '' cpupool-migrate g1 0
run 0 '' '' cpupool-destroy rt
run 0 '' '' cpupool-cpu-add Pool-0 4-5
fails 'cannot put CPU 3 into pool 0' cpupool-cpu-add Pool-0 node:1

# Lists of domains.
head=$'Name                                        ID   Mem VCPUs\tState\tTime(s)'
row() { printf '%-40s %5s %5s %5s     %s  %8s' "$@"; }
dom0_mem=$("$xl" -H "$where" list 0 | awk 'NR == 2 { print $3 }')
run 0 "$head         Cpupool NODE Affinity
$(row Domain-0 0 "$dom0_mem" 6 r----- 0.0)          Pool-0 all
$(row g1 1 64 0 -bp--- 0.0)          Pool-0 all
$(row g2 2 32 0 -bp--- 0.0)          Pool-0 all
" '' list -cn
run 0 "$head   Security Label
$(row g2 2 32 0 -bp--- 0.0)                -
" '' list -Z g2
run 0 "$head  Claimed
$(row Domain-0 0 "$dom0_mem" 6 r----- 0.0)     0
$(row g1 1 64 0 -bp--- 0.0)     0
$(row g2 2 32 0 -bp--- 0.0)     0
" '' claims
run 0 "Name                                        ID   Mem Shared
$(printf '%-40s %5s %5s  %5s' g2 2 32 0)
" '' sharing g2
run 0 "UUID                                  ID    name
00000000-0000-0000-0000-000000000000  0    $(printf %-30s Domain-0)
10111213-1415-1617-1819-1a1b1c1d1e1f  1    $(printf %-30s g1)
10111213-1415-1617-1819-1a1b1c1d1e1f  2    $(printf %-30s g2)
" '' vm-list
run 0 $'2\n' '' domid g2
run 0 $'g2\n' '' domname 2
fails 'there is no domain "g3"' domid g3
fails 'is not the id of a domain' domname g2
fails 'cannot see domain 7' domname 7
guest shutdown "$g2" 3
run 0 "$head
$(row g2 2 32 0 -bpsc- 0.0)
" '' list g2
g3=$(guest make 1 4096)
guest shutdown "$g3" 1
grep -q -- '-bpsr-' < <("$xl" -H "$where" list "$g3") || { echo "FAILED letter of reboot"; failed=1; }
guest destroy "$g3"

# vCPUs.
run 0 '' '' vcpu-pin g1 0 0-2,^1 node:1
run 0 '' '' vcpu-pin g1 1 - 5
run 0 '' '' vcpu-pin -f g1 2 nodes:0-1,^0
same "pins" "$("$xl" -H "$where" vcpu-list g1 | awk 'NR > 1 { print $7, $9 }' | tr '\n' ' ')" "0,2 3-5 all 5 1-5 all "
run 0 '' '' vcpu-pin g1 all all all
same "pins of all" "$("$xl" -H "$where" vcpu-list g1 | awk 'NR > 1 { print $7, $9 }' | sort -u)" "all all"
run 0 $'cpumap: 1-2 none\n' '' -N vcpu-pin g1 0 1-2 none
run 0 $'cpumap: -\n' '' -N vcpu-pin g1 0 -
fails 'there is no CPU 6: this host has 0 to 5' vcpu-pin g1 0 6
fails 'there is no CPU on node 2' vcpu-pin g1 0 node:2
fails '"\^all" in "\^all"' vcpu-pin g1 0 '^all'
fails '"3-1" in "3-1" is not a set of CPUs' vcpu-pin g1 0 3-1
fails '"1x"' vcpu-pin g1 0 1x
fails 'cannot pin vCPU 0 of domain 1' vcpu-pin g1 0 none
fails 'cannot pin vCPU 9 of domain 1' vcpu-pin g1 9 0
fails 'not the number of a vCPU' vcpu-pin g1 some 0
fails 'with --force there is no "all"' vcpu-pin -f g1 all 0
run 0 '' '' vcpu-set g1 2
same "vCPUs online" "$(for i in 0 1 2; do store read "/local/domain/1/cpu/$i/availability"; done | tr '\n' ' ')" "online online offline "
fails 'domain 1 has 3 vCPUs, it cannot use 4' vcpu-set g1 4
fails '7 vCPUs are more than the 6 CPUs' vcpu-set g1 7
fails 'it cannot use 7' vcpu-set -i g1 7
fails 'it cannot use 0' vcpu-set g1 0
fails 'is not a number of vCPUs' vcpu-set g1 two

# Memory.
run 0 '' '' mem-set g1 96
same "target" "$(store read /local/domain/1/memory/target) $(store read /vm/10111213-1415-1617-1819-1a1b1c1d1e1f/memory)" "98304 96"
same "limit" "$(json 'd[0]["max_memory_kb"]' list --json g1)" $((98304 + 1024))
run 0 '' '' mem-set g1 65536k
fails '"0.25g" is not an amount' mem-max g1 0.25g
run 0 '' '' mem-max g1 256M
same "maximum" "$(store read /local/domain/1/memory/static-max)" 262144
fails 'domain 1 can have 262144 KiB at most, not 263168' mem-set g1 257
fails '61440 KiB at most are less than the 65536 KiB' mem-max g1 60
fails '"lots" is not an amount of memory' mem-set g1 lots
fails '"5x" is not an amount' mem-max g1 5x
fails '"-5" is not an amount' mem-set -- g1 -5
fails 'domain 0 needs 131072 KiB at least' mem-set 0 64
run 0 '' '' mem-set 0 200
same "domain 0" "$(store read /local/domain/0/memory/target)" 204800
run 2 '' $'Usage: xl mem-set DOMAIN SIZE\n' mem-set g1

# Keys, buttons, time.
run 0 '' '' sysrq g1 s
same "sysrq" "$(store read /local/domain/1/control/sysrq)" s
fails 'is not one letter' sysrq g1 sync
fails 'SysRq keys are letters and digits' sysrq g1 ' '
fails 'cannot see domain 9' sysrq 9 s
fails 'there is no trigger "hug"' trigger g1 hug
fails 'is not the number of a vCPU' trigger g1 nmi x
fails 'cannot send power to domain 1' trigger g1 power
store write /vm/u1/start_time "$(($(date +%s) - 93784)).25"
grep -q -E '^g1 {31}    1 1 day,  2:0[3-9]:[0-9]{2}$' < <("$xl" -H "$where" uptime g1) || { echo "FAILED uptime g1"; failed=1; }
grep -q -E "^Domain-0 {26} +0 ([0-9]+ days?, )?[ 0-9]+:[0-9]{2}:[0-9]{2}$" < <("$xl" -H "$where" uptime) || { echo "FAILED uptime"; failed=1; }
grep -q -E '^ [0-9:]{8} up 1 day,  2:0[3-9], g1 \(1\)$' < <("$xl" -H "$where" uptime -s g1) || { echo "FAILED uptime -s"; failed=1; }
fails 'nobody knows when domain 2 was started' uptime -s g2

# One pool for each node; domain 0 of six vCPUs keeps three, when its kernel follows.
fails 'domain 0 still uses 6 vCPUs' cpupool-numa-split
run 0 $'Name               CPU list\nPool-node0         0,1,2,3,4,5\n' '' cpupool-list -c
kill "$store_pid"
fails 'cannot' cpupool-list
where=sim:
fails 'this host has no store' mem-set 0 300
fails 'this host has no store' vcpu-set 0 1
fails 'this host has no store' sysrq 0 s
run 1 $'Using config file "command line"\ncpupool name:   x\nscheduler:      credit2\nnumber of cpus: 0\n' \
    $'xl: cannot make a pool of CPUs: this host has no store\n' cpupool-create 'name="x"'
fails 'this host has no store' cpupool-rename 0 x
exit "$failed"
