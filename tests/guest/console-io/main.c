/* SPDX-License-Identifier: MIT */
/*
 * console_io as Dom0 sees it in 4.17: write takes everything and returns 0,
 * read does not block, bad buffers give -EFAULT, unknown commands -ENOSYS.
 */
#include "guest.h"

static void check_write(void)
{
    static const char text[] = "console-io: a line by hypercall\n";

    CHECK_EQ(hypercall(console_io, CONSOLEIO_write, sizeof(text) - 1, text), 0);
    CHECK_EQ(hypercall(console_io, CONSOLEIO_write, 0, text), 0);
    CHECK_EQ(hypercall(console_io, CONSOLEIO_write, 0, UNMAPPED), 0);
}

static void check_long_write(void)
{
    static char text[3000];
    size_t i;

    for (i = 0; i < sizeof(text); i++)
        text[i] = (i % 60 == 59) ? '\n' : '.';
    CHECK_EQ(hypercall(console_io, CONSOLEIO_write, sizeof(text), text), 0);
}

static void check_read(void)
{
    char buffer[16];

    CHECK_EQ(hypercall(console_io, CONSOLEIO_read, sizeof(buffer), buffer), 0);
    CHECK_EQ(hypercall(console_io, CONSOLEIO_read, 0, buffer), 0);
}

static void check_misuse(void)
{
    char c = 'x';

    CHECK_EQ(hypercall(console_io, CONSOLEIO_write, 8, UNMAPPED), -XEN_EFAULT);
    CHECK_EQ(hypercall(console_io, CONSOLEIO_write, 8, HYPERVISOR_VIRT_START), -XEN_EFAULT);
    CHECK_EQ(hypercall(console_io, CONSOLEIO_write, 8, NONCANON), -XEN_EFAULT);
    CHECK_EQ(hypercall(console_io, 2, 1, &c), -XEN_ENOSYS);
    CHECK_EQ(hypercall(console_io, 0x7fffffff, 1, &c), -XEN_ENOSYS);
}

void test_main(void)
{
    check_write();
    check_long_write();
    check_read();
    check_misuse();
    success();
}
