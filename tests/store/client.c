/* SPDX-License-Identifier: MIT */
/*
 * client.c - both interfaces of libxenstore.so.4 at work on a real daemon, for xenstored.sh.
 *   client count PATH N      adds 1 to the number at PATH, N times, each in a transaction
 *   client all               uses all requests that need no domain, and checks each result
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/store.h>

static xstore_handle *xs;

/* The interface returned an error that was not expected, or a result that is wrong. */
#define MUST(what)                                                                  \
    do {                                                                            \
        if (!(what)) {                                                              \
            char why[1024] = "";                                                    \
            if (xs)                                                                 \
                xstore_error_format(xs, why, sizeof(why));                          \
            fprintf(stderr, "FAILED: line %d: %s (%s; %s)\n", __LINE__, #what, why, \
                    strerror(errno));                                               \
            exit(1);                                                                \
        }                                                                           \
    } while (0)

static int add_one(xstore_handle *h, xs_transaction_t t, void *path)
{
    uint64_t value = 0;
    int rc = xstore_read_u64(h, t, path, &value);

    if (rc && rc != -ENOENT)
        return rc;
    return xstore_write_u64(h, t, path, value + 1);
}

static void count(char *path, int n)
{
    for (int i = 0; i < n; i++)
        MUST(!xstore_transaction(xs, add_one, path));
}

static void many_children(void)
{
    char **names;
    unsigned int nr;

    for (int i = 0; i < 500; i++)
        MUST(!xstore_write_int(xs, XBT_NULL, XSTORE_PATH("/t/many/child-with-number-%d", i), i));
    MUST(!xstore_list(xs, XBT_NULL, "/t/many", &names, &nr));
    MUST(nr == 500);
    for (unsigned int i = 0; i < nr; i++) {
        int value = -1;

        MUST(!xstore_read_int(xs, XBT_NULL, XSTORE_PATH("/t/many/%s", names[i]), &value));
        MUST(value == atoi(names[i] + strlen("child-with-number-")));
    }
    free(names);
}

static void nodes(void)
{
    struct xs_permissions perms[] = {{0, XS_PERM_NONE}, {3, XS_PERM_READ}}, *got;
    static char big[XENSTORE_PAYLOAD_MAX];
    bool exists = false;
    unsigned int nr;
    size_t len;
    char *value;

    MUST(!xstore_write(xs, XBT_NULL, "/t/a/b", "x\0y", 3));
    MUST(!xstore_read(xs, XBT_NULL, "/t/a/b", &value, &len));
    MUST(len == 3 && !memcmp(value, "x\0y", 3));
    free(value);
    MUST(!xstore_mkdir(xs, XBT_NULL, "/t/a/b"));
    MUST(!xstore_exists(xs, XBT_NULL, "/t/a", &exists) && exists);
    MUST(!xstore_exists(xs, XBT_NULL, "/t/none", &exists) && !exists);
    MUST(xstore_read(xs, XBT_NULL, "/t/none", &value, NULL) == -ENOENT);
    MUST(xstore_read(xs, XBT_NULL, "/t//a", &value, NULL) == -EINVAL);
    MUST(xstore_write(xs, XBT_NULL, "/t/a", big, sizeof(big)) == -E2BIG);
    MUST(!xstore_set_perms(xs, XBT_NULL, "/t/a", perms, 2));
    MUST(!xstore_get_perms(xs, XBT_NULL, "/t/a", &got, &nr));
    MUST(nr == 2 && got[1].id == 3 && got[1].perms == XS_PERM_READ);
    free(got);
    MUST(!xstore_rm(xs, XBT_NULL, "/t/a"));
    MUST(!xstore_rm(xs, XBT_NULL, "/t/a"));
    MUST(xstore_rm(xs, XBT_NULL, "/") == -EINVAL);
    many_children();
}

static void transactions(void)
{
    xs_transaction_t t, t2;
    int value = 0;

    MUST(!xstore_write_int(xs, XBT_NULL, "/t/n", 1));
    MUST(!xstore_transaction_start(xs, &t));
    MUST(!xstore_transaction_start(xs, &t2));
    MUST(!xstore_write_int(xs, t, "/t/n", 2));
    MUST(!xstore_read_int(xs, t, "/t/n", &value) && value == 2);
    MUST(!xstore_read_int(xs, t2, "/t/n", &value) && value == 1);
    MUST(!xstore_write_int(xs, t2, "/t/n", 3));
    MUST(!xstore_transaction_end(xs, t, true));
    MUST(xstore_transaction_end(xs, t2, true) == -EAGAIN);
    MUST(xstore_transaction_end(xs, t2, true) == -ENOENT);
    MUST(!xstore_transaction_start(xs, &t));
    MUST(!xstore_rm(xs, t, "/t/n"));
    MUST(!xstore_transaction_end(xs, t, false));
    MUST(!xstore_read_int(xs, XBT_NULL, "/t/n", &value) && value == 2);
}

static void event_is(const char *path, const char *token)
{
    struct xstore_event event;

    MUST(!xstore_wait_event(xs, &event));
    MUST(!strcmp(event.path, path));
    MUST(!strcmp(event.token, token));
}

static void watches(void)
{
    struct xs_handle *h = xs_open(0);
    struct xstore_event event;
    char **vec;

    MUST(h);
    MUST(!xstore_watch(xs, "/t/w", "mine"));
    MUST(xstore_watch(xs, "/t/w", "mine") == -EEXIST);
    event_is("/t/w", "mine");
    MUST(xs_watch(h, "/t/w", "theirs"));
    MUST(xs_write(h, XBT_NULL, "/t/w/x", "1", 1));
    event_is("/t/w/x", "mine");
    MUST(!xstore_rm(xs, XBT_NULL, "/t/w"));
    event_is("/t/w", "mine");
    for (int i = 0; i < 3; i++) {
        static const char *const paths[] = {"/t/w", "/t/w/x", "/t/w"};
        unsigned int num;

        vec = xs_read_watch(h, &num);
        MUST(vec && num == 2 && !strcmp(vec[0], paths[i]) && !strcmp(vec[1], "theirs"));
        free(vec);
    }
    MUST(!xs_check_watch(h) && errno == EAGAIN);
    MUST(!xstore_unwatch(xs, "/t/w", "mine"));
    MUST(xstore_unwatch(xs, "/t/w", "mine") == -ENOENT);
    MUST(xs_write(h, XBT_NULL, "/t/w/x", "2", 1));
    MUST(!xstore_mkdir(xs, XBT_NULL, "/t/after"));
    MUST(xstore_next_event(xs, &event) == -EAGAIN);
    xs_close(h);
}

static void rest(void)
{
    struct xs_handle *h = xs_open(0);
    bool introduced = true;
    char *text;

    MUST(h);
    text = xs_get_domain_path(h, 77);
    MUST(text && !strcmp(text, "/local/domain/77"));
    free(text);
    MUST(!xs_is_domain_introduced(h, 77));
    MUST(!xstore_is_introduced(xs, 77, &introduced) && !introduced);
    MUST(xstore_release(xs, 77) < 0);
    MUST(!xs_set_target(h, 77, 78));
    MUST(!xs_resume_domain(h, 77));
    MUST(!xstore_control(xs, "help", NULL, 0, &text));
    MUST(strstr(text, "check"));
    free(text);
    MUST(xstore_control(xs, "no-such-command", NULL, 0, &text) == -EINVAL);
    MUST(xs_suspend_evtchn_port(77) == -1);
    xs_close(h);
}

int main(int argc, char **argv)
{
    char why[500];

    if (xstore_open_why(NULL, &xs, why, sizeof(why))) {
        fprintf(stderr, "FAILED: %s\n", why);
        return 1;
    }
    xstore_set_timeout(xs, 60000);
    if (argc == 4 && !strcmp(argv[1], "count")) {
        count(argv[2], atoi(argv[3]));
    } else if (argc == 2 && !strcmp(argv[1], "all")) {
        nodes();
        transactions();
        watches();
        rest();
    } else {
        fprintf(stderr, "usage: client count PATH N | client all\n");
        return 2;
    }
    xstore_close(xs);
    return 0;
}
