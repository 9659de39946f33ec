/* SPDX-License-Identifier: MIT */
/*
 * test-light-bootloader.c - domains whose kernel a boot loader finds: a script that behaves well,
 * and those that do not. Nothing of either is left.
 */
#include "bootloader/terminal.h"
#include "device/os.h"
#include "light/fake-backend.h"
#include "light/life-host.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xenolith/ctrl.h>
#include <xenolith/light-domain.h>

static void make_script(const char *text)
{
    char path[64];
    FILE *f;

    snprintf(path, sizeof(path), "%s/loader", sim_dir);
    f = fopen(path, "w");
    fprintf(f, "#!/bin/sh\n%s\n", text);
    fclose(f);
    ck_assert_int_eq(chmod(path, 0700), 0);
}

/* Finds its arguments: $out, $dir, $disk. */
#define ARGS                                                                                     \
    "for a; do case $a in --output=*) out=${a#*=} ;; --output-directory=*) dir=${a#*=} ;; esac;" \
    " disk=$a; done\n"
/* Chooses copies of the kernel and ramdisk that lie beside the disk. */
#define CHOOSE                                                         \
    ARGS "cp ${disk%/*}/kernel $dir/k; cp ${disk%/*}/ramdisk $dir/r\n" \
         "printf 'kernel %s\\0ramdisk %s\\0args root=/dev/xvda1 quiet\\0' $dir/k $dir/r >$out\n"

static void begin(const char *script)
{
    char path[64];

    setup("");
    fake_backend_start(0);
    h->os->wait_ms = 100U * (unsigned int)sim_scale();
    snprintf(path, sizeof(path), "%s/disk", sim_dir);
    close(open(path, O_RDWR | O_CREAT, 0600));
    make_script(script);
}

static void end(void)
{
    char path[64];

    snprintf(path, sizeof(path), "%s/disk", sim_dir);
    unlink(path);
    snprintf(path, sizeof(path), "%s/loader", sim_dir);
    unlink(path);
    fake_backend_stop();
    teardown();
}

static struct xlight_config *boot_config(const char *more)
{
    struct xlight_config *c;
    char text[512];

    snprintf(text, sizeof(text),
             "bootloader = \"%s/loader\"\nbootloader_args = [\"-x\", \"a b\"]\n"
             "disk = [\"%s/disk,raw,xvda,rw\"]\n%s",
             sim_dir, sim_dir, more);
    c = config(text);
    free(c->kernel);
    free(c->ramdisk);
    free(c->cmdline);
    c->kernel = c->ramdisk = c->cmdline = NULL;
    return c;
}

/* Nothing is left of what a boot loader needed. */
static void check_files(void)
{
    char path[64];
    struct dirent *e;
    DIR *d;

    snprintf(path, sizeof(path), "%s/state", sim_dir);
    d = opendir(path);
    ck_assert_ptr_nonnull(d);
    while ((e = readdir(d)))
        ck_assert_msg(strncmp(e->d_name, "bootloader", 10), "%s is left", e->d_name);
    closedir(d);
}

static void fails(const char *script, int rc, const char *why)
{
    struct xlight_config *c = boot_config("");
    xlight_op *op;

    make_script(script);
    op = create_start(c, true);
    ck_assert_msg(xlight_op_wait(op) == rc, "%d: %s", xlight_op_result(op), text());
    ck_assert_msg(strstr(text(), why), "%s", text());
    xlight_op_free(op);
    xlight_config_free(c);
    check_files();
}

/* What the loader has written to a file. */
static const char *noted(const char *name)
{
    static char buf[1024];
    char path[64];
    size_t n;
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", sim_dir, name);
    f = fopen(path, "re");
    ck_assert_msg(f, "%s", path);
    n = fread(buf, 1, sizeof(buf) - 1, f);
    buf[n] = 0;
    fclose(f);
    unlink(path);
    return buf;
}

START_TEST(chooses_a_kernel)
{
    char want[1024];
    struct xlight_config *c, *saved;
    uint32_t domid;
    xlight_op *op;

    begin("printf '%s|' \"$@\" >${0%/*}/args; tty >${0%/*}/tty; echo $TERM >>${0%/*}/tty\n" CHOOSE);
    c = boot_config("extra = \"from file\"\n");
    ck_assert_int_eq(asprintf(&c->cmdline, "given") < 0, 0);
    op = create_start(c, true);
    ck_assert_msg(!xlight_op_wait(op), "%s", text());
    domid = xlight_op_domid(op);
    xlight_op_free(op);
    snprintf(want, sizeof(want),
             "--args=given|--output=%s/state/bootloader.%u.out|--output-format=simple0|"
             "--output-directory=%s/state/bootloader.%u.d|-x|a b|%s/disk|",
             sim_dir, domid, sim_dir, domid, sim_dir);
    ck_assert_str_eq(noted("args"), want);
    ck_assert_msg(!strncmp(noted("tty"), "/dev/pts/", 9), "it had no terminal");
    check_files();
    /* What was chosen is for this life only: the next one asks again. */
    ck_assert_int_eq(xlight_domain_config(h, domid, &saved), 0);
    ck_assert_ptr_null(saved->kernel);
    ck_assert_str_eq(saved->cmdline, "given");
    ck_assert_ptr_nonnull(saved->bootloader);
    xlight_config_free(saved);
    /* The console daemon has its own terminal there by now. */
    ck_assert_int_eq(*value("/local/domain/%u/console/tty", domid), '/');
    ck_assert_int_eq(destroy(domid), 0);
    xlight_config_free(c);
    end();
}
END_TEST

START_TEST(misbehaves)
{
    begin("");
    fails("exit 3", -EIO, "loader failed with exit status 3");
    fails("kill -9 $$", -EIO, "loader was ended by signal 9");
    fails("exit 0", -EBADMSG, "has named no kernel");
    fails(ARGS "head -c 3000 /dev/urandom >$out", -EBADMSG, "has named no kernel");
    fails(ARGS "head -c 100000 /dev/zero >$out", -E2BIG, "says more than makes sense");
    fails(ARGS "printf 'kernel /nowhere' >$out", -ENOENT, "/nowhere: No such file");
    fails(ARGS "head -c 9000 /dev/urandom >$dir/k; printf 'kernel %s' $dir/k >$out", -ENOEXEC,
          "as kernel");
    fails(ARGS "mkfifo $dir/k; printf 'kernel %s' $dir/k >$out", -EINVAL, "/k");
    fails(ARGS "rm $out; mkfifo $out", -EBADMSG, "has named no kernel");
    fails(ARGS "rm $out; ln -s /etc/passwd $out", -ELOOP, "cannot read what the boot loader");
    /* More than a disk can hold is refused while it is being written. */
    fails(ARGS "truncate -s 3G $dir/k || exit 7", -EIO, "exit status 7");
    end();
}
END_TEST

/* It hangs, with or without a word: it has its time, and then it is gone. */
START_TEST(hangs)
{
    char pid[64];

    begin("");
    fails("echo $$ >${0%/*}/pid; while :; do sleep 0.01; done", -ETIMEDOUT,
          "has chosen nothing for");
    strcpy(pid, noted("pid"));
    ck_assert_int_eq(kill(atoi(pid), 0), -1);
    fails("yes", -ETIMEDOUT, "has chosen nothing for");
    end();
}
END_TEST

/* Whoever opens the terminal of the domain sees it, and his keys arrive. */
START_TEST(a_user_chooses)
{
    struct xlight_config *c;
    char seen[256] = "", *tty = NULL;
    int fd = -1, rc;
    size_t len = 0;
    xlight_op *op;

    begin("printf 'which? '; read line; [ \"$line\" = mine ] || exit 9\n" CHOOSE);
    h->os->wait_ms = 10000;
    c = boot_config("");
    op = create_start(c, true);
    while ((rc = xlight_op_process(op)) == -EINPROGRESS) {
        struct pollfd p = {.fd = xlight_op_fd(op), .events = POLLIN};
        ssize_t n;

        poll(&p, 1, 20);
        if (fd < 0 && xlight_op_console(op)) {
            tty = value("/local/domain/%u/console/tty", xlight_op_domid(op));
            fd = open(tty, O_RDWR | O_NOCTTY | O_NONBLOCK);
            ck_assert_msg(fd >= 0, "%s", tty);
        }
        n = fd >= 0 && len < sizeof(seen) - 1 ? read(fd, seen + len, sizeof(seen) - 1 - len) : 0;
        if (n > 0) {
            len += (size_t)n;
            if (!strcmp(seen, "which? "))
                ck_assert_int_eq(write(fd, "mine\r", 5), 5);
        }
    }
    ck_assert_msg(!rc, "%s", text());
    ck_assert(!xlight_op_console(op));
    ck_assert_msg(!strncmp(seen, "which? mine", 11), "\"%s\"", seen);
    close(fd);
    ck_assert_int_eq(destroy(xlight_op_domid(op)), 0);
    xlight_op_free(op);
    xlight_config_free(c);
    end();
}
END_TEST

START_TEST(refused)
{
    struct xlight_config *c;
    xlight_op *op;

    begin("exit 0");
    c = boot_config("");
    c->disks[0].format = XLIGHT_FORMAT_QCOW2;
    op = create_start(c, true);
    ck_assert_int_eq(xlight_op_wait(op), -EOPNOTSUPP);
    ck_assert_ptr_nonnull(strstr(text(), "it can only look into disks that are raw files"));
    xlight_op_free(op);
    c->nr_disks = 0;
    op = create_start(c, true);
    ck_assert_int_eq(xlight_op_wait(op), -EINVAL);
    ck_assert_ptr_nonnull(strstr(text(), "there is no disk for it to look into"));
    xlight_op_free(op);
    c->nr_disks = 1;
    c->disks[0].format = XLIGHT_FORMAT_RAW;
    free(c->bootloader);
    c->bootloader = strdup("no-such-loader");
    op = create_start(c, true);
    ck_assert_int_eq(xlight_op_wait(op), -ENOENT);
    ck_assert_ptr_nonnull(strstr(text(), "there is no boot loader \"no-such-loader\""));
    xlight_op_free(op);
    xlight_config_free(c);
    end();
}
END_TEST

START_TEST(cancelled_at_each_step)
{
    struct xlight_config *c;
    int rc = -ECANCELED;

    begin(CHOOSE);
    h->os->wait_ms = 10000;
    c = boot_config("");
    for (int n = 0; rc == -ECANCELED; n++) {
        xlight_op *op = create_start(c, true);

        for (int i = 0; i < n && xlight_op_process(op) == -EINPROGRESS; i++) {
            struct pollfd p = {.fd = xlight_op_fd(op), .events = POLLIN};

            poll(&p, 1, xlight_op_timeout(op));
        }
        xlight_op_cancel(op);
        rc = xlight_op_wait(op);
        ck_assert_msg(!rc || rc == -ECANCELED, "%s", text());
        check_files();
        if (!rc)
            ck_assert_int_eq(destroy(xlight_op_domid(op)), 0);
        xlight_op_free(op);
        ck_assert_int_lt(n, 200);
    }
    xlight_config_free(c);
    end();
}
END_TEST

static void parses(const char *said, size_t len, int rc, const char *kernel, const char *ramdisk,
                   const char *args)
{
    struct xlight__boot_choice ch = {.kernel = NULL};

    ck_assert_int_eq(xlight__boot_parse(said, len, &ch), rc);
    ck_assert_pstr_eq(ch.kernel, kernel);
    ck_assert_pstr_eq(ch.ramdisk, ramdisk);
    ck_assert_pstr_eq(ch.args, args);
    xlight__boot_forget(&ch);
}

START_TEST(results)
{
#define P(said, ...) parses(said, sizeof(said) - 1, __VA_ARGS__)
    P("kernel /k\0ramdisk /r\0args a b\0", 0, "/k", "/r", "a b");
    P("kernel /k", 0, "/k", NULL, NULL);
    P("kernel\t /k\0\0\0unknown x\0", 0, "/k", NULL, NULL);
    P("kernel /k\0kernel /l\0", 0, "/l", NULL, NULL);
    P("kernels /k\0", -EBADMSG, NULL, NULL, NULL);
    P("kernel \0args x", -EBADMSG, "", NULL, "x");
    P("", -EBADMSG, NULL, NULL, NULL);
    parses("", XLIGHT__BOOT_MAX + 1, -E2BIG, NULL, NULL, NULL);
}
END_TEST

TEST_MAIN("light-bootloader", chooses_a_kernel, misbehaves, hangs, a_user_chooses, refused,
          cancelled_at_each_step, results)
