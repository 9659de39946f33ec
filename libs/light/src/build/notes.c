/* SPDX-License-Identifier: MIT */
/* notes.c - the notes by which a kernel tells Xen what it needs. */
#include "elf-image.h"
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <xenolith/public/features.h>

static uint64_t align4(uint64_t n)
{
    return (n + 3) & ~3ULL;
}

static int wrong(struct xlight__why *why, unsigned int type, const char *what)
{
    return xlight__why(why, -ENOEXEC, "note %u of the kernel for Xen %s", type, what);
}

/* Numbers come in any size. */
static int number(const uint8_t *desc, uint32_t len, unsigned int type, uint64_t *ret,
                  struct xlight__why *why)
{
    uint64_t value = 0;

    if (len != 1 && len != 2 && len != 4 && len != 8)
        return wrong(why, type, "is not a number");
    memcpy(&value, desc, len);
    *ret = value;
    return 0;
}

static int string(const uint8_t *desc, uint32_t len, unsigned int type, char *ret, size_t room,
                  struct xlight__why *why)
{
    size_t n = strnlen((const char *)desc, len);

    if (n >= room)
        return wrong(why, type, "is too long");
    for (size_t i = 0; i < n; i++)
        if (desc[i] < ' ' || desc[i] > '~')
            return wrong(why, type, "is not plain text");
    memcpy(ret, desc, n);
    ret[n] = 0;
    return 0;
}

/* Both "yes" and a number other than 0 have been used to say so. */
static int yes(const uint8_t *desc, uint32_t len, unsigned int type, bool *ret,
               struct xlight__why *why)
{
    uint64_t value;
    char text[32];
    int rc;

    if (len == 1 || len == 2 || len == 4 || len == 8) {
        rc = number(desc, len, type, &value, why);
        *ret = !rc && (len != 4 ? value != 0 : value && memcmp(desc, "no", 3));
        return rc;
    }
    rc = string(desc, len, type, text, sizeof(text), why);
    *ret = !rc && !strncmp(text, "yes", 3);
    return rc;
}

static const struct {
    const char *name;
    unsigned int bit;
} features[] = {
    {"writable_page_tables", XENFEAT_writable_page_tables},
    {"writable_descriptor_tables", XENFEAT_writable_descriptor_tables},
    {"auto_translated_physmap", XENFEAT_auto_translated_physmap},
    {"supervisor_mode_kernel", XENFEAT_supervisor_mode_kernel},
    {"pae_pgdir_above_4gb", XENFEAT_pae_pgdir_above_4gb},
    {"hvm_callback_vector", XENFEAT_hvm_callback_vector},
    {"dom0", XENFEAT_dom0},
    {"linux_rsdp_unrestricted", XENFEAT_linux_rsdp_unrestricted},
};

/* "!x" says that the kernel cannot do without x, "x" that it can make use of it. */
static int feature_list(const uint8_t *desc, uint32_t len, struct xlight__notes *n,
                        struct xlight__why *why)
{
    char text[256], *at = text, *word;
    int rc = string(desc, len, XEN_ELFNOTE_FEATURES, text, sizeof(text), why);

    while (!rc && (word = strsep(&at, "|"))) {
        bool required = *word == '!';

        for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
            if (strcmp(word + required, features[i].name))
                continue;
            n->supported_features |= 1ULL << features[i].bit;
            if (required)
                n->required_features |= 1ULL << features[i].bit;
        }
    }
    return rc;
}

static int l1_valid(const uint8_t *desc, uint32_t len, struct xlight__notes *n,
                    struct xlight__why *why)
{
    if (len != 16 && len != 8)
        return wrong(why, XEN_ELFNOTE_L1_MFN_VALID, "is not a pair of numbers");
    n->l1_mfn_mask = n->l1_mfn_value = 0;
    memcpy(&n->l1_mfn_mask, desc, len / 2);
    memcpy(&n->l1_mfn_value, desc + len / 2, len / 2);
    return 0;
}

static int one_note(unsigned int type, const uint8_t *desc, uint32_t len, struct xlight__notes *n,
                    struct xlight__why *why)
{
    uint64_t bits = 0;
    int rc;

    switch (type) {
    case XEN_ELFNOTE_ENTRY:
        return number(desc, len, type, &n->entry, why);
    case XEN_ELFNOTE_HYPERCALL_PAGE:
        return number(desc, len, type, &n->hypercall_page, why);
    case XEN_ELFNOTE_VIRT_BASE:
        return number(desc, len, type, &n->virt_base, why);
    case XEN_ELFNOTE_PADDR_OFFSET:
        return number(desc, len, type, &n->paddr_offset, why);
    case XEN_ELFNOTE_XEN_VERSION:
        return string(desc, len, type, n->xen_version, sizeof(n->xen_version), why);
    case XEN_ELFNOTE_GUEST_OS:
        return string(desc, len, type, n->guest_os, sizeof(n->guest_os), why);
    case XEN_ELFNOTE_GUEST_VERSION:
        return string(desc, len, type, n->guest_version, sizeof(n->guest_version), why);
    case XEN_ELFNOTE_LOADER:
        return string(desc, len, type, n->loader, sizeof(n->loader), why);
    case XEN_ELFNOTE_PAE_MODE:
        return yes(desc, len, type, &n->pae, why);
    case XEN_ELFNOTE_FEATURES:
        return feature_list(desc, len, n, why);
    case XEN_ELFNOTE_BSD_SYMTAB:
        return yes(desc, len, type, &n->bsd_symtab, why);
    case XEN_ELFNOTE_HV_START_LOW:
        return number(desc, len, type, &n->hv_start_low, why);
    case XEN_ELFNOTE_L1_MFN_VALID:
        return l1_valid(desc, len, n, why);
    case XEN_ELFNOTE_SUSPEND_CANCEL:
        return yes(desc, len, type, &n->suspend_cancel, why);
    case XEN_ELFNOTE_INIT_P2M:
        return number(desc, len, type, &n->init_p2m, why);
    case XEN_ELFNOTE_MOD_START_PFN:
        return yes(desc, len, type, &n->mod_start_pfn, why);
    case XEN_ELFNOTE_SUPPORTED_FEATURES:
        rc = number(desc, len, type, &bits, why);
        n->supported_features |= bits;
        return rc;
    case XEN_ELFNOTE_PHYS32_ENTRY:
        return number(desc, len, type, &n->phys32_entry, why);
    default:
        return 0; /* information */
    }
}

int xlight__notes_read(const uint8_t *data, size_t len, struct xlight__notes *n,
                       struct xlight__why *why)
{
    size_t at = 0;

    /* Name size, content size, type; then both, each padded to 4 bytes. */
    while (len - at >= 12) {
        uint32_t head[3];
        uint64_t name, desc, next;
        int rc;

        memcpy(head, data + at, sizeof(head));
        name = at + sizeof(head);
        desc = name + align4(head[0]);
        next = desc + align4(head[1]);
        if (name + head[0] > len || desc + head[1] > len)
            return xlight__why(why, -ENOEXEC, "a note of the kernel is cut short");
        if (head[0] == 4 && !memcmp(data + name, "Xen", 4) && head[2] <= XEN_ELFNOTE_MAX) {
            rc = one_note(head[2], data + desc, head[1], n, why);
            if (rc)
                return rc;
            n->have |= 1U << head[2];
        }
        /* The padding of the last one may be missing. */
        at = next < len ? (size_t)next : len;
    }
    return 0;
}
