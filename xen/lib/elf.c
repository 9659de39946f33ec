/* SPDX-License-Identifier: MIT */
/*
 * elf.c - reads kernel images: bzImage container, ELF64 program headers, Xen notes. Pure: no state,
 * no copies of image data. Everything in an image is untrusted: each offset and size is checked by
 * slice() before use, and fields are read byte-wise because nothing guarantees alignment.
 */
#include <xen/elf.h>
#include <xen/lib.h>
#include <public/elfnote.h>

/* Real-mode header of a Linux image. */
#define BZ_SETUP_SECTS    0x1f1
#define BZ_BOOT_FLAG      0x1fe
#define BZ_MAGIC          0x202
#define BZ_VERSION        0x206
#define BZ_PAYLOAD_OFFSET 0x248
#define BZ_PAYLOAD_LENGTH 0x24c
#define BZ_HEADER_END     0x250
#define BZ_MIN_VERSION    0x208
#define BZ_SECTOR         512

#define EHDR_SIZE     64
#define PHDR_SIZE     56
#define ET_EXEC       2
#define ET_DYN        3
#define EM_X86_64     62
#define PT_LOAD       1
#define PT_NOTE       4
#define NOTE_HDR      12
#define NOTE_OWNER    "Xen"
#define NOTE_ROUND(n) (((u64)(n) + 3) & ~3ULL)

static u16 get16(const u8 *p)
{
    return (u16)(p[0] | p[1] << 8);
}

static u32 get32(const u8 *p)
{
    return get16(p) | (u32)get16(p + 2) << 16;
}

static u64 get64(const u8 *p)
{
    return get32(p) | (u64)get32(p + 4) << 32;
}

/* data + off if [off, off + size) lies within the data, else NULL. */
static const u8 *slice(const u8 *data, u64 len, u64 off, u64 size)
{
    return off <= len && size <= len - off ? data + off : NULL;
}

int bzimage_payload(const u8 *image, size_t len, const u8 **ret_payload, size_t *ret_payload_len,
                    u32 *ret_unpacked)
{
    const u8 *payload;
    u32 sectors, size;

    if (len < BZ_HEADER_END || get16(image + BZ_BOOT_FLAG) != 0xaa55 ||
        memcmp(image + BZ_MAGIC, "HdrS", 4) || get16(image + BZ_VERSION) < BZ_MIN_VERSION)
        return -ENOEXEC;

    sectors = image[BZ_SETUP_SECTS] ? image[BZ_SETUP_SECTS] : 4;
    size = get32(image + BZ_PAYLOAD_LENGTH);
    payload =
        slice(image, len, (sectors + 1) * BZ_SECTOR + (u64)get32(image + BZ_PAYLOAD_OFFSET), size);
    if (!payload || size <= 4)
        return -ENOEXEC;

    *ret_payload = payload;
    *ret_payload_len = size;
    *ret_unpacked = get32(payload + size - 4);
    return 0;
}

/* Steps through a note list. 1: *ret_note is the next note; 0: end; -EINVAL: damaged. */
struct note {
    u32 type, desc_len;
    const u8 *desc;
    bool is_xen;
};
static int next_note(const u8 *notes, size_t len, size_t *pos, struct note *ret_note)
{
    const u8 *hdr, *name, *desc;
    u32 name_len, desc_len;
    u64 end;

    /* Whatever is too short for a header is padding. */
    if (len - *pos < NOTE_HDR)
        return 0;
    hdr = notes + *pos;
    name_len = get32(hdr);
    desc_len = get32(hdr + 4);
    name = slice(notes, len, *pos + NOTE_HDR, name_len);
    desc = slice(notes, len, *pos + NOTE_HDR + NOTE_ROUND(name_len), desc_len);
    if (!name || !desc)
        return -EINVAL;

    *ret_note = (struct note){
        .type = get32(hdr + 8),
        .desc_len = desc_len,
        .desc = desc,
        .is_xen = name_len == sizeof(NOTE_OWNER) && !memcmp(name, NOTE_OWNER, sizeof(NOTE_OWNER)),
    };
    end = *pos + NOTE_HDR + NOTE_ROUND(name_len) + NOTE_ROUND(desc_len);
    *pos = (size_t)MIN(end, (u64)len);
    return 1;
}

static bool has_xen_note(const u8 *notes, size_t len)
{
    struct note note;
    size_t pos = 0;

    while (next_note(notes, len, &pos, &note) > 0)
        if (note.is_xen)
            return true;
    return false;
}

static int parse_load(struct elf_image *elf, const u8 *ph)
{
    struct elf_segment s = {
        .flags = get32(ph + 4),
        .offset = get64(ph + 8),
        .vaddr = get64(ph + 16),
        .paddr = get64(ph + 24),
        .filesz = get64(ph + 32),
        .memsz = get64(ph + 40),
    };
    u64 end;

    if (!s.memsz && !s.filesz)
        return 0;
    if (s.filesz > s.memsz || !slice(elf->data, elf->len, s.offset, s.filesz) ||
        __builtin_add_overflow(s.paddr, s.memsz, &end) || elf->nr_segments == ELF_MAX_SEGMENTS)
        return -EINVAL;

    /* Segments that share memory would depend on the order of loading. */
    for (unsigned int i = 0; i < elf->nr_segments; i++) {
        const struct elf_segment *o = &elf->segment[i];

        if (s.paddr < o->paddr + o->memsz && end > o->paddr)
            return -EINVAL;
    }
    if (!elf->nr_segments || s.paddr < elf->paddr_start)
        elf->paddr_start = s.paddr;
    elf->paddr_end = MAX(elf->paddr_end, end);
    elf->segment[elf->nr_segments++] = s;
    return 0;
}

/* An image may have several note segments: the one with Xen notes counts. */
static int parse_note_segment(struct elf_image *elf, const u8 *ph)
{
    u64 size = get64(ph + 32);
    const u8 *notes = slice(elf->data, elf->len, get64(ph + 8), size);

    if (!notes)
        return -EINVAL;
    if (!elf->notes || (!has_xen_note(elf->notes, elf->notes_len) && has_xen_note(notes, size))) {
        elf->notes = notes;
        elf->notes_len = size;
    }
    return 0;
}

int elf_parse(const u8 *data, size_t len, struct elf_image *ret_elf)
{
    static const u8 ident[] = {0x7f, 'E', 'L', 'F', 2 /* 64 bit */, 1 /* little endian */, 1};
    struct elf_image elf = {.data = data, .len = len};
    const u8 *phdrs;
    unsigned int nr;
    u16 type;
    int rc = 0;

    if (len < EHDR_SIZE || memcmp(data, ident, sizeof(ident)))
        return -ENOEXEC;
    type = get16(data + 16);
    elf.machine = get16(data + 18);
    if ((type != ET_EXEC && type != ET_DYN) || elf.machine != EM_X86_64)
        return -ENOEXEC;

    elf.entry = get64(data + 24);
    nr = get16(data + 56);
    phdrs = slice(data, len, get64(data + 32), (u64)nr * PHDR_SIZE);
    if (!phdrs || get16(data + 54) != PHDR_SIZE)
        return -EINVAL;

    for (unsigned int i = 0; i < nr && !rc; i++) {
        const u8 *ph = phdrs + i * PHDR_SIZE;

        if (get32(ph) == PT_LOAD)
            rc = parse_load(&elf, ph);
        else if (get32(ph) == PT_NOTE)
            rc = parse_note_segment(&elf, ph);
    }
    if (!rc && !elf.nr_segments)
        rc = -EINVAL;
    if (!rc)
        *ret_elf = elf;
    return rc;
}

/* Numbers come as 4 or 8 bytes, whatever their meaning. */
static int note_number(const struct note *note, u64 *val, bool *has)
{
    if (note->desc_len != 4 && note->desc_len != 8)
        return -EINVAL;
    *val = note->desc_len == 4 ? get32(note->desc) : get64(note->desc);
    if (has)
        *has = true;
    return 0;
}

static int note_u32(const struct note *note, u32 *val, bool *has)
{
    u64 v = 0;
    int rc = note_number(note, &v, has);

    if (!rc)
        *val = (u32)v;
    return rc;
}

static int note_flag(const struct note *note, bool *val)
{
    u64 v = 0;
    int rc = note_number(note, &v, NULL);

    if (!rc)
        *val = v != 0;
    return rc;
}

/* A name that does not fit is cut: none of those we compare with is that long. */
static int note_string(const struct note *note, char *buf, size_t size)
{
    size_t n = strnlen((const char *)note->desc, MIN((size_t)note->desc_len, size - 1));

    memcpy(buf, note->desc, n);
    buf[n] = '\0';
    return 0;
}

static int apply_note(const struct note *note, struct elf_xen_notes *n)
{
    switch (note->type) {
    case XEN_ELFNOTE_ENTRY:
        return note_number(note, &n->entry, &n->has_entry);
    case XEN_ELFNOTE_HYPERCALL_PAGE:
        return note_number(note, &n->hypercall_page, &n->has_hypercall_page);
    case XEN_ELFNOTE_VIRT_BASE:
        return note_number(note, &n->virt_base, &n->has_virt_base);
    case XEN_ELFNOTE_PADDR_OFFSET:
        return note_number(note, &n->paddr_offset, &n->has_paddr_offset);
    case XEN_ELFNOTE_INIT_P2M:
        return note_number(note, &n->init_p2m, &n->has_init_p2m);
    case XEN_ELFNOTE_PHYS32_ENTRY:
        return note_u32(note, &n->phys32_entry, &n->has_phys32);
    case XEN_ELFNOTE_SUPPORTED_FEATURES:
        return note_u32(note, &n->supported_features, &n->has_supported_features);
    case XEN_ELFNOTE_MOD_START_PFN:
        return note_flag(note, &n->mod_start_pfn);
    case XEN_ELFNOTE_SUSPEND_CANCEL:
        return note_flag(note, &n->suspend_cancel);
    case XEN_ELFNOTE_XEN_VERSION:
        return note_string(note, n->xen_version, sizeof(n->xen_version));
    case XEN_ELFNOTE_GUEST_OS:
        return note_string(note, n->guest_os, sizeof(n->guest_os));
    case XEN_ELFNOTE_GUEST_VERSION:
        return note_string(note, n->guest_version, sizeof(n->guest_version));
    case XEN_ELFNOTE_LOADER:
        return note_string(note, n->loader, sizeof(n->loader));
    case XEN_ELFNOTE_L1_MFN_VALID:
        if (note->desc_len < 16)
            return -EINVAL;
        n->l1_mfn_mask = get64(note->desc);
        n->l1_mfn_value = get64(note->desc + 8);
        return 0;
    default:
        return 0;
    }
}

int elf_xen_notes_parse(const struct elf_image *elf, struct elf_xen_notes *ret_notes)
{
    struct elf_xen_notes n = {0};
    struct note note;
    size_t pos = 0;
    int rc = 0;

    while (elf->notes && (rc = next_note(elf->notes, elf->notes_len, &pos, &note)) > 0) {
        if (!note.is_xen)
            continue;
        n.found = true;
        rc = apply_note(&note, &n);
        if (rc)
            break;
    }
    if (!rc)
        *ret_notes = n;
    return rc;
}
