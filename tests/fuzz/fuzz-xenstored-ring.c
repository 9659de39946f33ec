/* SPDX-License-Identifier: MIT */
/*
 * fuzz-xenstored-ring.c - a guest that writes anything into its ring: bytes, indices, the
 * connection word. Each input is a list of steps; after all of them the store must be sound and
 * Domain 0 served.
 */
#include "fuzz-xenstored.h"

#define GUEST 5

/* Puts bytes where the guest's next request goes. */
static void put(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        fuzz_ring.req[MASK_XENSTORE_IDX(fuzz_ring.req_prod + i)] = data[i];
    fuzz_ring.req_prod += len;
}

/* A whole request with a sound header; the rest is the fuzzer's. */
static void put_request(const uint8_t *data, size_t len)
{
    struct xsd_sockmsg msg = {data[0] % (XS_TYPE_COUNT + 1), 0, data[1] & 3, len - 2};

    put((const uint8_t *)&msg, sizeof(msg));
    put(data + 2, len - 2);
}

static void turn(void)
{
    domain_event(GUEST);
    for (unsigned int i = 0; i < 4; i++)
        conn_run_ready();
    conn_reap();
}

static size_t step(const uint8_t *data, size_t len)
{
    size_t n = len > 2 ? data[1] + 1 : 0;

    if (n > len - 2)
        n = len - 2;
    switch (data[0] & 7) {
    case 0:
        put(data + 2, n);
        break;
    case 1:
        fuzz_ring.rsp_cons = fuzz_ring.rsp_prod; /* the guest reads */
        return 2;
    case 2:
        /* One of the seven words, indices first. */
        if (n >= 5)
            memcpy((char *)&fuzz_ring + 2048 + 4 * (data[2] % 7), data + 3, 4);
        break;
    default:
        if (n > 2)
            put_request(data + 2, n);
    }
    turn();
    return 2 + n;
}

static void make_home(void)
{
    static const struct perm owned = {GUEST, 0};
    static const struct subject self = {0, DOMID_NONE, true};
    struct op op = {.kind = OP_MKDIR, .path = "/local/domain/5", .path_len = 15};

    must(!op_run(&store, &self, &op));
    op_clear(&op);
    op.kind = OP_SET_PERMS;
    op.perms = perms_new(&owned, 1);
    must(!op_run(&store, &self, &op));
    op_clear(&op);
    perms_put(op.perms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    size_t at = 0;

    log_to_stderr(false);
    fuzz_begin();
    must(!store_init());
    make_home();
    must(!domain_introduce(GUEST, 0, 1));
    while (at + 2 < len)
        at += step(data + at, len - at);
    must(tree_check(store.root) == NULL);
    must(accounts[GUEST].nodes <= 1000 && accounts[GUEST].bytes < 3 << 20);
    /* A guest reaches nothing but its home, and at most nodes it was given. */
    must(accounts[0].nodes == 5);
    fuzz_end();
    return 0;
}
