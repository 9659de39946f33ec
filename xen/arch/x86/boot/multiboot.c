/* SPDX-License-Identifier: MIT */
/*
 * multiboot.c - reads what a multiboot 1 or 2 loader hands over into boot_info.
 *
 * The early page tables map the first 4 GiB at the direct map; loaders put everything below that.
 */
#include <xen/lib.h>
#include <xen/init.h>
#include <xen/mm.h>
#include <asm/setup.h>

#define MB1_BOOT_MAGIC 0x2badb002u
#define MB2_BOOT_MAGIC 0x36d76289u

struct boot_info boot_info __ro_after_init;

struct mb1_info {
    u32 flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4];
    u32 mmap_length, mmap_addr, drives[2], config_table, loader_name;
};
struct mb1_mmap {
    u32 size;
    u64 base, len;
    u32 type;
} __packed;
struct mb1_module {
    u32 start, end, string, reserved;
};
struct mb2_tag {
    u32 type, size;
};
struct mb2_mmap_entry {
    u64 base, len;
    u32 type, zero;
};

static const void *__init phys(u32 paddr)
{
    return maddr_to_virt(paddr);
}

/*
 * QEMU puts the file name first into every command line; GRUB 2 passes only what follows it (GRUB
 * legacy, version 0.x, behaves like QEMU).
 */
static const char *__init skip_file_name(const char *s)
{
    const char *grub = strstr(boot_info.loader, "GRUB ");

    if (grub && grub[5] && grub[5] != '0')
        return s;
    while (*s == ' ')
        s++;
    while (*s && *s != ' ')
        s++;
    while (*s == ' ')
        s++;
    return s;
}

static void __init add_module(u32 start, u32 end, const char *string)
{
    struct boot_module *m;

    if (boot_info.nr_modules == BOOT_MAX_MODULES || end <= start)
        return;
    m = &boot_info.module[boot_info.nr_modules++];
    m->start = start;
    m->size = end - start;
    strlcpy(m->cmdline, string ? string : "", sizeof(m->cmdline));
}

/* The loader's name may come after the strings that it decides about. */
static void __init finish_strings(void)
{
    static char tmp[1024] __initdata;

    strlcpy(tmp, skip_file_name(boot_info.cmdline), sizeof(tmp));
    strlcpy(boot_info.cmdline, tmp, sizeof(boot_info.cmdline));
    for (unsigned int i = 0; i < boot_info.nr_modules; i++) {
        strlcpy(tmp, skip_file_name(boot_info.module[i].cmdline), sizeof(tmp));
        strlcpy(boot_info.module[i].cmdline, tmp, sizeof(tmp));
    }
}

/* A map with more entries than we keep loses the rest: less memory, nothing worse. */
static void __init add_memory(u64 base, u64 len, u32 type)
{
    if (len && e820_add(&boot_info.e820, base, base + len, type))
        printk(XLOG_WARN "Memory map entry at %016lx ignored\n", (unsigned long)base);
}

static int __init parse_mb1(maddr_t info, const char **ret_why)
{
    const struct mb1_info *mi = phys((u32)info);
    const struct mb1_module *mod;

    if (mi->flags & 1u << 9)
        strlcpy(boot_info.loader, phys(mi->loader_name), sizeof(boot_info.loader));
    if (mi->flags & 1u << 2)
        strlcpy(boot_info.cmdline, phys(mi->cmdline), sizeof(boot_info.cmdline));
    if (mi->flags & 1u << 3) {
        mod = phys(mi->mods_addr);
        for (u32 i = 0; i < mi->mods_count; i++)
            add_module(mod[i].start, mod[i].end, mod[i].string ? phys(mod[i].string) : NULL);
    }
    if (!(mi->flags & 1u << 6)) {
        *ret_why = "the boot loader passed no memory map";
        return -EINVAL;
    }
    for (u32 off = 0; off < mi->mmap_length;) {
        const struct mb1_mmap *m = phys(mi->mmap_addr + off);

        add_memory(m->base, m->len, m->type);
        off += m->size + 4;
    }
    return 0;
}

static void __init parse_mb2_mmap(const struct mb2_tag *tag)
{
    const u32 *head = (const u32 *)tag; /* type, size, entry size, version */
    u32 entry = head[2];

    for (u32 off = 16; entry >= sizeof(struct mb2_mmap_entry) && off + entry <= tag->size;
         off += entry) {
        const struct mb2_mmap_entry *m = (const void *)((const char *)tag + off);

        add_memory(m->base, m->len, m->type);
    }
}

static int __init parse_mb2(maddr_t info, const char **ret_why)
{
    const u32 *head = phys((u32)info);
    u32 total = head[0];
    bool have_map = false;

    boot_info.info = info;
    boot_info.info_end = info + total;
    for (u32 off = 8; off + sizeof(struct mb2_tag) <= total;) {
        const struct mb2_tag *tag = (const void *)((const char *)head + off);
        const u32 *w = (const u32 *)tag;
        const char *text = (const char *)(tag + 1);

        if (tag->type == 0 || tag->size < sizeof(*tag))
            break;
        switch (tag->type) {
        case 1:
            strlcpy(boot_info.cmdline, text, sizeof(boot_info.cmdline));
            break;
        case 2:
            strlcpy(boot_info.loader, text, sizeof(boot_info.loader));
            break;
        case 3:
            add_module(w[2], w[3], (const char *)(w + 4));
            break;
        case 6:
            parse_mb2_mmap(tag);
            have_map = true;
            break;
        case 14:
        case 15:
            boot_info.rsdp = info + off + sizeof(*tag);
            break;
        }
        off += ROUNDUP(tag->size, 8u);
    }
    if (!have_map)
        *ret_why = "the boot loader passed no memory map";
    return have_map ? 0 : -EINVAL;
}

int __init multiboot_parse(u32 magic, maddr_t info, const char **ret_why)
{
    int rc;

    if (magic == MB1_BOOT_MAGIC) {
        rc = parse_mb1(info, ret_why);
    } else if (magic == MB2_BOOT_MAGIC) {
        rc = parse_mb2(info, ret_why);
    } else {
        *ret_why = "not started by a multiboot loader";
        return -EINVAL;
    }
    finish_strings();
    return rc;
}
