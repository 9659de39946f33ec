/* SPDX-License-Identifier: MIT */
/*
 * lib.h - messages, assertions, strings: what every file may use.
 *
 * Blame ladder: a bad argument gives an error code; a bad guest gives domain_crash();
 * our own inconsistency gives BUG(); an impossible boot set-up gives panic() with advice.
 */
#ifndef XEN_LIB_H
#define XEN_LIB_H

#include <xen/types.h>
#include <xen/errno.h>

/* Severity prefixes for printk(); no prefix means XLOG_INFO. */
#define XLOG_ERR   "\001e"
#define XLOG_WARN  "\001w"
#define XLOG_INFO  "\001i"
#define XLOG_DEBUG "\001d"
/* Guest-caused messages are rate limited: use them for whatever a guest can repeat at will. */
#define XLOG_GUEST_ERR   "\001E"
#define XLOG_GUEST_DEBUG "\001D"

/* Formatted line to the console ring and the consoles. Any context, also NMI. */
void printk(const char *fmt, ...) __printf(1, 2);
/* Before a report that ends in panic(), which then prints no stack of its own: other CPUs that get
 * here halt. Interrupts off from now. */
void panic_begin(void);
/* Prints the message, registers and stack, and stops the machine (or reboots, `noreboot`). */
void panic(const char *fmt, ...) __printf(1, 2) __noreturn;
void bug_at(const char *file, int line, const char *what) __noreturn;
void warn_at(const char *file, int line, const char *what);

#define BUG()        bug_at(__FILE__, __LINE__, "BUG")
#define BUG_ON(c)    do { if (unlikely(c)) bug_at(__FILE__, __LINE__, #c); } while (0)
#define WARN_ON(c)   do { if (unlikely(c)) warn_at(__FILE__, __LINE__, #c); } while (0)
#ifdef XENOLITH_DEBUG
#define ASSERT(c) BUG_ON(!(c))
#else
#define ASSERT(c) ((void)sizeof(c))
#endif
#define ASSERT_UNREACHABLE() ASSERT(false)

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strstr(const char *hay, const char *needle);
/* Copies at most size - 1 characters and always terminates; returns strlen(src). */
size_t strlcpy(char *dst, const char *src, size_t size);
size_t strlcat(char *dst, const char *src, size_t size);
/* Number in base 0 (0x, 0, decimal), 10, 16; *end (may be NULL) gets the first unused character. */
unsigned long long simple_strtoull(const char *s, const char **end, unsigned int base);
/* "512", "64K", "1G", "2T" -> bytes. A plain number is multiplied by plain_unit. */
unsigned long long parse_size(const char *s, const char **end, unsigned long plain_unit);

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
/* Like snprintf, but returns what was really stored (always < size). */
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

#endif /* XEN_LIB_H */
