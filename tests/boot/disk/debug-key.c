/* SPDX-License-Identifier: MIT */
/*
 * debug-key.c - types debug keys of the hypervisor from Dom0: debug-key KEYS
 *
 * What they print comes on the serial console. XEN_SYSCTL_debug_keys through /dev/xen/privcmd.
 */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

struct privcmd_hypercall {
    uint64_t op;
    uint64_t arg[5];
};
#define PRIVCMD_HYPERCALL _IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_hypercall))

#define HYPERCALL_SYSCTL  35
#define SYSCTL_DEBUG_KEYS 7
#define SYSCTL_VERSION    0x15

/* struct xen_sysctl with its largest union member's space. */
struct request {
    struct {
        uint32_t cmd, interface_version;
        const char *keys;
        uint32_t nr_keys;
        uint8_t rest[128];
    } sysctl;
    char keys[64];
};

int main(int argc, char **argv)
{
    size_t size = 4096;
    struct request *r = mmap(NULL, size, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);
    struct privcmd_hypercall call = {HYPERCALL_SYSCTL, {(uint64_t)(uintptr_t)r, 0, 0, 0, 0}};
    int fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);

    if (argc != 2 || strlen(argv[1]) >= sizeof(r->keys)) {
        fprintf(stderr, "usage: debug-key KEYS\n");
        return 2;
    }
    if (r == MAP_FAILED || fd < 0) {
        perror("debug-key");
        return 1;
    }
    strcpy(r->keys, argv[1]);
    r->sysctl.cmd = SYSCTL_DEBUG_KEYS;
    r->sysctl.interface_version = SYSCTL_VERSION;
    r->sysctl.keys = r->keys;
    r->sysctl.nr_keys = (uint32_t)strlen(argv[1]);
    if (ioctl(fd, PRIVCMD_HYPERCALL, &call)) {
        perror("debug-key");
        return 1;
    }
    return 0;
}
