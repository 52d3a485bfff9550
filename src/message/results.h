/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the message folder: the parsers of single fields that read.c puts together. Each takes a
 * field and returns a fresh structure that the dt_message owns.
 */
#ifndef DT_MESSAGE_RESULTS_H
#define DT_MESSAGE_RESULTS_H

#include <dmarctrace/message.h>

/* Received (RFC 5321 4.4, and what receivers make of it). Never NULL; unknown parts are NULL. */
dt_hop *dt_received_parse(const dt_field *field);
void dt_hop_free(dt_hop *hop);

/* Authentication-Results or ARC-Authentication-Results (RFC 8601 2.2, tolerant: receivers.c). Never
 * NULL. */
dt_recorded *dt_authres_parse(const dt_field *field, dt_recorded_header header);

/* Received-SPF (RFC 7208 9.1): one result, its key=value pairs as properties. Never NULL. */
dt_recorded *dt_received_spf_parse(const dt_field *field);
void dt_recorded_free(dt_recorded *recorded);

/* The author from all From fields. */
dt_author *dt_author_parse(const dt_field *const *fields, guint count);
void dt_author_free(dt_author *author);

/* RFC 2047 words of an unfolded value decoded, valid UTF-8. Caller frees. */
char *dt_decode_words(const char *raw, gsize length);

/* RFC 5322 date and its obsolete forms; DT_TIME_NONE if none. */
gint64 dt_date_parse(const char *text);

#endif
