#!/bin/bash
# SPDX-License-Identifier: MIT
# What the documents point to is there: links to files, and each `path/of/the/repository` in them.
set -euo pipefail
cd "$(dirname "$0")/../.."

failed=0
# missing FILE NAME
missing() {
    echo "FAILED: $1 points to $2"
    failed=1
}

tops='xen|libs|daemons|utils|bindings|examples|scripts|tests|docs'
count=0
for doc in README.md HACKING.md docs/*.md; do
    while read -r path; do
        # Programs and tests go by the name of their source without its end.
        [[ $path == *NAME* ]] || [ -e "$path" ] || [ -e "$path.c" ] || missing "$doc" "$path"
        count=$((count + 1))
    done < <(grep -oE "\`($tops)/[A-Za-z0-9_./-]+\`" "$doc" | tr -d '`' | sort -u)
    while read -r link; do
        [ -e "$(dirname "$doc")/$link" ] || missing "$doc" "$link"
        count=$((count + 1))
    done < <(grep -oE '\]\([^)#: ]+' "$doc" | cut -c 3- | sort -u)
done
echo "$count places pointed to"
[ "$failed" = 0 ]
