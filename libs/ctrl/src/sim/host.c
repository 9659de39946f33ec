/* SPDX-License-Identifier: MIT */
/* host.c - making, joining and leaving a simulated host; its lock, planned failures, time. */
#include "sim.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

void sim_lock(struct sim_host *s)
{
    /* Whoever died with the lock left the host as it was between two steps: the best there is. */
    if (pthread_mutex_lock(&s->lock) == EOWNERDEAD)
        pthread_mutex_consistent(&s->lock);
}

void sim_unlock(struct sim_host *s)
{
    pthread_mutex_unlock(&s->lock);
}

static bool fault_matches(const struct sim_fault *f, enum xctl_sim_call call, int cmd,
                          int hypercall)
{
    if (!f->used || f->pid != getpid())
        return false;
    if (f->call == XCTL_SIM_ANY)
        return true;
    if (f->call == XCTL_SIM_HYPERCALL)
        return hypercall >= 0 && (f->cmd == XCTL_SIM_ANY_CMD || f->cmd == hypercall);
    return f->call == call && (f->cmd == XCTL_SIM_ANY_CMD || f->cmd == cmd);
}

int sim_enter(struct sim *sim, enum xctl_sim_call call, int cmd, int hypercall)
{
    struct sim_host *s = sim->host;
    int code = 0;

    sim_lock(s);
    s->calls++;
    for (size_t i = 0; i < SIM_FAULTS; i++) {
        struct sim_fault *f = &s->faults[i];

        if (!fault_matches(f, call, cmd, hypercall))
            continue;
        if (f->left && --f->left)
            continue;
        /* left is 0: now, or always. One that was counted down is used up. */
        if (!code)
            code = f->code;
        if (f->used == 1)
            f->used = 0;
    }
    if (!code)
        return 0;
    sim_unlock(s);
    return -code;
}

static void *buf_alloc(xctl_handle *h, size_t pages)
{
    void *p;
    int rc = sim_enter(sim_of(h), XCTL_SIM_BUFFER, XCTL_SIM_ANY_CMD, -1);

    if (rc) {
        errno = -rc;
        return NULL;
    }
    sim_unlock(sim_of(h)->host);
    if (posix_memalign(&p, XCTL_PAGE_SIZE, pages * XCTL_PAGE_SIZE))
        return NULL;
    return memset(p, 0, pages * XCTL_PAGE_SIZE);
}

static void buf_free(xctl_handle *h, void *buf, size_t pages)
{
    (void)h;
    (void)pages;
    free(buf);
}

static int restrict_to(xctl_handle *h, domid_t domid)
{
    sim_of(h)->restricted = true;
    sim_of(h)->restricted_to = domid;
    return 0;
}

static void drop_file(struct sim_file *f)
{
    if (__atomic_sub_fetch(&f->refs, 1, __ATOMIC_ACQ_REL))
        return;
    munmap(f->base, f->size);
    close(f->fd);
    free(f);
}

static void sim_close(xctl_handle *h)
{
    struct sim *sim = sim_of(h);

    close(sim->wake_fd);
    drop_file(sim->file);
    free(sim);
}

static const struct xctl__backend sim_backend = {
    .close = sim_close,
    .hypercall = sim_hypercall,
    .buf_alloc = buf_alloc,
    .buf_free = buf_free,
    .dm_op = sim_be_dm_op,
    .restrict_to = restrict_to,
    .map = sim_be_map,
    .unmap = sim_be_unmap,
    .resource_size = sim_be_resource_size,
    .resource_map = sim_be_resource_map,
    .gnt_map = sim_be_gnt_map,
    .gnt_unmap = sim_be_gnt_unmap,
    .gnt_alloc = sim_be_gnt_alloc,
    .gnt_free = sim_be_gnt_free,
    .gnt_copy = sim_be_gnt_copy,
    .ev_open = sim_be_ev_open,
    .ev_close = sim_be_ev_close,
    .ev_bind_virq = sim_be_ev_bind_virq,
    .ev_bind_interdomain = sim_be_ev_bind_interdomain,
    .ev_bind_unbound = sim_be_ev_bind_unbound,
    .ev_unbind = sim_be_ev_unbind,
    .ev_notify = sim_be_ev_notify,
    .ev_pending = sim_be_ev_pending,
    .ev_unmask = sim_be_ev_unmask,
    .ev_reset = sim_be_ev_reset,
    .ev_restrict = sim_be_ev_restrict,
};

static int init_lock(struct sim_host *s)
{
    pthread_mutexattr_t a;
    int rc;

    pthread_mutexattr_init(&a);
    pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
    rc = pthread_mutex_init(&s->lock, &a);
    pthread_mutexattr_destroy(&a);
    return -rc;
}

/* Domain 0 has an eighth of the memory, all CPUs, and runs. */
static int make_dom0(struct sim_host *s, unsigned int vcpus)
{
    struct xen_domctl_createdomain config = {.max_vcpus = vcpus,
                                             .max_evtchn_port = SIM_PORTS - 1,
                                             .max_grant_frames = SIM_GNT_FRAMES,
                                             .grant_opts = XEN_DOMCTL_GRANT_version(1)};
    struct sim_domain *d;
    int rc = sim_domain_create(s, 0, &config, &d);

    if (rc)
        return rc;
    d->max_pages = s->nr_frames / 8;
    d->privileged = 1;
    d->pause_count = 0;
    d->ran = 1;
    rc = sim_domain_alloc_vcpus(s, d, vcpus);
    for (uint32_t i = 0; !rc && i < vcpus; i++) {
        struct sim_vcpu *v = sim_vcpu(s, d, i);

        v->initialised = v->online = 1;
    }
    for (unsigned int order = 0; !rc && order <= SIM_MAX_ORDER; order++) {
        uint64_t mfn;

        if (!(d->max_pages >> order & 1))
            continue;
        rc = sim_frames_take(s, d, order, &mfn);
        for (uint64_t i = 0; !rc && i < 1UL << order; i++)
            rc = sim_p2m_set(s, d, d->tot_pages - (1UL << order) + i, mfn + i);
    }
    /* A limit of its own Domain 0 does not have. */
    d->max_pages = s->nr_frames;
    return rc;
}

static int init_host(struct sim_host *s, const struct sim_config *c, uint64_t size)
{
    int rc;

    s->layout = SIM_LAYOUT;
    s->state_size = sizeof(*s);
    s->file_size = size;
    if (getrandom(&s->id, sizeof(s->id), 0) != sizeof(s->id))
        s->id = (uint64_t)getpid() << 32 ^ (uintptr_t)s;
    s->nr_cpus = c->cpus;
    s->nr_nodes = c->nodes;
    s->nr_frames = s->free_frames = (uint64_t)c->mem_mib << (20 - XCTL_PAGE_SHIFT);
    s->mem_offset = size - ((uint64_t)c->mem_mib << 20);
    s->heap_top = SIM_HEAP_OFFSET;
    s->rover = 256; /* the first MiB belongs to the firmware */
    for (uint64_t i = 0; i < 256; i++)
        sim_frames(s)[i] = (struct sim_frame){
            .gfn = SIM_NO_GFN, .owner = DOMID_XEN, .flags = SIM_F_USED | SIM_F_XEN};
    s->free_frames -= 256;
    s->pools[0].used = 1;
    s->pools[0].sched_id = XEN_SCHEDULER_CREDIT2;
    s->pools[0].params.ratelimit_us = 1000;
    s->options = (struct sim_options){.loglvl = "warning", .tdt = 100};
    for (uint32_t i = 0; i < s->nr_cpus; i++)
        s->pools[0].cpus[i / 8] |= (uint8_t)(1U << i % 8);
    rc = init_lock(s);
    if (!rc)
        rc = make_dom0(s, c->dom0_vcpus);
    /* Last: who joins looks at this first. */
    if (!rc)
        __atomic_store_n(&s->magic, SIM_MAGIC, __ATOMIC_RELEASE);
    return rc;
}

static uint64_t host_size(const struct sim_config *c)
{
    uint64_t mem = (uint64_t)c->mem_mib << 20;
    uint64_t table = (mem >> XCTL_PAGE_SHIFT) * sizeof(struct sim_frame);

    return SIM_FRAME_OFFSET + (table + XCTL_PAGE_SIZE - 1) / XCTL_PAGE_SIZE * XCTL_PAGE_SIZE + mem;
}

/* Maps the file, making the host when it is new. The file stays locked by the caller. */
static int map_host(xctl_handle *h, int fd, const struct sim_config *c, struct sim_file **ret_f)
{
    struct sim_file *f = calloc(1, sizeof(*f));
    struct sim_host *s;
    struct stat st;
    int rc = 0;

    if (!f || fstat(fd, &st)) {
        free(f);
        return -ENOMEM;
    }
    *f = (struct sim_file){.refs = 1, .fd = fd, .size = (size_t)st.st_size};
    if (!st.st_size) {
        f->size = host_size(c);
        rc = ftruncate(fd, (off_t)f->size) ? -errno : 0;
    }
    f->base = rc ? MAP_FAILED
                 : mmap(NULL, f->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
    if (f->base == MAP_FAILED) {
        rc = rc ? rc : -errno;
        free(f);
        return xctl__fail(h, rc, XCTL_NO_DOMAIN, "no memory for a simulated host");
    }
    madvise(f->base, f->size, MADV_DONTDUMP);
    s = (struct sim_host *)f->base;
    if (!st.st_size)
        rc = init_host(s, c, f->size);
    else if (f->size < SIM_FRAME_OFFSET || s->magic != SIM_MAGIC || s->layout != SIM_LAYOUT ||
             s->state_size != sizeof(*s) || s->file_size != f->size)
        rc = xctl__fail(h, -EPROTO, XCTL_NO_DOMAIN,
                        "the simulated host %s was made by another version of this library",
                        c->name);
    if (rc) {
        /* A host that was only half made must not be found by the next one. */
        if (!st.st_size && ftruncate(fd, 0))
            rc = -errno;
        munmap(f->base, f->size);
        free(f);
        return rc;
    }
    *ret_f = f;
    return 0;
}

static void host_path(const char *name, char *buf, size_t size)
{
    snprintf(buf, size, "/xenolith-sim-%u-%s", (unsigned int)getuid(), name);
}

static int open_file(const struct sim_config *c)
{
    char path[128];
    int fd;

    if (!c->name[0])
        return memfd_create("xenolith-sim", MFD_CLOEXEC);
    host_path(c->name, path, sizeof(path));
    fd = shm_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    /* Two that come at once: the second waits until the first has made the host. */
    if (fd >= 0)
        flock(fd, LOCK_EX);
    return fd;
}

/* Gives the handle its view of the host; takes over one reference to f. */
static int attach(xctl_handle *h, struct sim_file *f, domid_t domid)
{
    struct sim *sim = calloc(1, sizeof(*sim));
    int rc = -ENOMEM;

    if (sim) {
        *sim = (struct sim){.file = f, .host = (struct sim_host *)f->base, .domid = domid};
        sim->wake_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        rc = sim->wake_fd < 0 ? -errno : 0;
    }
    if (!rc) {
        sim_lock(sim->host);
        if (!sim_domain(sim->host, domid))
            rc = xctl__fail(h, -ESRCH, domid, "no domain %u on the simulated host", domid);
        sim_sweep(sim);
        sim_unlock(sim->host);
        if (rc)
            close(sim->wake_fd);
    }
    if (rc) {
        free(sim);
        drop_file(f);
        return rc;
    }
    h->priv = sim;
    h->be = &sim_backend;
    return 0;
}

int xctl__sim_open(xctl_handle *h, const char *options)
{
    struct sim_config c;
    struct sim_file *f = NULL;
    const char *why = "";
    int rc = sim_parse(options, &c, &why), fd;

    if (rc)
        return xctl__fail(h, rc, XCTL_NO_DOMAIN, "%s: \"%s\"", why, options);
    fd = open_file(&c);
    if (fd < 0)
        return xctl__fail(h, -errno, XCTL_NO_DOMAIN, "cannot make a simulated host: %s",
                          strerrordesc_np(errno));
    rc = map_host(h, fd, &c, &f);
    if (rc) {
        close(fd);
        return h->nr_errors ? rc
                            : xctl__fail(h, rc, XCTL_NO_DOMAIN, "cannot make a simulated host");
    }
    flock(fd, LOCK_UN);
    rc = attach(h, f, (domid_t)c.domid);
    if (rc && !h->nr_errors)
        xctl__fail(h, rc, XCTL_NO_DOMAIN, "cannot join the simulated host");
    return rc;
}

static int not_sim(xctl_handle *h)
{
    if (h->be == &sim_backend)
        return 0;
    return xctl__fail(h, -EOPNOTSUPP, XCTL_NO_DOMAIN, "this is not a simulated host");
}

int xctl_sim_attach(xctl_handle *h, domid_t domid, xctl_handle **ret_h)
{
    xctl_handle *other;
    int rc = not_sim(h);

    if (rc)
        return rc;
    other = calloc(1, sizeof(*other));
    if (!other)
        return xctl__fail(h, -ENOMEM, domid, "no memory for a handle");
    __atomic_add_fetch(&sim_of(h)->file->refs, 1, __ATOMIC_ACQ_REL);
    rc = attach(other, sim_of(h)->file, domid);
    if (rc) {
        free(other);
        return xctl__fail(h, rc, domid, "cannot act as domain %u on the simulated host", domid);
    }
    *ret_h = other;
    return 0;
}

int xctl_sim_remove(const char *name)
{
    struct sim_config c;
    const char *why;
    char path[128];

    if (sim_parse(name, &c, &why) || !c.name[0])
        return -EINVAL;
    host_path(c.name, path, sizeof(path));
    return shm_unlink(path) ? -errno : 0;
}

int xctl_sim_fail(xctl_handle *h, enum xctl_sim_call call, int cmd, unsigned int nth, int code)
{
    int rc = not_sim(h);
    struct sim_host *s;

    if (rc)
        return rc;
    if (code <= 0 || call > XCTL_SIM_BUFFER)
        return xctl__fail(h, -EINVAL, XCTL_NO_DOMAIN, "no such failure can be planned");
    s = sim_of(h)->host;
    rc = -ENOSPC;
    sim_lock(s);
    for (size_t i = 0; rc && i < SIM_FAULTS; i++) {
        if (s->faults[i].used)
            continue;
        s->faults[i] = (struct sim_fault){.used = nth ? 1 : 2,
                                          .call = (uint8_t)call,
                                          .cmd = cmd,
                                          .code = code,
                                          .left = nth,
                                          .pid = getpid()};
        rc = 0;
    }
    sim_unlock(s);
    return rc ? xctl__fail(h, rc, XCTL_NO_DOMAIN, "too many planned failures") : 0;
}

int xctl_sim_fail_clear(xctl_handle *h, unsigned int *ret_left)
{
    unsigned int left = 0;
    int rc = not_sim(h);

    if (rc)
        return rc;
    sim_lock(sim_of(h)->host);
    for (size_t i = 0; i < SIM_FAULTS; i++)
        left += sim_of(h)->host->faults[i].used == 1;
    memset(sim_of(h)->host->faults, 0, sizeof(sim_of(h)->host->faults));
    sim_unlock(sim_of(h)->host);
    if (ret_left)
        *ret_left = left;
    return 0;
}

int xctl_sim_calls(xctl_handle *h, uint64_t *ret_calls)
{
    int rc = not_sim(h);

    if (rc)
        return rc;
    sim_lock(sim_of(h)->host);
    *ret_calls = sim_of(h)->host->calls;
    sim_unlock(sim_of(h)->host);
    return 0;
}

int xctl_sim_now(xctl_handle *h, uint64_t *ret_ns)
{
    int rc = not_sim(h);

    if (rc)
        return rc;
    sim_lock(sim_of(h)->host);
    *ret_ns = sim_of(h)->host->now;
    sim_unlock(sim_of(h)->host);
    return 0;
}

int xctl_sim_print(xctl_handle *h, const char *text)
{
    int rc = not_sim(h);

    if (rc)
        return rc;
    sim_lock(sim_of(h)->host);
    sim_print(sim_of(h), text, strlen(text));
    sim_unlock(sim_of(h)->host);
    return 0;
}

int xctl_sim_touch(xctl_handle *h, domid_t domid, xen_pfn_t gfn)
{
    struct sim_domain *d;
    uint64_t *e;
    int rc = not_sim(h);

    if (rc)
        return rc;
    sim_lock(sim_of(h)->host);
    d = sim_domain(sim_of(h)->host, domid);
    e = d ? sim_p2m_entry(sim_of(h)->host, d, gfn, false) : NULL;
    if (e && *e && *e != SIM_POD) {
        struct sim_frame *f = &sim_frames(sim_of(h)->host)[*e - 1];

        if (d->logdirty && !(f->flags & SIM_F_DIRTY))
            d->dirty_faults++;
        sim_dirty(f);
    } else {
        rc = d ? -EINVAL : -ESRCH;
    }
    sim_unlock(sim_of(h)->host);
    return rc ? xctl__fail(h, rc, domid, "domain %u has no frame 0x%lx", domid, gfn) : 0;
}
