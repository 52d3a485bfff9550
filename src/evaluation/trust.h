/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the evaluation folder: what a recorded field says of itself, as far as boundary, trust and
 * inputs need it.
 */
#ifndef DT_EVALUATION_TRUST_H
#define DT_EVALUATION_TRUST_H

#include <dmarctrace/message.h>

/* The public address of the client that a field names, canonical; NULL if it names none. Caller
 * frees. */
char *dt_recorded_client(const dt_recorded *recorded);

/* The host that wrote the field: authserv-id, or what a Received-SPF says ("receiver=", "host:
 * domain of ..."). NULL unknown. Caller frees. */
char *dt_recorded_writer(const dt_recorded *recorded);

/* The first property of that name in a result; NULL if absent. */
const char *dt_recorded_property(const dt_recorded_result *result, const char *name);

gboolean dt_recorded_is_above(const dt_recorded *recorded, const dt_hop *hop);

/* One past the last field that the host which wrote this hop may have written below it: up to the
 * next Received, DKIM-Signature or author field. */
guint dt_zone_end(const dt_message *message, const dt_hop *hop);

/* Is the field at index believed by its place below the Received that its own writer put above it
 * (own-id)? end: of dt_zone_end. */
gboolean dt_recorded_is_own(const dt_message *message, guint index, const dt_hop *hop, guint end);

/* The same, for receivers of the table only: may it say that the message was taken from another
 * address? */
gboolean dt_recorded_is_own_by_table(const dt_message *message, guint index, const dt_hop *hop,
                                     guint end);

/* May this Return-Path be what the receiver wrote (RFC 5321 4.4)? Above the boundary hop; below it
 * only for receivers that are known to put theirs there. hop NULL: nothing says that
 * it is not. */
gboolean dt_return_path_is_own(const dt_field *field, const dt_hop *hop);

#endif
