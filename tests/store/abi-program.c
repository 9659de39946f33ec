/* SPDX-License-Identifier: MIT */
/* abi-program.c - names all of libxenstore's interface, and calls what needs no daemon. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>

/* Types must be exactly these. */
static struct xs_handle *(*const p_open)(unsigned long) = xs_open;
static void (*const p_close)(struct xs_handle *) = xs_close;
static struct xs_handle *(*const p_opens[])(void) = {xs_daemon_open, xs_domain_open,
                                                     xs_daemon_open_readonly};
static void (*const p_closes[])(struct xs_handle *) = {xs_daemon_close, xs_daemon_destroy_postfork};
static char **(*const p_directory)(struct xs_handle *, xs_transaction_t, const char *,
                                   unsigned int *) = xs_directory;
static void *(*const p_read)(struct xs_handle *, xs_transaction_t, const char *,
                             unsigned int *) = xs_read;
static bool (*const p_write)(struct xs_handle *, xs_transaction_t, const char *, const void *,
                             unsigned int) = xs_write;
static bool (*const p_nodes[])(struct xs_handle *, xs_transaction_t, const char *) = {xs_mkdir,
                                                                                      xs_rm};
static bool (*const p_restrict)(struct xs_handle *, unsigned) = xs_restrict;
static struct xs_permissions *(*const p_get_perms)(struct xs_handle *, xs_transaction_t,
                                                   const char *,
                                                   unsigned int *) = xs_get_permissions;
static bool (*const p_set_perms)(struct xs_handle *, xs_transaction_t, const char *,
                                 struct xs_permissions *, unsigned int) = xs_set_permissions;
static bool (*const p_watches[])(struct xs_handle *, const char *, const char *) = {xs_watch,
                                                                                    xs_unwatch};
static int (*const p_fileno)(struct xs_handle *) = xs_fileno;
static char **(*const p_check)(struct xs_handle *) = xs_check_watch;
static char **(*const p_read_watch)(struct xs_handle *, unsigned int *) = xs_read_watch;
static xs_transaction_t (*const p_start)(struct xs_handle *) = xs_transaction_start;
static bool (*const p_end)(struct xs_handle *, xs_transaction_t, bool) = xs_transaction_end;
static bool (*const p_introduce)(struct xs_handle *, unsigned int, unsigned long,
                                 unsigned int) = xs_introduce_domain;
static bool (*const p_target)(struct xs_handle *, unsigned int, unsigned int) = xs_set_target;
static bool (*const p_domains[])(struct xs_handle *, unsigned int) = {
    xs_resume_domain, xs_release_domain, xs_is_domain_introduced};
static char *(*const p_path)(struct xs_handle *, unsigned int) = xs_get_domain_path;
static bool (*const p_subpath)(const char *, const char *) = xs_path_is_subpath;
static char *(*const p_control[])(struct xs_handle *, const char *, void *,
                                  unsigned int) = {xs_control_command, xs_debug_command};
static int (*const p_suspend)(int) = xs_suspend_evtchn_port;
static const char *(*const p_paths[])(void) = {xs_daemon_rundir, xs_daemon_socket,
                                               xs_daemon_socket_ro};
static bool (*const p_write_all)(int, const void *, unsigned int) = xs_write_all;
static bool (*const p_strings)(struct xs_permissions *, unsigned int,
                               const char *) = xs_strings_to_perms;

static const void *const all[] = {
    &p_open,       &p_close,    &p_opens,     &p_closes,    &p_directory, &p_read,    &p_write,
    &p_nodes,      &p_restrict, &p_get_perms, &p_set_perms, &p_watches,   &p_fileno,  &p_check,
    &p_read_watch, &p_start,    &p_end,       &p_introduce, &p_target,    &p_domains, &p_path,
    &p_subpath,    &p_control,  &p_suspend,   &p_paths,     &p_write_all, &p_strings,
};

static void constants(void)
{
    struct xs_permissions perms = {.id = 1, .perms = XS_PERM_READ};

    printf("%d %lu %lu %lu\n", XBT_NULL, XS_OPEN_READONLY, XS_OPEN_SOCKETONLY, XS_UNWATCH_FILTER);
    printf("%d %d %d %d %d %d\n", XS_PERM_NONE, XS_PERM_READ, XS_PERM_WRITE, XS_PERM_ENOENT_OK,
           XS_PERM_OWNER, XS_PERM_IGNORE);
    printf("%zu %zu %zu\n", MAX_STRLEN(unsigned char), MAX_STRLEN(unsigned int),
           MAX_STRLEN(unsigned long));
    printf("%zu %zu %zu %zu\n", sizeof(perms), sizeof(perms.id), sizeof(xs_transaction_t),
           offsetof(struct xs_permissions, perms));
    printf("%d %d %d %d\n", XS_WATCH_PATH, XS_WATCH_TOKEN, XENSTORE_PAYLOAD_MAX,
           XENSTORE_ABS_PATH_MAX);
    printf("%zu errors\n", sizeof(xsd_errors) / sizeof(xsd_errors[0]));
}

static void perms(const char *text, unsigned int num)
{
    struct xs_permissions list[3] = {{9, 9}, {9, 9}, {9, 9}};

    bool ok;

    errno = 0;
    ok = p_strings(list, num, text);
    printf("%d", ok);
    for (unsigned int i = 0; ok && i < num; i++)
        printf(" %u:%u", list[i].id, list[i].perms);
    printf(" %s\n", strerror(errno));
}

static void paths(const char *run, const char *path)
{
    for (int i = 0; i < 3; i++) {
        if (run)
            setenv("XENSTORED_RUNDIR", run, 1);
        else
            unsetenv("XENSTORED_RUNDIR");
        if (path)
            setenv("XENSTORED_PATH", path, 1);
        else
            unsetenv("XENSTORED_PATH");
        printf("%s ", p_paths[i]());
    }
    printf("\n");
}

static void opens(const char *path)
{
    struct xs_handle *h;

    setenv("XENSTORED_PATH", path, 1);
    errno = 0;
    h = p_open(0);
    printf("%d %s\n", h != NULL, strerror(errno));
}

int main(void)
{
    constants();
    perms("r1", 1);
    perms("n0\0w-1\0b0x7f", 3);
    perms("r1\0x2", 2);
    perms("r1z", 1);
    perms("r", 1);
    perms("", 0);
    paths(NULL, NULL);
    paths("/r", NULL);
    paths("/r", "/p");
    opens("/nonexistent/socket");
    opens(
        "/nonexistent/very/long/name/that/does/not/fit/into/the/address/of/a/socket/as/it/is/only/"
        "108/bytes/long");
    opens("/dev");
    printf("%d%d%d%d%d%d\n", p_subpath("/a", "/a"), p_subpath("/a", "/a/b"), p_subpath("/a", "/ab"),
           p_subpath("/", "/a"), p_subpath("", "/a"), p_subpath("/a/b", "/a"));
    printf("%d %d\n", p_restrict(NULL, 0), p_suspend(1));
    p_close(NULL);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (!*(const void *const *)all[i])
            return 1;
    return 0;
}
