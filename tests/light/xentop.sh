#!/bin/bash
# SPDX-License-Identifier: MIT
# xentop on a simulated host: its tables, its JSON, and what it does with keys.
#   tests/light/xentop.sh [BUILD]
set -euo pipefail
# shellcheck source=light.bash
. "$(dirname "$0")/light.bash"
top=$build/utils/xentop/xentop
start_host cpus=2,mem=1024
guest make 3 65536 >/dev/null
guest make 1 32768 >/dev/null
store write /local/domain/0/name Domain-0 /local/domain/1/name a-guest-of-a-long-name
# What the kernel would count: two interfaces, one known by its name alone; three disks, one that does
# not count, one of no domain.
counts() { # counts FOLDER NAME=VALUE...
    mkdir -p "$1/statistics"
    for n in "${@:2}"; do echo "${n#*=}" >"$1/statistics/${n%=*}"; done
}
net=sys/class/net vbd=sys/bus/xen-backend/devices
counts $net/vif1.0 rx_bytes=2048 rx_packets=2 rx_errors=0 rx_dropped=1 \
    tx_bytes=1073741824 tx_packets=7 tx_errors=3 tx_dropped=4
counts $net/renamed rx_bytes=1024 rx_packets=1 rx_errors=0 rx_dropped=0 \
    tx_bytes=0 tx_packets=0 tx_errors=0 tx_dropped=0
mkdir $net/renamed/device
echo backend/vif/1/1 >$net/renamed/device/nodename
counts $net/eth0 rx_bytes=5
counts $vbd/vbd-1-51712 oo_req=1 rd_req=22 wr_req=333 rd_sect=4444 wr_sect=123456789012
mkdir -p $vbd/vbd-2-51728 $vbd/vbd-9-51712 $vbd/vif-1-0
where=$where,sys=$work/sys

run_top() { timeout 20 "$top" -H "$where" "$@"; }
run_top -b -i 1 >out
cat >wanted <<'END'
      NAME  STATE   CPU(sec) CPU(%)     MEM(k) MEM(%)  MAXMEM(k) MAXMEM(%) VCPUS NETS NETTX(k) NETRX(k) VBDS   VBD_OO   VBD_RD   VBD_WR  VBD_RSECT    VBD_WSECT SSID
        #2 --b-p-          0    0.0      32768    3.1      33792       3.2     0    0        0        0    1        -        -        -          -            -    0
a-guest-of --b-p-          0    0.0      65536    6.2      66560       6.3     0    2  1048576        3    1        1       22      333       4444 123456789012    0
  Domain-0 -----r          0    0.0     131072   12.5    1048576     100.0     2    0        0        0    0        0        0        0          0            0    0
END
diff -u wanted out || { echo "FAILED table"; failed=1; }
same "head repeated" "$(run_top -b -i 1 -r | grep -c NAME)" 3
same "full name" "$(run_top -b -i 1 -f | sed -n 3p | cut -c1-40)" "a-guest-of-a-long-name --b-p-          0"
same "details" "$(run_top -b -i 1 -nvx | grep -A4 a-guest | tail -n +2)" "VCPUs(sec): 
Net0 RX:     2048bytes        2pkts        0err        1drop  TX: 1073741824bytes        7pkts        3err        4drop
Net1 RX:     1024bytes        1pkts        0err        0drop  TX:        0bytes        0pkts        0err        0drop
VBD BlkBack 51712 [ca: 0]  OO:        1   RD:       22   WR:      333   RSECT:       4444   WSECT: 123456789012"
same "a disk without counts" "$(run_top -b -i 1 -x | grep -A1 '#2' | tail -n 1)" \
    "VBD BlkBack 51728 [ca:10]  OO:        -   RD:        -   WR:        -   RSECT:          -   WSECT:          -"
# Two looks, between which three vCPUs have used up 30 seconds on two CPUs.
guest run 1
(sleep 0.7; guest advance 30) &
run_top -b -i 2 -d 2 -v >out
same "time" "$(grep -c a-guest out) $(grep a-guest out | tail -n 1 | awk '{ print $2, $3 }')" "2 -----r 60"
awk '/a-guest/ { p = $4 } END { exit !(p > 1500 && p < 3100) }' out || { echo "FAILED percent"; failed=1; }
same "vCPUs" "$(grep -A1 a-guest out | tail -n 1)" "VCPUs(sec):   0:         20s  1:         20s  2:         20s"
run_top --json -i 2 -d 1 >out
same "JSON" "$(python3 -c '
import json, sys
a, b = [json.loads(line) for line in sys.stdin]
g = b["domains"][1]
print(len(a["domains"]), g["name"], g["vifs"][0]["tx_bytes"], g["vbds"][0]["writes"], b["time"] >= a["time"])' <out)" \
    "3 a-guest-of-a-long-name 1073741824 333 True"
# The screen, and keys: networks, another delay, sorting by memory, the end.
screen() {
    python3 - "$top" "$where" "$1" "$2" <<'PY'
import os, pty, select, sys, time
top, where, keys, wanted = sys.argv[1:]
pid, fd = pty.fork()
if not pid:
    os.environ.update(TERM="vt100", LINES="30", COLUMNS="190")
    os.execv(top, [top, "-H", where])
out, end = b"", time.time() + 20
keys = list(keys)
while time.time() < end:
    if select.select([fd], [], [], 0.3)[0]:
        try:
            piece = os.read(fd, 65536)
        except OSError:
            break
        if not piece:
            break
        out += piece
    elif keys:
        os.write(fd, keys.pop(0).encode())
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
text = out.decode(errors="replace")
missing = [w for w in wanted.split("|") if w not in text]
print(status, missing)
PY
}
same "screen" "$(screen nd1$'\r'ssssq 'xentop -|domains: 2 running|Net1 RX:|Delay(sec):')" "0 []"
same "end by a signal" "$(screen $'\003' 'Domain-0')" "0 []"

for wrong in "-d x" "-i 0" "-z" "more" "-d"; do
    # shellcheck disable=SC2086 # two words
    ! run_top -b -i 1 $wrong >out 2>err || { echo "FAILED xentop $wrong"; failed=1; }
    if [ ! -s err ] || [ -s out ]; then echo "FAILED what xentop $wrong says" && failed=1; fi
done
grep -q '^Usage: xentop' < <("$top" --help) || { echo "FAILED --help"; failed=1; }
grep -q 'Domain-0' < <(XENOLITH_HOST=$where "$top" -b -i 1) || { echo "FAILED host of the environment"; failed=1; }
kill "$store_pid"
status=0
run_top -b -i 1 >out 2>err || status=$?
same "without a store daemon" "$status $(wc -l <out)" "1 0"
exit "$failed"
