#!/bin/bash
# SPDX-License-Identifier: MIT
# What others built upon xl drives ours: Pacemaker's agent for Xen (of Debian's resource-agents) and
# Ganeti's (ganeti-3.0), run as they are, on a simulated host with guests that do what they are asked.
#   tests/python/agents.sh [BUILD]
# Not here: migration. These guests have no memory that could be moved.
set -euo pipefail
# shellcheck source=python.bash
. "$(dirname "$0")/python.bash"
packages=(
    resource-agents ganeti-3.0 python3-openssl python3-bitarray python3-simplejson python3-psutil
    python3-cryptography python3-cffi-backend
)
failed=0

# The packages, unpacked; kept in the cache folder.
agents=$cache/agents-$(apt_says package_versions "${packages[@]}" | sha256sum | cut -c1-12)
if [ ! -d "$agents" ]; then
    mkdir -p "$cache"
    new=$(mktemp -d "$cache/new.XXXXXX")
    for p in "${packages[@]}"; do fetch_package "$p" "$new"; done
    rm -rf "$cache"/agents-*
    mv "$new" "$agents"
fi
cd "$work"

# xl by its name, on a host that lives as long as a process of ours; what it was told is kept.
# shellcheck disable=SC2154 # of python.bash
coproc host { exec "$python" -c '
import sys
from xenolith import Host
with Host("sim:cpus=4,mem=4096") as host:
    print(host.sim.where, host.sim.kernel, flush=True)
    sys.stdin.read()'; }
read -r where kernel <&"${host[0]}"
mkdir bin
cat >bin/xl <<END
#!/bin/sh
echo "xl \$*" >>$work/calls
exec $build/utils/xl/xl -H $where "\$@"
END
chmod +x bin/xl
export PATH=$work/bin:$PATH

fail() {
    echo "FAILED $*"
    failed=1
}
domains() { xl list | awk 'NR > 2 { print $1, $3 }' | tr '\n' ' '; }
# is WHAT WANTED: the guests and their MiB.
is() { [ "$(domains)" = "$2" ] || fail "$1: the guests are '$(domains)', not '$2'"; }

# agent STATUS ACTION [NAME=VALUE]...: OCF's exit statuses; 7 is "not running".
agent() {
    local status=0
    env OCF_ROOT="$agents/usr/lib/ocf" OCF_RESOURCE_INSTANCE=web OCF_RESOURCE_TYPE=Xen HA_LOGFACILITY=none \
        HA_RSCTMP="$work" OCF_RESKEY_xmfile="$work/web.cfg" "${@:3}" \
        "$agents/usr/lib/ocf/resource.d/heartbeat/Xen" "$2" >out 2>&1 || status=$?
    if [ "$status" = "$1" ]; then echo "ok    agent ${*:2}"; else
        fail "agent ${*:2}: status $status: $(cat out)"
    fi
}
write_config() { printf 'name="web"\nkernel="%s"\nmemory=16\nmaxmem=64\nvcpus=2\n' "$kernel" >web.cfg; }

write_config
agent 7 status
agent 0 start
is "after start" "web 16 "
agent 0 start
agent 0 status
agent 0 monitor
agent 0 stop
is "after stop" ""
grep -q '^xl shutdown web$' calls || fail "stop does not ask the guest"
! grep -q '^xl destroy' calls || fail "stop destroys a guest that does what it is asked"
# Without waiting for the guest; and the name is not that of the file.
agent 0 start OCF_RESKEY_name=other
is "another name" "other 16 "
agent 0 stop OCF_RESKEY_name=other OCF_RESKEY_shutdown_timeout=0
grep -q '^xl destroy other$' calls || fail "stop does not destroy"
is "after a stop by force" ""
# (4096 MiB - 4032) / 1 for the only guest.
agent 0 start OCF_RESKEY_allow_mem_management=1 OCF_RESKEY_reserved_Dom0_memory=4032
grep -q '^memory=64$' web.cfg || fail "total_memory was read as something else: $(grep memory web.cfg)"
agent 0 stop OCF_RESKEY_shutdown_timeout=0
echo 'kernel="/none"' >web.cfg
agent 1 start
is "after a start that failed" ""

# Ganeti keeps its files below a folder that has the name of the node.
mkdir -p node1 instances
export GANETI_ROOTDIR=$work/node1 GANETI_HOSTNAME=node1
PYTHONPATH=$agents/usr/share/ganeti/3.0:$agents/usr/lib/python3/dist-packages \
    /usr/bin/python3 "$src/tests/python/agents_ganeti.py" "$kernel" "$work/instances" || fail "Ganeti"
is "after Ganeti" ""
exit "$failed"
