/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What every HTML page needs: escaping, the frame, the style, and a Content-Security-Policy that
 * allows this style and this script by their hashes and nothing else, so that whatever a message
 * might smuggle in stays dead (CSP Level 3).
 */
#include "report/html.h"
#include "report/html-style.h"

#include "base/text.h"

#include <string.h>

/* ---- escaping ------------------------------------------------------------------------------ */

void
dt_html_put(GString *out, const char *text)
{
    if (!text)
        return;
    g_autofree char *escaped = dt_text_html(text);
    g_string_append(out, escaped);
}

void
dt_html_putf(GString *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    for (const char *p = format; *p; p++) {
        if (*p != '%') {
            g_string_append_c(out, *p);
            continue;
        }
        switch (*++p) {
        case 's':
            dt_html_put(out, va_arg(arguments, const char *));
            break;
        case 'u':
            g_string_append_printf(out, "%u", va_arg(arguments, guint));
            break;
        case 'd':
            g_string_append_printf(out, "%d", va_arg(arguments, gint));
            break;
        default:
            g_assert(*p == '%');
            g_string_append_c(out, '%');
        }
    }
    va_end(arguments);
}

/* ---- excerpts ------------------------------------------------------------------------------ */

/* count characters back from p, not before start. */
static const char *
back(const char *start, const char *p, guint count)
{
    while (p > start && count--)
        p = g_utf8_prev_char(p);
    return p;
}

static const char *
forth(const char *p, guint count)
{
    while (*p && count--)
        p = g_utf8_next_char(p);
    return p;
}

static void
put_part(GString *out, const char *start, const char *end)
{
    g_autofree char *part = g_strndup(start, end - start);
    dt_html_put(out, part);
}

void
dt_html_excerpt(GString *out, const char *text, const char *mark, guint limit)
{
    if (!text)
        return;
    g_autofree char *valid = dt_text_utf8(text, strlen(text));
    g_autofree char *valid_mark = mark ? dt_text_utf8(mark, strlen(mark)) : NULL;
    const char *at = valid_mark && valid_mark[0] ? strstr(valid, valid_mark) : NULL;
    const char *start = at ? back(valid, at, limit / 2) : valid;
    const char *from = at ? forth(at, MIN(g_utf8_strlen(valid_mark, -1), limit)) : start;
    const char *end = forth(from, at ? limit / 2 : limit);
    if (start > valid)
        g_string_append(out, "… ");
    if (at) {
        put_part(out, start, at);
        g_string_append(out, "<mark>");
        put_part(out, at, from);
        g_string_append(out, "</mark>");
    }
    put_part(out, from, end);
    if (*end)
        g_string_append(out, " …");
}

const char *
dt_html_tone(dt_tone tone)
{
    static const char *const classes[] = { "plain", "good", "warn", "bad" };
    return classes[tone];
}

/* ---- the page ------------------------------------------------------------------------------ */

/* "'sha256-...'" of what stands between the tags. Caller frees. */
static char *
source_hash(const char *text)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    guint8 digest[32];
    gsize length = sizeof digest;
    g_checksum_update(checksum, (const guchar *)text, -1);
    g_checksum_get_digest(checksum, digest, &length);
    g_autofree char *base64 = g_base64_encode(digest, length);
    return g_strdup_printf("'sha256-%s'", base64);
}

static void
put_policy(GString *out, const char *script)
{
    g_autofree char *style_hash = source_hash(dt_html_style);
    g_autofree char *script_hash = script ? source_hash(script) : NULL;
    g_string_append_printf(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src %s; %s%s%sbase-uri 'none'; form-action 'none'\">\n",
        style_hash, script ? "script-src " : "", script ? script_hash : "", script ? "; " : "");
}

void
dt_html_page_begin(GString *out, const char *title, const char *heading, const char *script)
{
    g_string_append(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    put_policy(out, script);
    dt_html_putf(out,
                 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                 "<meta name=\"color-scheme\" content=\"light dark\">\n"
                 "<meta name=\"referrer\" content=\"no-referrer\">\n"
                 "<meta name=\"robots\" content=\"noindex\">\n"
                 "<meta name=\"generator\" content=\"dmarctrace " DT_VERSION "\">\n"
                 "<title>%s</title>\n<style>",
                 title);
    g_string_append(out, dt_html_style);
    dt_html_putf(
        out,
        "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#content\">To the report</a>\n"
        "<header class=\"page\">\n<p class=\"brand\">dmarctrace</p>\n<h1>%s</h1>\n</header>\n"
        "<main id=\"content\">\n",
        heading);
}

void
dt_html_page_end(GString *out, const char *script)
{
    g_string_append(out, "</main>\n<footer class=\"page\">\n<p>Made by dmarctrace " DT_VERSION
                         ". This page loads nothing and sends nothing.</p>\n</footer>\n");
    if (script)
        g_string_append_printf(out, "<script>%s</script>\n", script);
    g_string_append(out, "</body>\n</html>\n");
}
