# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154
# hang.bash - for scripts/boot: where a machine stands that does not go on. Sourced.
#
# Needs: file descriptors 5 (keys of the serial console), 6 and 7 (QEMU's monitor, in and out);
# $hv, the hypervisor with its symbols; $log, the console; $limit, the seconds it had; $tmp, a folder.

# How QEMU logs once it was healed.
nochain=""

# ask_monitor SECONDS COMMAND...: what the monitor says until it is silent for so long.
ask_monitor() {
    local wait=$1
    shift
    printf '%s\n' "$@" >&6
    timeout "$wait" cat <&7 | tr -d '\r' || true
}

# symbols: addresses, one a line, become the names of our functions, in one line.
symbols() {
    addr2line -f -s -e "$hv" | awk 'NR % 2 { name = $0; next }
        /\.[cS]:[0-9]/ && name != last { line = line sep name; sep = " < "; last = name }
        END { print line }'
}

# where_cpus_are: for each CPU its state and, of the hypervisor, the calls that its stack tells of
# (it may hold old ones, too).
where_cpus_are() {
    local key value state cpu stack
    while read -r key value state; do
        case $key in
            CPU) cpu=$value ;;
            RSP) stack=$value ;;
            RIP)
                echo "CPU $cpu $state rip $value $({
                    echo "$value"
                    ask_monitor 0.5 "cpu $cpu" "x/48gx 0x$stack" | grep -o '0xffff8200402[0-9a-f]*'
                } | symbols)"
                ;;
        esac
    done < <(ask_monitor 2 "info registers -a" |
        sed -n 's/^CPU#\([0-9]*\).*/CPU \1/p; s/.*RSP=\([0-9a-f]*\).*/RSP \1/p
                s/^RIP=\([0-9a-f]*\) .*\(CPL=.\).*\(HLT=.\).*/RIP \1 \2 \3/p')
}

# stale_code: QEMU before 8.1 can translate code while another CPU writes it, and keep the old one.
# Linux patches itself with breakpoints; a CPU that runs an old one finds none in memory, tries
# again, and so for ever. True when that happens here and now; $stale is the address then.
stale_code() {
    local count cr3 cpu
    stale=""
    ask_monitor 0.3 "logfile $tmp/int.log" "log ${nochain:+$nochain,}int" >"$tmp/monitor.log"
    ask_monitor 0.3 "log ${nochain:-none}" >"$tmp/monitor.log"
    [ -s "$tmp/int.log" ] || return 1
    read -r count stale cr3 < <(awk '/ v=/ { pc = ""; if (/ v=03 /) { sub(/.* pc=/, ""); pc = $1 } }
        pc != "" && /CR3=/ { sub(/.*CR3=/, ""); n[pc " " $1]++ }
        END { for (k in n) if (n[k] > 100) print n[k], k }' "$tmp/int.log") || true
    : >"$tmp/int.log"
    [ "${count:-0}" -gt 100 ] || return 1
    # Memory as a CPU in that address space sees it.
    cpu=$(ask_monitor 1 "info registers -a" |
        sed -n 's/^CPU#\([0-9]*\).*/\1/p; s/.*CR3=\([0-9a-f]*\).*/\1/p' |
        awk -v cr3="$cr3" 'length($1) < 4 { cpu = $1 } $1 == cr3 { found = cpu } END { print found }')
    [ -n "$cpu" ] || return 1
    ask_monitor 0.5 "cpu $cpu" "x/1bx 0x$stale" >"$tmp/monitor.log"
    grep -q -E "^0*$stale: 0x[0-9a-f]{2}$" "$tmp/monitor.log" && ! grep -q ': 0xcc$' "$tmp/monitor.log"
}

# heal_stale_code: QEMU has to translate all anew when it may not chain its translations.
heal_stale_code() {
    nochain=nochain
    ask_monitor 0.3 "log $nochain" >"$tmp/monitor.log"
    say "QEMU ran code at $stale that is not in memory any more; told it to translate anew"
}

# hang_report: false if QEMU does not answer at all.
hang_report() {
    local key
    say "timed out after $limit s; the last lines and where each CPU is:"
    tail -n 3 "$log"
    where_cpus_are >"$tmp/where"
    [ -s "$tmp/where" ] || { echo "QEMU's monitor does not answer"; return 1; }
    cat "$tmp/where"
    where_cpus_are
    printf '\001\001\001' >&5
    for key in q r a i d; do
        echo "--- debug key $key" >>"$log"
        printf '%s' "$key" >&5
        sleep 1
    done
    sed -n '/^--- debug key q/,$p' "$log" | grep -a 'XEN.*\(d[0-9]*: refs\|v[0-9]*: CPU\|timers\)' || true
}
