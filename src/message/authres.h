/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the message folder: what Authentication-Results and Received-SPF have in common.
 */
#ifndef DT_MESSAGE_AUTHRES_H
#define DT_MESSAGE_AUTHRES_H

#include <dmarctrace/message.h>

/* Past these a field is no receiver's; the rest of it is left out. */
#define DT_MAX_RESULTS    100
#define DT_MAX_PROPERTIES 100

/* A method, a ptype.property, or a key that receivers write without a ptype. */
gboolean dt_authres_is_name(const char *name);

dt_recorded *dt_recorded_new(const dt_field *field, dt_recorded_header header);
dt_recorded_result *dt_recorded_add(dt_recorded *recorded, const char *method, const char *result);

/* The first property of a name stays, later ones and those past the limit are dropped. Returns the
 * new one or NULL. */
dt_property *dt_recorded_result_set(dt_recorded_result *result, const char *name,
                                    const char *value);

/* Adds a comment, takes it. */
void dt_comment_add(char **comment, char *more);

#endif
