/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Reads back what a run wrote as NDJSON: one object, one row. Takes what it needs and asks no more;
 * keys of a newer version are no trouble, missing ones are not known.
 */
#include "report/summary.h"

#include <jansson.h>
#include <string.h>

struct dt_row_reader {
    json_t *object;
    dt_row row;
};

static const char *
text_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static const json_t *
object_at(const json_t *object, const char *key)
{
    return json_object_get(object, key);
}

/* "reproducible" and the like: 1, 0, and -1 for null. */
static int
tristate_at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_true(value) ? 1 : json_is_false(value) ? 0 : -1;
}

static gboolean
passes_aligned(const json_t *identity)
{
    return g_strcmp0(text_at(identity, "result"), "pass") == 0 &&
           tristate_at(identity, "aligned") == 1;
}

static dt_severity
severity_parse(const char *word)
{
    for (dt_severity severity = DT_SEVERITY_BLOCKS; severity <= DT_SEVERITY_NOTE; severity++)
        if (g_strcmp0(word, dt_severity_word(severity)) == 0)
            return severity;
    return DT_SEVERITY_NOTE;
}

static GArray *
take_causes(const json_t *list)
{
    GArray *causes = g_array_new(FALSE, FALSE, sizeof(dt_row_cause));
    for (gsize i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        dt_row_cause cause = { text_at(entry, "code"), text_at(entry, "title"),
                               severity_parse(text_at(entry, "severity")) };
        if (cause.code)
            g_array_append_val(causes, cause);
    }
    return causes;
}

static void
take_spf(dt_row *row, const json_t *spf)
{
    row->spf = text_at(spf, "result");
    row->spf_domain = text_at(spf, "domain");
    if (row->spf)
        row->spf_aligned = passes_aligned(spf) ? DT_TERNARY_TRUE : DT_TERNARY_FALSE;
}

static void
take_dkim(dt_row *row, const json_t *list)
{
    GString *words = g_string_new(NULL);
    row->dkim_aligned = DT_TERNARY_FALSE;
    for (gsize i = 0; i < json_array_size(list); i++) {
        const json_t *signature = json_array_get(list, i);
        const char *domain = text_at(signature, "d"), *result = text_at(signature, "result");
        g_string_append_printf(words, "%s%s=%s", words->len ? " " : "", domain ? domain : "?",
                               result ? result : "?");
        if (passes_aligned(signature))
            row->dkim_aligned = DT_TERNARY_TRUE;
    }
    row->dkim = g_string_free(words, FALSE);
}

static void
take_position(dt_row *row, const json_t *position)
{
    row->has_position = json_is_object(position);
    row->index = json_integer_value(json_object_get(position, "index"));
    row->offset = json_integer_value(json_object_get(position, "offset"));
}

static void
take_message(dt_row *row, const json_t *object)
{
    const json_t *message = object_at(object, "message"), *dmarc = object_at(object, "dmarc"),
                 *ses = object_at(object, "ses");
    row->verdict = dt_verdict_parse(text_at(object, "verdict"));
    row->recorded_verdict = text_at(object, "recorded_verdict");
    row->reproducible = tristate_at(object, "reproducible");
    row->from_domain = text_at(message, "from_domain");
    row->org_domain = text_at(dmarc, "org_domain");
    row->policy = text_at(dmarc, "policy");
    row->disposition = text_at(dmarc, "disposition");
    row->via_ses = tristate_at(ses, "via_ses") == 1;
    row->region = text_at(ses, "region");
    row->message_id = text_at(message, "message_id");
    row->date = g_strdup(text_at(message, "date"));
    take_position(row, object_at(object, "position"));
    take_spf(row, object_at(object, "spf"));
    take_dkim(row, object_at(object, "dkim"));
    row->causes = take_causes(object_at(object, "causes"));
}

/* Is it an object about one message, or about one that could not be read? */
static gboolean
take_row(dt_row *row, const json_t *object)
{
    const json_t *error = object_at(object, "error");
    const char *file = text_at(object, "file");
    if (!json_is_object(object) || !file)
        return FALSE;
    if (json_is_object(error)) {
        int status = (int)json_integer_value(json_object_get(error, "exit"));
        const char *text = text_at(error, "text");
        dt_row_take_error(row, file, status ? status : 65, text ? text : "");
        return TRUE;
    }
    const char *verdict = text_at(object, "verdict");
    if (!verdict || dt_verdict_parse(verdict) == DT_VERDICT_UNKNOWN)
        return FALSE;
    row->file = file;
    take_message(row, object);
    return TRUE;
}

dt_row_reader *
dt_row_reader_new(const char *line, gsize length, GError **error)
{
    json_error_t fault;
    dt_row_reader *reader = g_new0(dt_row_reader, 1);
    reader->object = json_loadb(line, length, JSON_REJECT_DUPLICATES, &fault);
    if (reader->object && take_row(&reader->row, reader->object))
        return reader;
    if (!reader->object)
        g_set_error(error, DT_ERROR, DT_ERROR_DATA, "no JSON: %s (column %d)", fault.text,
                    fault.column);
    else
        g_set_error_literal(error, DT_ERROR, DT_ERROR_DATA,
                            "no object of dmarctrace about one message");
    dt_row_reader_free(reader);
    return NULL;
}

const dt_row *
dt_row_reader_row(const dt_row_reader *reader)
{
    return &reader->row;
}

void
dt_row_reader_free(dt_row_reader *reader)
{
    if (!reader)
        return;
    dt_row_clear(&reader->row);
    json_decref(reader->object);
    g_free(reader);
}
