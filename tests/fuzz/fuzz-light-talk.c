/* SPDX-License-Identifier: MIT */
/*
 * fuzz-light-talk.c - any bytes as what the other end of a migration says. The first one chooses
 * the message that is waited for, the second one how many bytes come at once.
 */
#include "fuzz-main.h"
#include <errno.h>
#include <string.h>
#include "stream/stream.h"

static void must(int what)
{
    if (!what)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct xlight__hear hear = {0};
    struct xlight__why why = {0};
    enum xlight__word word;
    size_t at = 2, size;
    const char *text;
    int rc = -EAGAIN;

    if (len < 2)
        return 0;
    word = (enum xlight__word)(data[0] % (XLIGHT__PACK_OK + 1));
    text = xlight__word(word, &size);
    must(size <= XLIGHT__HEAR_MOST);
    while (rc == -EAGAIN && at < len) {
        size_t n = data[1] % 8U + 1;

        n = n < len - at ? n : len - at;
        n = n < xlight__hear_left(&hear, word) ? n : xlight__hear_left(&hear, word);
        must(n > 0);
        rc = xlight__hear(&hear, word, data + at, n, &why);
        at += n;
        must(rc == -EAGAIN || rc == 0 || rc == -EPROTO);
        /* Exactly what begins as the message does goes on. */
        must((rc == -EPROTO) == (memcmp(data + 2, text, at - 2) != 0));
        must((rc == -EPROTO) == (why.nr > 0));
    }
    must(rc || at - 2 == size);
    return 0;
}
