/* SPDX-License-Identifier: MIT */
/*
 * xl.h - what the commands of xl have in common.
 *
 * A command reads its arguments, calls the library, and prints; what a library user would miss does
 * not belong here. Results go to stdout, everything else to stderr.
 */
#ifndef UTILS_XL_XL_H
#define UTILS_XL_XL_H

#include <stdbool.h>
#include <xenolith/light-config.h>
#include <xenolith/light-settings.h>

/* Options before the command. */
struct xl {
    bool dry_run;     /* -N */
    const char *host; /* -H: as xlight_open() takes it; NULL: this host */
    bool quiet;
    unsigned int verbose; /* -v, as often as it was there */
    bool terminal;        /* -t: progress may overwrite itself */
    const char *conf;     /* -C: the file xl.conf(5) */
};

/* Exit statuses. */
#define XL_OK     0
#define XL_FAILED 1
#define XL_USAGE  2

/* A command; argv[0] is its name. Each has said on stderr why it failed. */
typedef int xl_command_fn(struct xl *xl, int argc, char **argv);
xl_command_fn cmd_check, cmd_create, cmd_explain, cmd_list, cmd_stream_check, cmd_vcpu_list;
xl_command_fn cmd_console, cmd_destroy, cmd_domid, cmd_domname, cmd_dump_core, cmd_pause,
    cmd_reboot;
xl_command_fn cmd_rename, cmd_shutdown, cmd_unpause;
xl_command_fn cmd_migrate, cmd_migrate_receive;
xl_command_fn cmd_restore, cmd_resume, cmd_save, cmd_suspend;
xl_command_fn cmd_events, cmd_claims, cmd_sharing, cmd_vm_list;
xl_command_fn cmd_info, cmd_dmesg, cmd_debug_keys, cmd_set_parameters, cmd_top, cmd_uptime;
xl_command_fn cmd_mem_set, cmd_mem_max, cmd_vcpu_set, cmd_vcpu_pin, cmd_sysrq, cmd_trigger;
xl_command_fn cmd_sched_credit, cmd_sched_credit2, cmd_sched_rtds;
xl_command_fn cmd_cpupool_cpu_add, cmd_cpupool_cpu_remove, cmd_cpupool_create, cmd_cpupool_destroy,
    cmd_cpupool_list, cmd_cpupool_migrate, cmd_cpupool_numa_split, cmd_cpupool_rename;
xl_command_fn cmd_cd_eject, cmd_cd_insert;
xl_command_fn cmd_block_attach, cmd_block_detach, cmd_block_list, cmd_channel_list,
    cmd_network_attach, cmd_network_detach, cmd_network_list, cmd_vkb_attach, cmd_vkb_detach,
    cmd_vkb_list;

/* The host, or NULL; has said why on stderr. */
xlight_handle *xl_open(const struct xl *xl);

/* Says what failed, and why, on stderr; returns XL_FAILED. */
int xl_fail(const xlight_handle *h);

/* Says what is wrong with a configuration. Returns the number of errors. */
unsigned int xl_say(const xlight_messages *m);

/* How a command is used, on stderr; returns XL_USAGE. */
int xl_usage(const char *command);

/*
 * The next option of a command, as getopt_long() gives it, or -1 behind the last one. -2: nothing
 * is left to be done but to return *ret_status: -h was given, which every command has; or an option
 * is wrong, or fewer than min arguments are left, which has been said. Tables of long options end
 * with XL_LAST_OPTION.
 */
#define XL_LAST_OPTION      \
    {"help", 0, NULL, 'h'}, \
    {                       \
        NULL, 0, NULL, 0    \
    }
struct option;
int xl_getopt(int argc, char **argv, const char *letters, const struct option *options, int min,
              int *ret_status);

/* check.c: a whole command without options: fn for each file; fails when it does for one of them.
 */
typedef int xl_file_fn(const char *path);
int xl_each_file(int argc, char **argv, xl_file_fn *fn);

/* Structures as JSON on stdout, as xlight_type_to_json() makes it; returns the exit status. */
int xl_json(const struct xlight_type *type, const void *objs, unsigned int nr, unsigned int flags);

/* What the file xl.conf(5) says, to be freed; NULL when it is wrong, which has been said. */
struct xlight_settings *xl_settings(const struct xl *xl);

/* A decimal number and nothing else. */
bool xl_number(const char *text, uint32_t *ret);

/* A set of CPUs or nodes: "0-3,8", "all" or "none". */
void xl_print_set(const struct xlight_bits *b);

#endif /* UTILS_XL_XL_H */
