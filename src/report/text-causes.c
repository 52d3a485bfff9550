/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The catalogue for people: all codes with one line each, or single causes in full.
 */
#include "report/json-parts.h"
#include "report/report.h"
#include "report/text-parts.h"

#include <string.h>

static gboolean
find_entry(const char *code, dt_catalogue_entry *entry)
{
    for (guint i = 0; dt_catalogue_get(i, entry); i++)
        if (strcmp(entry->code, code) == 0)
            return TRUE;
    return FALSE;
}

static void
paragraph(dt_layout *layout, const char *label, const char *text)
{
    if (!text)
        return;
    g_autofree char *plain = dt_catalogue_plain(text);
    dt_layout_blank(layout);
    dt_layout_heading(layout, label);
    dt_layout_wrap(layout, 2, 2, plain);
}

static void
show_entry(dt_layout *layout, const dt_catalogue_entry *entry)
{
    g_autofree char *title = dt_catalogue_plain(entry->title);
    dt_layout_wrapf(layout, 0, 2, "%s (%s)", entry->code, entry->severity);
    dt_layout_wrap(layout, 2, 2, title);
    paragraph(layout, "What it is", entry->explanation);
    paragraph(layout, "How it is recognised", entry->recognised);
    paragraph(layout, "What to do", entry->remedy);
    paragraph(layout, "See", entry->reference);
}

static void
show_list(dt_layout *layout)
{
    dt_catalogue_entry entry;
    for (guint i = 0; dt_catalogue_get(i, &entry); i++) {
        g_autofree char *title = dt_catalogue_plain(entry.title);
        dt_layout_wrapf(layout, 0, 4, "%s", entry.code);
        dt_layout_wrap(layout, 4, 4, title);
    }
}

static void
json_entry(dt_json *json, const dt_catalogue_entry *entry)
{
    const struct {
        const char *key, *text;
    } texts[] = { { "title", entry->title },
                  { "explanation", entry->explanation },
                  { "recognised", entry->recognised },
                  { "remedy", entry->remedy },
                  { "reference", entry->reference } };
    dt_json_open_object(json, NULL);
    dt_json_string(json, "code", entry->code);
    dt_json_string(json, "severity", entry->severity);
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *plain = texts[i].text ? dt_catalogue_plain(texts[i].text) : NULL;
        dt_json_string(json, texts[i].key, plain);
    }
    dt_json_close_object(json);
}

static void
show_json(char *const *codes, GString *out)
{
    dt_json json;
    dt_catalogue_entry entry;
    dt_json_begin(&json, out, FALSE);
    dt_json_open_object(&json, NULL);
    dt_json_head(&json);
    dt_json_open_array(&json, "causes");
    for (guint i = 0; !codes[0] && dt_catalogue_get(i, &entry); i++)
        json_entry(&json, &entry);
    for (; *codes; codes++)
        if (find_entry(*codes, &entry))
            json_entry(&json, &entry);
    dt_json_close_array(&json);
    dt_json_close_object(&json);
    dt_json_end(&json);
}

gboolean
dt_report_causes(const char *format, char *const *codes, const dt_report_options *options,
                 GString *out, GError **error)
{
    dt_catalogue_entry entry;
    dt_layout layout = { .out = out,
                         .columns = options->columns ? MAX(options->columns, 40) : 80,
                         .use_color = options->use_color };
    for (char *const *code = codes; *code; code++)
        if (!find_entry(*code, &entry)) {
            g_set_error(error, DT_ERROR, DT_ERROR_USAGE,
                        "%s: no such cause (dmarctrace causes lists them)", *code);
            return FALSE;
        }
    if (strcmp(format, "json") == 0)
        show_json(codes, out);
    else if (!codes[0])
        show_list(&layout);
    else
        for (char *const *code = codes; *code; code++) {
            find_entry(*code, &entry);
            if (code != codes)
                dt_layout_blank(&layout);
            show_entry(&layout, &entry);
        }
    return TRUE;
}
