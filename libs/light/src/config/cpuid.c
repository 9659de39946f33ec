/* SPDX-License-Identifier: MIT */
/*
 * cpuid.c - the key cpuid, in both of its forms.
 *
 * A policy is 32 characters for a register (64 for an MSR), bit 31 first: 0 and 1 force a bit, x
 * leaves it as usual, k takes the host's, s is k and stays so when the guest migrates.
 */
#include "cpuid.h"
#include <stdio.h>
#include "read.h"

#define ANY32 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void *append(struct xlight_config *c, const char *list)
{
    return xlight__append(c, xlight__by_json(xlight_config_type(), list));
}

/* The entry of a leaf, made if there is none. NULL: no memory. */
static struct xlight_cpuid *entry_of(struct xlight_config *c, uint32_t leaf, uint32_t subleaf)
{
    struct xlight_cpuid *e;

    for (unsigned int i = 0; i < c->nr_cpuid; i++)
        if (c->cpuid[i].leaf == leaf && c->cpuid[i].subleaf == subleaf)
            return &c->cpuid[i];
    e = append(c, "b_info/cpuid/cpuid");
    if (e) {
        e->leaf = leaf;
        e->subleaf = subleaf;
    }
    return e;
}

static char **register_of(struct xlight_cpuid *e, enum cpuid_register reg)
{
    char **const regs[] = {&e->eax, &e->ebx, &e->ecx, &e->edx};

    return regs[reg];
}

/* The policy that a name's bits are in, with its length; NULL: no memory. */
static char *policy_of(struct xlight_config *c, const struct cpuid_name *n, unsigned int *ret_len)
{
    struct xlight_cpuid *e;
    struct xlight_msr *msr = NULL;
    char **policy;

    *ret_len = n->reg == CPUID_MSR ? 64 : 32;
    if (n->reg == CPUID_MSR) {
        for (unsigned int i = 0; i < c->nr_msrs; i++)
            if (c->msrs[i].index == n->leaf)
                msr = &c->msrs[i];
        if (!msr)
            msr = append(c, "b_info/cpuid/msr");
        if (!msr)
            return NULL;
        msr->index = n->leaf;
        policy = &msr->policy;
    } else {
        e = entry_of(c, n->leaf, n->subleaf);
        if (!e)
            return NULL;
        policy = register_of(e, n->reg);
    }
    if (!*policy && xlight__set_string(policy, n->reg == CPUID_MSR ? ANY32 ANY32 : ANY32))
        return NULL;
    return *policy;
}

/* nr bits of a number, or nr times a letter, from this bit on. */
static void put(char *policy, unsigned int len, unsigned int bit, unsigned int nr, char letter,
                uint64_t number)
{
    for (unsigned int i = 0; i < nr; i++)
        policy[len - 1 - bit - i] = letter ? letter : number >> i & 1 ? '1' : '0';
}

/*
 * Family and model are split into two fields each, of which the second is for large numbers. A
 * letter is for the first field of the family only: so it is with Xen's tools.
 */
static void put_family(char *policy, char letter, uint64_t family)
{
    put(policy, 32, 8, 4, letter, family < 15 ? family : 15);
    put(policy, 32, 20, 8, 0, family < 15 ? 0 : family - 15);
}

static void put_model(char *policy, char letter, uint64_t model)
{
    put(policy, 32, 4, 4, letter, model & 15);
    put(policy, 32, 16, 4, letter, model >> 4);
}

static const char *get_name(const void *arg, unsigned int i)
{
    return ((const struct cpuid_name *)arg)[i].name;
}

static const struct cpuid_name *find_name(const char *name)
{
    for (unsigned int i = 0; i < nr_cpuid_names; i++)
        if (!strcmp(cpuid_names[i].name, name))
            return &cpuid_names[i];
    return NULL;
}

static int special(xlight_messages *m, const struct xlight__place *at, void *obj, const char *key,
                   const char *value)
{
    const struct cpuid_name *n = find_name(key);
    struct xlight__place flag = *at;
    unsigned int len;
    char letter = 0, *policy, *end;
    uint64_t number;

    if (!n) {
        const char *near = xlight__nearest(key, get_name, cpuid_names, nr_cpuid_names);

        flag.part = NULL;
        return xlight__error(m, &flag, "unknown CPU feature \"%s\"%s%s%s", key,
                             near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    }
    number = value ? strtoull(value, &end, 0) : 0;
    if (value && (!strcmp(value, "x") || !strcmp(value, "k") || !strcmp(value, "s")))
        letter = n->reg == CPUID_MSR && *value == 's' ? 'k' : *value;
    else if (!value || end == value || *end)
        return xlight__error(m, at, "must be a number, x, k or s%s%s%s", value ? ", not \"" : "",
                             value ? value : "", value ? "\"" : "");
    else if (!strcmp(key, "family") ? number > 15 + 255 : n->nr < 64 && number >> n->nr)
        return xlight__error(m, at, "%s does not fit", value);
    policy = policy_of(obj, n, &len);
    if (!policy)
        return -ENOMEM;
    if (!strcmp(key, "family"))
        put_family(policy, letter, number);
    else if (!strcmp(key, "model"))
        put_model(policy, letter, number);
    else
        put(policy, len, n->bit, n->nr, letter, number);
    return 0;
}

/* "host,sse3=0,family=6" */
static int read_flags(struct reader *r, const struct cfg_setting *s)
{
    static const struct xlight_type no_type = {.name = "cpuid"};
    struct xlight__place at = xlight__place_of(r, s, &s->value);
    const char *text = s->value.atom;
    size_t n = strcspn(text, ",");

    if (n != 4 || strncmp(text, "host", 4))
        return xlight__error(r->m, &at, "must begin with \"host\", as in \"host,sse3=0\"");
    if (!text[n])
        return 0;
    return xlight__read_spec(r->m, &at, &no_type, special, r->c, text + n + 1);
}

/* "ecx=32 characters" */
static int read_register(struct reader *r, const struct xlight__place *at, struct xlight_cpuid *e,
                         const char *text)
{
    const char *policy = text + 4;

    if (text[0] != 'e' || text[1] < 'a' || text[1] > 'd' || text[2] != 'x' || text[3] != '=')
        return xlight__error(r->m, at, "expected eax=, ebx=, ecx= or edx=, not \"%s\"", text);
    if (strlen(policy) != 32 || strspn(policy, "01xks") != 32)
        return xlight__error(r->m, at, "%.3s must be 32 of 0, 1, x, k and s, not \"%s\"", text,
                             policy);
    return xlight__set_string(register_of(e, (enum cpuid_register)(text[1] - 'a')), policy);
}

/* "LEAF[,SUBLEAF]:eax=...,ebx=..." */
static int read_leaf(struct reader *r, const struct xlight__place *at, const char *text)
{
    char *end, *copy, *next, *part;
    uint32_t subleaf = XLIGHT_UNSET_U32;
    unsigned long leaf = strtoul(text, &end, 0);
    struct xlight_cpuid *e;
    int rc = 0;

    if (end == text || *text == '-' || leaf > UINT32_MAX)
        return xlight__error(r->m, at, "\"%s\" does not begin with the number of a leaf", text);
    if (*end == ',') {
        const char *from = end + 1;

        subleaf = (uint32_t)strtoul(from, &end, 0);
        if (end == from)
            return xlight__error(r->m, at, "\"%s\" has no number of a subleaf after \",\"", text);
    }
    if (*end != ':')
        return xlight__error(r->m, at, "\"%s\" has no \":\" after the leaf", text);
    e = entry_of(r->c, (uint32_t)leaf, subleaf);
    copy = next = e ? strdup(end + 1) : NULL;
    if (!copy)
        return -ENOMEM;
    while (!rc && (part = strsep(&next, ",")))
        rc = read_register(r, at, e, part + strspn(part, " \n"));
    free(copy);
    return rc;
}

int xlight__key_cpuid(struct reader *r, const struct cfg_setting *s)
{
    int rc = 0;

    if (s->value.atom)
        return read_flags(r, s);
    for (unsigned int i = 0; i < s->value.nr && rc != -ENOMEM; i++) {
        struct xlight__place at = xlight__place_of(r, s, &s->value.items[i]);
        const char *text = xlight__need_text(r, s, &s->value.items[i]);
        int this = text ? read_leaf(r, &at, text) : -EINVAL;

        rc = this ? this : rc;
    }
    return rc;
}
