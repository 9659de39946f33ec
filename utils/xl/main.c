/* SPDX-License-Identifier: MIT */
/* main.c - xl: finds the command. */
#include "xl.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* What xl help sorts the commands by, in this order. */
enum group { CONFIGURATION, DOMAINS, DEVICES, VCPUS, HOST, POOLS, NR_GROUPS };
static const char *const groups[NR_GROUPS] = {
    [CONFIGURATION] = "Configuration files", [DOMAINS] = "Domains", [DEVICES] = "Devices",
    [VCPUS] = "vCPUs and schedulers",        [HOST] = "Host",       [POOLS] = "Pools of CPUs",
};

/* options: one line each, "-x, --long=VALUE  what it does"; bash completion reads them, too. */
static const struct command {
    const char *name, *arguments, *help;
    xl_command_fn *fn;
    enum group group;
    const char *options;
} commands[] = {
    {"block-attach", "DOMAIN DISK...", "Gives a domain one more disk, as in configuration files.",
     cmd_block_attach, DEVICES, NULL},
    {"block-detach", "[-f] DOMAIN DISK", "Takes a disk away.", cmd_block_detach, DEVICES,
     "-f, --force           do not wait until the domain lets go of it\n"},
    {"block-list", "[--json] DOMAIN...", "Shows the disks of domains.", cmd_block_list, DEVICES,
     "    --json            as JSON\n"},
    {"cd-eject", "DOMAIN DISK", "Takes the medium out of a CD drive.", cmd_cd_eject, DEVICES, NULL},
    {"cd-insert", "DOMAIN DISK FILE", "Puts a medium into a CD drive.", cmd_cd_insert, DEVICES,
     NULL},
    {"channel-list", "[--json] DOMAIN...", "Shows the channels of domains.", cmd_channel_list,
     DEVICES, "    --json            as JSON\n"},
    {"check", "FILE...", "Says what is wrong with configuration files.", cmd_check, CONFIGURATION,
     NULL},
    {"claims", "[--json]", "Shows how much memory is set aside for domains.", cmd_claims, DOMAINS,
     "    --json            as JSON\n"},
    {"console", "[-t TYPE] [-n NUMBER] [-e CHARACTER] DOMAIN",
     "Becomes the console of a domain, until Ctrl-].", cmd_console, DOMAINS,
     "-t TYPE               pv or serial\n"
     "-n NUMBER             which of several\n"
     "-e CHARACTER          another one than ] ends it, together with Ctrl\n"},
    {"cpupool-cpu-add", "POOL CPUS|node:NODE", "Puts free CPUs into a pool.", cmd_cpupool_cpu_add,
     POOLS, NULL},
    {"cpupool-cpu-remove", "POOL CPUS|node:NODE", "Takes CPUs out of a pool.",
     cmd_cpupool_cpu_remove, POOLS, NULL},
    {"cpupool-create", "[-n] [FILE] [KEY=VALUE...]", "Makes a pool of CPUs.", cmd_cpupool_create,
     POOLS,
     "-f, --defconfig=FILE  read what it shall be from FILE; see xlcpupool.cfg(5)\n"
     "-n, --dryrun          only say what would be made\n"},
    {"cpupool-destroy", "POOL", "Ends a pool; its CPUs are free then.", cmd_cpupool_destroy, POOLS,
     NULL},
    {"cpupool-list", "[-c] [--json] [POOL]", "Shows the pools of CPUs.", cmd_cpupool_list, POOLS,
     "-c, --cpus            their CPUs\n"
     "    --json            as JSON\n"},
    {"cpupool-migrate", "DOMAIN POOL", "Moves a domain to another pool.", cmd_cpupool_migrate,
     POOLS, NULL},
    {"cpupool-numa-split", "", "Makes one pool for each NUMA node.", cmd_cpupool_numa_split, POOLS,
     NULL},
    {"cpupool-rename", "POOL NAME", "Gives a pool another name.", cmd_cpupool_rename, POOLS, NULL},
    {"create", "[-pceFnq] FILE [KEY=VALUE...]", "Creates a domain.", cmd_create, DOMAINS,
     "-p, --paused          leave it paused\n"
     "-c                    connect to its console\n"
     "-e                    nobody stays in the background to act on its end\n"
     "-F                    stay in the foreground until its end\n"
     "-n, --dryrun          only print the configuration, as JSON\n"
     "-f, --defconfig=FILE  read the configuration from FILE\n"
     "-q, --quiet           say less\n"},
    {"debug-keys", "KEYS", "Presses debug keys of the hypervisor.", cmd_debug_keys, HOST, NULL},
    {"destroy", "[-f] DOMAIN...", "Ends domains at once, like pulling the plug.", cmd_destroy,
     DOMAINS, NULL},
    {"dmesg", "[-c]", "Shows the hypervisor's messages.", cmd_dmesg, HOST,
     "-c, --clear           and drops them\n"},
    {"domid", "NAME", "Tells the id of a domain.", cmd_domid, DOMAINS, NULL},
    {"domname", "ID", "Tells the name of a domain.", cmd_domname, DOMAINS, NULL},
    {"dump-core", "DOMAIN FILE", "Writes the memory of a domain to a file.", cmd_dump_core, DOMAINS,
     NULL},
    {"events", "[-n NUMBER]", "Prints what happens to domains, a line of JSON each.", cmd_events,
     DOMAINS, "-n, --count=NUMBER    end after so many\n"},
    {"explain", "[-c] [KEY...]", "Says what a key of configuration files means; or lists all keys.",
     cmd_explain, CONFIGURATION, "-c, --conf            of xl.conf(5)\n"},
    {"info", "[-n] [--json] [NAME]", "Shows what the host is, or only what begins with NAME.",
     cmd_info, HOST,
     "-n, --numa            also CPUs, NUMA nodes and where devices are\n"
     "    --json            as JSON\n"},
    {"list", "[-vZcn] [--json] [DOMAIN]", "Shows the domains and their states.", cmd_list, DOMAINS,
     "-v, --verbose         also UUIDs, reasons of shutdown and security labels\n"
     "-Z, --context         also security labels\n"
     "-c, --cpupool         also pools of CPUs\n"
     "-n, --numa            also the NUMA nodes that memory comes from\n"
     "    --json            as JSON\n"},
    {"mem-max", "DOMAIN SIZE", "Sets how much memory a domain can have, in MiB, or 512k, 2g.",
     cmd_mem_max, DOMAINS, NULL},
    {"mem-set", "DOMAIN SIZE", "Sets how much memory a domain shall have now.", cmd_mem_set,
     DOMAINS, NULL},
    {"migrate", "[-eFpD] [-C CONFIG] [-s COMMAND] DOMAIN HOST | --to=ADDRESS DOMAIN",
     "Moves a domain to another host, where it goes on.", cmd_migrate, DOMAINS,
     "    --to=ADDRESS      tcp://HOST:PORT or tls://HOST:PORT, where migrate-receive listens\n"
     "    --cert=FILE       for tls: the certificate of this host\n"
     "    --key=FILE        ... its key\n"
     "    --ca=FILE         ... the certificate of the authority that has signed both hosts'\n"
     "    --peer=NAME       ... what the other certificate must be for, if not HOST\n"
     "-s COMMAND            instead of ssh; an empty one: HOST is the whole command\n"
     "-C CONFIG             it has this configuration from then on\n"
     "-e                    nobody stays there in the background to act on its end\n"
     "-F                    the same\n"
     "-p                    leave it paused\n"
     "-D                    with the same id\n"
     "    --live            which it is in any case\n"
     "    --debug           send its memory once more when it stands still, to be compared\n"
     "    --compress        send it compressed, to an xl that is as this one\n"
     "    --bandwidth=MIB   per second at most, while the guest runs\n"
     "    --downtime=MS     stop it as soon as the rest takes less\n"
     "    --rounds=NUMBER   of sending memory at most, while it runs\n"},
    {"migrate-receive", "[-eFp] [--listen=ADDRESS [--once]]",
     "Receives a domain from standard input, or domains from a socket; see migrate.",
     cmd_migrate_receive, DOMAINS,
     "    --listen=ADDRESS  tcp://HOST:PORT or tls://HOST:PORT; no HOST: all addresses\n"
     "    --once            end after the first one, whatever became of it\n"
     "    --cert=FILE       for tls: the certificate of this host\n"
     "    --key=FILE        ... its key\n"
     "    --ca=FILE         ... the certificate of the authority that has signed both hosts'\n"
     "    --peer=NAME       ... what the other certificate must be for, if not any host\n"
     "-e                    nobody stays in the background to act on its end\n"
     "-F                    stay in the foreground until its end\n"
     "-p                    leave it paused\n"},
    {"pause", "DOMAIN...", "Stops domains; they keep what they have.", cmd_pause, DOMAINS, NULL},
    {"reboot", "[-wF] -a | DOMAIN...", "Asks guests to start anew.", cmd_reboot, DOMAINS,
     "-a, --all             all guests\n"
     "-w, --wait            wait until they have ended\n"
     "-F                    also those that may not listen\n"},
    {"rename", "DOMAIN NAME", "Gives a domain another name.", cmd_rename, DOMAINS, NULL},
    {"restore", "[-pceF] [CONFIG] FILE", "Lets a saved domain go on.", cmd_restore, DOMAINS,
     "-p                    leave it paused\n"
     "-c                    connect to its console\n"
     "-e                    nobody stays in the background to act on its end\n"
     "-F                    stay in the foreground until its end\n"
     "    --lazy            it runs at once, and its memory is read as it needs it\n"},
    {"resume", "DOMAIN...", "Lets suspended domains go on.", cmd_resume, DOMAINS, NULL},
    {"save", "[-cp] DOMAIN FILE [CONFIG]", "Writes a domain to a file, and ends it.", cmd_save,
     DOMAINS,
     "-c                    let it go on afterwards\n"
     "-p                    leave it paused afterwards\n"
     "    --compress        with zstd; Xen's xl reads what zstd -d makes of it\n"},
    {"network-attach", "DOMAIN [KEY=VALUE...]", "Gives a domain one more network interface.",
     cmd_network_attach, DEVICES, NULL},
    {"network-detach", "DOMAIN ID|MAC", "Takes a network interface away.", cmd_network_detach,
     DEVICES, NULL},
    {"network-list", "[--json] DOMAIN...", "Shows the network interfaces of domains.",
     cmd_network_list, DEVICES, "    --json            as JSON\n"},
    {"sched-credit", "[-d DOMAIN [-w WEIGHT] [-c CAP]] | [-p POOL] [-s [-t MS] [-r US] [-m US]]",
     "Shows or sets parameters of the credit scheduler.", cmd_sched_credit, VCPUS,
     "-d, --domain=DOMAIN          of this domain\n"
     "-w, --weight=WEIGHT          its share beside others, 1 to 65535\n"
     "-c, --cap=CAP                its most, in percent of one CPU; 0 for no limit\n"
     "-s, --schedparam             of the scheduler itself\n"
     "-t, --tslice_ms=MS           how long a vCPU runs at most\n"
     "-r, --ratelimit_us=US        how long a vCPU runs at least\n"
     "-m, --migration_delay_us=US  for how long it counts as warm on a CPU\n"
     "-p, --cpupool=POOL           of this pool\n"
     "    --json                   as JSON\n"},
    {"sched-credit2", "[-d DOMAIN [-w WEIGHT] [-c CAP]] | [-p POOL] [-s [-r US]]",
     "Shows or sets parameters of the credit2 scheduler.", cmd_sched_credit2, VCPUS,
     "-d, --domain=DOMAIN          of this domain\n"
     "-w, --weight=WEIGHT          its share beside others, 1 to 65535\n"
     "-c, --cap=CAP                its most, in percent of one CPU; 0 for no limit\n"
     "-s, --schedparam             of the scheduler itself\n"
     "-r, --ratelimit_us=US        how long a vCPU runs at least\n"
     "-p, --cpupool=POOL           of this pool\n"
     "    --json                   as JSON\n"},
    {"sched-rtds", "[-d DOMAIN [-v VCPU|all [-p US -b US -e 0|1]]...] | [-v all] | [-c POOL]",
     "Shows or sets parameters of the rtds scheduler.", cmd_sched_rtds, VCPUS,
     "-d, --domain=DOMAIN          of this domain\n"
     "-v, --vcpuid=VCPU            of this vCPU, or all\n"
     "-p, --period=US              its period\n"
     "-b, --budget=US              its time in each period\n"
     "-e, --extratime=0|1          whether it may have more when CPUs are idle\n"
     "-c, --cpupool=POOL           of this pool\n"
     "    --json                   as JSON\n"},
    {"set-parameters", "\"NAME=VALUE...\"", "Changes options of the hypervisor while it runs.",
     cmd_set_parameters, HOST, NULL},
    {"sharing", "[DOMAIN]", "Shows how much memory domains share.", cmd_sharing, DOMAINS, NULL},
    {"shutdown", "[-wF] -a | DOMAIN...", "Asks guests to end.", cmd_shutdown, DOMAINS,
     "-a, --all             all guests\n"
     "-w, --wait            wait until they have ended\n"
     "-F                    also those that may not listen\n"},
    {"stream-check", "FILE...", "Says whether saved domains are whole.", cmd_stream_check, DOMAINS,
     NULL},
    {"suspend", "DOMAIN...", "Asks guests to stop; they keep what they have.", cmd_suspend, DOMAINS,
     NULL},
    {"sysrq", "DOMAIN LETTER", "Presses a SysRq key of a domain's kernel.", cmd_sysrq, DOMAINS,
     NULL},
    {"top", "", "Watches the host and its domains; see xentop(1).", cmd_top, HOST, NULL},
    {"trigger", "DOMAIN nmi|reset|init|power|sleep [VCPU]", "Presses a button of a domain.",
     cmd_trigger, DOMAINS, NULL},
    {"unpause", "DOMAIN...", "Lets domains that were paused run on.", cmd_unpause, DOMAINS, NULL},
    {"uptime", "[-s] [DOMAIN...]", "Shows for how long domains have been running.", cmd_uptime,
     DOMAINS, "-s                    in short\n"},
    {"vcpu-list", "[--json] [DOMAIN...]", "Shows the vCPUs of all domains, or some.", cmd_vcpu_list,
     VCPUS, "    --json            as JSON\n"},
    {"vcpu-pin", "[-f] DOMAIN VCPU|all HARD [SOFT]",
     "Sets where vCPUs may run, and where they run best: CPUS, or - to leave it.", cmd_vcpu_pin,
     VCPUS,
     "-f, --force                         even where it has been pinned by force\n"
     "-i, --ignore-global-affinity-masks  whatever xl.conf says\n"},
    {"vcpu-set", "[-i] DOMAIN NUMBER", "Sets how many vCPUs a domain uses.", cmd_vcpu_set, VCPUS,
     "-i, --ignore-host     even if they are more than the host's CPUs\n"},
    {"vkb-attach", "DOMAIN KEY=VALUE...", "Gives a domain one more keyboard and pointer.",
     cmd_vkb_attach, DEVICES, NULL},
    {"vkb-detach", "DOMAIN ID", "Takes a keyboard away.", cmd_vkb_detach, DEVICES, NULL},
    {"vkb-list", "[--json] DOMAIN...", "Shows the keyboards of domains.", cmd_vkb_list, DEVICES,
     "    --json            as JSON\n"},
    {"vm-list", "", "Shows UUIDs, ids and names of domains.", cmd_vm_list, DOMAINS, NULL},
};
#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* The command with this name, or the only one that begins so, or NULL. */
static const struct command *find(const char *name)
{
    const struct command *found = NULL;
    size_t len = strlen(name);
    unsigned int nr = 0;

    for (size_t i = 0; i < NR_COMMANDS; i++) {
        if (strncmp(commands[i].name, name, len))
            continue;
        if (!commands[i].name[len])
            return &commands[i];
        found = &commands[i];
        nr++;
    }
    return nr == 1 ? found : NULL;
}

static int usage(FILE *f, int status)
{
    fputs("Usage: xl [-N] [-C FILE] [-H HOST] COMMAND [ARGUMENT...]\n", f);
    for (int group = 0; group < NR_GROUPS; group++) {
        fprintf(f, "\n%s:\n", groups[group]);
        for (size_t i = 0; i < NR_COMMANDS; i++)
            if ((int)commands[i].group == group)
                fprintf(f, " %-19s %s\n", commands[i].name, commands[i].help);
    }
    fputs("\nxl help COMMAND tells more.\n", f);
    return status;
}

static int no_command(const char *name)
{
    fprintf(stderr, "xl: there is no command \"%s\"; see xl help\n", name);
    return XL_USAGE;
}

static int help(const char *name)
{
    const struct command *c = find(name);

    if (!c)
        return no_command(name);
    printf("Usage: xl %s%s%s\n\n%s\n", c->name, *c->arguments ? " " : "", c->arguments, c->help);
    if (c->options)
        printf("\nOptions:\n%s", c->options);
    return XL_OK;
}

int xl_usage(const char *command)
{
    const struct command *c = find(command);

    fprintf(stderr, "Usage: xl %s%s%s\n", c->name, *c->arguments ? " " : "", c->arguments);
    return XL_USAGE;
}

int xl_getopt(int argc, char **argv, const char *letters, const struct option *options, int min,
              int *ret_status)
{
    int opt;

    opterr = 0;
    opt = getopt_long(argc, argv, letters, options, NULL);
    if (opt == 'h' || (opt == '?' && optopt == 'h')) {
        *ret_status = help(argv[0]);
        return -2;
    }
    if (opt == '?' || (opt == -1 && argc - optind < min)) {
        if (opt == '?')
            fprintf(stderr, "xl %s: there is no option %s, or its value is missing\n", argv[0],
                    argv[optind - 1]);
        *ret_status = xl_usage(argv[0]);
        return -2;
    }
    return opt;
}

unsigned int xl_say(const xlight_messages *m)
{
    char text[2048];

    for (unsigned int i = 0; i < xlight_messages_count(m); i++) {
        xlight_message_format(xlight_messages_get(m, i), text, sizeof(text));
        fprintf(stderr, "%s\n", text);
    }
    return xlight_messages_errors(m);
}

xlight_handle *xl_open(const struct xl *xl)
{
    xlight_handle *h;
    char why[1024];

    if (!xlight_open_why(xl->host, &h, why, sizeof(why)))
        return h;
    fprintf(stderr, "xl: %s\n", why);
    return NULL;
}

int xl_fail(const xlight_handle *h)
{
    char why[2048];

    xlight_error_format(h, why, sizeof(why));
    fprintf(stderr, "xl: %s\n", why);
    return XL_FAILED;
}

int main(int argc, char **argv)
{
    struct xl xl = {.conf = XLIGHT_SETTINGS_FILE};
    const struct command *c;
    char name[32];
    int opt;

    while ((opt = getopt(argc, argv, "+NhH:C:vtTf")) != -1) {
        if (opt == 'N')
            xl.dry_run = true;
        else if (opt == 'H')
            xl.host = optarg;
        else if (opt == 'C')
            xl.conf = optarg;
        else if (opt == 'v')
            xl.verbose++;
        else if (opt == 't')
            xl.terminal = true;
        else if (opt == 'T' || opt == 'f')
            ; /* times of log messages; to act beside another toolstack: we have neither */
        else
            return usage(opt == 'h' ? stdout : stderr, opt == 'h' ? XL_OK : XL_USAGE);
    }
    if (optind == argc)
        return usage(stderr, XL_USAGE);
    argc -= optind;
    argv += optind;
    optind = 0;
    if (!strcmp(argv[0], "help"))
        return argc > 1 ? help(argv[1]) : usage(stdout, XL_OK);
    c = find(argv[0]);
    if (!c)
        return no_command(argv[0]);
    /* The word may be short for it. */
    snprintf(name, sizeof(name), "%s", c->name);
    argv[0] = name;
    return c->fn(&xl, argc, argv);
}
