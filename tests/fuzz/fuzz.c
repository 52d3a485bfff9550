/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The common part of the fuzz targets: inputs taken apart, DNS answers made of them, promises
 * checked.
 */
#include "fuzz.h"

#include <dmarctrace/report.h>

#include "evaluation/case.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINES 400

void
fuzz_broken(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, what);
    abort();
}

void
fuzz_ready(void)
{
    g_log_set_always_fatal(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
}

char *
fuzz_text(const guint8 *octets, gsize length)
{
    return g_strndup((const char *)octets, length);
}

/* ---- inputs -------------------------------------------------------------------------------- */

static void
read_line(fuzz_input *input, const char *line, gsize length)
{
    if (length > 0 && line[0] == '%') {
        g_ptr_array_add(input->options, g_strndup(line + 1, length - 1));
        return;
    }
    g_autoptr(dt_zone) single = dt_zone_new();
    if (dt_zone_read_text(single, line, (gssize)length, "line", NULL))
        dt_zone_merge(input->zone, single);
    if (length > 0)
        g_ptr_array_add(input->pool, g_strndup(line, length));
}

void
fuzz_input_read(fuzz_input *input, const guint8 *octets, gsize length)
{
    const char *at = (const char *)octets, *end = at + length;
    *input = (fuzz_input){ .zone = dt_zone_new(),
                           .pool = g_ptr_array_new_with_free_func(g_free),
                           .options = g_ptr_array_new_with_free_func(g_free) };
    for (guint count = 0; at < end && count < MAX_LINES; count++) {
        const char *lf = memchr(at, '\n', end - at), *stop = lf ? lf : end;
        gsize line_length = (gsize)(stop - at);
        gboolean is_separator = line_length == 3 && memcmp(at, "%%", 2) == 0;
        if (is_separator)
            input->is_derived = at[2] == '?';
        else
            read_line(input, at, line_length);
        at = lf ? lf + 1 : end;
        if (is_separator)
            break;
    }
    input->rest = at;
    input->rest_length = (gsize)(end - at);
}

void
fuzz_input_clear(fuzz_input *input)
{
    dt_zone_unref(input->zone);
    g_ptr_array_unref(input->pool);
    g_ptr_array_unref(input->options);
}

/* ---- answers ------------------------------------------------------------------------------- */

/* One of the last words of a line, where names and addresses stand. */
static const char *
last_word(const char *line)
{
    const char *blank = strrchr(line, ' ');
    return blank ? blank + 1 : line;
}

/* What stands between the outer quotes of a line, or behind its type. */
static char *
text_of(const char *line)
{
    const char *open = strchr(line, '"'), *close = strrchr(line, '"');
    if (open && close > open)
        return g_strndup(open + 1, close - open - 1);
    const char *type = strstr(line, "TXT ");
    return g_strdup(type ? type + 4 : line);
}

static void
add_derived(dt_reply *reply, const char *type, const char *line, guint hash)
{
    g_autofree char *text = text_of(line);
    g_autofree char *mx = g_strdup_printf("%u %s", hash % 100, last_word(line));
    g_autofree char *v4 = g_strdup_printf("192.0.2.%u", hash % 4);
    g_autofree char *v6 = g_strdup_printf("2001:db8::%x", hash % 4);
    if (strcmp(type, "TXT") == 0)
        dt_reply_add(reply, text, hash % 1000);
    else if (strcmp(type, "MX") == 0)
        dt_reply_add(reply, mx, 60);
    else if (strcmp(type, "A") == 0)
        dt_reply_add(reply, v4, 60);
    else if (strcmp(type, "AAAA") == 0)
        dt_reply_add(reply, v6, 60);
    else
        dt_reply_add(reply, last_word(line), 60);
}

/* Any name gets an answer: which one its own octets decide. */
static void
answer_from_pool(const char *name, const char *type, gint64 deadline, dt_reply *reply,
                 gpointer data)
{
    static const char *const statuses[] = { "nxdomain", "nodata", "servfail", "timeout" };
    const GPtrArray *pool = data;
    guint hash = g_str_hash(name) * 31 + g_str_hash(type), kind = hash >> 3 & 15;
    if (pool->len == 0 || kind < G_N_ELEMENTS(statuses)) {
        dt_reply_set_status(reply, statuses[kind % G_N_ELEMENTS(statuses)]);
        return;
    }
    if (kind == 4)
        dt_reply_set_cname(reply, last_word(pool->pdata[hash % pool->len]));
    for (guint i = 0; i <= hash % 3; i++)
        add_derived(reply, type, pool->pdata[(hash / 7 + i) % pool->len], hash);
}

static void
answer_nothing(const char *name, const char *type, gint64 deadline, dt_reply *reply, gpointer data)
{
    dt_reply_set_status(reply, "nxdomain");
}

dt_source *
fuzz_input_source(const fuzz_input *input)
{
    g_autoptr(dt_source) below = dt_source_new_callback(
        input->is_derived ? answer_from_pool : answer_nothing, input->pool, NULL);
    g_autoptr(dt_source) zone = dt_source_new_zone(input->zone);
    return input->is_derived ? dt_source_new_overlay(below, input->zone) : dt_source_ref(zone);
}

/* "%identity JSON": what --ses-identity reads from a file. */
static void
set_identity(dt_context *context, const fuzz_input *input)
{
    for (guint i = 0; i < input->options->len; i++) {
        const char *option = input->options->pdata[i];
        if (!g_str_has_prefix(option, "identity ") || context->identity)
            continue;
        context->identity = dt_ses_identity_parse(option + strlen("identity "), -1, NULL);
    }
}

dt_context *
fuzz_input_context(const fuzz_input *input, dt_source *source)
{
    static const char *const allowed[] = {
        "ip",     "helo",          "mail-from",  "authserv-id",
        "at",     "ses-mail-from", "dkim-token", "dkim-token-region",
        "region", "probe",         "rua",        "damage-search",
    };
    dt_context *context = dt_context_new();
    dt_context_set(context, "damage-search", "no", NULL);
    dt_context_set(context, "at", "2026-10-15T00:00:00Z", NULL);
    for (guint i = 0; i < input->options->len; i++) {
        g_auto(GStrv) parts = g_strsplit(input->options->pdata[i], " ", 2);
        for (guint k = 0; parts[0] && parts[1] && k < G_N_ELEMENTS(allowed); k++)
            if (strcmp(parts[0], allowed[k]) == 0)
                dt_context_set(context, parts[0], parts[1], NULL);
    }
    set_identity(context, input);
    dt_context_set_source(context, source);
    fuzz_require(dt_context_open(context, NULL));
    return context;
}

/* ---- promises ------------------------------------------------------------------------------ */

/* What must not reach a terminal: line ends aside, all that moves, hides or turns text. */
static gboolean
is_harmful(gunichar c)
{
    GUnicodeType type = g_unichar_type(c);
    if (c == '\n')
        return FALSE;
    return type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT ||
           type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR ||
           type == G_UNICODE_SURROGATE;
}

void
fuzz_check_text(const char *text, gsize length)
{
    fuzz_require(g_utf8_validate_len(text, length, NULL));
    for (const char *p = text; p < text + length; p = g_utf8_next_char(p))
        fuzz_require(!is_harmful(g_utf8_get_char(p)));
}

void
fuzz_check_json(const char *text, gsize length)
{
    gsize at = 0;
    while (at < length) {
        json_error_t error;
        json_t *value =
            json_loadb(text + at, length - at,
                       JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);
        if (!value)
            fprintf(stderr, "JSON: %s at %d\n", error.text, error.position);
        fuzz_require(value);
        json_decref(value);
        at += (gsize)error.position;
        while (at < length && g_ascii_isspace(text[at]))
            at++;
    }
}

void
fuzz_check_field(const char *text, gsize length)
{
    fuzz_require(length > 0 && text[length - 1] == '\n');
    fuzz_require(g_utf8_validate_len(text, length, NULL));
    for (gsize i = 0; i + 1 < length; i++) {
        fuzz_require(text[i] != '\n' || text[i + 1] == '\t' || text[i + 1] == ' ');
        fuzz_require(text[i] != '\n' || i == 0 || text[i - 1] != '\n');
        fuzz_require((guint8)text[i] >= 0x20 || text[i] == '\n' || text[i] == '\t');
        fuzz_require(text[i] != 0x7f);
    }
}

void
fuzz_check_zone(const char *text, gsize length)
{
    g_autoptr(dt_zone) zone = dt_zone_new();
    g_autoptr(GError) error = NULL;
    gboolean is_good = dt_zone_read_text(zone, text, (gssize)length, "fix", &error);
    if (!is_good)
        fprintf(stderr, "%s\n%s", error->message, text);
    fuzz_require(is_good);
}

static void
render(const char *format, const dt_case *subject, const dt_diagnosis *diagnosis,
       const dt_report_options *options, void (*check)(const char *text, gsize length))
{
    g_autoptr(GString) out = g_string_new(NULL);
    if (dt_report_render(format, subject, diagnosis, options, out, NULL) && check)
        check(out->str, out->len);
}

void
fuzz_check_reports(const dt_case *subject)
{
    static const struct {
        const char *format;
        void (*check)(const char *text, gsize length);
    } formats[] = {
        { "text", fuzz_check_text },
        { "json", fuzz_check_json },
        { "ndjson", fuzz_check_json },
        { "authres", fuzz_check_field },
        { "zone", fuzz_check_zone },
        { "route53", fuzz_check_json },
        { "aws", fuzz_check_text },
        { "html", NULL },
        { "csv", NULL },
    };
    g_autoptr(dt_diagnosis) diagnosis = dt_diagnose(subject);
    dt_report_options options = { .authserv_id = "mx.example" };
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
        render(formats[i].format, subject, diagnosis, &options, formats[i].check);
    options.is_verbose = TRUE;
    options.columns = 40;
    render("text", subject, diagnosis, &options, fuzz_check_text);
    fuzz_require(dt_diagnosis_status(diagnosis) >= 0 && dt_diagnosis_status(diagnosis) <= 5);
}
