/* SPDX-License-Identifier: MIT */
/* life-host.c - see life-host.h. */
#include "light/life-host.h"
#include "build/images.h"
#include <stdio.h>
#include <unistd.h>
#include <xenolith/light-domain.h>

xlight_handle *h;
char *nothing;
unsigned int guest_mib = 8;

const char *text(void)
{
    static char buf[2048];

    xlight_error_format(h, buf, sizeof(buf));
    return buf;
}

static void write_file(const char *name, const struct bytes *b)
{
    char path[256];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", sim_dir, name);
    f = fopen(path, "w");
    ck_assert_uint_eq(fwrite(b->data, 1, b->len, f), b->len);
    fclose(f);
}

/* One that runs in both kinds of domains, and a ramdisk. */
static void write_images(void)
{
    struct tiny tiny = {.init_p2m = true, .mod_start_pfn = true, .phys32 = true};
    struct bytes elf = {0}, ramdisk = {0};

    tiny_make(&tiny, &elf);
    write_file("kernel", &elf);
    bytes_fill(&ramdisk, 7, 10000);
    write_file("ramdisk", &ramdisk);
    bytes_free(&elf);
    bytes_free(&ramdisk);
}

struct xlight_config *config(const char *more)
{
    char cfg[2048];
    struct xlight_config *c;
    xlight_messages *m;

    snprintf(cfg, sizeof(cfg),
             "name = \"g\"\nkernel = \"%s/kernel\"\nramdisk = \"%s/ramdisk\"\nmemory = %u\n"
             "extra = \"console=hvc0\"\nuuid = \"01020304-0506-0708-090a-0b0c0d0e0f10\"\n%s\n",
             sim_dir, sim_dir, guest_mib, more);
    ck_assert_int_eq(xlight_messages_new(&m), 0);
    if (xlight_config_parse("test", cfg, strlen(cfg), m, &c)) {
        char line[256];

        xlight_message_format(xlight_messages_get(m, 0), line, sizeof(line));
        ck_abort_msg("%s", line);
    }
    xlight_messages_free(m);
    return c;
}

xlight_op *create_start(struct xlight_config *c, bool paused)
{
    struct xlight_create_options o = XLIGHT_CREATE_OPTIONS_INIT;
    xlight_op *op;

    o.paused = paused;
    ck_assert_int_eq(xlight_domain_create_start(h, c, &o, &op), 0);
    return op;
}

uint32_t create(const char *more, bool paused)
{
    struct xlight_config *c = config(more);
    xlight_op *op = create_start(c, paused);
    uint32_t domid;

    if (xlight_op_wait(op))
        ck_abort_msg("%s", text());
    domid = xlight_op_domid(op);
    xlight_op_free(op);
    xlight_config_free(c);
    return domid;
}

int destroy(uint32_t domid)
{
    xlight_op *op;
    int rc = xlight_domain_destroy_start(h, domid, &op);

    if (rc)
        return rc;
    rc = xlight_op_wait(op);
    xlight_op_free(op);
    return rc;
}

/* Daemons take a moment until they are there. The first domain also makes what stays. */
void setup(const char *options)
{
    static char all[128];

    snprintf(all, sizeof(all), "%s%s%s", options, *options ? "," : "",
             strstr(options, "mem=") ? "" : "mem=256");
    h = sim_start(all);
    sim_start_console();
    write_images();
    /* As xen-init-dom0 does it. */
    ck_assert_int_eq(xstore_write_string(h->store, XBT_NULL, "/local/domain/0/domid", "0"), 0);
    ck_assert_int_eq(destroy(create("", true)), 0);
    for (int i = 0; i < 500 * sim_scale(); i++) {
        struct xlight_domain *list;
        unsigned int nr;

        ck_assert_int_eq(xlight_domain_list(h, &list, &nr), 0);
        xlight_domain_list_free(list, nr);
        if (nr == 1)
            break;
        usleep(2000);
    }
    nothing = sim_snapshot(h);
}

void teardown(void)
{
    sim_check_snapshot(h, nothing, "at the end");
    free(nothing);
    sim_end(h);
}

char *value(const char *format, uint32_t domid)
{
    static char buf[8][512];
    static int at;
    char path[256], *v;
    int rc;

    at = (at + 1) % 8;
    snprintf(path, sizeof(path), format, domid);
    rc = xstore_read(h->store, XBT_NULL, path, &v, NULL);
    snprintf(buf[at], sizeof(buf[at]), "%s", rc ? "(none)" : v);
    if (!rc)
        free(v);
    return buf[at];
}
