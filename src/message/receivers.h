/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What is known of receivers, as one table: which names belong to one operator, where it writes its
 * results, how its fields differ from the standards. Read by the parsers of this folder and by
 * evaluation, which decides what is believed.
 */
#ifndef DT_MESSAGE_RECEIVERS_H
#define DT_MESSAGE_RECEIVERS_H

#include <dmarctrace/message.h>

typedef enum {
    DT_RECEIVER_RESULTS_BELOW = 1 << 0,  /* writes Authentication-Results below its own Received */
    DT_RECEIVER_SPF_BELOW = 1 << 1,      /* and Received-SPF too */
    DT_RECEIVER_SEVERAL_FIELDS = 1 << 2, /* several fields of one id, one method or more each */
    DT_RECEIVER_CUTS_TOKENS = 1 << 3,    /* folds inside tokens */
    DT_RECEIVER_PATH_BELOW = 1 << 4,     /* writes Return-Path below its own Received */
} dt_receiver_flags;

typedef struct {
    const char *name; /* of the operator */
    /* domains of its hosts; with "*": pattern of a name without dots. NULL-terminated */
    const char *const *hosts;
    /* authserv-ids that are not the name of the host that wrote Received; may be NULL */
    const char *const *ids;
    const char *const *spf_ids; /* what Received-SPF names as its writer, where that is not the host
                                   either; may be NULL */
    const char *const *outside; /* hosts of its customers: clients like any other; may be NULL */
    /* addresses of its own hosts, where names alone prove nothing; may be NULL */
    const char *const *networks;
    guint flags; /* of dt_receiver_flags */
} dt_receiver;

/* The row of a host name, NULL if it is in none. */
const dt_receiver *dt_receiver_of_host(const char *host);

/* The row of an authserv-id (or of the host that it is), NULL if it is in none. */
const dt_receiver *dt_receiver_of_id(const char *authserv_id);

/* Is id one that the hosts of this row write, other than their own name? */
gboolean dt_receiver_writes_id(const dt_receiver *receiver, const char *authserv_id);
gboolean dt_receiver_writes_spf_id(const dt_receiver *receiver, const char *id);

/* Does whoever wrote this hop put Return-Path below it? By the row of the host, or by the software,
 * which anybody may run. */
gboolean dt_receiver_puts_path_below(const dt_hop *hop);

/* The row at index, NULL past the end. */
const dt_receiver *dt_receiver_get(guint index);

/* Does one of its networks hold the address? */
gboolean dt_receiver_has_address(const dt_receiver *receiver, const char *ip);

/* Is the host a customer's machine inside the operator's domain? */
gboolean dt_receiver_is_outside(const dt_receiver *receiver, const char *host);

/* Who runs a host: the name of its row, else its organizational domain. NULL for names that say
 * nothing: addresses, single labels that are in no row, localhost, .local, .internal and their
 * like. Caller frees. */
char *dt_operator_of(const char *host);

/* Are both run by one operator? FALSE if nothing is known of one of them. */
gboolean dt_operator_is_same(const char *host, const char *other);

#endif
