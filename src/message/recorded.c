/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The structure of what a receiver recorded: making, filling, freeing. Reading the fields is left
 * to authres.c and received-spf.c.
 */
#include <string.h>
#include "authres.h"
#include "results.h"

static void
property_clear(gpointer data)
{
    dt_property *property = data;
    g_free(property->name);
    g_free(property->value);
}

static void
result_free(gpointer data)
{
    dt_recorded_result *result = data;
    g_free(result->method);
    g_free(result->result);
    g_free(result->reason);
    g_free(result->comment);
    g_array_unref(result->properties);
    g_free(result);
}

dt_recorded *
dt_recorded_new(const dt_field *field, dt_recorded_header header)
{
    dt_recorded *recorded = g_new0(dt_recorded, 1);
    recorded->header = header;
    recorded->field = field;
    recorded->results = g_ptr_array_new_with_free_func(result_free);
    return recorded;
}

void
dt_recorded_free(dt_recorded *recorded)
{
    if (!recorded)
        return;
    g_free(recorded->authserv_id);
    g_free(recorded->comment);
    g_ptr_array_unref(recorded->results);
    g_free(recorded);
}

dt_recorded_result *
dt_recorded_add(dt_recorded *recorded, const char *method, const char *result)
{
    recorded->is_cut |= recorded->results->len >= DT_MAX_RESULTS;
    if (recorded->results->len >= DT_MAX_RESULTS)
        return NULL;
    dt_recorded_result *one = g_new0(dt_recorded_result, 1);
    one->method = g_ascii_strdown(method, -1);
    one->result = g_ascii_strdown(result, -1);
    one->properties = g_array_new(FALSE, TRUE, sizeof(dt_property));
    g_array_set_clear_func(one->properties, property_clear);
    g_ptr_array_add(recorded->results, one);
    return one;
}

dt_property *
dt_recorded_result_set(dt_recorded_result *result, const char *name, const char *value)
{
    if (result->properties->len >= DT_MAX_PROPERTIES)
        return NULL;
    g_autofree char *low = g_ascii_strdown(name, -1);
    for (guint i = 0; i < result->properties->len; i++)
        if (strcmp(g_array_index(result->properties, dt_property, i).name, low) == 0)
            return NULL;
    dt_property property = { g_steal_pointer(&low), g_strdup(value) };
    g_array_append_val(result->properties, property);
    return &g_array_index(result->properties, dt_property, result->properties->len - 1);
}

void
dt_comment_add(char **comment, char *more)
{
    if (!*comment && *more) {
        *comment = more;
        return;
    }
    /* A field full of comments must not be copied once for each of them. */
    if (*more && strlen(*comment) < 4096) {
        char *both = g_strconcat(*comment, "; ", more, NULL);
        g_free(*comment);
        *comment = both;
    }
    g_free(more);
}
