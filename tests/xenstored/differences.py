# SPDX-License-Identifier: MIT
"""What Debian's daemons are known to do differently from the protocol suite, and why.

The key is a case, which then fails as a whole, or "case: detail" for what stands in a
Env.differs(detail) block. The suite also fails when one of these is no longer true.
"""

NAMES = ("ours", "cxenstored", "oxenstored")

OWN_WORDS = "it counts and prints other things than our quota command, or none"
LENIENT = "it takes what starts like a number, or anything, for one"
NO_ERROR_WORD = "it never writes the ring's error word (C xenstored and we do)"
NO_READ_ONLY = "the read-only socket was given up in Xen 4.15; we keep it for old monitoring tools"
EIO = "EIO for an unknown transaction; the protocol's word is ENOENT"
NO_RECONNECTION = "it does not offer guests to start over; only a new INTRODUCE does that"
NO_PARTS = "it answers with more than 4096 bytes, and has no DIRECTORY_PART"


def only(name, reason):
    return {name: reason}


def c(reason):
    return only("cxenstored", reason)


def ocaml(reason):
    return only("oxenstored", reason)


def both(reason):
    return {"cxenstored": reason, "oxenstored": reason}


DIFFERENCES = {
    # messages
    "rm_rules: the root": ocaml("it answers OK and removes nothing"),
    "large_values: a whole message": ocaml("its limit of 2048 bytes a value binds Domain 0, too"),
    "large_directory_in_parts: too much at once": ocaml(NO_PARTS),
    "directory_part_of_empty": ocaml(NO_PARTS),
    "get_domain_path: no number": both(LENIENT),
    "invalid_paths: special names are no nodes": ocaml("they are nodes of its tree, with values"),
    "invalid_paths: longest path": both("its limit for paths below a domain's home, 2048 bytes, binds "
                                        "all others, too; the protocol's is 3072"),
    "malformed_payloads: one path": c("ENOENT or ENOMEM for a payload without its NUL"),
    "malformed_payloads: impossible domain": both("it takes any number (C: ENOENT, for there is no "
                                                  "such domain)"),
    "malformed_payloads: offset": {"cxenstored": LENIENT, "oxenstored": NO_PARTS},
    "empty_payloads: answer": ocaml("it does not see a message without payload as complete, and never "
                                    "answers"),
    "empty_payloads: no path": {"cxenstored": "ENOENT or ENOMEM for a payload without its NUL",
                                "oxenstored": "it never answers"},
    "too_long_message_closes": ocaml("it waits for all of any length"),
    # watches
    "watch_rm_of_tree: a node that never was": ocaml("watches below a removed node fire, whether or "
                                                     "not what they name was there"),
    # transactions
    "transaction_ids: unknown": ocaml(EIO),
    # guests
    "permissions_text: an owner to come": c("ENOENT: the owner has to exist; we let a toolstack "
                                            "prepare nodes"),
    "guest_permissions: what is there": ocaml("ENOENT tells a guest which nodes exist that it may not "
                                              "read"),
    "guest_permissions: owner of a new node": ocaml("it belongs to the owner of the node above, were "
                                                    "that Domain 0"),
    "guest_target: no such target": ocaml("any number will do"),
    "guest_target_dies": {
        "cxenstored": "a connection stays, with its domain, as long as another has it for a target",
        "oxenstored": "the right to act for a target outlives it: the next domain of that number is "
                      "open to the old one's device model"},
    "guest_may_not: xenstore-control": ocaml("guests may call it, though few commands do something"),
    "special_watches: permissions": c("it answers EINVAL; they can be set but not read"),
    "shutdown_fires_once: again": ocaml("@releaseDomain fires at each change of any domain, as long "
                                        "as one is shut down"),
    "introduce_and_release: nodes stay": both("RELEASE removes the nodes, too"),
    "introduce_and_release: and back": {
        "cxenstored": "without its home the guest may do nothing",
        "oxenstored": "its event channel stays bound, so the domain cannot be introduced again"},
    "release_of_own_domain": ocaml("all that Domain 0 owns is removed: nearly the whole store"),
    "death_takes_everything: watches": ocaml("nodes of a dead domain go without an event"),
    "death_takes_everything: entries": c("entries stay in the list, and are ignored when asked"),
    "death_before_introduction": both("entries of a domain that never was introduced stay in the "
                                      "list; C xenstored ignores them"),
    # limits
    "quota_nodes: one for another": c("what a transaction removes counts until its end"),
    "quota_nodes: together": {
        "cxenstored": "the last node that fits does not fit when a transaction makes it",
        "oxenstored": "the second transaction is repeated, and its client told OK"},
    "quota_others: permissions": ocaml("no limit on entries"),
    "quota_transaction_requests: writes": c("no limit on writes of one node, only on nodes"),
    "quota_transaction_requests: its end": ocaml("it counts, too, so that a full transaction cannot "
                                                 "be ended"),
    "quota_memory": both(OWN_WORDS),
    "quotas_can_be_set": {"cxenstored": "one more than the number may be had",
                          "oxenstored": OWN_WORDS},
    "quota_counts_owners": ocaml("limits come from its configuration file only"),
    "aborted_transactions_leave_accounts": ocaml(OWN_WORDS),
    "reset_does_not_evade_quota": both(OWN_WORDS),
    "request_rate": both("no limit on reads"),
    "old_trees_are_bounded": {"cxenstored": OWN_WORDS,
                              "oxenstored": "its limit of 2048 bytes a value binds Domain 0, too"},
    "conflicts_are_paid_for": c("its writers pay by writes, with a burst of thousands for all"),
    "ring_reader_that_sleeps": {
        "cxenstored": "it keeps every event, and gives the guest up after 20 s",
        "oxenstored": "it stops the writer, were it Domain 0, until the guest reads"},
    "event_that_does_not_fit": {"cxenstored": "the event is dropped: the watcher misses a change",
                                "oxenstored": "it is sent as an answer of type ERROR"},
    # rings
    "ring_written_before_introduction": c("it empties the ring when the domain is introduced"),
    "ring_hostile_indices": ocaml(NO_ERROR_WORD),
    "ring_too_long_message: error word": ocaml(NO_ERROR_WORD),
    "ring_too_long_message: reconnection": c(NO_RECONNECTION),
    "ring_reconnect": c(NO_RECONNECTION),
    "ring_reconnect: unknown transaction": ocaml(EIO),
    "ring_introduced_again: wrong port": c("it answers OK, and the guest is left without a port"),
    "ring_introduced_again": ocaml("neither indices nor watches are dropped"),
    "ring_introduced_again_half_way": both("what it has read of a message stays, and the next one is "
                                           "taken for the rest"),
    "ring_of_replaced_domain": both("the first one's page stays mapped, the second is never answered"),
    "broken_ring_and_death: error word": ocaml(NO_ERROR_WORD),
    # control
    "read_only_socket": both(NO_READ_ONLY),
    "control_commands": both("its commands are others"),
}
