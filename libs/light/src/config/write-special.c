/* SPDX-License-Identifier: MIT */
/* write-special.c - settings of which the values are not one field each. */
#include <inttypes.h>
#include "cpuid.h"
#include "write.h"

static void put_string(FILE *out, const char *key, const char *text)
{
    if (!text)
        return;
    fprintf(out, "%s = ", key);
    xlight__put_quoted(out, text);
    putc('\n', out);
}

static void put_switch(FILE *out, const char *key, int8_t value)
{
    if (value)
        fprintf(out, "%s = %d\n", key, value == XLIGHT_YES);
}

static void put_strings(FILE *out, const char *key, char *const *items, unsigned int nr)
{
    for (unsigned int i = 0; i < nr; i++) {
        fprintf(out, "%s%s", i ? ", " : key, i ? "" : " = [");
        xlight__put_quoted(out, items[i]);
        fputs(i + 1 == nr ? "]\n" : "", out);
    }
}

/*
 * One text for all vCPUs, or a list. For hard affinity a list also means that the domain is not to
 * be placed on nodes by itself.
 */
static void put_affinity(FILE *out, const struct xlight_config *c, bool hard)
{
    const struct xlight_bits *sets = hard ? c->hard_affinity : c->soft_affinity;
    unsigned int nr = hard ? c->nr_hard_affinity : c->nr_soft_affinity;
    unsigned int vcpus = c->max_vcpus > 0 ? (unsigned int)c->max_vcpus : 1;
    bool one = nr == vcpus && !(hard && c->numa_placement == XLIGHT_NO);

    for (unsigned int i = 1; i < nr; i++)
        one &= xlight__same_bits(&sets[0], &sets[i]);
    if (!nr)
        return;
    fputs(hard ? "cpus = " : "cpus_soft = ", out);
    for (unsigned int i = 0; i < (one ? 1 : nr); i++) {
        fputs(one ? "\"" : i ? ", \"" : "[\"", out);
        xlight__put_set(out, &sets[i]);
        putc('"', out);
    }
    fputs(one ? "\n" : "]\n", out);
}

static void put_cpus(FILE *out, const struct xlight_config *c)
{
    unsigned int n = 0;

    while (xlight__bit(&c->avail_vcpus, n))
        n++;
    if (n)
        fprintf(out, "vcpus = %u\n", n);
    put_affinity(out, c, true);
    put_affinity(out, c, false);
}

static void put_vnuma(FILE *out, const struct xlight_config *c)
{
    for (unsigned int i = 0; i < c->nr_vnuma; i++) {
        const struct xlight_vnuma_node *n = &c->vnuma[i];

        fprintf(out, "%s[\"pnode=%u\", \"size=%" PRIu64 "\", \"vcpus=", i ? ",\n    " : "vnuma = [",
                n->pnode, n->memory_kb / 1024);
        xlight__put_set(out, &n->vcpus);
        for (unsigned int j = 0; j < n->nr_distances; j++)
            fprintf(out, "%s%u", j ? "," : "\", \"vdistances=", n->distances[j]);
        fputs(i + 1 == c->nr_vnuma ? "\"]]\n" : "\"]", out);
    }
}

/* "LEAF:eax=...": all that can be said about CPUID, but not about MSRs. */
static void put_leaves(FILE *out, const struct xlight_config *c)
{
    for (unsigned int i = 0; i < c->nr_cpuid; i++) {
        const struct xlight_cpuid *e = &c->cpuid[i];
        const char *const regs[] = {e->eax, e->ebx, e->ecx, e->edx};
        char separator = ':';

        fprintf(out, "%s\"0x%" PRIx32, i ? ",\n    " : "cpuid = [", e->leaf);
        if (e->subleaf != XLIGHT_UNSET_U32)
            fprintf(out, ",%" PRIu32, e->subleaf);
        for (unsigned int r = 0; r < 4; r++)
            if (regs[r]) {
                fprintf(out, "%ce%cx=%s", separator, 'a' + r, regs[r]);
                separator = ',';
            }
        fputs(i + 1 == c->nr_cpuid ? "\"]\n" : "\"", out);
    }
}

/*
 * nr characters of a policy, from this bit on: a number, or a letter if they all are the same.
 * False: they are neither.
 */
static bool get_bits(const char *policy, size_t len, unsigned int bit, unsigned int nr,
                     char *ret_letter, uint64_t *ret_number)
{
    const char *p = policy + len - bit - nr;
    uint64_t number = 0;

    if (strspn(p, "01") >= nr) {
        for (unsigned int i = 0; i < nr; i++)
            number = number << 1 | (p[i] == '1');
        *ret_letter = 0;
        *ret_number = number;
        return true;
    }
    for (unsigned int i = 1; i < nr; i++)
        if (p[i] != *p)
            return false;
    *ret_letter = *p;
    return true;
}

static void put_bit(FILE *out, const struct cpuid_name *n, const char *policy, size_t len)
{
    char letter = 0, more = 0;
    uint64_t number = 0, high = 0;

    if (n->bit + n->nr > len)
        return;
    if (!strcmp(n->name, "family")) {
        if (!get_bits(policy, len, 8, 4, &letter, &number) ||
            !get_bits(policy, len, 20, 8, &more, &high) || letter || more)
            return;
        number += high;
    } else if (!strcmp(n->name, "model")) {
        if (!get_bits(policy, len, 4, 4, &letter, &number) ||
            !get_bits(policy, len, 16, 4, &more, &high) || letter != more)
            return;
        if (!letter)
            number |= high << 4;
    } else if (!get_bits(policy, len, n->bit, n->nr, &letter, &number)) {
        return;
    }
    if (!letter)
        fprintf(out, ",%s=%" PRIu64, n->name, number);
    else if (letter != 'x')
        fprintf(out, ",%s=%c", n->name, letter);
}

/* A policy by the names of its bits. */
static void put_bits(FILE *out, uint32_t leaf, uint32_t subleaf, enum cpuid_register reg,
                     const char *policy)
{
    if (!policy || strlen(policy) != (reg == CPUID_MSR ? 64 : 32))
        return; /* will be noticed */
    for (unsigned int i = 0; i < nr_cpuid_names; i++) {
        const struct cpuid_name *n = &cpuid_names[i];

        if (n->leaf == leaf && n->subleaf == subleaf && n->reg == reg)
            put_bit(out, n, policy, strlen(policy));
    }
}

static void put_cpuid(FILE *out, const struct xlight_config *c)
{
    if (!c->nr_msrs) {
        put_leaves(out, c);
        return;
    }
    fputs("cpuid = \"host", out);
    for (unsigned int i = 0; i < c->nr_cpuid; i++) {
        const struct xlight_cpuid *e = &c->cpuid[i];

        put_bits(out, e->leaf, e->subleaf, CPUID_EAX, e->eax);
        put_bits(out, e->leaf, e->subleaf, CPUID_EBX, e->ebx);
        put_bits(out, e->leaf, e->subleaf, CPUID_ECX, e->ecx);
        put_bits(out, e->leaf, e->subleaf, CPUID_EDX, e->edx);
    }
    for (unsigned int i = 0; i < c->nr_msrs; i++)
        put_bits(out, c->msrs[i].index, XLIGHT_UNSET_U32, CPUID_MSR, c->msrs[i].policy);
    fputs("\"\n", out);
}

static void put_resources(FILE *out, const struct xlight_config *c)
{
    for (unsigned int i = 0; i < c->nr_ioports; i++)
        fprintf(out, "%s\"%x-%x\"%s", i ? ", " : "ioports = [", c->ioports[i].first,
                c->ioports[i].first + c->ioports[i].number - 1,
                i + 1 == c->nr_ioports ? "]\n" : "");
    for (unsigned int i = 0; i < c->nr_iomem; i++) {
        const struct xlight_iomem *r = &c->iomem[i];

        fprintf(out, "%s\"%" PRIx64 ",%" PRIx64, i ? ", " : "iomem = [", r->start, r->number);
        if (r->gfn != UINT64_MAX)
            fprintf(out, "@%" PRIx64, r->gfn);
        fputs(i + 1 == c->nr_iomem ? "\"]\n" : "\"", out);
    }
}

static void put_screen(FILE *out, const struct xlight_config *c)
{
    const struct xlight_vnc *vnc = &c->hvm.vnc;
    const struct xlight_sdl *sdl = &c->hvm.sdl;

    put_switch(out, "vnc", vnc->enable);
    put_string(out, "vnclisten", vnc->listen);
    put_string(out, "vncpasswd", vnc->password);
    if (vnc->display)
        fprintf(out, "vncdisplay = %d\n", vnc->display);
    put_switch(out, "vncunused", vnc->find_unused);
    put_switch(out, "sdl", sdl->enable);
    put_switch(out, "opengl", sdl->opengl);
    put_string(out, "display", sdl->display);
    put_string(out, "xauthority", sdl->xauthority);
    put_string(out, "keymap", c->hvm.keymap);
}

static void put_viridian(FILE *out, const struct xlight_config *c)
{
    const char *comma = "";

    if (!c->hvm.viridian_enable.nr && !c->hvm.viridian_disable.nr) {
        put_switch(out, "viridian", c->hvm.viridian);
        return;
    }
    fputs("viridian = [", out);
    if (c->hvm.viridian == XLIGHT_YES) {
        fputs("\"defaults\"", out);
        comma = ", ";
    }
    for (uint32_t i = 0; xlight__viridian_names[i].json; i++) {
        bool off = xlight__bit(&c->hvm.viridian_disable, i);

        if (!off && !xlight__bit(&c->hvm.viridian_enable, i))
            continue;
        fprintf(out, "%s\"%s%s\"", comma, off ? "!" : "", xlight__viridian_names[i].json);
        comma = ", ";
    }
    fputs("]\n", out);
}

static void put_hvm(FILE *out, const struct xlight_config *c)
{
    bool igd = c->hvm.gfx_passthru_kind && c->hvm.gfx_passthru == XLIGHT_YES;

    put_screen(out, c);
    put_viridian(out, c);
    put_string(out, "serial", c->hvm.serial);
    put_strings(out, "serial", c->hvm.serials, c->hvm.nr_serials);
    put_string(out, "usbdevice", c->hvm.usbdevice);
    put_strings(out, "usbdevice", c->hvm.usbdevices, c->hvm.nr_usbdevices);
    if (igd)
        fputs("gfx_passthru = \"igd\"\n", out);
    else
        put_switch(out, "gfx_passthru", c->hvm.gfx_passthru);
    if (c->hvm.mca_caps)
        fputs("mca_caps = [\"lmce\"]\n", out);
    if (c->hvm.rdm_strategy || c->hvm.rdm_policy >= 0)
        fprintf(out, "rdm = \"%s,%s\"\n", c->hvm.rdm_strategy ? "strategy=host" : "",
                c->hvm.rdm_policy < 0    ? ""
                : c->hvm.rdm_policy == 0 ? "policy=strict"
                                         : "policy=relaxed");
}

/* With two labels the first is for the time of building. */
static void put_labels(FILE *out, const struct xlight_config *c)
{
    if (!c->exec_seclabel)
        return;
    put_string(out, "init_seclabel", c->seclabel);
    put_string(out, "seclabel", c->exec_seclabel);
}

void xlight__put_special(FILE *out, const struct xlight_config *c)
{
    put_labels(out, c);
    put_cpus(out, c);
    put_vnuma(out, c);
    put_cpuid(out, c);
    put_resources(out, c);
    if (c->type == XLIGHT_HVM)
        put_hvm(out, c);
}
