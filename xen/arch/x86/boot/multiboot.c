/* SPDX-License-Identifier: MIT */
/*
 * multiboot.c - reads what a multiboot 1 or 2 loader hands over into a struct boot_info.
 *
 * Pure code: memory is read through the caller's mb_memory only, and nothing that a loader says is
 * believed before it was found readable. Damaged parts are left out; what cannot be done without is
 * the memory map. No locks; boot CPU only.
 */
#include <xen/lib.h>
#include <xen/init.h>
#include <asm/setup.h>

#define MB1_BOOT_MAGIC 0x2badb002u
#define MB2_BOOT_MAGIC 0x36d76289u

#define MB1_HAS_CMDLINE BIT(2)
#define MB1_HAS_MODULES BIT(3)
#define MB1_HAS_MMAP    BIT(6)
#define MB1_HAS_LOADER  BIT(9)

#define RSDP_V1_SIZE 20u
#define RSDP_V2_SIZE 36u

enum mb2_tag_type {
    MB2_END = 0,
    MB2_CMDLINE = 1,
    MB2_LOADER = 2,
    MB2_MODULE = 3,
    MB2_MMAP = 6,
    MB2_RSDP_V1 = 14,
    MB2_RSDP_V2 = 15,
};

struct mb1_info {
    u32 flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4];
    u32 mmap_length, mmap_addr, drives[2], config_table, loader_name;
};
struct mb1_mmap {
    u32 size; /* of what follows */
    u64 base, len;
    u32 type;
} __packed;
struct mb1_module {
    u32 start, end, string, reserved;
};
struct mb2_tag {
    u32 type, size;
};
struct mb2_module {
    struct mb2_tag tag;
    u32 start, end;
};
struct mb2_mmap {
    struct mb2_tag tag;
    u32 entry_size, version;
};
struct mb2_mmap_entry {
    u64 base, len;
    u32 type, zero;
};

/* Copies a structure; false when it cannot be read. Nothing need be aligned. */
static bool __init get(const struct mb_memory *mem, u64 pa, void *dst, size_t len)
{
    const void *p = mem->map(mem->ctx, pa, len);

    if (p)
        memcpy(dst, p, len);
    return p != NULL;
}

/* Copies a string that ends at a zero byte, after max bytes or where memory ends. */
static void __init get_string(const struct mb_memory *mem, u64 pa, u64 max, char *dst, size_t size)
{
    size_t n = 0;

    while (n < size - 1 && n < max && get(mem, pa + n, &dst[n], 1) && dst[n])
        n++;
    dst[n] = '\0';
}

/*
 * QEMU puts the file name first into every command line; GRUB 2 passes only what follows it (GRUB
 * legacy, version 0.x, behaves like QEMU).
 */
static const char *__init skip_file_name(const char *loader, const char *s)
{
    const char *grub = strstr(loader, "GRUB ");

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

static void __init drop_file_name(const char *loader, char *s)
{
    const char *rest = skip_file_name(loader, s);

    memmove(s, rest, strlen(rest) + 1);
}

/* The loader's name may come after the strings that it decides about. */
static void __init finish_strings(struct boot_info *bi)
{
    drop_file_name(bi->loader, bi->cmdline);
    for (unsigned int i = 0; i < bi->nr_modules; i++)
        drop_file_name(bi->loader, bi->module[i].cmdline);
}

/* string_max: 0 for a module without a string. */
static void __init add_module(const struct mb_memory *mem, struct boot_info *bi, u32 start, u32 end,
                              u64 string, u64 string_max)
{
    struct boot_module *m;

    if (end <= start)
        return;
    if (bi->nr_modules == BOOT_MAX_MODULES) {
        printk(XLOG_WARN "Module at %08x left out: more than %u\n", start, BOOT_MAX_MODULES);
        return;
    }
    m = &bi->module[bi->nr_modules++];
    m->start = start;
    m->size = end - start;
    get_string(mem, string, string_max, m->cmdline, sizeof(m->cmdline));
}

/* A map with more entries than we keep loses the rest: less memory, nothing worse. */
static void __init add_memory(struct boot_info *bi, u64 base, u64 len, u32 type)
{
    u64 end;

    if (__builtin_add_overflow(base, len, &end))
        end = ~0ULL;
    if (len && e820_add(&bi->e820, base, end, type))
        printk(XLOG_WARN "Memory map entry at %016lx ignored\n", (unsigned long)base);
}

static void __init parse_mb1_modules(const struct mb_memory *mem, struct boot_info *bi,
                                     const struct mb1_info *mi)
{
    struct mb1_module mod;

    for (u32 i = 0; i < mi->mods_count; i++) {
        if (!get(mem, mi->mods_addr + (u64)i * sizeof(mod), &mod, sizeof(mod)))
            return;
        add_module(mem, bi, mod.start, mod.end, mod.string, mod.string ? ~0ULL : 0);
        if (bi->nr_modules == BOOT_MAX_MODULES)
            return;
    }
}

/* False: nothing of the map could be read. */
static bool __init parse_mb1_mmap(const struct mb_memory *mem, struct boot_info *bi,
                                  const struct mb1_info *mi)
{
    struct mb1_mmap e;
    bool any = false;

    for (u64 off = 0; off + sizeof(e) <= mi->mmap_length; off += (u64)e.size + sizeof(e.size)) {
        if (!get(mem, mi->mmap_addr + off, &e, sizeof(e)) || e.size < sizeof(e) - sizeof(e.size))
            break;
        add_memory(bi, e.base, e.len, e.type);
        any = true;
    }
    return any;
}

static int __init parse_mb1(const struct mb_memory *mem, maddr_t info, struct boot_info *bi,
                            const char **ret_why)
{
    struct mb1_info mi;

    if (!get(mem, info, &mi, sizeof(mi))) {
        *ret_why = "the boot loader's information cannot be read";
        return -EINVAL;
    }
    if (mi.flags & MB1_HAS_LOADER)
        get_string(mem, mi.loader_name, ~0ULL, bi->loader, sizeof(bi->loader));
    if (mi.flags & MB1_HAS_CMDLINE)
        get_string(mem, mi.cmdline, ~0ULL, bi->cmdline, sizeof(bi->cmdline));
    if (mi.flags & MB1_HAS_MODULES)
        parse_mb1_modules(mem, bi, &mi);
    if (!(mi.flags & MB1_HAS_MMAP) || !parse_mb1_mmap(mem, bi, &mi)) {
        *ret_why = "the boot loader passed no memory map";
        return -EINVAL;
    }
    return 0;
}

static bool __init parse_mb2_mmap(const struct mb_memory *mem, struct boot_info *bi, u64 pa,
                                  u32 size)
{
    struct mb2_mmap head;
    struct mb2_mmap_entry e;
    bool any = false;

    if (size < sizeof(head) || !get(mem, pa, &head, sizeof(head)) || head.entry_size < sizeof(e))
        return false;
    for (u64 off = sizeof(head); off + head.entry_size <= size; off += head.entry_size) {
        if (!get(mem, pa + off, &e, sizeof(e)))
            break;
        add_memory(bi, e.base, e.len, e.type);
        any = true;
    }
    return any;
}

static void __init parse_mb2_module(const struct mb_memory *mem, struct boot_info *bi, u64 pa,
                                    u32 size)
{
    struct mb2_module m;

    if (size >= sizeof(m) && get(mem, pa, &m, sizeof(m)))
        add_module(mem, bi, m.start, m.end, pa + sizeof(m), size - sizeof(m));
}

/* The newer table wins, whatever the order. */
static void __init take_rsdp(struct boot_info *bi, u64 pa, const struct mb2_tag *tag)
{
    bool newer = tag->type == MB2_RSDP_V2;

    if (tag->size - sizeof(*tag) < (newer ? RSDP_V2_SIZE : RSDP_V1_SIZE))
        return;
    if (newer || !bi->rsdp)
        bi->rsdp = pa + sizeof(*tag);
}

/* True when the tag was a memory map. */
static bool __init parse_mb2_tag(const struct mb_memory *mem, struct boot_info *bi, u64 pa,
                                 const struct mb2_tag *tag)
{
    u64 text = pa + sizeof(*tag), len = tag->size - sizeof(*tag);

    switch (tag->type) {
    case MB2_CMDLINE:
        get_string(mem, text, len, bi->cmdline, sizeof(bi->cmdline));
        break;
    case MB2_LOADER:
        get_string(mem, text, len, bi->loader, sizeof(bi->loader));
        break;
    case MB2_MODULE:
        parse_mb2_module(mem, bi, pa, tag->size);
        break;
    case MB2_MMAP:
        return parse_mb2_mmap(mem, bi, pa, tag->size);
    case MB2_RSDP_V1:
    case MB2_RSDP_V2:
        take_rsdp(bi, pa, tag);
        break;
    }
    return false;
}

static int __init parse_mb2(const struct mb_memory *mem, maddr_t info, struct boot_info *bi,
                            const char **ret_why)
{
    struct mb2_tag tag;
    bool have_map = false;
    u32 total;

    if (!get(mem, info, &total, sizeof(total)) || !mem->map(mem->ctx, info, total)) {
        *ret_why = "the boot loader's information cannot be read";
        return -EINVAL;
    }
    bi->info = info;
    bi->info_end = info + total;
    for (u64 off = 8; off + sizeof(tag) <= total; off += ROUNDUP((u64)tag.size, 8ULL)) {
        if (!get(mem, info + off, &tag, sizeof(tag)) || tag.type == MB2_END ||
            tag.size < sizeof(tag) || tag.size > total - off)
            break;
        have_map |= parse_mb2_tag(mem, bi, info + off, &tag);
    }
    if (!have_map)
        *ret_why = "the boot loader passed no memory map";
    return have_map ? 0 : -EINVAL;
}

int __init multiboot_parse(const struct mb_memory *mem, u32 magic, maddr_t info,
                           struct boot_info *bi, const char **ret_why)
{
    int rc;

    if (magic == MB1_BOOT_MAGIC) {
        rc = parse_mb1(mem, info, bi, ret_why);
    } else if (magic == MB2_BOOT_MAGIC) {
        rc = parse_mb2(mem, info, bi, ret_why);
    } else {
        *ret_why = "not started by a multiboot loader";
        return -EINVAL;
    }
    finish_strings(bi);
    return rc;
}
