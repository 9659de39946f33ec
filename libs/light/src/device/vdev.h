/* SPDX-License-Identifier: MIT */
/*
 * vdev.h - what a guest calls its disks, as numbers: xvda is 51712. The device id of a disk is this
 * number.
 */
#ifndef XENOLITH_LIGHT_DEVICE_VDEV_H
#define XENOLITH_LIGHT_DEVICE_VDEV_H

/*
 * The number of "xvda1", "sdb", "hdc", "d5p2" (disk 5, partition 2), or of a number as text.
 * -EINVAL: it is none of these.
 */
int xlight__vdev_number(const char *name, int *ret_number);

#endif /* XENOLITH_LIGHT_DEVICE_VDEV_H */
