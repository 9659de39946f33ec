#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hold docs/abi.md against the public headers and the dispatchers.

usage: abi-table.py SOURCE_DIR [--list]

Each table of docs/abi.md has one row for each name that the headers define, with the headers'
number; its state agrees with the code:
  yes, part   a dispatcher has a case (or row) for the name, which can do more than fail
  refused     it has one; where all that it does is to return an error, nothing else may be said
  no          there is none
--list prints what the headers and the code say, for a new row.  Exit status 0 if all agrees.
"""
import os
import re
import sys

# title of the table: header, names, then where its cases are as (file, function or "").
FAMILIES = {
    "Hypercalls": ("xen.h", r"__HYPERVISOR_[a-z]\w+", [("common/hypercall/table.c", "")]),
    "sched_op": ("sched.h", r"SCHEDOP_\w+", [("common/sched/sched-op.c", "do_sched_op")]),
    "event_channel_op": ("event_channel.h", r"EVTCHNOP_\w+",
                         [("common/evtchn/ops.c", "do_event_channel_op")]),
    "grant_table_op": ("grant_table.h", r"GNTTABOP_\w+",
                       [("common/gnttab/ops.c", "batch"), ("common/gnttab/ops.c", "do_single")]),
    "memory_op": ("memory.h", r"XENMEM_(?!\w+_op_|resource_|RDM|FORK|SHARING)\w+",
                  [("common/mem/memory-op.c", "do_memory_op")]),
    "vcpu_op": ("vcpu.h", r"VCPUOP_\w+", [("common/domain/vcpu-op.c", "do_vcpu_op")]),
    "mmu_update": ("xen.h", r"MMU_\w+", [("arch/x86/mm/mmu-update.c", "one_update")]),
    "mmuext_op": ("xen.h", r"MMUEXT_\w+", [("arch/x86/mm/mmuext-op.c", "one_op"),
                                           ("arch/x86/mm/mmuext-op.c", "self_op")]),
    "physdev_op": ("physdev.h", r"PHYSDEVOP_(?!DBGP_|pirq_eoi_gmfn\b)\w+",
                   [("arch/x86/irq/physdev.c", "do_physdev_op"),
                    ("arch/x86/irq/physdev.c", "hardware_op")]),
    "platform_op": ("platform.h", r"XENPF_(?!INTERFACE|ACPI|settime\b)\w+",
                    [("arch/x86/pv/platform-op.c", "do_platform_op")]),
    "xen_version": ("version.h", r"XENVER_\w+", [("common/debug/version.c", "do_xen_version")]),
    "Feature bits of XENVER_get_features": (
        "features.h", r"XENFEAT_(?!NR_)\w+", [("common/debug/version.c", "pv_features")]),
    "console_io": ("xen.h", r"CONSOLEIO_\w+", [("common/debug/console-io.c", "do_console_io")]),
    "callback_op": ("callback.h", r"CALLBACKOP_\w+", [("arch/x86/pv/callbacks.c", "do_callback_op")]),
    "Types of callback_op": ("callback.h", r"CALLBACKTYPE_\w+",
                             [("arch/x86/pv/callbacks.c", "callback_of"),
                              ("arch/x86/pv/callbacks.c", "do_callback_op")]),
    "vm_assist": ("xen.h", r"VMASST_TYPE_\w+", [("arch/x86/include/asm/pv.h", "#VM_ASSIST_VALID"),
                                                ("arch/x86/pv/callbacks.c", "do_vm_assist")]),
    "hypfs_op": ("hypfs.h", r"XEN_HYPFS_OP_\w+", [("common/debug/hypfs.c", "do_hypfs_op")]),
    "mca": ("arch-x86/xen-mca.h", r"XEN_MC_[a-z]\w+", [("arch/x86/pv/mca.c", "do_mca")]),
    "xenpmu_op": ("pmu.h", r"XENPMU_[a-z]\w+", [("arch/x86/pv/callbacks.c", "!do_xenpmu_op")]),
    "nmi_op": ("nmi.h", r"XENNMI_\w+", []),
    "kexec_op": ("kexec.h", r"KEXEC_CMD_\w+", []),
    "hvm_op": ("hvm/hvm_op.h", r"HVMOP_\w+", []),
    "dm_op": ("hvm/dm_op.h", r"XEN_DMOP_(?!no_gfns)[a-z]\w+", []),
    "domctl": ("domctl.h", r"XEN_DOMCTL_(?!vmtrace_(?!op))[a-z]\w+",
               [("common/domctl/domctl.c", "")]),
    "XEN_DOMCTL_shadow_op": ("domctl.h", r"XEN_DOMCTL_SHADOW_OP_\w+",
                             [("arch/x86/mm/logdirty/shadow-op.c", "domctl_shadow_op")]),
    "XEN_DOMCTL_scheduler_op": ("domctl.h", r"XEN_DOMCTL_SCHEDOP_\w+",
                                [("common/domctl/settings.c", "domctl_scheduler_op")]),
    "XEN_DOMCTL_sendtrigger": ("domctl.h", r"XEN_DOMCTL_SENDTRIGGER_\w+",
                               [("common/domctl/vcpu.c", "domctl_sendtrigger")]),
    "XEN_DOMCTL_monitor_op": ("domctl.h", r"XEN_DOMCTL_MONITOR_OP_\w+",
                              [("arch/x86/domctl/absent.c", "domctl_monitor_op")]),
    "sysctl": ("sysctl.h", r"XEN_SYSCTL_(?!pm_op_|cpu_policy_|cpu_featureset_)[a-z]\w+",
               [("common/sysctl/sysctl.c", "")]),
    "XEN_SYSCTL_tbuf_op": ("sysctl.h", r"XEN_SYSCTL_TBUFOP_\w+",
                           [("common/trace/trace.c", "trace_control")]),
    "XEN_SYSCTL_cpupool_op": ("sysctl.h", r"XEN_SYSCTL_CPUPOOL_OP_\w+",
                              [("common/sysctl/sched.c", "sysctl_cpupool_op")]),
    "XEN_SYSCTL_scheduler_op": ("sysctl.h", r"XEN_SYSCTL_SCHEDOP_\w+",
                                [("common/sysctl/sched.c", "sysctl_scheduler_op")]),
    "XEN_SYSCTL_pm_op": ("sysctl.h", r"(?:XEN_SYSCTL_pm_op_|[GS]ET_CPUFREQ_)\w+",
                         [("common/sysctl/power.c", "sysctl_pm_op")]),
    "XEN_SYSCTL_cpu_hotplug": ("sysctl.h", r"XEN_SYSCTL_CPU_HOTPLUG_\w+",
                               [("common/sysctl/power.c", "sysctl_cpu_hotplug")]),
    "XEN_SYSCTL_get_cpu_policy": ("sysctl.h", r"XEN_SYSCTL_cpu_policy_\w+",
                                  [("arch/x86/domctl/policy.c", "sysctl_get_cpu_policy")]),
    "XEN_SYSCTL_get_cpu_featureset": (
        "sysctl.h", r"XEN_SYSCTL_cpu_featureset_\w+",
        [("arch/x86/domctl/policy.c", "sysctl_get_cpu_featureset")]),
    "Virtual interrupts": ("xen.h", r"VIRQ_\w+", [("", "#raised")]),
}
STATES = ("yes", "part", "refused", "no")
REFUSAL = r"(?:return|rc =) -E[A-Z0-9]+;"


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def all_sources(xen):
    for folder, _, files in os.walk(xen):
        for name in files:
            if name.endswith(".c"):
                yield read(os.path.join(folder, name))


def without_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def header_numbers(text, pattern):
    """Names that match, in the header's order, with their numbers."""
    known, found = {}, {}
    for name, value in re.findall(r"^#define +(\w+) +([^\n]+)$", without_comments(text), re.M):
        value = re.sub(r"\b[A-Za-z_]\w*\b", lambda m: str(known.get(m[0], m[0])), value)
        if re.fullmatch(r"[\s()|0-9a-fA-Fx]+", value):
            known[name] = eval(value.strip())  # pylint: disable=eval-used # digits and "|" only
            if re.fullmatch(pattern, name):
                found[name] = known[name]
    return found


def function_text(text, name):
    m = re.search(r"^[\w *]+\b%s\([^;{]*\)\n\{\n.*?^\}" % name, text, re.M | re.S)
    if not m:
        sys.exit("no function %s: tell the new place in FAMILIES" % name)
    return m[0]


def refusing_functions(xen):
    """Functions that do nothing but return an error."""
    body = r"\b(\w+)\([^;{]*\)\n\{\n(?:    \(void\)\w+;\n)*    return -E\w+;[^\n]*\n\}"
    return {name for text in all_sources(xen) for name in re.findall(body, text)}


def cases(text, names, refusing):
    """What a piece of code does about each name: True it works, False it only fails."""
    text = without_comments(text)
    found = {}
    for name in names:
        short = name.replace("__HYPERVISOR_", "")
        row = re.search(r"\[%s\] *= *(?:\(hypercall_fn \*\)\(void \*\))?\{?(\w+)" % name, text)
        if name != short and not row:
            row = re.search(r"HYPERCALL\((%s)\)" % short, text)
        case = re.search(r"\bcase %s:((?:\s*case \w+:)*)\s*([^\n]*)" % name, text)
        if row:
            function = row[1] if "HYPERCALL" not in row[0] else "do_" + row[1]
            found[name] = function not in refusing
        elif case:
            found[name] = not re.fullmatch(REFUSAL, case[2].strip())
        elif re.search(r"[!=]= %s\b" % name, text) or re.search(r"<< %s\b" % name, text):
            found[name] = True
    return found


def dispatched(xen, names, places, refusing):
    found = {}
    for path, function in places:
        if function == "#raised":
            text = "\n".join(all_sources(xen))
            found.update({n: True for n in names
                          if re.search(r"\bsend_(?:global|vcpu)_virq\([^;]*\b%s\)" % n, text)})
            continue
        text = read(os.path.join(xen, path))
        if function.startswith("!"):  # one answer to all
            if function[1:] in refusing:
                found.update({n: False for n in names})
                continue
            sys.exit("%s does not refuse everything any more" % function[1:])
        if function.startswith("#"):
            text = re.search(r"#define %s\b(?:.*\\\n)*.*" % function[1:], text)[0]
        elif function:
            text = function_text(text, function)
        found.update(cases(text, [n for n in names if n not in found], refusing))
    return found


def tables(text):
    """The rows of each table below a heading: (number, name, state, note)."""
    found, title = {}, ""
    for line in text.splitlines():
        if line.startswith("#"):
            title = line.lstrip("# ")
        m = re.fullmatch(r"\| (\w+) \| `(\w+)` \| (\w+) \| ?(.*?) ?\|", line)
        if m:
            found.setdefault(title, []).append(m.groups())
    return found


def check_table(title, rows, numbers, code):
    wrong = []
    for name, number in numbers.items():
        mine = [r for r in rows if r[1] == name]
        if len(mine) != 1:
            wrong.append("%s: %d rows for %s" % (title, len(mine), name))
            continue
        text, _, state, note = mine[0]
        if not text.isdigit() or int(text) != number:
            wrong.append("%s: %s is %d, not %s" % (title, name, number, text))
        if state not in STATES:
            wrong.append("%s: %s: unknown state %s" % (title, name, state))
        elif state == "no" and name in code:
            wrong.append("%s: %s is not absent: there is code for it" % (title, name))
        elif state != "no" and name not in code:
            wrong.append("%s: %s is absent: nothing dispatches it" % (title, name))
        elif state in ("yes", "part") and not code[name]:
            wrong.append("%s: %s is always refused" % (title, name))
        if state in ("part", "refused") and not note:
            wrong.append("%s: %s: what differs?" % (title, name))
    for row in rows:
        if row[1] not in numbers:
            wrong.append("%s: no header has %s" % (title, row[1]))
    return wrong


def main():
    source = sys.argv[1]
    xen = os.path.join(source, "xen")
    refusing = refusing_functions(xen)
    have = tables(read(os.path.join(source, "docs", "abi.md"))) if "--list" not in sys.argv else {}
    wrong, count = [], 0
    for title, (header, pattern, places) in FAMILIES.items():
        numbers = header_numbers(read(os.path.join(xen, "include/public", header)), pattern)
        if not numbers:
            wrong.append("%s: no names in %s" % (title, header))
        code = dispatched(xen, numbers, places, refusing)
        if "--list" in sys.argv:
            for name, number in numbers.items():
                print(title, number, name, {True: "yes", False: "refused"}.get(code.get(name), "no"))
            continue
        wrong += check_table(title, have.pop(title, []), numbers, code)
        count += len(numbers)
    wrong += ["a table that nothing is known about: " + title for title in have]
    for line in wrong:
        print("FAILED", line)
    print("%d rows, %d wrong" % (count, len(wrong)))
    sys.exit(1 if wrong else 0)


main()
