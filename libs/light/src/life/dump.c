/* SPDX-License-Identifier: MIT */
/*
 * dump.c - a domain's memory and vCPUs as a file, in the format of Xen's toolstack: ELF with
 * sections and no segments. The domain may go on running; who wants a consistent picture pauses it.
 */
#include "dump.h"
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xenolith/public/elfnote.h>

#define CHUNK      4096U /* pages of one step's call */
#define WINDOW     512U  /* ... that are mapped at once */
#define MAGIC_PV   0xf00febedULL
#define MAGIC_HVM  0xf00febeeULL
#define FORMAT     1ULL /* 0.1 */
#define NR_SECTION 7

static const char names[] = "\0.shstrtab\0.note.Xen\0.xen_prstatus\0.xen_shared_info\0.xen_p2m\0"
                            ".xen_pfn\0.xen_pages";

struct note_header {
    uint64_t magic, nr_vcpus, nr_pages, page_size;
};

struct note_version {
    uint64_t major, minor;
    xen_extraversion_t extra;
    struct xen_compile_info compile;
    xen_capabilities_info_t capabilities;
    xen_changeset_info_t changeset;
    uint64_t virt_start, page_size;
};

/* Each note: its head, "Xen", what it says. */
struct notes {
    struct note_start {
        Elf64_Nhdr head;
        char name[4];
    } none, header_start;
    struct note_header header;
    struct note_start version_start;
    struct note_version version;
    struct note_start format_start;
    uint64_t format;
};

static int file_failed(struct life_dump *d, int rc, const char *verb)
{
    return xlight__fail(d->h, rc, d->domid, "cannot %s %s: %s", verb, d->path,
                        strerrordesc_np(-rc));
}

static int put(struct life_dump *d, const void *data, size_t len, uint64_t at)
{
    const char *p = data;

    while (len) {
        ssize_t n = pwrite(d->fd, p, len, (off_t)at);

        if (n < 0 && errno != EINTR)
            return file_failed(d, -errno, "write");
        if (n > 0) {
            p += n;
            at += (size_t)n;
            len -= (size_t)n;
        }
    }
    return 0;
}

static int open_file(xlight_op *op, void *state)
{
    struct life_dump *d = state;
    struct stat st;

    (void)op;
    /* Without O_NONBLOCK a pipe that nobody reads would keep us here for ever. */
    d->fd = open(d->path, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0600);
    if (d->fd < 0 && errno != ENXIO)
        return file_failed(d, -errno, "make");
    if (d->fd >= 0 && fstat(d->fd, &st))
        return file_failed(d, -errno, "look at");
    if (d->fd < 0 || !S_ISREG(st.st_mode))
        return xlight__fail(d->h, -EINVAL, d->domid, "%s is not a regular file", d->path);
    /* What was in it goes only now: anything else was not ours to touch. */
    if (ftruncate(d->fd, 0))
        return file_failed(d, -errno, "empty");
    d->made = true;
    return 0;
}

static int remove_file(xlight_op *op, void *state)
{
    struct life_dump *d = state;

    (void)op;
    if (d->made && unlink(d->path))
        return file_failed(d, -errno, "remove");
    return 0;
}

static struct note_start note_start(uint32_t type, uint32_t size)
{
    return (struct note_start){{4, size, type}, "Xen"};
}

static int fill_notes(struct life_dump *d, struct notes *n)
{
    struct note_version *v = &n->version;
    unsigned int major, minor;
    unsigned long start;
    int rc;

    n->none = note_start(XEN_ELFNOTE_DUMPCORE_NONE, 0);
    n->header_start = note_start(XEN_ELFNOTE_DUMPCORE_HEADER, sizeof(n->header));
    n->header = (struct note_header){d->hvm ? MAGIC_HVM : MAGIC_PV, d->nr_vcpus, d->nr_frames,
                                     XCTL_PAGE_SIZE};
    n->version_start = note_start(XEN_ELFNOTE_DUMPCORE_XEN_VERSION, sizeof(*v));
    n->format_start = note_start(XEN_ELFNOTE_DUMPCORE_FORMAT_VERSION, sizeof(n->format));
    n->format = FORMAT;
    rc = xctl_version(d->h->ctrl, &major, &minor);
    if (!rc)
        rc = xctl_version_extra(d->h->ctrl, v->extra);
    if (!rc)
        rc = xctl_version_compile(d->h->ctrl, &v->compile);
    if (!rc)
        rc = xctl_version_capabilities(d->h->ctrl, v->capabilities);
    if (!rc)
        rc = xctl_version_changeset(d->h->ctrl, v->changeset);
    if (!rc)
        rc = xctl_version_virt_start(d->h->ctrl, &start);
    if (rc)
        return xlight__fail_ctrl(d->h, rc, d->domid, "cannot see the hypervisor's version");
    v->major = major;
    v->minor = minor;
    v->virt_start = start;
    v->page_size = XCTL_PAGE_SIZE;
    return 0;
}

static uint32_t name_at(const char *name)
{
    for (uint32_t i = 1; i < sizeof(names); i += (uint32_t)strlen(names + i) + 1)
        if (!strcmp(names + i, name))
            return i;
    return 0;
}

static void add_section(Elf64_Shdr *s, unsigned int *nr, uint64_t *at, const char *name,
                        uint32_t type, uint64_t size, uint64_t entry)
{
    s[(*nr)++] = (Elf64_Shdr){.sh_name = name_at(name),
                              .sh_type = type,
                              .sh_offset = *at,
                              .sh_size = size,
                              .sh_entsize = entry,
                              .sh_addralign = entry ? 8 : 1};
    *at += (size + 7) & ~7ULL;
}

/* Where everything goes. Pages begin at a page, so that holes are holes. */
static void lay_out(struct life_dump *d, Elf64_Shdr s[NR_SECTION], unsigned int *ret_nr)
{
    uint64_t at = sizeof(Elf64_Ehdr) + NR_SECTION * sizeof(*s);
    unsigned int nr = 1;

    memset(s, 0, NR_SECTION * sizeof(*s));
    add_section(s, &nr, &at, ".shstrtab", SHT_STRTAB, sizeof(names), 0);
    add_section(s, &nr, &at, ".note.Xen", SHT_NOTE, sizeof(struct notes), 0);
    add_section(s, &nr, &at, ".xen_prstatus", SHT_PROGBITS,
                d->nr_vcpus * sizeof(struct vcpu_guest_context), sizeof(struct vcpu_guest_context));
    if (d->shared_info)
        add_section(s, &nr, &at, ".xen_shared_info", SHT_PROGBITS, XCTL_PAGE_SIZE, XCTL_PAGE_SIZE);
    if (d->hvm)
        add_section(s, &nr, &at, ".xen_pfn", SHT_PROGBITS, d->nr_frames * 8, 8);
    else
        add_section(s, &nr, &at, ".xen_p2m", SHT_PROGBITS, d->nr_frames * 16, 16);
    at = (at + XCTL_PAGE_SIZE - 1) & ~(uint64_t)(XCTL_PAGE_SIZE - 1);
    add_section(s, &nr, &at, ".xen_pages", SHT_PROGBITS, d->nr_frames * XCTL_PAGE_SIZE,
                XCTL_PAGE_SIZE);
    d->vcpus_at = s[3].sh_offset;
    d->info_at = s[4].sh_offset;
    d->frames_at = s[nr - 2].sh_offset;
    d->pages_at = s[nr - 1].sh_offset;
    *ret_nr = nr;
}

static int put_vcpus(struct life_dump *d)
{
    struct vcpu_guest_context *ctx = malloc(sizeof(*ctx));
    int rc = ctx ? 0 : xlight__fail(d->h, -ENOMEM, d->domid, "no memory for a vCPU's state");

    for (unsigned int i = 0; !rc && i < d->nr_vcpus; i++) {
        memset(ctx, 0, sizeof(*ctx));
        rc = xctl_vcpu_get_context(d->h->ctrl, d->domid, i, ctx);
        /* One that was never started has none. */
        if (rc == -ENODATA)
            rc = 0;
        rc = rc ? xlight__fail_ctrl(d->h, rc, d->domid, "cannot read vCPU %u", i)
                : put(d, ctx, sizeof(*ctx), d->vcpus_at + i * sizeof(*ctx));
    }
    free(ctx);
    return rc;
}

static int put_frames(struct life_dump *d)
{
    uint64_t pairs[2 * WINDOW], nr = 0;
    int rc = 0;

    if (d->hvm)
        return put(d, d->frames, d->nr_frames * 8, d->frames_at);
    for (uint64_t i = 0; !rc && i < d->nr_frames; i += nr) {
        nr = d->nr_frames - i < WINDOW ? d->nr_frames - i : WINDOW;
        for (uint64_t j = 0; j < nr; j++) {
            pairs[2 * j] = d->pfns[i + j];
            pairs[2 * j + 1] = d->frames[i + j];
        }
        rc = put(d, pairs, nr * 16, d->frames_at + i * 16);
    }
    return rc;
}

static int put_head(xlight_op *op, void *state)
{
    struct life_dump *d = state;
    struct notes *n = calloc(1, sizeof(*n));
    Elf64_Shdr s[NR_SECTION];
    unsigned int nr;
    Elf64_Ehdr e = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
                                EV_CURRENT, ELFOSABI_SYSV},
                    .e_type = ET_CORE,
                    .e_machine = EM_X86_64,
                    .e_version = EV_CURRENT,
                    .e_shoff = sizeof(e),
                    .e_ehsize = sizeof(e),
                    .e_shentsize = sizeof(*s),
                    .e_shstrndx = 1};
    int rc = n ? fill_notes(d, n) : xlight__fail(d->h, -ENOMEM, d->domid, "no memory for notes");

    (void)op;
    lay_out(d, s, &nr);
    e.e_shnum = (Elf64_Half)nr;
    if (!rc)
        rc = put(d, &e, sizeof(e), 0);
    if (!rc)
        rc = put(d, s, nr * sizeof(*s), sizeof(e));
    if (!rc)
        rc = put(d, names, sizeof(names), s[1].sh_offset);
    if (!rc)
        rc = put(d, n, sizeof(*n), s[2].sh_offset);
    if (!rc && d->shared_info)
        rc = put(d, d->shared_info, XCTL_PAGE_SIZE, d->info_at);
    if (!rc)
        rc = put_vcpus(d);
    if (!rc)
        rc = put_frames(d);
    /* Pages of zeros are not written, so the size must be set. */
    if (!rc && ftruncate(d->fd, (off_t)(d->pages_at + d->nr_frames * XCTL_PAGE_SIZE)))
        rc = file_failed(d, -errno, "write");
    free(n);
    return rc;
}

static bool is_zero(const void *page)
{
    const uint64_t *p = page;
    uint64_t any = 0;

    for (unsigned int i = 0; i < XCTL_PAGE_SIZE / 8; i++)
        any |= p[i];
    return !any;
}

/* Pages that are gone meanwhile are holes. */
static int put_window(struct life_dump *d, uint64_t first, unsigned int nr)
{
    int *errs = malloc(nr * sizeof(*errs));
    void *pages = NULL;
    int rc;

    if (!errs)
        return xlight__fail(d->h, -ENOMEM, d->domid, "no memory to map pages");
    rc = xctl_foreign_map(d->h->ctrl, d->domid, PROT_READ, d->frames + first, nr, errs, &pages);
    for (unsigned int i = 0; pages && !rc && i < nr; i++) {
        const char *page = (const char *)pages + (size_t)i * XCTL_PAGE_SIZE;

        if (errs[i] || is_zero(page))
            continue;
        /* A virtual machine can have one frame at many places. */
        rc = d->written++ < d->limit
                 ? put(d, page, XCTL_PAGE_SIZE, d->pages_at + (first + i) * XCTL_PAGE_SIZE)
                 : xlight__fail(d->h, -E2BIG, d->domid,
                                "it has content at more pages than it can have");
    }
    if (!pages)
        rc = xlight__fail_ctrl(d->h, rc, d->domid, "cannot read the domain's memory");
    else if (xctl_foreign_unmap(d->h->ctrl, pages, nr) && !rc)
        rc = xlight__fail_ctrl(d->h, -EIO, d->domid, "cannot let go of the domain's memory");
    free(errs);
    return rc;
}

/* A part at each call, so that others have their turn, and a wish to end is heard. */
static int put_pages(xlight_op *op, void *state)
{
    struct life_dump *d = state;
    uint64_t end = d->nr_frames - d->done < CHUNK ? d->nr_frames : d->done + CHUNK;
    int rc = 0;

    while (!rc && d->done < end) {
        unsigned int nr = end - d->done < WINDOW ? (unsigned int)(end - d->done) : WINDOW;

        rc = put_window(d, d->done, nr);
        d->done += nr;
    }
    return !rc && d->done < d->nr_frames ? xlight__op_yield(op) : rc;
}

static int close_file(xlight_op *op, void *state)
{
    struct life_dump *d = state;
    int rc = fsync(d->fd) && errno != EINVAL ? file_failed(d, -errno, "write") : 0;

    (void)op;
    return rc;
}

static const struct xlight__step steps[] = {
    {"looking at the domain's memory", life_dump_look, NULL},
    {"making the file", open_file, remove_file},
    {"writing its vCPUs", put_head, NULL},
    {"writing its memory", put_pages, NULL},
    {"closing the file", close_file, NULL},
};

static void free_dump(void *state)
{
    struct life_dump *d = state;

    if (d->fd >= 0)
        close(d->fd);
    free(d->path);
    free(d->shared_info);
    free(d->frames);
    free(d->pfns);
    free(d);
}

static const struct xlight__part part = XLIGHT__PART(steps, free_dump);

int xlight_domain_dump_start(xlight_handle *h, uint32_t domid, const char *path, xlight_op **ret_op)
{
    struct xen_domctl_getdomaininfo info;
    struct life_dump *d;
    int rc = life_info(h, domid, &info);

    if (rc)
        return rc;
    d = calloc(1, sizeof(*d));
    if (d)
        *d = (struct life_dump){.h = h, .domid = (domid_t)domid, .fd = -1, .path = strdup(path)};
    if (!d || !d->path) {
        free(d);
        return xlight__fail(h, -ENOMEM, domid, "no memory for a dump");
    }
    return xlight__op_start(h, domid, &part, d, ret_op, "cannot dump the memory of domain %u",
                            domid);
}
