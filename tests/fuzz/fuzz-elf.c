/* SPDX-License-Identifier: MIT */
/* fuzz-elf.c - any bytes as a bzImage and as an ELF image; every result must lie in the input. */
#include "fuzz-main.h"
#include <xen/elf.h>

static volatile uint8_t sink;

static void touch(const uint8_t *p, size_t n)
{
    if (n)
        sink = (uint8_t)(p[0] ^ p[n - 1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct elf_xen_notes notes;
    struct elf_image elf;
    const uint8_t *payload;
    size_t payload_len;
    u32 unpacked;

    if (!bzimage_payload(data, len, &payload, &payload_len, &unpacked))
        touch(payload, payload_len);
    if (elf_parse(data, len, &elf))
        return 0;
    for (unsigned int i = 0; i < elf.nr_segments; i++) {
        if (elf.segment[i].filesz > elf.segment[i].memsz)
            abort();
        touch(data + elf.segment[i].offset, elf.segment[i].filesz);
    }
    touch(elf.notes, elf.notes ? elf.notes_len : 0);
    if (!elf_xen_notes_parse(&elf, &notes) && notes.xen_version[15])
        abort();
    return 0;
}
