#!/bin/bash
# SPDX-License-Identifier: MIT
# What the documents say to type can be typed: commands of xl, programs of the tree, tests of ./check,
# and the options of all these, as their help has them.
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
cd "$src"
make -C "$build" -s utils/xl/xl
export LD_LIBRARY_PATH=$build/libs/ctrl/.libs:$build/libs/store/.libs:$build/libs/light/.libs
tests=$(./check --list)
failed=0 count=0

# options HELP WORD...: those among the words are in the help.
options() {
    local help=$1 word
    shift
    for word; do
        case $word in
            --) return ;;
            -[A-Za-z] | --[a-z]*) grep -q -e "[[ |,]${word%%=*}\b" -e "^ *${word%%=*}\b" <<<"$help" || return ;;
            # Several letters together.
            -[A-Za-z]*) options "$help" "-${word:1:1}" "-${word:2}" || return ;;
        esac
    done
}

xl_command() {
    local help
    case ${1:-help} in help | -*) return 0 ;; esac
    help=$("$build/utils/xl/xl" help "$1" 2>&1) && options "$help" "$@"
}

# check_command [SUITE [NAME]] [OPTION]...
check_command() {
    options "$(./check --help)" "$@" || return
    [[ ${1:-} =~ ^[a-z]+$ ]] || return 0
    if [[ ${2:-} =~ ^[a-z] ]]; then grep -q -x -e "$1 $2" <<<"$tests"; else grep -q "^$1 " <<<"$tests"; fi
}

# known COMMAND [WORD]...
known() {
    local help
    case $1 in
        xl) xl_command "${@:2}" ;;
        ./check) check_command "${@:2}" ;;
        ./run) help=$(./run --help; scripts/boot --help) && options "$help" "${@:2}" ;;
        scripts/*)
            [ -x "$1" ] || return
            # Some print the head of their file, some only have it.
            options "$(sed -n '3,/^[^#]/p' "$1")" "${@:2}"
            ;;
    esac
}

for doc in README.md HACKING.md docs/*.md; do
    # In backticks, and in lines of examples up to their comment or pipe; words like "..." are no names.
    while read -r -a words; do
        count=$((count + 1))
        known "${words[@]}" || { echo "FAILED: $doc: there is no ${words[*]}"; failed=1; }
    done < <(sed -n -E -e 's/^    ([#$] )?([A-Z_]+=[^ ]* )*((xl|\.\/run|\.\/check|scripts\/[a-z0-9-]+)( .*)?)$/\3/p' "$doc" |
        sed -E 's/ *[#|>].*//'
        grep -o -E "\`(xl|\./run|\./check|scripts/[a-z0-9-]+)( [^\`]*)?\`" "$doc" | tr -d "\`")
done
echo "$count commands"
[ "$count" -gt 100 ] && [ "$failed" = 0 ]
