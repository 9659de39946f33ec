/* SPDX-License-Identifier: MIT */
/* elf.c - headers and segments of a kernel image, 64 bits or 32. */
#include "elf-image.h"
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HEADERS    256U       /* program or section headers: more than any kernel has */
#define NOTES_SIZE (1U << 20) /* bytes of notes in one place */
#define MEMSZ_MAX  (1ULL << 46)
#define PADDR_END  (UINT64_MAX - 0xffff) /* so that it can be rounded up to pages */

static int bad(struct xlight__why *why, const char *what)
{
    return xlight__why(why, -ENOEXEC, "%s", what);
}

/* The parts of both kinds of headers that matter here. */
struct header {
    uint32_t type; /* p_type, sh_type */
    uint64_t offset, filesz, paddr, memsz;
};

struct tables {
    bool is64;
    uint64_t phoff, shoff;
    unsigned int phnum, shnum;
};

static int read_ident(const struct xlight__blob *image, struct xlight__elf *e, struct tables *t,
                      struct xlight__why *why)
{
    union {
        unsigned char ident[EI_NIDENT];
        Elf64_Ehdr h64;
        Elf32_Ehdr h32;
    } u;
    size_t size;
    uint16_t machine, type, phentsize;
    int rc;

    if (image->size < EI_NIDENT)
        return bad(why, "this is no ELF image: it is too short");
    rc = xlight__blob_read(image, 0, u.ident, EI_NIDENT, why);
    if (rc)
        return rc;
    if (memcmp(u.ident, ELFMAG, SELFMAG))
        return bad(why, "this is no ELF image");
    if (u.ident[EI_DATA] != ELFDATA2LSB ||
        (u.ident[EI_CLASS] != ELFCLASS64 && u.ident[EI_CLASS] != ELFCLASS32))
        return bad(why, "the ELF image is not for x86");
    e->is64 = t->is64 = u.ident[EI_CLASS] == ELFCLASS64;
    size = e->is64 ? sizeof(u.h64) : sizeof(u.h32);
    if (image->size < size)
        return bad(why, "the ELF header is cut short");
    rc = xlight__blob_read(image, 0, &u, size, why);
    if (rc)
        return rc;
#define FIELD(f) (e->is64 ? u.h64.f : u.h32.f)
    machine = FIELD(e_machine);
    type = FIELD(e_type);
    phentsize = FIELD(e_phentsize);
    e->e_entry = FIELD(e_entry);
    t->phoff = FIELD(e_phoff);
    t->shoff = FIELD(e_shoff);
    t->phnum = FIELD(e_phnum);
    t->shnum = FIELD(e_shentsize) == (e->is64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr))
                   ? FIELD(e_shnum)
                   : 0;
#undef FIELD
    if (machine != (e->is64 ? EM_X86_64 : EM_386))
        return bad(why, "the ELF image is not for x86");
    if (type != ET_EXEC && type != ET_DYN)
        return bad(why, "the ELF image is not a program");
    if (phentsize != (e->is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)))
        return bad(why, "the ELF program headers have an odd size");
    if (!t->phnum || t->phnum > HEADERS)
        return bad(why, "the ELF image has no program headers, or too many");
    return 0;
}

/* Program header i, or section header i. */
static int read_header(const struct xlight__blob *image, const struct tables *t, bool section,
                       unsigned int i, struct header *ret_h, struct xlight__why *why)
{
    union {
        Elf64_Phdr p64;
        Elf32_Phdr p32;
        Elf64_Shdr s64;
        Elf32_Shdr s32;
    } u;
    size_t size = section ? (t->is64 ? sizeof(u.s64) : sizeof(u.s32))
                          : (t->is64 ? sizeof(u.p64) : sizeof(u.p32));
    uint64_t base = section ? t->shoff : t->phoff, skip = (uint64_t)i * size;
    int rc;

    if (base > image->size || skip + size > image->size - base)
        return bad(why, section ? "the ELF section headers lie outside of the file"
                                : "the ELF program headers lie outside of the file");
    rc = xlight__blob_read(image, base + skip, &u, size, why);
    if (rc)
        return rc;
    if (section && t->is64)
        *ret_h = (struct header){u.s64.sh_type, u.s64.sh_offset, u.s64.sh_size, 0, 0};
    else if (section)
        *ret_h = (struct header){u.s32.sh_type, u.s32.sh_offset, u.s32.sh_size, 0, 0};
    else if (t->is64)
        *ret_h = (struct header){u.p64.p_type, u.p64.p_offset, u.p64.p_filesz, u.p64.p_paddr,
                                 u.p64.p_memsz};
    else
        *ret_h = (struct header){u.p32.p_type, u.p32.p_offset, u.p32.p_filesz, u.p32.p_paddr,
                                 u.p32.p_memsz};
    return 0;
}

static int add_segment(struct xlight__elf *e, const struct xlight__blob *image,
                       const struct header *h, struct xlight__why *why)
{
    unsigned int i = e->nr_segs;

    if (!h->memsz)
        return 0;
    if (h->filesz > h->memsz)
        return bad(why, "an ELF segment has more content than room");
    if (h->offset > image->size || h->filesz > image->size - h->offset)
        return bad(why, "an ELF segment lies outside of the file");
    if (h->memsz > MEMSZ_MAX || h->paddr > PADDR_END - h->memsz)
        return bad(why, "an ELF segment is larger than the address space");
    if (i == XLIGHT__ELF_SEGS)
        return bad(why, "the ELF image has too many segments");
    for (; i && e->segs[i - 1].paddr > h->paddr; i--)
        e->segs[i] = e->segs[i - 1];
    e->segs[i] = (struct xlight__seg){h->paddr, h->memsz, h->offset, h->filesz};
    e->nr_segs++;
    return 0;
}

static int add_notes(struct xlight__elf *e, const struct xlight__blob *image,
                     const struct header *h, struct xlight__why *why)
{
    uint8_t *data;
    int rc;

    if (!h->filesz)
        return 0;
    if (h->offset > image->size || h->filesz > image->size - h->offset)
        return bad(why, "ELF notes lie outside of the file");
    if (h->filesz > NOTES_SIZE)
        return bad(why, "the ELF image has more than a MiB of notes");
    data = malloc(h->filesz);
    if (!data)
        return xlight__why(why, -ENOMEM, "no memory for the notes of the kernel");
    rc = xlight__blob_read(image, h->offset, data, h->filesz, why);
    if (!rc)
        rc = xlight__notes_read(data, h->filesz, &e->notes, why);
    free(data);
    return rc;
}

static int read_segments(struct xlight__elf *e, const struct xlight__blob *image,
                         const struct tables *t, struct xlight__why *why)
{
    for (unsigned int i = 0; i < t->phnum; i++) {
        struct header h;
        int rc = read_header(image, t, false, i, &h, why);

        if (!rc && h.type == PT_LOAD)
            rc = add_segment(e, image, &h, why);
        else if (!rc && h.type == PT_NOTE)
            rc = add_notes(e, image, &h, why);
        if (rc)
            return rc;
    }
    return 0;
}

/* Linkers that are not told to make a segment of the notes leave a section. */
static int read_sections(struct xlight__elf *e, const struct xlight__blob *image,
                         const struct tables *t, struct xlight__why *why)
{
    for (unsigned int i = 0; i < t->shnum && i < HEADERS; i++) {
        struct header h;
        int rc = read_header(image, t, true, i, &h, why);

        if (!rc && h.type == SHT_NOTE)
            rc = add_notes(e, image, &h, why);
        if (rc)
            return rc;
    }
    return 0;
}

int xlight__elf_read(const struct xlight__blob *image, struct xlight__elf *ret_e,
                     struct xlight__why *why)
{
    struct xlight__elf e = {0};
    struct tables t;
    int rc = read_ident(image, &e, &t, why);

    if (!rc)
        rc = read_segments(&e, image, &t, why);
    if (!rc && !e.notes.have)
        rc = read_sections(&e, image, &t, why);
    if (rc)
        return rc;
    if (!e.nr_segs)
        return bad(why, "the ELF image has nothing to load");
    for (unsigned int i = 1; i < e.nr_segs; i++)
        if (e.segs[i - 1].paddr + e.segs[i - 1].memsz > e.segs[i].paddr)
            return bad(why, "segments of the ELF image overlap");
    e.start = e.segs[0].paddr;
    e.end = e.segs[e.nr_segs - 1].paddr + e.segs[e.nr_segs - 1].memsz;
    *ret_e = e;
    return 0;
}

int xlight__elf_load(const struct xlight__elf *e, const struct xlight__blob *image, uint64_t paddr,
                     void *to, size_t size, struct xlight__why *why)
{
    uint8_t *out = to;
    size_t at = 0; /* everything before is done */

    for (unsigned int i = 0; i < e->nr_segs && at < size; i++) {
        const struct xlight__seg *s = &e->segs[i];
        uint64_t pos = paddr + at, skip, n;
        int rc;

        if (s->paddr + s->filesz <= pos)
            continue;
        if (s->paddr > pos) {
            n = s->paddr - pos;
            n = n < size - at ? n : size - at;
            xlight__clear(out + at, n);
            at += n;
            pos += n;
        }
        if (at == size)
            break;
        skip = pos - s->paddr;
        n = s->filesz - skip;
        n = n < size - at ? n : size - at;
        rc = xlight__blob_copy(image, s->offset + skip, out + at, n, why);
        if (rc)
            return rc;
        at += n;
    }
    xlight__clear(out + at, size - at);
    return 0;
}
