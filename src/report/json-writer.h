/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the report folder: JSON as a stream of calls (RFC 8259). Content code never meets
 * brackets, commas or escapes. Strings are made valid UTF-8 (U+FFFD); NULL is null. Building no
 * tree keeps one object a line cheap.
 */
#ifndef DT_REPORT_JSON_WRITER_H
#define DT_REPORT_JSON_WRITER_H

#include <glib.h>

typedef struct {
    GString *out;
    guint depth;
    gboolean is_single_line;
    gboolean needs_comma;
} dt_json;

void dt_json_begin(dt_json *json, GString *out, gboolean is_single_line);

/* key NULL inside an array or at the top. */
void dt_json_open_object(dt_json *json, const char *key);
void dt_json_close_object(dt_json *json);
void dt_json_open_array(dt_json *json, const char *key);
void dt_json_close_array(dt_json *json);
void dt_json_string(dt_json *json, const char *key, const char *value);
void dt_json_number(dt_json *json, const char *key, gint64 value);
void dt_json_bool(dt_json *json, const char *key, gboolean value);
void dt_json_null(dt_json *json, const char *key);

/* Unix seconds as a time string; DT_TIME_NONE is null. */
void dt_json_time(dt_json *json, const char *key, gint64 seconds);

/* value, or null where is_known is FALSE. */
void dt_json_number_if(dt_json *json, const char *key, gboolean is_known, gint64 value);
void dt_json_bool_if(dt_json *json, const char *key, gboolean is_known, gboolean value);

/* A NULL-terminated list of strings; NULL gives an empty array. */
void dt_json_strings(dt_json *json, const char *key, char *const *values);

/* The final line end. */
void dt_json_end(dt_json *json);

#endif
