#!/bin/bash
# SPDX-License-Identifier: MIT
# xl on a simulated host with our daemons: create and what follows, its messages and exit statuses,
# the process that stays with a domain.
#   tests/light/xl-life.sh [BUILD]
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
build=$(realpath "${1:-$build}")
make -C "$build" -s tests/light/sim-store tests/light/sim-end
work=$(mktemp -d)
host=sim:xl-life-$$
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; rm -rf "$work" "/dev/shm/xenolith-sim-$UID-xl-life-$$"' EXIT
cd "$work"
export XENSTORED_RUNDIR=$work
failed=0
tries=$((200 * ${TEST_SCALE:-1}))

xl() { "$build/utils/xl/xl" -H "$host,store=$work/socket,state=$work/state" "$@"; }
fail() {
    echo "FAILED $*"
    failed=1
}
# run STATUS OUTPUT ERRORS COMMAND...: all three must be so.
run() {
    local status=0
    "${@:4}" >out 2>err || status=$?
    if [ "$status" = "$1" ] && diff -u <(printf '%s' "$2") out && diff -u <(printf '%s' "$3") err; then
        echo "ok    ${*:4}"
    else
        fail "${*:4}: status $status"
    fi
}
# await COMMAND...: until it succeeds.
await() {
    for ((i = 0; i < tries; i++)); do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.05
    done
    fail "in vain: $*"
    exit 1
}
state() { xl list "$1" | awk 'NR == 2 { print $5 }'; }
no_domains() { [ -z "$(xl list | sed 1,2d)" ]; }
nothing_left() { no_domains && [ -z "$(find state -name 'userdata*')" ]; }
is() { [ "$(state "$1")" = "$2" ]; }

"$build/tests/light/sim-store" -N --host "$host" &
pids+=($!)
await test -S "$work/socket"
"$build/daemons/xenconsoled/xenconsoled" -i --log=none --host="$host" --pid-file="$work/pid" 2>/dev/null &
pids+=($!)

"$src/tests/light/make-kernel" kernel
cat >web.cfg <<END
name = "web"
kernel = "$work/kernel"
memory = 8
vcpus = 2
END

run 0 '' 'Parsing config from web.cfg'$'\n' xl create -pe web.cfg
is web --p--- || fail "web is $(state web)"
id=$(xl domid web)
run 0 'web'$'\n' '' xl domname "$id"
run 1 '' "xl: cannot create domain \"web\": domain $id has the name \"web\" already"$'\n' xl create -qpe web.cfg
uuid=$(xl list -v web | grep -o -E '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
run 1 '' "xl: cannot create domain \"copy\": domain $id (\"web\") has the UUID $uuid already"$'\n' \
    xl create -qpe web.cfg 'name="copy"' "uuid=\"$uuid\""
run 1 '' 'xl: cannot create domain "b": cannot read /none: No such file or directory'$'\n' \
    xl create -qe web.cfg 'name="b"' 'kernel="/none"'
run 1 '' 'xl: there is no domain "none"'$'\n' xl destroy none
run 1 '' 'xl: domain 0 cannot do this to itself'$'\n' xl destroy 0
run 1 '' 'xl: "web" is not the id of a domain'$'\n' xl domname web
for no_id in "$((id + (1 << 32)))" "-$(((1 << 32) - id))" " $id" ""; do
    run 1 '' "xl: \"$no_id\" is not the id of a domain"$'\n' xl domname -- "$no_id"
done
run 2 '' 'Usage: xl pause DOMAIN...'$'\n' xl pause
run 2 '' 'Usage: xl shutdown [-wF] -a | DOMAIN...'$'\n' xl shutdown
run 2 '' 'Usage: xl shutdown [-wF] -a | DOMAIN...'$'\n' xl shutdown -a web
run 0 '' '' xl unpause web
is web r----- || fail "web is $(state web)"
run 0 '' '' xl pause web
is web --p--- || fail "web is $(state web)"
run 0 '' '' xl rename web shop
run 1 '' 'xl: there is no domain "web"'$'\n' xl domid web
run 0 "$id"$'\n' '' xl domid shop
run 0 '' '' xl destroy shop
await no_domains

# xl.conf: CPUs, a lock that somebody has, one that cannot be.
printf 'vm.cpumask = "1-2"\nlockfile = "%s/lock"\ndomid_policy = "random"\n' "$work" >xl.conf
flock_held() { python3 -c '
import fcntl, sys
f = open(sys.argv[1], "w")
fcntl.lockf(f, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()' lock; }
mkfifo held
flock_held <held >out &
exec 4>held
await grep -q held out
xl -C xl.conf create -qpe web.cfg 2>err 4>&- &
creator=$!
sleep 0.5
! xl domid web >/dev/null 2>&1 || fail "nobody waits for the lock"
exec 4>&-
wait "$creator" || fail "create with a lock: $(cat err)"
[ "$(xl vcpu-list web | awk 'NR > 1 { print $(NF - 2) }' | sort -u)" = 1-2 ] || fail "CPUs: $(xl vcpu-list web)"
xl destroy web
await no_domains
xl -C xl.conf create -qpe --ignore-global-affinity-masks web.cfg
[ "$(xl vcpu-list web | awk 'NR > 1 { print $(NF - 2) }' | sort -u)" = all ] || fail "CPUs: $(xl vcpu-list web)"
xl destroy web
await no_domains
echo 'vm.pv.cpumask = "9"' >xl.conf
run 1 '' 'xl: vCPU 0 can run nowhere: vm.pv.cpumask of xl.conf is wrong: there is no CPU 9: this host has 0 to 3'$'\n' \
    xl -C xl.conf create -qpe web.cfg
echo 'lockfile = "/nowhere/lock"' >xl.conf
run 1 '' 'xl: cannot create domain "web": cannot open the lock file /nowhere/lock: No such file or directory'$'\n' \
    xl -C xl.conf create -qpe web.cfg
await no_domains

# Ctrl-C, in the middle: without a console daemon create waits for it.
kill -STOP "${pids[1]}"
"$build/utils/xl/xl" -H "$host,store=$work/socket,state=$work/state" create -qe web.cfg 2>err &
creator=$!
await xl domid web
kill -INT "$creator"
wait "$creator" && fail "create was not called off"
diff <(echo 'xl: cannot create domain "web": it was cancelled') err || failed=1
kill -CONT "${pids[1]}"
run 1 '' 'xl: there is no domain "web"'$'\n' xl domid web

# Who stays in the foreground tells what happens, and does what the file says.
"$build/utils/xl/xl" -H "$host,store=$work/socket,state=$work/state" create -qF web.cfg >life 2>&1 &
life=$!
await grep -q 'Waiting' life
first=$(xl domid web)
"$build/tests/light/sim-end" "$host" "$first" 1
for ((i = 0; i < tries; i++)); do [ "$(grep -c Waiting life)" != 2 ] || break; sleep 0.05; done
second=$(xl domid web)
run 0 '' '' xl rename web shop
"$build/tests/light/sim-end" "$host" "$second" 3
for ((i = 0; i < tries; i++)); do ! grep -q Exiting life || break; sleep 0.05; done
wait "$life" || fail "create -F: exit status $?"
diff - life <<END || fail "what create -F says"
Waiting for domain web (domid $first) to die [pid $life]
Domain $first has shut down, reason code 1 0x1
Action for shutdown reason code 1 is restart
Domain $first needs to be cleaned up: destroying the domain
Done. Rebooting now
Waiting for domain web (domid $second) to die [pid $life]
Domain $second has shut down, reason code 3 0x3
Action for shutdown reason code 3 is destroy
Domain $second needs to be cleaned up: destroying the domain
Done. Exiting now
END
await nothing_left

# rename-restart keeps what there was.
rm life
"$build/utils/xl/xl" -H "$host,store=$work/socket,state=$work/state" create -qF web.cfg \
    'on_crash="rename-restart"' >life 2>&1 &
life=$!
await grep -q 'Waiting' life
first=$(xl domid web)
"$build/tests/light/sim-end" "$host" "$first" 3
for ((i = 0; i < tries; i++)); do [ "$(grep -c Waiting life)" != 2 ] || break; sleep 0.05; done
xl domname "$first" | grep -qx 'web-[0-9T]*Z' || fail "the old one is not called web-TIME: $(xl domname "$first")"
[ "$(xl list -v | awk '/^web/ { print $7 }' | sort -u | wc -l)" = 2 ] || fail "two domains have one UUID"
# ... also of the one that comes next, in the same minute or not.
second=$(xl domid web)
"$build/tests/light/sim-end" "$host" "$second" 3
for ((i = 0; i < tries; i++)); do [ "$(grep -c Waiting life)" != 3 ] || break; sleep 0.05; done
xl domname "$second" | grep -qx 'web-[0-9T]*Z\(-2\)\?' ||
    fail "the second one is not called web-TIME: $(xl domname "$second")"
[ "$(xl list -v | awk '/^web/ { print $1 }' | sort -u | wc -l)" = 3 ] || fail "not three domains: $(xl list)"
run 0 '' '' xl destroy web "$first" "$second"
wait "$life" || fail "create -F: exit status $?"
grep -q 'has been destroyed' life || fail "create -F does not say that the domain is gone"
await nothing_left

# create -c shows a boot loader, too, and then the guest. xl with a console client that is not installed.
make -C "$build" -s utils/xenconsole/xenconsole utils/xenstore/xenstore
mkdir here
cp "$build"/utils/xl/xl-*.o here
gcc -std=gnu11 -D_GNU_SOURCE -DXENLIBEXECDIR="\"$build/utils/xenconsole\"" -I"$src/libs/light/include" \
    -c -o here/xl-console.o "$src/utils/xl/console.c"
"$build/libtool" --quiet --mode=link gcc -o here/xl here/*.o \
    "$build"/libs/{light/libxenolith-light,store/libxenstore,ctrl/libxenolith-ctrl}.la
cat >loader <<'END'
#!/bin/sh
printf 'which? '
read -r line
[ "$line" = mine ] || exit 9
for a; do
    case $a in
        --output=*) out=${a#*=} ;;
        --output-directory=*) dir=${a#*=} ;;
    esac
done
cp "${0%/*}/kernel" "$dir/k"
printf 'kernel %s\0' "$dir/k" >"$out"
END
chmod +x loader
truncate -s 1M disk
sed '/^kernel/d' web.cfg >boot.cfg
printf '%s\n' "bootloader = \"$work/loader\"" "disk = [\"$work/disk,raw,xvda,rw\"]" >>boot.cfg
mkfifo keys
store() { XENSTORED_PATH=$work/socket "$build/utils/xenstore/xenstore" "$@"; }
# The kernel's part: it has seen the disk.
disk_back() {
    local domid=$1
    await store exists "/local/domain/0/backend/vbd/$domid/51712/state"
    store write "/local/domain/0/backend/vbd/$domid/51712/state" 2
}
boot() { XENSTORED_PATH=$work/socket here/xl -H "$host,store=$work/socket,state=$work/state" create -qec boot.cfg; }
boot <keys >seen 2>err &
creator=$!
exec 4>keys
await grep -q 'which?' seen
echo mine >&4
disk_back "$(xl domid web)"
await is web r----- # it has ended, and the guest was started
xl destroy web
wait "$creator" || fail "create -c: exit status $?, $(cat err)"
grep -q 'which? mine' seen || fail "the boot loader was not shown: $(cat seen)"
await nothing_left
# Its failure ends the console, too.
boot <keys >seen 2>err &
creator=$!
await grep -q 'which?' seen
echo other >&4
wait "$creator" && fail "create -c with a bad choice succeeded"
grep -q 'failed with exit status 9' err || fail "$(cat err)"
exec 4>&-
await nothing_left
exit "$failed"
