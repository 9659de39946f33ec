/* SPDX-License-Identifier: MIT */
/*
 * bootloader.c - runs a boot loader: files for what it chooses, a terminal, the program itself.
 *
 * Its steps undo themselves by their state: what is there of files, terminal and program is removed
 * wherever the operation ends.
 */
#include "bootloader.h"
#include "../device/os.h"
#include "terminal.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define IDLE_MS(b) (30 * (b)->h->os->wait_ms) /* without a key of the user's */

/*
 * What the program reads is a guest's, so it may be led to copy without end: a file can have 1 GiB,
 * in units of 512 bytes. A shell sets that, for there must be no moment without.
 */
#define LIMITED     "ulimit -f 2097152 && exec \"$@\""
#define READ_AT_ONE 64 /* turns before others have theirs */

struct boot {
    xlight_handle *h;
    uint32_t domid;
    const struct xlight_config *c;
    struct xlight__boot_choice *choice;
    struct xlight__terminal terminal;
    char program[PATH_MAX];
    int log;        /* plus 1 */
    bool started;   /* the program */
    uint64_t clock; /* until it must have ended */
};

static void free_boot(void *state)
{
    struct boot *b = state;

    xlight__terminal_close(&b->terminal);
    if (b->log)
        close(b->log - 1);
    free(b);
}

void xlight__boot_forget(struct xlight__boot_choice *choice)
{
    struct dirent *e;
    DIR *d = choice->dir ? opendir(choice->dir) : NULL;

    while (d && (e = readdir(d)))
        unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        closedir(d);
    if (choice->dir)
        rmdir(choice->dir);
    if (choice->out)
        unlink(choice->out);
    free(choice->kernel);
    free(choice->ramdisk);
    free(choice->args);
    free(choice->dir);
    free(choice->out);
    *choice = (struct xlight__boot_choice){.kernel = NULL};
}

/* The disk that it looks into: files and devices that it can read as they are. */
static int find_disk(struct boot *b, const char **ret_path)
{
    const struct xlight_disk *d = b->c->nr_disks ? &b->c->disks[0] : NULL;

    if (!d || !d->target || !*d->target)
        return xlight__fail(b->h, -EINVAL, b->domid, "there is no disk for it to look into");
    if ((d->format && d->format != XLIGHT_FORMAT_RAW) || (d->script && *d->script) ||
        d->backend_domid || d->backend_domain)
        return xlight__fail(b->h, -EOPNOTSUPP, b->domid,
                            "it can only look into disks that are raw files or block devices of "
                            "domain 0, and %s is none",
                            d->vdev ? d->vdev : d->target);
    *ret_path = d->target;
    return 0;
}

/* A name without a path is one of Xen's, or found as a shell would. */
static int find_program(struct boot *b)
{
    static const char *const dirs = "/usr/lib/xen-4.17/bin:/usr/libexec/xen/bin:/usr/lib/xen/bin";
    const char *name = b->c->bootloader, *path = getenv("PATH");
    char all[PATH_MAX], *next = all, *dir;

    if (strchr(name, '/')) {
        if (strlen(name) >= sizeof(b->program))
            return xlight__fail(b->h, -ENAMETOOLONG, b->domid,
                                "the boot loader's path is too long");
        strcpy(b->program, name);
        return access(name, X_OK) ? xlight__fail(b->h, -errno, b->domid, "cannot start %s: %s",
                                                 name, strerrordesc_np(errno))
                                  : 0;
    }
    snprintf(all, sizeof(all), "%s:%s", dirs, path ? path : "/usr/bin:/bin");
    while ((dir = strsep(&next, ":"))) {
        int len = snprintf(b->program, sizeof(b->program), "%s/%s", dir, name);

        if (*dir == '/' && len < (int)sizeof(b->program) && !access(b->program, X_OK))
            return 0;
    }
    return xlight__fail(b->h, -ENOENT, b->domid, "there is no boot loader \"%s\"", name);
}

static int cannot(struct boot *b, const char *what, const char *path)
{
    return xlight__fail(b->h, -errno, b->domid, "cannot make %s%s%s: %s", what, path ? " " : "",
                        path ? path : "", strerrordesc_np(errno));
}

/* Where Xen's toolstack has them; those of a domain before us, with this id, are of no use. */
static int make_files(xlight_op *op, void *state)
{
    struct boot *b = state;
    struct xlight__boot_choice *ch = b->choice;
    const char *dir = b->h->state_dir ? b->h->state_dir : "/tmp";
    int fd;

    (void)op;
    if (mkdir(dir, 0755) && errno != EEXIST)
        return cannot(b, "directory", dir);
    if (asprintf(&ch->dir, "%s/bootloader.%u.d", dir, b->domid) < 0)
        ch->dir = NULL;
    if (asprintf(&ch->out, "%s/bootloader.%u.out", dir, b->domid) < 0)
        ch->out = NULL;
    if (!ch->dir || !ch->out)
        return xlight__fail(b->h, -ENOMEM, b->domid, "no memory for names of files");
    if (mkdir(ch->dir, 0700) && (errno != EEXIST || chmod(ch->dir, 0700)))
        return cannot(b, "directory", ch->dir);
    unlink(ch->out);
    fd = open(ch->out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return cannot(b, "file", ch->out);
    close(fd);
    return 0;
}

static int make_files_undo(xlight_op *op, void *state)
{
    struct boot *b = state;

    (void)op;
    xlight__boot_forget(b->choice);
    return 0;
}

/* Later the console daemon writes its own there. */
static int make_terminal(xlight_op *op, void *state)
{
    struct boot *b = state;
    char path[512];
    int rc = xlight__terminal_open(&b->terminal);

    if (rc) {
        errno = -rc;
        return cannot(b, "a terminal", NULL);
    }
    if (b->h->os->log_dir) {
        snprintf(path, sizeof(path), "%s/bootloader.%u.log", b->h->os->log_dir, b->domid);
        b->log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600) + 1;
    }
    rc = xstore_write_string(b->h->store, XBT_NULL,
                             XSTORE_PATH("/local/domain/%u/console/tty", b->domid),
                             b->terminal.user_path);
    if (rc)
        return xlight__fail_store(b->h, rc, b->domid, "cannot tell where the terminal is");
    xlight__op_set_console(op, true);
    return 0;
}

/* Whoever looks at it is to see its end, however that comes. */
static int make_terminal_undo(xlight_op *op, void *state)
{
    struct boot *b = state;

    xlight__op_set_console(op, false);
    xlight__terminal_close(&b->terminal);
    return 0;
}

static int remove_tty(xlight_op *op, struct boot *b)
{
    int rc = xstore_write_string(b->h->store, XBT_NULL,
                                 XSTORE_PATH("/local/domain/%u/console/tty", b->domid), "");

    xlight__op_set_console(op, false);
    return rc ? xlight__fail_store(b->h, rc, b->domid, "cannot take the terminal back") : 0;
}

struct args {
    char **list;
    unsigned int nr;
    bool no_memory;
};

static void add(struct args *a, const char *option, const char *value)
{
    char *text = NULL;

    if (a->no_memory || !value)
        return;
    a->no_memory = asprintf(&text, "%s%s", option, value) < 0;
    if (!a->no_memory)
        a->list[a->nr++] = text;
}

static void free_args(struct args *a)
{
    for (unsigned int i = 0; i < a->nr; i++)
        free(a->list[i]);
    free(a->list);
}

static int make_args(struct boot *b, const char *disk, struct args *ret_args)
{
    const struct xlight_config *c = b->c;
    struct args a = {.list = calloc(13 + (size_t)c->nr_bootloader_args, sizeof(*a.list))};

    a.no_memory = !a.list;
    add(&a, "", "/bin/sh");
    add(&a, "", "-c");
    add(&a, "", LIMITED);
    add(&a, "", "sh");
    add(&a, "", b->program);
    add(&a, "--kernel=", c->kernel);
    add(&a, "--ramdisk=", c->ramdisk);
    add(&a, "--args=", c->cmdline && *c->cmdline ? c->cmdline : NULL);
    add(&a, "--output=", b->choice->out);
    add(&a, "", "--output-format=simple0");
    add(&a, "--output-directory=", b->choice->dir);
    for (unsigned int i = 0; i < c->nr_bootloader_args; i++)
        add(&a, "", c->bootloader_args[i]);
    add(&a, "", disk);
    if (a.no_memory) {
        free_args(&a);
        return xlight__fail(b->h, -ENOMEM, b->domid, "no memory for the boot loader");
    }
    *ret_args = a;
    return 0;
}

static int start(xlight_op *op, struct boot *b)
{
    static const char *const env[] = {"TERM=vt100", NULL};
    struct xlight__command c = {.env = env, .log = -1, .tty = b->terminal.program_path};
    const char *disk = NULL;
    struct args a = {.list = NULL};
    int rc = find_disk(b, &disk);

    if (!rc)
        rc = find_program(b);
    if (!rc)
        rc = make_args(b, disk, &a);
    if (rc)
        return rc;
    c.argv = (const char *const *)a.list;
    rc = xlight__op_spawn(op, &c);
    free_args(&a);
    b->started = !rc;
    return rc;
}

static int explain(struct boot *b, int status)
{
    if (WIFSIGNALED(status))
        return xlight__fail(b->h, -EIO, b->domid, "the boot loader %s was ended by signal %d",
                            b->program, WTERMSIG(status));
    return xlight__fail(b->h, -EIO, b->domid, "the boot loader %s failed with exit status %d",
                        b->program, WEXITSTATUS(status));
}

static void copy(struct boot *b)
{
    bool typed = false;

    for (int i = 0; i < READ_AT_ONE && xlight__terminal_copy(&b->terminal, b->log - 1, &typed); i++)
        if (typed)
            b->clock = 0;
}

/* -EAGAIN: waits for keys, for what the program prints, and for its end. */
static int await(xlight_op *op, struct boot *b)
{
    int rc;

    if (xlight__op_clock(op, &b->clock, IDLE_MS(b)))
        return xlight__fail(b->h, -ETIMEDOUT, b->domid,
                            "the boot loader %s has chosen nothing for %u seconds", b->program,
                            IDLE_MS(b) / 1000);
    rc = xlight__op_wait_fd(op, b->terminal.user - 1, EPOLLIN);
    if (!rc)
        rc = xlight__op_wait_fd(op, b->terminal.program - 1, EPOLLIN);
    return rc ? rc : -EAGAIN;
}

static int run_program(xlight_op *op, void *state)
{
    struct boot *b = state;
    int status = 0, rc = b->started ? 0 : start(op, b);

    if (rc)
        return rc;
    copy(b);
    rc = xlight__op_child(op, &status);
    if (rc == -EAGAIN)
        return await(op, b);
    if (rc)
        return rc;
    copy(b);
    return status ? explain(b, status) : remove_tty(op, b);
}

static int read_choice(xlight_op *op, void *state)
{
    struct boot *b = state;
    char *text = malloc(XLIGHT__BOOT_MAX + 1);
    int fd = open(b->choice->out, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), rc = 0;
    ssize_t len = -1;

    (void)op;
    xlight__terminal_close(&b->terminal);
    if (text && fd >= 0)
        len = read(fd, text, XLIGHT__BOOT_MAX + 1);
    if (!text)
        rc = -ENOMEM;
    else if (len < 0)
        rc = -errno;
    if (!rc)
        rc = xlight__boot_parse(text, (size_t)len, b->choice);
    if (fd >= 0)
        close(fd);
    free(text);
    if (rc == -EBADMSG)
        return xlight__fail(b->h, rc, b->domid, "the boot loader %s has named no kernel",
                            b->program);
    if (rc == -E2BIG)
        return xlight__fail(b->h, rc, b->domid, "the boot loader %s says more than makes sense",
                            b->program);
    return rc ? xlight__fail(b->h, rc, b->domid, "cannot read what the boot loader has chosen: %s",
                             strerrordesc_np(-rc))
              : 0;
}

static const struct xlight__step steps[] = {
    {"making files for the boot loader", make_files, make_files_undo},
    {"making a terminal for the boot loader", make_terminal, make_terminal_undo},
    {"running the boot loader", run_program, NULL},
    {"reading what the boot loader has chosen", read_choice, NULL},
};

int xlight__boot_add(xlight_op *op, uint32_t domid, const struct xlight_config *config,
                     struct xlight__boot_choice *choice)
{
    static const struct xlight__part part = XLIGHT__PART(steps, free_boot);
    xlight_handle *h = xlight__op_handle(op);
    struct boot *b = calloc(1, sizeof(*b));

    if (!b)
        return xlight__fail(h, -ENOMEM, domid, "no memory for a boot loader");
    *b = (struct boot){.h = h, .domid = domid, .c = config, .choice = choice};
    return xlight__op_add(op, &part, b);
}
