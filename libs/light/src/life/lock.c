/* SPDX-License-Identifier: MIT */
/*
 * lock.c - one creation at a time takes memory, so that nobody takes what domain 0 has given up for
 * somebody else. The lock is that of Xen's toolstack: on the first byte of a file that stays.
 */
#include "life.h"
#include <fcntl.h>
#include <unistd.h>

#define WAIT_MS 300000 /* another creation may wait for much, but not for ever */
#define TICK_MS 50

static int open_it(struct life_create *k)
{
    int fd = open(k->lock_file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);

    if (fd < 0)
        return xlight__fail(k->h, -errno, k->domid, "cannot open the lock file %s: %s",
                            k->lock_file, strerrordesc_np(errno));
    k->lock_fd = fd;
    return 0;
}

/* Of an open file, not of the process: a program can have many creations under way. */
int life_lock(xlight_op *op, void *state)
{
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct life_create *k = state;
    bool late = xlight__op_expired(op, WAIT_MS);
    int rc = k->lock_file && k->lock_fd < 0 ? open_it(k) : 0;

    if (rc || !k->lock_file || !fcntl(k->lock_fd, F_OFD_SETLK, &range))
        return rc;
    if (errno != EAGAIN && errno != EACCES)
        return xlight__fail(k->h, -errno, k->domid, "cannot lock %s: %s", k->lock_file,
                            strerrordesc_np(errno));
    if (late)
        return xlight__fail(k->h, -ETIMEDOUT, k->domid,
                            "another creation has held the lock %s for %d minutes", k->lock_file,
                            WAIT_MS / 60000);
    xlight__op_tick(op, TICK_MS);
    return -EAGAIN;
}

int life_unlock(xlight_op *op, void *state)
{
    struct life_create *k = state;

    (void)op;
    if (k->lock_fd >= 0)
        close(k->lock_fd);
    k->lock_fd = -1;
    return 0;
}
