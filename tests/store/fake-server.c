/* SPDX-License-Identifier: MIT */
/* fake-server.c - a store daemon that follows a script. See fake-server.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "fake-server.h"

#define MUST(what)                                                                            \
    do {                                                                                      \
        if (!(what)) {                                                                        \
            fprintf(stderr, "FAILED: fake server, line %d: %s (last request %u)\n", __LINE__, \
                    #what, f->request.type);                                                  \
            abort();                                                                          \
        }                                                                                     \
    } while (0)

static void *fake_thread(void *arg)
{
    struct fake *f = arg;

    f->fd = accept(f->listen_fd, NULL, NULL);
    MUST(f->fd >= 0);
    f->script(f);
    close(f->fd);
    return NULL;
}

void fake_start(struct fake *f, void (*script)(struct fake *f))
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};

    f->script = script;
    f->joined = 0;
    strcpy(f->dir, "/tmp/xenolith-store.XXXXXX");
    MUST(mkdtemp(f->dir));
    snprintf(f->path, sizeof(f->path), "%s/socket", f->dir);
    strcpy(addr.sun_path, f->path);
    f->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    MUST(!bind(f->listen_fd, (struct sockaddr *)&addr, sizeof(addr)));
    MUST(!listen(f->listen_fd, 1));
    MUST(!setenv("XENSTORED_PATH", f->path, 1));
    MUST(!pthread_create(&f->thread, NULL, fake_thread, f));
}

void fake_join(struct fake *f)
{
    if (!f->joined)
        pthread_join(f->thread, NULL);
    f->joined = 1;
}

void fake_stop(struct fake *f)
{
    fake_join(f);
    close(f->listen_fd);
    unlink(f->path);
    rmdir(f->dir);
}

/* Reads len bytes; false at the end of the connection. */
static int read_all(struct fake *f, void *data, size_t len)
{
    ssize_t got;

    if (!len)
        return 1;
    got = recv(f->fd, data, len, MSG_WAITALL);
    if (got == 0 || (got < 0 && errno == ECONNRESET))
        return 0;
    MUST((size_t)got == len);
    return 1;
}

int fake_read(struct fake *f)
{
    if (!read_all(f, &f->request, sizeof(f->request)))
        return -1;
    MUST(f->request.len <= XENSTORE_PAYLOAD_MAX);
    MUST(read_all(f, f->body, f->request.len));
    f->body[f->request.len] = '\0';
    return f->request.type;
}

void fake_expect(struct fake *f, unsigned int type, unsigned int tx_id, const void *body,
                 size_t len)
{
    MUST(fake_read(f) == (int)type);
    MUST(f->request.tx_id == tx_id);
    MUST(f->request.len == len);
    MUST(!memcmp(f->body, body, len));
}

void fake_expect_end(struct fake *f)
{
    MUST(fake_read(f) == -1);
}

void fake_raw(struct fake *f, const void *data, size_t len, size_t chunk)
{
    const char *p = data;

    while (len) {
        size_t now = chunk && chunk < len ? chunk : len;

        /* A client that has closed is noticed where the script reads. */
        MUST(send(f->fd, p, now, MSG_NOSIGNAL) == (ssize_t)now || errno == EPIPE);
        p += now;
        len -= now;
        if (chunk)
            nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
    }
}

static void send_message(struct fake *f, unsigned int type, unsigned int req_id, const void *body,
                         size_t len)
{
    struct {
        struct xsd_sockmsg hdr;
        char body[XENSTORE_PAYLOAD_MAX];
    } msg = {.hdr = {.type = type, .req_id = req_id, .tx_id = f->request.tx_id, .len = len}};

    MUST(len <= sizeof(msg.body));
    if (len)
        memcpy(msg.body, body, len);
    fake_raw(f, &msg, sizeof(msg.hdr) + len, 0);
}

void fake_reply(struct fake *f, unsigned int type, const void *body, size_t len)
{
    send_message(f, type, f->request.req_id, body, len);
}

void fake_ok(struct fake *f)
{
    fake_reply(f, f->request.type, LIT("OK"));
}

void fake_error(struct fake *f, const char *name)
{
    fake_reply(f, XS_ERROR, name, strlen(name) + 1);
}

void fake_event(struct fake *f, const char *path, const char *token)
{
    char body[XENSTORE_PAYLOAD_MAX];
    int len = snprintf(body, sizeof(body), "%s%c%s", path, 0, token);

    send_message(f, XS_WATCH_EVENT, 0, body, len + 1);
}
