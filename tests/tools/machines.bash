# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# machines.bash - for the two hosts of two-machines.sh: a bridge with the card in it, ssh between them,
# our xl where ssh finds it. After lib.bash and load.bash.
#
# Addresses: 10.9.0.1 and 10.9.0.2, the guest 10.9.0.11.

ours=/opt/xenolith
# Programs of ours below Debian's names, for shells that ssh starts, too.
printf '#!/bin/sh\nLD_LIBRARY_PATH=%s/lib exec %s/sbin/xl "$@"\n' $ours $ours >/usr/local/sbin/xl
chmod 755 /usr/local/sbin/xl
export PATH=/usr/local/sbin:$PATH

# network ADDRESS
network() {
    ip link add br0 type bridge
    ip addr add "$1/24" dev br0
    ip link set eth0 master br0 up
    ip link set br0 up
}

# What keeps the shells of ssh from asking anything.
ssh_settings() {
    mkdir -p ~root/.ssh
    chmod 700 ~root/.ssh
    printf 'StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nLogLevel ERROR\nConnectTimeout 60\n' \
        >~root/.ssh/config
}

only() { equal "domains on $(hostname)" "$(xl list | awk 'NR > 1 { printf "%s ", $1 }')" "$1"; }
# settled DOMAINS [SECONDS]: nothing but these is left, in the end.
settled() {
    await "${2:-30}" are_there "$1"
    equal "backends of NICs" "$(xenstore-list /local/domain/0/backend/vif 2>/dev/null | wc -l)" \
        "$([ "$1" = Domain-0 ] && echo 0 || echo 1)"
    only "$1 "
}
are_there() { [ "$(xl list | awk 'NR > 1 { print $1 }' | xargs)" = "$1" ]; }
