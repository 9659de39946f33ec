/* SPDX-License-Identifier: MIT */
/* special.c - keys of configuration files that are not simply one field. */
#include "read.h"

static const struct xlight_field *field_of(const char *json)
{
    return xlight__by_json(xlight_config_type(), json);
}

/* Read elsewhere, where all that it depends on is known. */
static int elsewhere(struct reader *r, const struct cfg_setting *s)
{
    return xlight__need_text(r, s, &s->value) ? 0 : -EINVAL;
}

static int ignored(struct reader *r, const struct cfg_setting *s)
{
    struct xlight__place at = xlight__place_of(r, s, NULL);

    return xlight__warning(r->m, &at, "is ignored");
}

static int unsupported(struct reader *r, const struct cfg_setting *s)
{
    struct xlight__place at = xlight__place_of(r, s, NULL);

    return xlight__warning(r->m, &at, "is not supported, and ignored");
}

/* Which of the two labels it is depends on whether there is another for the time before. */
static int seclabel(struct reader *r, const struct cfg_setting *s)
{
    const char *text = xlight__need_text(r, s, &s->value);

    if (!text)
        return -EINVAL;
    if (!strcmp(s->key, "seclabel") && cfg_find(r->t, "init_seclabel"))
        return xlight__set_string(&r->c->exec_seclabel, text);
    return xlight__set_string(&r->c->seclabel, text);
}

/* A name; its number, as it once had to be, is understood. */
static int name_or_number(struct reader *r, const struct cfg_setting *s)
{
    const struct xlight_field *f = xlight_config_field(s->key);
    const char *text = xlight__need_text(r, s, &s->value);
    struct xlight__place at = xlight__place_of(r, s, &s->value);
    const struct xlight_name *n;
    char *end;
    int value;

    if (!text)
        return -EINVAL;
    value = (int)strtol(text, &end, 0);
    n = end != text && !*end ? xlight__name_of(f->names, value) : NULL;
    if (!n)
        return xlight__read_field(r->m, &at, f, r->c, text);
    memcpy(xlight__at(r->c, f->offset), &value, sizeof(value));
    return xlight__warning(r->m, &at, "numbers are out of use; write \"%s\"", xlight__key_of(n));
}

/* A list of arguments. The old form, one text with blanks between them, is understood. */
static int bootloader_args(struct reader *r, const struct cfg_setting *s)
{
    const struct xlight_field *f = xlight_config_field(s->key);
    struct xlight__place at = xlight__place_of(r, s, &s->value);
    char *copy, *next, *arg, **item;
    int rc;

    if (!s->value.atom)
        return xlight__read_list(r, s, f, r->c);
    rc = xlight__warning(r->m, &at, "one text is out of use; write a list of arguments");
    copy = next = strdup(s->value.atom);
    rc = copy ? rc : -ENOMEM;
    while (!rc && (arg = strsep(&next, " \t\n"))) {
        if (!*arg)
            continue;
        item = xlight__append(r->c, f);
        rc = item ? xlight__set_string(item, arg) : -ENOMEM;
    }
    free(copy);
    return rc;
}

static int serial(struct reader *r, const struct cfg_setting *s)
{
    if (s->value.atom)
        return xlight__set_string(&r->c->hvm.serial, s->value.atom);
    return xlight__read_list(r, s, field_of("b_info/type.hvm/serial_list"), r->c);
}

static int usbdevice(struct reader *r, const struct cfg_setting *s)
{
    if (s->value.atom)
        return xlight__set_string(&r->c->hvm.usbdevice, s->value.atom);
    return xlight__read_list(r, s, field_of("b_info/type.hvm/usbdevice_list"), r->c);
}

static int viridian_group(struct reader *r, const struct xlight__place *at, const char *text)
{
    struct xlight_bits *on = &r->c->hvm.viridian_enable, *off = &r->c->hvm.viridian_disable, *swap;
    int group = 0, rc = 0;

    if (!strcmp(text, "defaults")) {
        r->c->hvm.viridian = XLIGHT_YES;
        return 0;
    }
    if (!strcmp(text, "all")) {
        for (uint32_t i = 0; !rc && xlight__viridian_names[i].json; i++)
            rc = xlight__set_bit(on, i, true);
        return rc;
    }
    if (*text == '!') {
        text++;
        swap = on, on = off, off = swap;
    }
    rc = xlight__read_name(r->m, at, text, xlight__viridian_names, &group);
    if (!rc)
        rc = xlight__set_bit(on, (uint32_t)group, true);
    return rc ? rc : xlight__set_bit(off, (uint32_t)group, false);
}

static int viridian(struct reader *r, const struct cfg_setting *s)
{
    struct xlight__place at = xlight__place_of(r, s, &s->value);
    int rc = 0;

    if (s->value.atom)
        return xlight__read_field(r->m, &at, field_of("b_info/type.hvm/viridian"), r->c,
                                  s->value.atom);
    for (unsigned int i = 0; !rc && i < s->value.nr; i++) {
        const char *text = xlight__need_text(r, s, &s->value.items[i]);

        at = xlight__place_of(r, s, &s->value.items[i]);
        rc = text ? viridian_group(r, &at, text) : -EINVAL;
    }
    return rc;
}

static int mca_caps(struct reader *r, const struct cfg_setting *s)
{
    static const struct xlight_name names[] = {{1, "lmce", NULL}, {0, NULL, NULL}};
    int rc = xlight__need_list(r, s), bit = 0;

    for (unsigned int i = 0; !rc && i < s->value.nr; i++) {
        const char *text = xlight__need_text(r, s, &s->value.items[i]);
        struct xlight__place at = xlight__place_of(r, s, &s->value.items[i]);

        rc = text ? xlight__read_name(r->m, &at, text, names, &bit) : -EINVAL;
        r->c->hvm.mca_caps |= rc ? 0 : (unsigned int)bit;
    }
    return rc;
}

static int rdm_part(xlight_messages *m, const struct xlight__place *at, void *obj, const char *key,
                    const char *value)
{
    struct xlight_config *c = obj;

    if (value && !strcmp(key, "strategy"))
        return xlight__read_field(m, at, field_of("b_info/type.hvm/rdm/strategy"), c, value);
    if (value && !strcmp(key, "policy"))
        return xlight__read_field(m, at, field_of("b_info/type.hvm/rdm/policy"), c, value);
    return 1;
}

static int rdm(struct reader *r, const struct cfg_setting *s)
{
    static const struct xlight_type no_type = {.name = "rdm"};
    const char *text = xlight__need_text(r, s, &s->value);
    struct xlight__place at = xlight__place_of(r, s, &s->value);

    return text ? xlight__read_spec(r->m, &at, &no_type, rdm_part, r->c, text) : -EINVAL;
}

/* A number: whether; a text: yes, and of which kind. */
static int gfx_passthru(struct reader *r, const struct cfg_setting *s)
{
    const char *text = xlight__need_text(r, s, &s->value);
    struct xlight__place at = xlight__place_of(r, s, &s->value);
    int rc;

    if (!text)
        return -EINVAL;
    if (*text >= '0' && *text <= '9')
        return xlight__read_field(r->m, &at, field_of("b_info/type.hvm/gfx_passthru"), r->c, text);
    rc = xlight__read_field(r->m, &at, field_of("b_info/type.hvm/gfx_passthru_kind"), r->c, text);
    if (!rc)
        r->c->hvm.gfx_passthru = XLIGHT_YES;
    return rc;
}

static int stdvga(struct reader *r, const struct cfg_setting *s)
{
    const char *text = xlight__need_text(r, s, &s->value);
    struct xlight__place at = xlight__place_of(r, s, &s->value);
    int64_t yes = 0;
    int rc = text ? xlight__read_number(r->m, &at, text, 0, 0, 1, &yes) : -EINVAL;

    if (!rc && !cfg_find(r->t, "vga"))
        r->c->hvm.vga = yes ? 2 : 1;
    return rc;
}

static int ms_vm_genid(struct reader *r, const struct cfg_setting *s)
{
    static const struct xlight_name names[] = {
        {0, "none", NULL}, {1, "generate", NULL}, {0, NULL, NULL}};
    const char *text = xlight__need_text(r, s, &s->value);
    struct xlight__place at = xlight__place_of(r, s, &s->value);
    int generate = 0, rc = text ? xlight__read_name(r->m, &at, text, names, &generate) : -EINVAL;

    return rc || !generate ? rc : xlight__set_string(&r->c->hvm.ms_vm_genid, text);
}

static const struct {
    const char *key;
    xlight__key_fn *fn;
} keys[] = {
    {"altp2m", name_or_number},
    {"bootloader_args", bootloader_args},
    {"builder", elsewhere},
    {"cpuid", xlight__key_cpuid},
    {"cpus", xlight__key_cpus},
    {"cpus_soft", xlight__key_cpus},
    {"device_model", ignored},
    {"display", elsewhere},
    {"dtdev", unsupported},
    {"extra", elsewhere},
    {"firmware", elsewhere},
    {"gfx_passthru", gfx_passthru},
    {"gic_version", ignored},
    {"init_seclabel", seclabel},
    {"iomem", xlight__key_iomem},
    {"ioports", xlight__key_ioports},
    {"keymap", elsewhere},
    {"mca_caps", mca_caps},
    {"ms_vm_genid", ms_vm_genid},
    {"opengl", elsewhere},
    {"pci_msitranslate", elsewhere},
    {"pci_permissive", elsewhere},
    {"pci_power_mgmt", elsewhere},
    {"pci_seize", elsewhere},
    {"rdm", rdm},
    {"root", elsewhere},
    {"sdl", elsewhere},
    {"seclabel", seclabel},
    {"serial", serial},
    {"stdvga", stdvga},
    {"tee", ignored},
    {"timer_mode", name_or_number},
    {"tsc_mode", name_or_number},
    {"type", elsewhere},
    {"usbdevice", usbdevice},
    {"vcpus", xlight__key_vcpus},
    {"vdispl", unsupported},
    {"vif2", ignored},
    {"viridian", viridian},
    {"vnc", elsewhere},
    {"vncdisplay", elsewhere},
    {"vnclisten", elsewhere},
    {"vncpasswd", elsewhere},
    {"vncunused", elsewhere},
    {"vncviewer", ignored},
    {"vnuma", xlight__key_vnuma},
    {"vsnd", unsupported},
    {"vuart", ignored},
    {"xauthority", elsewhere},
};

xlight__key_fn *xlight__special_key(const char *key)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (!strcmp(keys[i].key, key))
            return keys[i].fn;
    return NULL;
}
