/* SPDX-License-Identifier: MIT */
/* fuzz-rangeset.c - any sequence of additions and removals, held against a plain bitmap. */
#include "fuzz-main.h"
#include <string.h>
#include <xen/rangeset.h>

#define SPAN 64

static bool model[SPAN];

static bool all_in_model(unsigned long first, unsigned long last)
{
    for (unsigned long i = first; i <= last; i++)
        if (!model[i])
            return false;
    return true;
}

static bool any_in_model(unsigned long first, unsigned long last)
{
    for (unsigned long i = first; i <= last; i++)
        if (model[i])
            return true;
    return false;
}

/* Ranges come in order, neither overlapping nor touching. */
static int check_range(unsigned long first, unsigned long last, void *ctx)
{
    unsigned long *next = ctx;

    if (first > last || first < *next || !all_in_model(first, last))
        abort();
    *next = last + 2;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct rangeset *r = rangeset_new("fuzz", 0);

    if (!r)
        return 0;
    memset(model, 0, sizeof(model));
    for (; len >= 3; data += 3, len -= 3) {
        unsigned long first = data[1] % SPAN, last = data[2] % SPAN, next = 0;
        int rc = data[0] & 1 ? rangeset_add(r, first, last) : rangeset_remove(r, first, last);

        if ((first > last) != (rc != 0))
            abort();
        for (unsigned long i = first; i <= last; i++)
            model[i] = data[0] & 1;
        if (first <= last && (rangeset_contains(r, first, last) != all_in_model(first, last) ||
                              rangeset_overlaps(r, first, last) != any_in_model(first, last)))
            abort();
        rangeset_walk(r, check_range, &next);
        if (rangeset_is_empty(r) != !any_in_model(0, SPAN - 1))
            abort();
    }
    rangeset_free(r);
    return 0;
}
