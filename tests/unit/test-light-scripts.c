/* SPDX-License-Identifier: MIT */
/* test-light-scripts.c - hotplug scripts: how they are run, those that fail, and those that hang.
 */
#include "light/hotplug-host.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(scripts_are_run)
{
    char script[512], wanted[1024];

    begin(0);
    snprintf(script, sizeof(script),
             "echo \"$0 $* $script $XENBUS_TYPE $XENBUS_PATH $XENBUS_BASE_PATH $vif[$netdev]\" "
             ">>%s/out",
             sim_dir);
    make_script("block-x", script);
    make_script("vif-x", script);
    ck_assert_int_eq(come("disk = [\"target,raw,xvda,rw,script=block-x\"]\n"
                          "vif = [\"script=vif-x,gatewaydev=eth5\"]\n"),
                     0);
    snprintf(wanted, sizeof(wanted),
             "%s/block-x add %s/block-x vbd backend/vbd/1/51712 backend []\n"
             "%s/vif-x online type_if=vif %s/vif-x vif backend/vif/1/0 backend vif1.0[eth5]\n",
             scripts, scripts, scripts, scripts);
    ck_assert_str_eq(output(), wanted);
    ck_assert_int_eq(go(), 0);
    snprintf(wanted, sizeof(wanted),
             "%s/block-x remove %s/block-x vbd backend/vbd/1/51712 backend []\n"
             "%s/vif-x offline type_if=vif %s/vif-x vif backend/vif/1/0 backend vif1.0[eth5]\n",
             scripts, scripts, scripts, scripts);
    ck_assert_str_eq(output(), wanted);
    check_nothing_left();
    end();
}
END_TEST

START_TEST(those_that_fail)
{
    char text[1024], script[512], wanted[1024];

    begin(0);
    /* One that fails is undone, too. */
    snprintf(script, sizeof(script), "echo $1 >>%s/out; [ $1 = remove ]", sim_dir);
    make_script("block-x", script);
    ck_assert_int_eq(come("disk = [\"t,raw,xvda,rw,script=block-x\"]"), -EIO);
    xlight_error_format(h, text, sizeof(text));
    snprintf(wanted, sizeof(wanted),
             "cannot add devices: cannot connect disk xvda: the script of disk xvda failed: "
             "%s/block-x add: exit status 1",
             scripts);
    ck_assert_str_eq(text, wanted);
    ck_assert_str_eq(output(), "add\nremove\n");
    check_nothing_left();
    ck_assert_int_eq(come("disk = [\"t,raw,xvda,rw,script=block-none\"]"), -ENOENT);
    check_nothing_left();
    /* What it says in the store is passed on. */
    snprintf(script, sizeof(script),
             "[ $1 = remove ] || { XENSTORED_PATH=%s/socket %s/utils/xenstore/xenstore write "
             "/local/domain/0/$XENBUS_PATH/hotplug-error 'no luck'; kill -9 $$; }",
             sim_dir, BUILD_DIR);
    make_script("block-x", script);
    ck_assert_int_eq(come("disk = [\"t,raw,xvda,rw,script=block-x\"]"), -EIO);
    ck_assert_ptr_nonnull(strstr(xlight_error_text(h, 3), "block-x add: signal 9, no luck"));
    check_nothing_left();
    end();
}
END_TEST

START_TEST(hooks)
{
    char text[1024];

    begin(0);
    /* Hooks of vif-bridge are shell, so the script itself is run. */
    snprintf(text, sizeof(text), "%s/vif-post.d", scripts);
    ck_assert_int_eq(mkdir(text, 0700), 0);
    make_script("vif-post.d/a.hook", "");
    ck_assert_int_eq(come("vif = [\"\"]"), -ENOENT);
    make_script("vif-bridge", "");
    ck_assert_int_eq(come("vif = [\"\"]"), 0);
    ck_assert_str_eq(xlight__sim_find_net(h->os, "vif1.0")->master, "");
    ck_assert_int_eq(go(), 0);
    end();
}
END_TEST

/* What cannot be disconnected: taken away nevertheless with its domain, which is said; else not. */
START_TEST(cannot_be_disconnected)
{
    begin(0);
    make_script("block-x", "[ $1 = add ]");
    ck_assert_int_eq(come("disk = [\"target,raw,xvda,rw,script=block-x\"]\n"), 0);
    ck_assert_int_eq(go(), -EIO);
    check_nothing_left();
    make_domain();
    ck_assert_int_eq(attach(XLIGHT_DISK, "target,raw,xvda,rw,script=block-x"), 0);
    ck_assert_int_eq(detach(XLIGHT_DISK, 51712, XLIGHT_DETACH_FORCED), -EIO);
    ck_assert_ptr_nonnull(strstr(xlight_error_text(h, 1), "cannot disconnect disk xvda"));
    check_node(DISK "params", "target");
    make_script("block-x", "exit 0");
    ck_assert_int_eq(detach(XLIGHT_DISK, 51712, XLIGHT_DETACH_FORCED), 0);
    check_node(DISK "params", NULL);
    end();
}
END_TEST

/* One that cannot be disconnected keeps none of the others; the first such one is told. */
START_TEST(all_others_are_disconnected)
{
    char text[512];

    begin(0);
    make_script("block-x", "[ $1 = add ]");
    make_script("block-y", "exit 1");
    snprintf(text, sizeof(text),
             "disk = [\"a,raw,xvda,rw,script=block-x\", \"b,raw,xvdb,rw,script=block-x\","
             "\"%s,raw,xvdc,rw\", \"d,raw,xvdd,rw,script=block-y\"]\n",
             image);
    ck_assert_int_eq(come(text), -EIO);
    xlight_error_format(h, text, sizeof(text));
    ck_assert_ptr_nonnull(strstr(text, "cannot connect disk xvdd"));
    ck_assert_ptr_nonnull(strstr(text, "cannot disconnect disk xvda"));
    check_nothing_left();
    end();
}
END_TEST

/* Each script has its own time, however many there are. */
START_TEST(each_has_its_time)
{
    char script[32];

    begin(0);
    h->os->wait_ms = 400U * (unsigned int)sim_scale();
    snprintf(script, sizeof(script), "sleep %d", sim_scale());
    make_script("block-x", script);
    ck_assert_int_eq(
        come("disk = [\"a,raw,xvda,rw,script=block-x\", \"b,raw,xvdb,rw,script=block-x\""
             ", \"c,raw,xvdc,rw,script=block-x\"]\n"),
        0);
    make_script("block-x", "exit 0");
    ck_assert_int_eq(go(), 0);
    check_nothing_left();
    end();
}
END_TEST

/* One that hangs is ended, and the others have their turn. */
START_TEST(one_hangs)
{
    char script[256];

    begin(0);
    snprintf(script, sizeof(script), "[ $1 = add ] || { echo $$ >%s/pid; sleep 1000; }", sim_dir);
    make_script("block-x", script);
    snprintf(script, sizeof(script), "echo $1 >>%s/out", sim_dir);
    make_script("block-y", script);
    ck_assert_int_eq(
        come("disk = [\"a,raw,xvda,rw,script=block-x\", \"b,raw,xvdb,rw,script=block-y\""
             ", \"c,raw,xvdc,rw,script=block-y\"]\n"),
        0);
    ck_assert_str_eq(output(), "add\nadd\n");
    h->os->wait_ms = 50U * (unsigned int)sim_scale();
    ck_assert_int_eq(go(), -ETIMEDOUT);
    ck_assert_str_eq(output(), "remove\nremove\n");
    check_nothing_left();
    snprintf(script, sizeof(script), "kill -0 $(cat %s/pid) 2>/dev/null", sim_dir);
    ck_assert_int_ne(system(script), 0);
    end();
}
END_TEST

/* What they print is not for the terminal of whoever uses the library. */
START_TEST(their_output)
{
    char path[128], text[256] = "";
    int old = dup(STDERR_FILENO), fd;

    begin(0);
    make_script("block-x", "echo one; echo two >&2");
    snprintf(path, sizeof(path), "%s/stderr", sim_dir);
    fd = open(path, O_RDWR | O_CREAT, 0600);
    ck_assert_int_ge(dup2(fd, STDERR_FILENO), 0);
    ck_assert_int_eq(come("disk = [\"a,raw,xvda,rw,script=block-x\"]\n"), 0);
    ck_assert_int_eq(go(), 0);
    h->os->log_dir = sim_dir;
    ck_assert_int_eq(come("disk = [\"a,raw,xvda,rw,script=block-x\"]\n"), 0);
    ck_assert_int_ge(dup2(old, STDERR_FILENO), 0);
    ck_assert_int_eq(lseek(fd, 0, SEEK_END), 0);
    close(fd);
    close(old);
    snprintf(path, sizeof(path), "%s/xen-hotplug.log", sim_dir);
    fd = open(path, O_RDONLY);
    ck_assert_int_eq(read(fd, text, sizeof(text) - 1), 8);
    close(fd);
    ck_assert_str_eq(text, "one\ntwo\n");
    ck_assert_int_eq(go(), 0);
    h->os->log_dir = NULL;
    end();
}
END_TEST

TEST_MAIN("light-scripts", those_that_fail, hooks, each_has_its_time, one_hangs, their_output,
          scripts_are_run, cannot_be_disconnected, all_others_are_disconnected)
