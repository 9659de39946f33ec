/* SPDX-License-Identifier: MIT */
/* finish.c - what follows from several keys of a configuration file together. */
#include "read.h"
#include <stdio.h>
#include <sys/random.h>

static struct xlight__place about(const struct reader *r, const char *key)
{
    const struct cfg_setting *s = cfg_find(r->t, key);

    if (s)
        return xlight__place_of(r, s, &s->value);
    return (struct xlight__place){r->t->file, 0, 0, key, NULL};
}

static const char *text_of(const struct reader *r, const char *key)
{
    const struct cfg_setting *s = cfg_find(r->t, key);

    return s ? s->value.atom : NULL;
}

/* Of version 4. */
static int random_uuid(uint8_t uuid[16])
{
    if (getrandom(uuid, 16, 0) != 16)
        return -EIO;
    uuid[6] = (uuid[6] & 0x0f) | 0x40;
    uuid[8] = (uuid[8] & 0x3f) | 0x80;
    return 0;
}

static int set_identity(struct reader *r)
{
    struct xlight__place at = about(r, "name");

    if (!cfg_find(r->t, "uuid") && random_uuid(r->c->uuid))
        return -EIO;
    if (!cfg_find(r->t, "name"))
        return xlight__error(r->m, &at, "is required");
    if (r->c->name && !*r->c->name)
        return xlight__error(r->m, &at, "is empty");
    return 0;
}

static int set_cmdline(struct reader *r)
{
    const char *root = text_of(r, "root"), *extra = text_of(r, "extra");
    struct xlight__place at = about(r, root ? "root" : "extra");
    char *cmdline;

    if (!root && !extra)
        return 0;
    if (r->c->cmdline)
        return xlight__warning(r->m, &at, "is ignored because of cmdline");
    cmdline = malloc(16 + (root ? strlen(root) : 0) + (extra ? strlen(extra) : 0));
    if (!cmdline)
        return -ENOMEM;
    sprintf(cmdline, "%s%s%s%s", root ? "root=" : "", root ? root : "", root && extra ? " " : "",
            extra ? extra : "");
    r->c->cmdline = cmdline;
    return 0;
}

#define FIRMWARE_DIR "/usr/lib/xen-4.17/boot" /* where Debian has them */

static int set_pv_firmware(struct reader *r, const char *text)
{
    struct xlight__place at = about(r, "firmware");
    char path[64];

    if (r->c->kernel)
        return xlight__error(r->m, &at, "cannot be given together with kernel");
    if (strcmp(text, "pvgrub32") && strcmp(text, "pvgrub64"))
        return xlight__error(r->m, &at, "\"%s\" is neither pvgrub32 nor pvgrub64", text);
    snprintf(path, sizeof(path), FIRMWARE_DIR "/%s.bin", text);
    return xlight__set_string(&r->c->kernel, path);
}

static int set_hvm_firmware(struct reader *r, const char *text)
{
    static const char *const bioses[] = {"", "rombios", "seabios", "ovmf"};

    for (int i = 1; i < 4; i++)
        if (!strcmp(text, bioses[i])) {
            r->c->hvm.bios = i;
            return 0;
        }
    if (!strcmp(text, "uefi")) {
        r->c->hvm.bios = 3;
        return 0;
    }
    return strcmp(text, "bios") ? xlight__set_string(&r->c->hvm.firmware, text) : 0;
}

static int set_boot(struct reader *r)
{
    struct xlight__place at = {r->t->file, 0, 0, "kernel", NULL};
    const char *firmware = text_of(r, "firmware");
    int rc = 0;

    if (firmware)
        rc =
            r->c->type == XLIGHT_HVM ? set_hvm_firmware(r, firmware) : set_pv_firmware(r, firmware);
    if (!rc && r->c->type != XLIGHT_HVM && !r->c->kernel && !r->c->bootloader &&
        !cfg_find(r->t, "kernel") && !cfg_find(r->t, "bootloader"))
        rc = xlight__error(r->m, &at, "is missing; give a kernel, a bootloader or a firmware");
    return rc;
}

/* The keys for a screen that are not in a vfb, read by the table of one. */
static int read_screen(struct reader *r, struct xlight_vfb *vfb)
{
    static const char *const keys[] = {"vnc",       "vnclisten", "vncpasswd", "vncdisplay",
                                       "vncunused", "keymap",    "sdl",       "opengl",
                                       "display",   "xauthority"};
    int rc = 0, this;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct xlight__place at = about(r, keys[i]);
        const char *text = text_of(r, keys[i]);

        this = text ? xlight__read_field(r->m, &at, xlight__by_key(&xlight__vfb_type, keys[i]), vfb,
                                         text)
                    : 0;
        rc = this ? this : rc;
    }
    return rc;
}

/* An HVM guest has one screen; other guests get one when vnc=1 and there is no vfb. */
int xlight__set_screen(struct reader *r)
{
    struct xlight_vfb screen, *vfb;
    struct xlight_config *c = r->c;
    int rc;

    xlight_type_init(&xlight__vfb_type, &screen);
    rc = read_screen(r, &screen);
    if (!rc && c->type == XLIGHT_HVM) {
        c->hvm.vnc = screen.vnc;
        c->hvm.sdl = screen.sdl;
        c->hvm.keymap = screen.keymap;
        return 0;
    }
    if (!rc && c->type == XLIGHT_PV && !c->nr_vfbs && screen.vnc.enable == XLIGHT_YES) {
        vfb = xlight__append(c, xlight_config_field("vfb"));
        if (vfb) {
            *vfb = screen;
            return 0;
        }
        rc = -ENOMEM;
    }
    xlight_type_clear(&xlight__vfb_type, &screen);
    return rc;
}

/* What a file says for all PCI devices, where the device itself says nothing. */
static int set_pcis(struct reader *r)
{
    static const char *const names[] = {"msitranslate", "power_mgmt", "permissive", "seize"};
    const struct cfg_setting *pci = cfg_find(r->t, "pci");
    int rc = 0;

    for (size_t n = 0; n < 4; n++) {
        char key[32];
        const char *text;
        struct xlight_pci all = {0};
        const struct xlight_field *f = xlight__by_key(&xlight__pci_type, names[n]);
        struct xlight__place at;
        int this;

        snprintf(key, sizeof(key), "pci_%s", names[n]);
        text = text_of(r, key);
        at = about(r, key);
        this = text ? xlight__read_field(r->m, &at, f, &all, text) : 0;
        rc = this ? this : rc;
        for (unsigned int i = 0; !this && text && pci && i < r->c->nr_pcis; i++)
            if (!pci->value.items[i].atom || !strstr(pci->value.items[i].atom, names[n]))
                memcpy(xlight__at(&r->c->pcis[i], f->offset), xlight__at(&all, f->offset),
                       sizeof(bool));
    }
    for (unsigned int i = 0; i < r->c->nr_pcis; i++)
        if (r->c->pcis[i].rdm_policy < 0)
            r->c->pcis[i].rdm_policy = r->c->hvm.rdm_policy < 0 ? 0 : r->c->hvm.rdm_policy;
    if (r->c->nr_pcis && r->c->type == XLIGHT_PV)
        r->c->pv.e820_host = XLIGHT_YES;
    return rc;
}

static void number_devices(struct xlight_config *c)
{
    for (unsigned int i = 0; i < c->nr_nics; i++)
        if (c->nics[i].devid < 0)
            c->nics[i].devid = (int)i;
    for (unsigned int i = 0; i < c->nr_vfbs; i++)
        c->vfbs[i].devid = (int)i;
    for (unsigned int i = 0; i < c->nr_vkbs; i++)
        c->vkbs[i].devid = (int)i;
    for (unsigned int i = 0; i < c->nr_vtpms; i++)
        c->vtpms[i].devid = (int)i;
    for (unsigned int i = 0; i < c->nr_pvcalls; i++)
        c->pvcalls[i].devid = (int)i;
    for (unsigned int i = 0; i < c->nr_channels; i++)
        c->channels[i].devid = (int)i;
    for (unsigned int i = 0; i < c->nr_usbctrls; i++)
        c->usbctrls[i].devid = (int)i;
}

/* Each vdev once, as the guest could not tell the disks apart. */
static int check_disks(struct reader *r)
{
    const struct cfg_setting *s = cfg_find(r->t, "disk");
    struct xlight_config *c = r->c;
    int rc = 0;

    for (unsigned int i = 1; i < c->nr_disks; i++)
        for (unsigned int j = 0; j < i; j++) {
            const char *a = c->disks[i].vdev, *b = c->disks[j].vdev;
            struct xlight__place at = xlight__place_of(r, s, &s->value.items[i]);

            at.part = "vdev";
            if (a && b && !strcmp(a, b))
                rc = xlight__error(r->m, &at, "\"%s\" is taken by disk %u of the list", a, j + 1);
        }
    return rc;
}

static int check_sizes(struct reader *r)
{
    struct xlight_config *c = r->c;
    struct xlight__place at = about(r, "memory");
    unsigned int vcpus = 0;
    int rc = 0;

    if (c->memory_kb != XLIGHT_UNSET_KB && c->memory_kb > c->max_memory_kb)
        rc = xlight__error(r->m, &at, "must not be above maxmem, which is %llu",
                           (unsigned long long)c->max_memory_kb / 1024);
    while (xlight__bit(&c->avail_vcpus, vcpus))
        vcpus++;
    at = about(r, "vcpus");
    if (vcpus > (unsigned int)c->max_vcpus)
        rc = xlight__error(r->m, &at, "must not be above maxvcpus, which is %d", c->max_vcpus);
    at = about(r, "vnclisten");
    if (c->type == XLIGHT_HVM && c->hvm.vnc.listen && strchr(c->hvm.vnc.listen, ':') &&
        c->hvm.vnc.display)
        rc = xlight__error(r->m, &at, "has a display, and so has vncdisplay");
    return rc;
}

/* What other types of domains have. */
static void drop_foreign(struct xlight_config *c)
{
    const struct xlight_type *type = xlight_config_type();

    for (unsigned int i = 0; i < type->nr_fields; i++)
        if (xlight__is_foreign(&type->fields[i], c->type))
            xlight__clear_field(&type->fields[i], c);
}

int xlight__finish_config(struct reader *r)
{
    static int (*const steps[])(struct reader *) = {set_identity, set_cmdline, set_boot,
                                                    set_pcis,     check_disks, check_sizes};
    struct xlight_config *c = r->c;
    int rc = 0;

    c->run_hotplug_scripts = XLIGHT_YES;
    c->claim_mode = XLIGHT_YES;
    if (!cfg_find(r->t, "on_reboot"))
        c->on_reboot = XLIGHT_RESTART;
    if (!cfg_find(r->t, "on_soft_reset"))
        c->on_soft_reset = XLIGHT_SOFT_RESET;
    for (size_t i = 0; rc != -ENOMEM && i < sizeof(steps) / sizeof(steps[0]); i++) {
        int this = steps[i](r);

        rc = this ? this : rc;
    }
    number_devices(c);
    if (c->type)
        drop_foreign(c);
    return rc;
}
