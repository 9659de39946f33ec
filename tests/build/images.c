/* SPDX-License-Identifier: MIT */
/* images.c - makes kernel images. */
#include "images.h"
#include <bzlib.h>
#include <elf.h>
#include <lz4.h>
#include <lz4frame.h>
#include <lzma.h>
#include <lzo/lzo1x.h>
#include <stdlib.h>
#include <string.h>
#include <xenolith/public/elfnote.h>
#include <zlib.h>
#include <zstd.h>

const char *const format_names[NR_FORMATS] = {"gzip", "bzip2", "xz",  "lzma",
                                              "lzo",  "lz4",   "lz4", "zstd"};

static void must(bool ok)
{
    if (!ok)
        abort();
}

static uint8_t *make_room(struct bytes *b, size_t len)
{
    if (b->room - b->len < len) {
        b->room = (b->len + len) * 2;
        b->data = realloc(b->data, b->room);
        must(b->data);
    }
    b->len += len;
    return b->data + b->len - len;
}

void bytes_add(struct bytes *b, const void *data, size_t len)
{
    if (len)
        memcpy(make_room(b, len), data, len);
}

void bytes_fill(struct bytes *b, int byte, size_t len)
{
    if (len)
        memset(make_room(b, len), byte, len);
}

void bytes_be32(struct bytes *b, uint32_t v)
{
    v = __builtin_bswap32(v);
    bytes_add(b, &v, sizeof(v));
}

void bytes_free(struct bytes *b)
{
    free(b->data);
    *b = (struct bytes){0};
}

void note_add(struct bytes *b, uint32_t type, const void *desc, uint32_t len)
{
    uint32_t head[3] = {4, len, type};

    bytes_add(b, head, sizeof(head));
    bytes_add(b, "Xen", 4);
    bytes_add(b, desc, len);
    bytes_fill(b, 0, -len & 3U);
}

static void note_number(struct bytes *b, uint32_t type, uint64_t v)
{
    note_add(b, type, &v, sizeof(v));
}

static void note_text(struct bytes *b, uint32_t type, const char *text)
{
    note_add(b, type, text, (uint32_t)strlen(text) + 1);
}

uint8_t tiny_byte(unsigned int segment, size_t at)
{
    return (uint8_t)(at * 7 + at / 251 + segment * 100 + 1);
}

uint64_t tiny_data_start(const struct tiny *t)
{
    return (t->text + 0x1fff) & ~0xfffULL;
}

static void tiny_defaults(struct tiny *t)
{
    t->paddr = t->paddr ? t->paddr : 0x100000;
    t->virt_base = t->virt_base ? t->virt_base : 0xffffffff80000000ULL;
    t->text = t->text ? t->text : TINY_TEXT;
    t->data = t->data ? t->data : TINY_DATA;
    t->bss = t->bss ? t->bss : TINY_BSS;
    t->init_p2m_va = t->init_p2m_va ? t->init_p2m_va : 0x8000000000ULL;
    t->entry = t->entry ? t->entry : t->virt_base + t->paddr + 0x10;
    t->xen_version = t->xen_version ? t->xen_version : "xen-3.0";
    t->loader = t->loader ? t->loader : "generic";
    t->guest_os = t->guest_os ? t->guest_os : "tiny";
}

static void tiny_notes(const struct tiny *t, struct bytes *b)
{
    const uint32_t one = 1;
    const uint64_t valid[2] = {1, 1};

    /* Somebody else's comes first. */
    const uint32_t other[6] = {4, 5, 1, 0x554e47, 0x11111111, 0x11};

    bytes_add(b, other, sizeof(other));
    note_number(b, XEN_ELFNOTE_ENTRY, t->entry);
    note_number(b, XEN_ELFNOTE_VIRT_BASE, t->virt_base);
    note_number(b, XEN_ELFNOTE_PADDR_OFFSET, 0);
    note_text(b, XEN_ELFNOTE_XEN_VERSION, t->xen_version);
    note_text(b, XEN_ELFNOTE_GUEST_OS, t->guest_os);
    note_text(b, XEN_ELFNOTE_GUEST_VERSION, "1");
    note_text(b, XEN_ELFNOTE_LOADER, t->loader);
    note_text(b, XEN_ELFNOTE_PAE_MODE, "yes");
    note_text(b, XEN_ELFNOTE_FEATURES,
              t->features ? t->features : "!writable_page_tables|pae_pgdir_above_4gb");
    note_add(b, XEN_ELFNOTE_L1_MFN_VALID, valid, sizeof(valid));
    note_add(b, XEN_ELFNOTE_SUSPEND_CANCEL, &one, sizeof(one));
    if (t->init_p2m)
        note_number(b, XEN_ELFNOTE_INIT_P2M, t->init_p2m_va);
    if (t->mod_start_pfn)
        note_add(b, XEN_ELFNOTE_MOD_START_PFN, &one, sizeof(one));
    if (t->hypercall_page)
        note_number(b, XEN_ELFNOTE_HYPERCALL_PAGE, t->virt_base + t->paddr + 0x1000);
    if (t->phys32)
        note_number(b, XEN_ELFNOTE_PHYS32_ENTRY, t->paddr + 0x20);
    if (t->rsdp_anywhere)
        note_number(b, XEN_ELFNOTE_SUPPORTED_FEATURES, 1U << 15);
}

struct part {
    uint32_t type;
    uint64_t offset, paddr, filesz, memsz;
};

static void add_phdr(struct bytes *b, bool is32, const struct part *p)
{
    Elf64_Phdr h64 = {.p_type = p->type,
                      .p_offset = p->offset,
                      .p_paddr = p->paddr,
                      .p_filesz = p->filesz,
                      .p_memsz = p->memsz};
    Elf32_Phdr h32 = {.p_type = p->type,
                      .p_offset = (Elf32_Off)p->offset,
                      .p_paddr = (Elf32_Addr)p->paddr,
                      .p_filesz = (Elf32_Word)p->filesz,
                      .p_memsz = (Elf32_Word)p->memsz};

    bytes_add(b, is32 ? (void *)&h32 : (void *)&h64, is32 ? sizeof(h32) : sizeof(h64));
}

static void add_ehdr(struct bytes *b, const struct tiny *t, uint16_t phnum, uint64_t shoff)
{
    Elf64_Ehdr h64 = {.e_type = ET_EXEC,
                      .e_machine = EM_X86_64,
                      .e_version = 1,
                      .e_entry = t->paddr,
                      .e_phoff = sizeof(h64),
                      .e_phentsize = sizeof(Elf64_Phdr),
                      .e_phnum = phnum,
                      .e_shoff = shoff,
                      .e_shentsize = sizeof(Elf64_Shdr),
                      .e_shnum = shoff ? 2 : 0};
    Elf32_Ehdr h32 = {.e_type = ET_EXEC,
                      .e_machine = EM_386,
                      .e_version = 1,
                      .e_entry = (Elf32_Addr)t->paddr,
                      .e_phoff = sizeof(h32),
                      .e_phentsize = sizeof(Elf32_Phdr),
                      .e_phnum = phnum,
                      .e_shoff = (Elf32_Off)shoff,
                      .e_shentsize = sizeof(Elf32_Shdr),
                      .e_shnum = shoff ? 2 : 0};
    const uint8_t ident[7] = {0x7f, 'E', 'L', 'F', t->is32 ? 1 : 2, 1, 1};

    memcpy(h64.e_ident, ident, sizeof(ident));
    memcpy(h32.e_ident, ident, sizeof(ident));
    bytes_add(b, t->is32 ? (void *)&h32 : (void *)&h64, t->is32 ? sizeof(h32) : sizeof(h64));
}

static void add_section(struct bytes *b, const struct tiny *t, uint64_t offset, uint64_t len)
{
    Elf64_Shdr h64[2] = {{0}, {.sh_type = SHT_NOTE, .sh_offset = offset, .sh_size = len}};
    Elf32_Shdr h32[2] = {
        {0}, {.sh_type = SHT_NOTE, .sh_offset = (Elf32_Off)offset, .sh_size = (Elf32_Word)len}};

    bytes_add(b, t->is32 ? (void *)h32 : (void *)h64, t->is32 ? sizeof(h32) : sizeof(h64));
}

/* Headers, notes, two segments each at a page of the file, section headers. */
void tiny_make(struct tiny *t, struct bytes *ret)
{
    struct bytes notes = {0}, b = {0};
    bool phdr_notes = !t->no_notes && !t->section_notes;
    uint64_t text_at = 0x1000, data_at, notes_at, shoff;

    tiny_defaults(t);
    tiny_notes(t, &notes);
    data_at = text_at + ((t->text + 0xfff) & ~0xfffULL);
    notes_at = data_at + t->data;
    shoff = t->section_notes ? notes_at + notes.len : 0;
    add_ehdr(&b, t, phdr_notes ? 3 : 2, shoff);
    /* Out of order, which is allowed. */
    add_phdr(
        &b, t->is32,
        &(struct part){PT_LOAD, data_at, t->paddr + tiny_data_start(t), t->data, t->data + t->bss});
    add_phdr(&b, t->is32, &(struct part){PT_LOAD, text_at, t->paddr, t->text, t->text});
    if (phdr_notes)
        add_phdr(&b, t->is32, &(struct part){PT_NOTE, notes_at, 0, notes.len, 0});
    bytes_fill(&b, 0, text_at - b.len);
    for (size_t i = 0; i < t->text; i++)
        bytes_fill(&b, tiny_byte(0, i), 1);
    bytes_fill(&b, 0, data_at - b.len);
    for (size_t i = 0; i < t->data; i++)
        bytes_fill(&b, tiny_byte(1, i), 1);
    if (!t->no_notes)
        bytes_add(&b, notes.data, notes.len);
    if (t->section_notes)
        add_section(&b, t, notes_at, notes.len);
    bytes_free(&notes);
    *ret = b;
}

static void pack_gzip(const void *data, size_t len, struct bytes *b, void *out, size_t room)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)data,
                  .avail_in = (uInt)len,
                  .next_out = out,
                  .avail_out = (uInt)room};

    must(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    must(deflate(&z, Z_FINISH) == Z_STREAM_END);
    bytes_add(b, out, z.total_out);
    deflateEnd(&z);
}

static void pack_bzip2(const void *data, size_t len, struct bytes *b, void *out, size_t room)
{
    unsigned int n = (unsigned int)room;

    must(BZ2_bzBuffToBuffCompress(out, &n, (char *)(uintptr_t)data, (unsigned int)len, 1, 0, 0) ==
         BZ_OK);
    bytes_add(b, out, n);
}

static void pack_lzma(bool alone, const void *data, size_t len, struct bytes *b, void *out,
                      size_t room)
{
    lzma_options_lzma options;
    lzma_filter filters[] = {
        {LZMA_FILTER_X86, NULL}, {LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    lzma_stream s = LZMA_STREAM_INIT;

    must(!lzma_lzma_preset(&options, 1));
    must((alone ? lzma_alone_encoder(&s, &options)
                : lzma_stream_encoder(&s, filters, LZMA_CHECK_CRC32)) == LZMA_OK);
    s.next_in = data;
    s.avail_in = len;
    s.next_out = out;
    s.avail_out = room;
    must(lzma_code(&s, LZMA_FINISH) == LZMA_STREAM_END);
    bytes_add(b, out, s.total_out);
    lzma_end(&s);
}

#define LZ4_BLOCK (8U << 20)
static void pack_lz4_legacy(const uint8_t *data, size_t len, struct bytes *b, void *out,
                            size_t room)
{
    bytes_add(b, "\x02\x21\x4c\x18", 4);
    for (size_t at = 0; at < len; at += LZ4_BLOCK) {
        size_t n = len - at < LZ4_BLOCK ? len - at : LZ4_BLOCK;
        int packed = LZ4_compress_default((const char *)data + at, out, (int)n, (int)room);
        uint32_t head = (uint32_t)packed;

        must(packed > 0);
        bytes_add(b, &head, sizeof(head));
        bytes_add(b, out, head);
    }
}

#define LZO_BLOCK 65536U
static void pack_lzo(const uint8_t *data, size_t len, struct bytes *b, uint8_t *out)
{
    /* magic; version, library, needed; method, level; flags ADLER32_D; mode, two times, name. */
    static const uint8_t head[] = {
        0x89, 'L', 'Z', 'O', 0, '\r', '\n', 0x1a, '\n', 0x10, 0x40, 0x20, 0xa0, 9, 0x40, 1, 5,  0,
        0,    0,   1,   0,   0, 0,    0,    0,    0,    0,    0,    0,    0,    0, 0,    1, 'k'};
    void *work = malloc(LZO1X_1_MEM_COMPRESS);

    must(work && lzo_init() == LZO_E_OK);
    bytes_add(b, head, sizeof(head));
    bytes_be32(b, 0); /* its checksum */
    for (size_t at = 0; at < len; at += LZO_BLOCK) {
        size_t n = len - at < LZO_BLOCK ? len - at : LZO_BLOCK;
        lzo_uint packed = 0;

        must(lzo1x_1_compress(data + at, n, out, &packed, work) == LZO_E_OK);
        bytes_be32(b, (uint32_t)n);
        bytes_be32(b, (uint32_t)(packed < n ? packed : n));
        bytes_be32(b, lzo_adler32(1, data + at, n));
        bytes_add(b, packed < n ? out : data + at, packed < n ? packed : n);
    }
    bytes_be32(b, 0);
    free(work);
}

void image_pack(enum format f, const void *data, size_t len, struct bytes *ret)
{
    size_t room = len * 2 + (1U << 20), n;
    uint8_t *out = malloc(room);
    struct bytes b = {0};

    must(out);
    switch (f) {
    case GZIP:
        pack_gzip(data, len, &b, out, room);
        break;
    case BZIP2:
        pack_bzip2(data, len, &b, out, room);
        break;
    case XZ:
    case LZMA:
        pack_lzma(f == LZMA, data, len, &b, out, room);
        break;
    case LZO:
        pack_lzo(data, len, &b, out);
        break;
    case LZ4_LEGACY:
        pack_lz4_legacy(data, len, &b, out, room);
        break;
    case LZ4_FRAME:
        n = LZ4F_compressFrame(out, room, data, len, NULL);
        must(!LZ4F_isError(n));
        bytes_add(&b, out, n);
        break;
    default:
        n = ZSTD_compress(out, room, data, len, 3);
        must(!ZSTD_isError(n));
        bytes_add(&b, out, n);
        break;
    }
    free(out);
    *ret = b;
}

void bzimage_make(const struct bytes *payload, uint32_t unpacked, bool add_size,
                  unsigned int protocol, struct bytes *ret)
{
    const uint32_t offset = 0x2cc, sects = 4;
    uint32_t len = (uint32_t)payload->len + (add_size ? 4 : 0);
    uint16_t version = (uint16_t)protocol;
    struct bytes b = {0};

    bytes_fill(&b, 0x90, (sects + 1) * 512 + offset);
    b.data[0x1f1] = (uint8_t)sects;
    b.data[0x1fe] = 0x55;
    b.data[0x1ff] = 0xaa;
    memcpy(b.data + 0x202, "HdrS", 4);
    memcpy(b.data + 0x206, &version, 2);
    memcpy(b.data + 0x248, &offset, 4);
    memcpy(b.data + 0x24c, &len, 4);
    bytes_add(&b, payload->data, payload->len);
    if (add_size)
        bytes_add(&b, &unpacked, 4);
    bytes_fill(&b, 0x77, 300); /* the rest of the image */
    *ret = b;
}
