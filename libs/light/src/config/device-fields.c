/* SPDX-License-Identifier: MIT */
/* device-fields.c - tables of the structures that lists are made of: devices and others. */
#include "fields.h"

#define BACKEND                                                                               \
    FIELD(U32, backend_domid, "backend_domid"),                                               \
        FIELD(STRING, backend_domain, "backend_domname", .key = "backend",                    \
              .help = "The name or number of the domain that serves the device; domain 0 if " \
                      "not given.")
#define DEVID FIELD(INT, devid, "devid", .preset = -1)

#define T struct xlight_disk
static const struct xlight_name backends[] = {{XLIGHT_DISK_PHY, "phy", NULL},
                                              {XLIGHT_DISK_TAP, "tap", NULL},
                                              {XLIGHT_DISK_QDISK, "qdisk", NULL},
                                              {XLIGHT_DISK_STANDALONE, "standalone", NULL},
                                              {0, NULL, NULL}};
static const struct xlight_name formats[] = {{XLIGHT_FORMAT_RAW, "raw", NULL},
                                             {XLIGHT_FORMAT_QCOW, "qcow", NULL},
                                             {XLIGHT_FORMAT_QCOW2, "qcow2", NULL},
                                             {XLIGHT_FORMAT_VHD, "vhd", NULL},
                                             {XLIGHT_FORMAT_QED, "qed", NULL},
                                             {XLIGHT_FORMAT_EMPTY, "empty", NULL},
                                             {0, NULL, NULL}};
static const struct xlight_name specifications[] = {
    {1, "xen", NULL}, {2, "virtio", NULL}, {0, NULL, NULL}};
static const struct xlight_field disk_fields[] = {
    BACKEND,
    FIELD(STRING, target, "pdev_path", .key = "target",
          .help = "The file or block device on the host. Takes the rest of the line, with commas."),
    FIELD(STRING, vdev, "vdev", .key = "vdev",
          .help = "What the guest calls the disk, as in xvda, sdb or hdc."),
    FIELD(ENUM, backend, "backend", .key = "backendtype", .names = backends,
          .help = "What serves the disk; chosen by itself if not given."),
    FIELD(ENUM, format, "format", .key = "format", .names = formats,
          .help = "How the disk is stored in the file; raw if not given."),
    FIELD(STRING, script, "script", .key = "script",
          .help = "The program that makes the target ready, by path or as a file of "
                  "/etc/xen/scripts."),
    FIELD(INT, removable, "removable"),
    FIELD(INT, readwrite, "readwrite"),
    FIELD(INT, cdrom, "is_cdrom"),
    FIELD(BOOL, direct_io_safe, "direct_io_safe"),
    FIELD(TRISTATE, discard, "discard_enable"),
    FIELD(ENUM, specification, "specification", .key = "specification", .names = specifications,
          .help = "The protocol between guest and backend."),
    FIELD(TRISTATE, trusted, "trusted"),
    KEY("access", .syntax = "r, ro, w or rw", .help = "Whether the guest may write."),
    KEY("devtype", .syntax = "disk or cdrom", .help = "What the guest sees."),
    KEY("cdrom", .syntax = "flag", .help = "As devtype=cdrom."),
    KEY("discard", .syntax = "flag", .help = "The guest may say that blocks are unused."),
    KEY("no-discard", .syntax = "flag", .help = "The guest may not say so."),
    KEY("direct-io-safe", .syntax = "flag",
        .help = "The backend may bypass the host's page cache."),
    KEY("trusted", .syntax = "flag", .help = "The guest may trust the backend."),
    KEY("untrusted", .syntax = "flag", .help = "The guest should protect itself."),
};
const struct xlight_type xlight__disk_type = TYPE("disk", T, disk_fields, );
#undef T

#define T struct xlight_nic
static const struct xlight_name nic_types[] = {
    {XLIGHT_NIC_IOEMU, "vif_ioemu", "ioemu"}, {XLIGHT_NIC_VIF, "vif", NULL}, {0, NULL, NULL}};
static const struct xlight_field nic_fields[] = {
    BACKEND,
    FIELD(INT, devid, "devid", .key = "devid", .preset = -1, .min = 0, .max = 65535,
          .help = "The number of the card, to be chosen by itself."),
    FIELD(INT, mtu, "mtu", .key = "mtu", .min = 68, .max = 65535,
          .help = "The largest packet, in bytes."),
    FIELD(STRING, model, "model", .key = "model", .help = "The emulated card of an HVM guest."),
    FIELD(MAC, mac, "mac", .key = "mac", .syntax = "xx:xx:xx:xx:xx:xx",
          .help = "The address of the card; random below 00:16:3e if not given."),
    FIELD(STRING, ip, "ip", .key = "ip", .help = "The guest's addresses, for the script."),
    FIELD(STRING, bridge, "bridge", .key = "bridge", .help = "The bridge that the card is put in."),
    FIELD(STRING, ifname, "ifname", .key = "vifname", .help = "What the host calls the interface."),
    FIELD(STRING, script, "script", .key = "script",
          .help = "The program that configures the interface."),
    FIELD(ENUM, type, "nictype", .key = "type", .names = nic_types,
          .help = "Whether HVM guests see an emulated card, too."),
    FIELD(U64, rate_bytes_per_interval, "rate_bytes_per_interval"),
    FIELD(U32, rate_interval_usecs, "rate_interval_usecs"),
    KEY("rate", .syntax = "10Mb/s or 1MB/s@20ms",
        .help = "A limit for what the guest sends, and in which intervals it is counted."),
    FIELD(STRING, gatewaydev, "gatewaydev", .key = "gatewaydev",
          .help = "The host's interface to the outside, for scripts that route."),
    KEY("netdev", .syntax = "text", .help = "The old name of gatewaydev."),
    FIELD(TRISTATE, trusted, "trusted"),
    KEY("trusted", .syntax = "flag", .help = "The guest may trust the backend."),
    KEY("untrusted", .syntax = "flag", .help = "The guest should protect itself."),
};
const struct xlight_type xlight__nic_type = TYPE("vif", T, nic_fields, .lenient = true);
#undef T

#define T struct xlight_pci
static const struct xlight_name policies[] = {
    {0, "strict", NULL}, {1, "relaxed", NULL}, {0, NULL, NULL}};
static const struct xlight_field pci_fields[] = {
    FIELD(U32, function, "func"),
    FIELD(U32, device, "dev"),
    FIELD(U32, bus, "bus"),
    FIELD(INT, domain, "domain"),
    FIELD(U32, vdevfn, "vdevfn"),
    FIELD(U32, vfunc_mask, "vfunc_mask"),
    FIELD(BOOL, msitranslate, "msitranslate", .key = "msitranslate",
          .help = "MSIs of the device come to the guest as line interrupts."),
    FIELD(BOOL, power_mgmt, "power_mgmt", .key = "power_mgmt",
          .help = "The guest may change the device's power states."),
    FIELD(BOOL, permissive, "permissive", .key = "permissive",
          .help = "The guest may write all of the configuration space."),
    FIELD(BOOL, seize, "seize", .key = "seize",
          .help = "The device is taken from its driver on the host."),
    FIELD(ENUM, rdm_policy, "rdm_policy", .key = "rdm_policy", .names = policies, .preset = -1,
          .help = "Whether conflicts of reserved memory are an error."),
    FIELD(STRING, name, "name", .key = "name",
          .help = "What the device was called when it was made assignable, instead of bdf."),
    KEY("bdf", .syntax = "[DDDD:]BB:DD.F", .help = "What the device is called on the host."),
    KEY("vslot", .syntax = "hexadecimal number", .help = "Its slot in the guest."),
};
const struct xlight_type xlight__pci_type = TYPE("pci", T, pci_fields, );
#undef T

#define T struct xlight_vfb
static const struct xlight_field vfb_fields[] = {
    FIELD(U32, backend_domid, "backend_domid"),
    FIELD(STRING, backend_domain, "backend_domname"),
    DEVID,
    GROUP("vnc/"),
    FIELD(TRISTATE, vnc.enable, "vnc/enable", .key = "vnc", .help = "The screen is served by VNC."),
    FIELD(STRING, vnc.listen, "vnc/listen", .key = "vnclisten",
          .help = "The address to serve VNC at, and with :N the display."),
    FIELD(STRING, vnc.password, "vnc/passwd", .key = "vncpasswd",
          .help = "The password of the VNC server."),
    FIELD(INT, vnc.display, "vnc/display", .key = "vncdisplay", .min = 0, .max = 65535 - 5900,
          .help = "The number of the VNC display; its port is 5900 more."),
    FIELD(TRISTATE, vnc.find_unused, "vnc/findunused", .key = "vncunused",
          .help = "Take the next display that is free."),
    GROUP("sdl/"),
    FIELD(TRISTATE, sdl.enable, "sdl/enable", .key = "sdl", .help = "The screen is a window."),
    FIELD(TRISTATE, sdl.opengl, "sdl/opengl", .key = "opengl",
          .help = "The window is drawn by OpenGL."),
    FIELD(STRING, sdl.display, "sdl/display", .key = "display",
          .help = "The X display of the window."),
    FIELD(STRING, sdl.xauthority, "sdl/xauthority", .key = "xauthority",
          .help = "The file with the key to that display."),
    FIELD(STRING, keymap, "keymap", .key = "keymap", .help = "The layout of the keyboard."),
};
const struct xlight_type xlight__vfb_type = TYPE("vfb", T, vfb_fields, .lenient = true);
#undef T

#define T struct xlight_vkb
static const struct xlight_name vkb_backends[] = {
    {XLIGHT_VKB_QEMU, "qemu", NULL}, {XLIGHT_VKB_LINUX, "linux", NULL}, {0, NULL, NULL}};
static const struct xlight_field vkb_fields[] = {
    BACKEND,
    DEVID,
    FIELD(ENUM, backend_type, "backend_type", .key = "backend-type", .names = vkb_backends,
          .help = "What serves the device."),
    FIELD(STRING, unique_id, "unique_id", .key = "unique-id",
          .help = "What tells this device from others."),
    FIELD(BOOL, disable_keyboard, "feature_disable_keyboard", .key = "feature-disable-keyboard",
          .help = "There is no keyboard."),
    FIELD(BOOL, disable_pointer, "feature_disable_pointer", .key = "feature-disable-pointer",
          .help = "There is no pointer."),
    FIELD(BOOL, abs_pointer, "feature_abs_pointer", .key = "feature-abs-pointer",
          .help = "The pointer tells where it is, not how it moves."),
    FIELD(BOOL, raw_pointer, "feature_raw_pointer", .key = "feature-raw-pointer",
          .help = "Positions of the pointer are not scaled to the screen."),
    FIELD(BOOL, multi_touch, "feature_multi_touch", .key = "feature-multi-touch",
          .help = "There is a touch screen."),
    FIELD(U32, width, "width", .key = "width", .help = "Positions of the pointer across."),
    FIELD(U32, height, "height", .key = "height", .help = "Positions of the pointer down."),
    FIELD(U32, multi_touch_width, "multi_touch_width", .key = "multi-touch-width",
          .help = "Positions of the touch screen across."),
    FIELD(U32, multi_touch_height, "multi_touch_height", .key = "multi-touch-height",
          .help = "Positions of the touch screen down."),
    FIELD(U32, multi_touch_contacts, "multi_touch_num_contacts", .key = "multi-touch-num-contacts",
          .help = "How many fingers the touch screen tells apart."),
};
const struct xlight_type xlight__vkb_type = TYPE("vkb", T, vkb_fields, );
#undef T

#define T struct xlight_vtpm
static const struct xlight_field vtpm_fields[] = {
    BACKEND,
    DEVID,
    FIELD(UUID, uuid, "uuid", .key = "uuid", .help = "The name of the TPM at its manager."),
};
const struct xlight_type xlight__vtpm_type = TYPE("vtpm", T, vtpm_fields, );
#undef T

#define T struct xlight_p9
static const struct xlight_field p9_fields[] = {
    BACKEND,
    FIELD(STRING, tag, "tag", .key = "tag", .help = "What the guest mounts."),
    FIELD(STRING, path, "path", .key = "path", .help = "The folder of the host."),
    FIELD(STRING, security_model, "security_model", .key = "security_model",
          .help = "How the guest's users are stored: none."),
    DEVID,
};
const struct xlight_type xlight__p9_type = TYPE("p9", T, p9_fields, );
#undef T

#define T struct xlight_pvcalls
static const struct xlight_field pvcalls_fields[] = {BACKEND, DEVID};
const struct xlight_type xlight__pvcalls_type = TYPE("pvcalls", T, pvcalls_fields, );
#undef T

#define T struct xlight_channel
static const struct xlight_name connections[] = {
    {XLIGHT_CHANNEL_PTY, "pty", NULL}, {XLIGHT_CHANNEL_SOCKET, "socket", NULL}, {0, NULL, NULL}};
static const struct xlight_field channel_fields[] = {
    BACKEND,
    DEVID,
    FIELD(STRING, name, "name", .key = "name", .help = "What the guest finds the channel by."),
    /* In JSON these two are "connection.pty": {} or "connection.socket": {"path": ...}. */
    FIELD(ENUM, connection, NULL, .key = "connection", .names = connections,
          .help = "What the channel is on the host."),
    FIELD(STRING, path, NULL, .key = "path", .help = "The path of the socket."),
};
const struct xlight_type xlight__channel_type = TYPE("channel", T, channel_fields, .lenient = true);
#undef T

#define T struct xlight_usbctrl
static const struct xlight_name usbctrl_types[] = {{0, "auto", NULL},
                                                   {1, "pv", NULL},
                                                   {2, "devicemodel", NULL},
                                                   {3, "qusb", NULL},
                                                   {0, NULL, NULL}};
static const struct xlight_field usbctrl_fields[] = {
    FIELD(ENUM, type, "type", .key = "type", .names = usbctrl_types,
          .help = "How the controller is made."),
    DEVID,
    FIELD(INT, version, "version", .key = "version", .min = 1, .max = 3,
          .help = "The version of USB."),
    FIELD(INT, ports, "ports", .key = "ports", .min = 1, .max = 31,
          .help = "How many ports the controller has."),
    FIELD(U32, backend_domid, "backend_domid"),
    FIELD(STRING, backend_domain, "backend_domname"),
};
const struct xlight_type xlight__usbctrl_type = TYPE("usbctrl", T, usbctrl_fields, );
#undef T

#define T struct xlight_usbdev
static const struct xlight_field usbdev_fields[] = {
    FIELD(INT, controller, "ctrl", .key = "controller", .preset = -1, .min = 0, .max = 65535,
          .help = "The controller's number."),
    FIELD(INT, port, "port", .key = "port", .min = 1, .max = 31, .help = "The controller's port."),
    GROUP("type.hostdev/"),
    FIELD(U32, hostbus, "type.hostdev/hostbus", .key = "hostbus", .min = 0, .max = 255,
          .help = "The bus of the device on the host."),
    FIELD(U32, hostaddr, "type.hostdev/hostaddr", .key = "hostaddr", .min = 0, .max = 255,
          .help = "Its address there."),
    KEY("type", .syntax = "hostdev", .help = "The only type that there is."),
};
const struct xlight_type xlight__usbdev_type = TYPE("usbdev", T, usbdev_fields, );
#undef T

#define T struct xlight_cpuid
static const struct xlight_field cpuid_fields[] = {
    FIELD(U32, leaf, "leaf", .preset = -1),
    FIELD(U32, subleaf, "subleaf", .preset = -1),
    FIELD(STRING, eax, "eax"),
    FIELD(STRING, ebx, "ebx"),
    FIELD(STRING, ecx, "ecx"),
    FIELD(STRING, edx, "edx"),
};
const struct xlight_type xlight__cpuid_type = TYPE("cpuid", T, cpuid_fields, );
#undef T

#define T struct xlight_msr
static const struct xlight_field msr_fields[] = {FIELD(U32, index, "index", .preset = -1),
                                                 FIELD(STRING, policy, "policy")};
const struct xlight_type xlight__msr_type = TYPE("msr", T, msr_fields, );
#undef T

#define T struct xlight_vnuma_node
static const struct xlight_field vnuma_fields[] = {
    FIELD(U64, memory_kb, "memkb", .preset = -1),
    LIST(U32, distances, nr_distances, "distances"),
    FIELD(U32, pnode, "pnode"),
    FIELD(BITS, vcpus, "vcpus"),
    KEY("pnode", .syntax = "number", .help = "The host's node that it is placed on."),
    KEY("size", .syntax = "MiB", .help = "The node's memory."),
    KEY("vcpus", .syntax = "ranges", .help = "The node's vCPUs."),
    KEY("vdistances", .syntax = "numbers", .help = "How far the other nodes are; 10 is itself."),
};
const struct xlight_type xlight__vnuma_type = TYPE("vnuma", T, vnuma_fields, );
#undef T

#define T struct xlight_ioports
static const struct xlight_field ioports_fields[] = {FIELD(U32, first, "first"),
                                                     FIELD(U32, number, "number")};
const struct xlight_type xlight__ioports_type = TYPE("ioports", T, ioports_fields, );
#undef T

#define T struct xlight_iomem
static const struct xlight_field iomem_fields[] = {
    FIELD(U64, start, "start"), FIELD(U64, number, "number"), FIELD(U64, gfn, "gfn", .preset = -1)};
const struct xlight_type xlight__iomem_type = TYPE("iomem", T, iomem_fields, );
#undef T
