/* SPDX-License-Identifier: MIT */
/*
 * Public ABI: the interface version.  These headers describe one version only;
 * a program that asks for an older one gets the newest layout.
 */
#ifndef XEN_PUBLIC_XEN_COMPAT_H
#define XEN_PUBLIC_XEN_COMPAT_H

#define __XEN_LATEST_INTERFACE_VERSION__ 0x00040e00

#ifndef __XEN_INTERFACE_VERSION__
#define __XEN_INTERFACE_VERSION__ __XEN_LATEST_INTERFACE_VERSION__
#endif

#endif /* XEN_PUBLIC_XEN_COMPAT_H */
