/* SPDX-License-Identifier: MIT */
/*
 * fuzz-store-wire.c - any bytes as what the store daemon sends, in pieces; and each message's body
 * as everything that the client library takes apart.
 */
#include "fuzz-main.h"
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "directory.h"
#include "text.h"
#include "wire.h"

static void must(int what)
{
    if (!what)
        abort();
}

/* A list in one piece: all strings in order, and nothing between them. */
static void use_strings(const char *body, size_t len)
{
    unsigned int num = 0;
    char **list = xs__split_strings(body, len, &num);
    size_t total = 0;

    must(list && num == xs__count_strings(body, len));
    for (unsigned int i = 0; i < num; i++) {
        must(!memcmp(list[i], body + total, strlen(list[i])));
        total += strlen(list[i]) + 1;
    }
    must(total == len || total == len + 1);
    free(list);
}

static void use_perms(const char *body, size_t len)
{
    struct xs_permissions perm;
    char *copy = xs__copy_body(body, len), text[XS__PERM_SIZE];
    const char *end;

    must(copy != NULL);
    if (xs__string_to_perm(copy, &perm, &end)) {
        must(end > copy && end <= copy + len && !*end);
        must(xs__perm_to_string(&perm, text));
        must(xs__string_to_perm(text, &perm, &end));
    }
    must(xs__unquote(copy) <= len);
    free(copy);
}

static void use_quotes(const char *body, size_t len)
{
    char *quote = xs__quote(body, len);

    must(quote != NULL && strlen(quote) >= len);
    must(xs__unquote(quote) == len && !memcmp(quote, body, len));
    free(quote);
}

static void use_body(struct xs__directory *dir, const char *body, size_t len)
{
    size_t before = dir->used;
    int rc;

    use_strings(body, len);
    use_perms(body, len);
    use_quotes(body, len);
    must(xs__error_code(body, len) > 0);
    rc = xs__directory_add(dir, body, len);
    /* Each step adds, starts again or ends: no client asks for ever. */
    must(rc != -EAGAIN || dir->used > before || !dir->used);
    if (!rc) {
        must(!dir->used || !dir->names[dir->used - 1]);
        dir->used = 0;
    }
}

/* The first byte says how many go at once. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct xs__reader r;
    struct xs__directory dir = {0};
    struct xsd_sockmsg hdr;
    const char *body;
    size_t step = len ? (*data++ + 1) * 16 : 1;
    int fds[2], rc = -EAGAIN;

    len -= len ? 1 : 0;
    r.begin = r.end = 0;
    must(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    while (len && rc == -EAGAIN) {
        size_t now = step < len ? step : len;

        must(!xs__send(fds[1], true, data, now));
        data += now;
        len -= now;
        must(!xs__reader_fill(&r, fds[0], true, false));
        while (!(rc = xs__reader_next(&r, &hdr, &body))) {
            must(body + hdr.len <= r.buf + r.end);
            use_body(&dir, body, hdr.len);
            xs__reader_drop(&r, &hdr);
        }
    }
    must(rc == -EAGAIN || rc == -E2BIG);
    free(dir.names);
    close(fds[0]);
    close(fds[1]);
    return 0;
}
