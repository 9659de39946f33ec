/* SPDX-License-Identifier: MIT */
/*
 * hotplug-host.h - for tests of devices: a simulated host with a bridge, an interface vif1.0, a
 * block device /dev/sim, a file, a folder for scripts, and a fake server of devices. They belong to
 * domain 1, which need not be there. Whatever fails ends the test.
 */
#ifndef TESTS_HOTPLUG_HOST_H
#define TESTS_HOTPLUG_HOST_H

#include "device/device.h"
#include "light/fake-backend.h"
#include "light/sim-host.h"
#include "light/store-dump.h"
#include "test-main.h"
#include <xenolith/light-device.h>

extern xlight_handle *h;
extern char image[64], locks[64], scripts[64]; /* the file; folders */

void begin(unsigned int flags); /* of the server */
void end(void);

void make_file(const char *path, const char *text, mode_t mode);
/* A shell script among the others. */
void make_script(const char *name, const char *text);
/* What scripts have written to the file "out" of this host; it is removed. */
char *output(void);

/* A configuration of these lines, to be freed. */
struct xlight_config *parse(const char *text);
/* All devices of a configuration come; start() only begins it. All of domain 1 go. */
int start(const char *text, xlight_op **ret_op);
int come(const char *text);
int go(void);
/* A disk in the file, one on the device, an interface. */
const char *all_devices(void);

/* A node has this value; NULL: it is not there. */
void check_node(const char *path, const char *wanted);
void check_nothing_left(void);

/* Domain 1, with nothing but a type in the store. Its UUID is 0x77 in each byte. */
void make_domain(void);
int attach(enum xlight_device_kind kind, const char *text);
int detach(enum xlight_device_kind kind, int devid, enum xlight_detach how);

#define DISK "/local/domain/0/backend/vbd/1/51712/"
#define VIF  "/local/domain/0/backend/vif/1/0/"

#endif /* TESTS_HOTPLUG_HOST_H */
