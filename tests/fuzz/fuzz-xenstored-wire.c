/* SPDX-License-Identifier: MIT */
/* fuzz-xenstored-wire.c - any bytes as paths, strings, numbers and permission lists. */
#include "fuzz-xenstored.h"

static void use_path(const char *text, size_t len, bool special)
{
    struct path p;

    if (wire_path(text, len, 32751, special, 2048, &p))
        return;
    must(p.len <= XENSTORE_ABS_PATH_MAX && p.relative < p.len);
    must(wire_path_valid(p.s, p.len) || (special && p.s[0] == '@'));
    must(!memcmp(p.s + p.relative, text, len));
}

static void use_perms(const char *text, size_t len)
{
    struct subject who = {9, 3, false};
    struct perms *p = NULL, *q;
    char out[8192];
    int n;

    if (perms_parse(text, len, XS_PERMS_MAX, &p))
        return;
    perms_rights(p, &who);
    n = perms_format(p, out, sizeof(out));
    /* What is written reads as the same list. */
    if (n > 0) {
        must(!perms_parse(out, n, XS_PERMS_MAX, &q));
        must(perms_equal(p, q));
        perms_put(q);
    }
    q = perms_without(p, p->entry[0].domid);
    must(p->entry[0].domid == 0 || !perms_mention(q, p->entry[0].domid));
    perms_put(q);
    perms_put(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const char *text = (const char *)data, *vec[3];
    uint32_t number;
    int n = wire_strings(text, len, vec, 3);

    must(n == -EINVAL || n > 0);
    for (int i = 0; i < n && i < 3; i++)
        wire_number(vec[i], UINT32_MAX, &number);
    use_path(text, len, false);
    use_path(text, len, true);
    use_perms(text, len);
    return 0;
}
