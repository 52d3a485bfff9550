/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the evaluation folder: which hop is the boundary, which recorded results are believed, and
 * where client address, HELO and envelope sender come from (the contract's section on trust).
 */
#ifndef DT_EVALUATION_BOUNDARY_H
#define DT_EVALUATION_BOUNDARY_H

#include <dmarctrace/message.h>

typedef enum {
    DT_TRUST_NONE = 0,
    DT_TRUST_ABOVE_BOUNDARY,
    DT_TRUST_OWN_ID,
    DT_TRUST_OPTION
} dt_trust;
const char *dt_trust_word(dt_trust trust); /* "above-boundary", ...; NULL for none */

typedef struct {
    gint hop;        /* index of the boundary hop; -1 none */
    dt_trust *trust; /* one for each of dt_message_recorded */
} dt_boundary;

/* authserv_ids: NULL-terminated, may be NULL: what --authserv-id names. Never NULL. */
dt_boundary *dt_boundary_find(const dt_message *message, const char *const *authserv_ids);
void dt_boundary_free(dt_boundary *boundary);

typedef enum {
    DT_INPUT_NONE = 0,
    DT_INPUT_OPTION,
    DT_INPUT_RECEIVED_SPF,
    DT_INPUT_AUTHENTICATION_RESULTS,
    DT_INPUT_RECEIVED,
    DT_INPUT_RETURN_PATH,
} dt_input_source;
const char *dt_input_source_word(dt_input_source source); /* NULL for none */

/* What SPF is evaluated with. */
typedef struct {
    char *ip; /* canonical text; NULL unknown */
    char *helo;
    char *mail_from; /* "" null sender; NULL unknown */
    dt_input_source ip_source, helo_source, mail_from_source;
    guint ip_line, mail_from_line; /* of the field it was read from, 0 for options */
    GPtrArray *warnings;           /* of dt_warning: contradictions between believed fields */
} dt_inputs;

/* ip, helo, mail_from: options, NULL if not given. Never NULL. */
dt_inputs *dt_inputs_collect(const dt_message *message, const dt_boundary *boundary, const char *ip,
                             const char *helo, const char *mail_from);
void dt_inputs_free(dt_inputs *inputs);

#endif
