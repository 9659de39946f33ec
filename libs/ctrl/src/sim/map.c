/* SPDX-License-Identifier: MIT */
/* map.c - memory of the simulated host in a process's address space. */
#include "sim.h"
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

struct sim_map *sim_map_new(struct sim *sim, unsigned int kind, unsigned int nr)
{
    size_t size = sizeof(struct sim_map) + nr * sizeof(struct sim_map_page);
    struct sim_map *m = sim_alloc(sim->host, size);

    if (!m)
        return NULL;
    m->size = size;
    m->kind = (uint8_t)kind;
    m->pid = getpid();
    m->domid = sim->domid;
    m->nr = nr;
    m->notify = (struct xctl_grant_notify){XCTL_GRANT_NO_CLEAR, XCTL_GRANT_NO_PORT};
    return m;
}

void sim_map_link(struct sim_host *s, struct sim_map *m)
{
    m->next = s->maps;
    s->maps = sim_offset(s, m);
}

/* Shows the pages side by side, in order; unused ones are holes. */
int sim_map_show(struct sim *sim, const struct sim_map *m, int prot, void **ret_addr)
{
    struct sim_host *s = sim->host;
    char *addr = mmap(NULL, (size_t)m->nr << XCTL_PAGE_SHIFT, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (addr == MAP_FAILED)
        return -ENOMEM;
    for (uint32_t i = 0, n; i < m->nr; i += n) {
        const struct sim_map_page *p = &m->pages[i];

        /* As much as lies together, in one go. */
        for (n = 1; i + n < m->nr && p->used && p[n].used && p[n].mfn == p->mfn + n;)
            n++;
        if (p->used && mmap(addr + ((size_t)i << XCTL_PAGE_SHIFT), (size_t)n << XCTL_PAGE_SHIFT,
                            prot, MAP_SHARED | MAP_FIXED, sim->file->fd,
                            (off_t)(s->mem_offset + (p->mfn << XCTL_PAGE_SHIFT))) == MAP_FAILED) {
            munmap(addr, (size_t)m->nr << XCTL_PAGE_SHIFT);
            return -ENOMEM;
        }
    }
    *ret_addr = addr;
    return 0;
}

struct sim_map *sim_map_find(struct sim *sim, unsigned int kind, void *addr, unsigned long nr)
{
    for (struct sim_map *m = sim_at(sim->host, sim->host->maps); m; m = sim_at(sim->host, m->next))
        if (m->addr == (uintptr_t)addr && m->nr == nr && m->kind == kind && m->pid == getpid())
            return m;
    return NULL;
}

/* The mapping is no more: references, notifications, and domains that waited for it. */
void sim_map_undo(struct sim *sim, struct sim_map *m)
{
    struct sim_host *s = sim->host;
    struct sim_domain *d = sim_domain(s, m->domid);
    sim_off *at = &s->maps;

    while (*at && *at != sim_offset(s, m))
        at = &((struct sim_map *)sim_at(s, *at))->next;
    if (*at)
        *at = m->next;
    if (m->notify.clear_offset != XCTL_GRANT_NO_CLEAR && m->nr && m->pages[0].used)
        ((char *)sim_page(s, m->pages[0].mfn))[m->notify.clear_offset] = 0;
    if (m->notify.port != XCTL_GRANT_NO_PORT && d)
        sim_port_send(sim, d, m->notify.port);
    for (uint32_t i = 0; i < m->nr; i++) {
        struct sim_domain *owner;

        if (!m->pages[i].used)
            continue;
        if (m->kind == SIM_MAP_GRANT)
            sim_gnt_unpin(s, &m->pages[i]);
        owner = sim_domain(s, sim_frames(s)[m->pages[i].mfn].owner);
        sim_frame_unref(s, m->pages[i].mfn);
        if (owner)
            sim_domain_maybe_free(sim, owner);
    }
    sim_free(s, m, m->size);
}

static bool gone(int32_t pid)
{
    return pid && kill(pid, 0) && errno == ESRCH;
}

void sim_sweep(struct sim *sim)
{
    struct sim_host *s = sim->host;
    struct sim_map *m = sim_at(s, s->maps);

    while (m) {
        struct sim_map *next = sim_at(s, m->next);

        if (gone(m->pid)) {
            if (m->kind == SIM_MAP_OWN)
                sim_gnt_take_back(s, m);
            sim_map_undo(sim, m);
        }
        m = next;
    }
    for (uint32_t i = 0; i < SIM_LISTENERS; i++)
        if (gone(s->listeners[i].pid))
            sim_listener_drop(sim, i);
}

/* One frame into the map; references are taken. */
static void add_page(struct sim_host *s, struct sim_domain *d, struct sim_map_page *p, uint64_t mfn,
                     bool write)
{
    struct sim_frame *f = &sim_frames(s)[mfn];

    p->mfn = mfn;
    p->used = 1;
    p->writable = write;
    f->refs++;
    if (!write)
        return;
    if (d->logdirty && !(f->flags & SIM_F_DIRTY))
        d->dirty_faults++;
    sim_dirty(f);
}

/* Shows a filled map and puts it on the list, or undoes it. Leaves the lock. */
static int finish(struct sim *sim, struct sim_map *m, int prot, int rc, void **ret_addr)
{
    void *addr = NULL;

    if (!rc)
        rc = sim_map_show(sim, m, prot, &addr);
    if (rc) {
        sim_map_undo(sim, m);
    } else {
        m->addr = (uintptr_t)addr;
        sim_map_link(sim->host, m);
        *ret_addr = addr;
    }
    sim_unlock(sim->host);
    return rc;
}

static int allowed(struct sim *sim, domid_t domid, struct sim_domain **ret_d)
{
    if (sim->restricted && sim->restricted_to != domid)
        return -EPERM;
    return sim_target(sim, domid, ret_d);
}

int sim_be_map(xctl_handle *h, domid_t domid, int prot, const xen_pfn_t *frames, unsigned int nr,
               int *errs, void **ret_addr)
{
    struct sim *sim = sim_of(h);
    struct sim_domain *d;
    struct sim_map *m;
    int rc = sim_enter(sim, XCTL_SIM_FOREIGN, XCTL_SIM_ANY_CMD, -1);

    if (rc)
        return rc;
    rc = allowed(sim, domid, &d);
    m = rc ? NULL : sim_map_new(sim, SIM_MAP_FOREIGN, nr);
    if (!m) {
        sim_unlock(sim->host);
        return rc ? rc : -ENOMEM;
    }
    for (unsigned int i = 0; i < nr; i++) {
        uint64_t mfn;

        errs[i] = sim_translate(sim->host, d, frames[i], &mfn);
        if (!errs[i] && sim_unfilled(sim, d, mfn))
            errs[i] = -ENOENT;
        if (!errs[i])
            add_page(sim->host, d, &m->pages[i], mfn, prot & PROT_WRITE);
    }
    return finish(sim, m, prot, 0, ret_addr);
}

int sim_be_unmap(xctl_handle *h, void *addr, unsigned long nr)
{
    struct sim *sim = sim_of(h);
    struct sim_map *m;

    sim_lock(sim->host);
    m = sim_map_find(sim, SIM_MAP_FOREIGN, addr, nr);
    if (m) {
        munmap(addr, nr << XCTL_PAGE_SHIFT);
        sim_map_undo(sim, m);
    }
    sim_unlock(sim->host);
    return m ? 0 : -EINVAL;
}

/* The page of an I/O request server: number 0 the buffered ring, 1 the requests. */
static int server_frame(struct sim_host *s, struct sim_domain *d, unsigned int id, unsigned long n,
                        uint64_t *ret_mfn)
{
    if (id >= SIM_IOREQ || !d->servers[id].used)
        return -ENOENT;
    if (n >= ARRAY_SIZE(d->servers[id].frames))
        return -EINVAL;
    if (!d->servers[id].frames[n])
        d->servers[id].frames[n] = sim_frame_take_xen(s, d);
    if (!d->servers[id].frames[n])
        return -ENOMEM;
    *ret_mfn = d->servers[id].frames[n] - 1;
    return 0;
}

static int resource_frame(struct sim_host *s, struct sim_domain *d, unsigned int type,
                          unsigned int id, unsigned long n, uint64_t *ret_mfn)
{
    int rc;

    if (type == XENMEM_resource_ioreq_server && d->hvm)
        return server_frame(s, d, id, n, ret_mfn);
    if (type != XENMEM_resource_grant_table)
        return -EOPNOTSUPP;
    if (id != XENMEM_resource_grant_table_id_shared || n >= d->max_gnt)
        return -EINVAL;
    rc = sim_gnt_grow(s, d, (uint32_t)n + 1);
    *ret_mfn = rc ? 0 : d->gnt[n];
    return rc;
}

int sim_be_resource_size(xctl_handle *h, domid_t domid, unsigned int type, unsigned int id,
                         uint64_t *ret_nr)
{
    struct sim *sim = sim_of(h);
    struct sim_domain *d;
    int rc = sim_enter(sim, XCTL_SIM_FOREIGN, XCTL_SIM_ANY_CMD, -1);

    if (rc)
        return rc;
    rc = allowed(sim, domid, &d);
    if (!rc && type == XENMEM_resource_grant_table) {
        if (id == XENMEM_resource_grant_table_id_shared)
            *ret_nr = d->max_gnt;
        else
            rc = -EINVAL;
    } else if (!rc && type == XENMEM_resource_ioreq_server && d->hvm) {
        *ret_nr = ARRAY_SIZE(d->servers[0].frames);
    } else if (!rc) {
        rc = -EOPNOTSUPP;
    }
    sim_unlock(sim->host);
    return rc;
}

int sim_be_resource_map(xctl_handle *h, domid_t domid, unsigned int type, unsigned int id,
                        unsigned long frame, unsigned long nr, int prot, void **ret_addr)
{
    struct sim *sim = sim_of(h);
    struct sim_domain *d;
    struct sim_map *m;
    int rc = sim_enter(sim, XCTL_SIM_FOREIGN, XCTL_SIM_ANY_CMD, -1);

    if (rc)
        return rc;
    rc = allowed(sim, domid, &d);
    m = rc ? NULL : sim_map_new(sim, SIM_MAP_FOREIGN, (unsigned int)nr);
    if (!m) {
        sim_unlock(sim->host);
        return rc ? rc : -ENOMEM;
    }
    for (unsigned long i = 0; !rc && i < nr; i++) {
        uint64_t mfn;

        rc = resource_frame(sim->host, d, type, id, frame + i, &mfn);
        if (!rc)
            add_page(sim->host, d, &m->pages[i], mfn, prot & PROT_WRITE);
    }
    return finish(sim, m, prot, rc, ret_addr);
}
