/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * base: names, tag lists, addresses, times, base64, and the cleaning of text for each place where
 * it goes. Input: the octets.
 */
#include "fuzz.h"

#include "base/name.h"
#include "base/taglist.h"
#include "base/text.h"

#include <string.h>

static void
check_name(char *name)
{
    if (!name)
        return;
    g_autofree char *again = dt_name_from_text(name, strlen(name));
    fuzz_require(g_strcmp0(name, again) == 0);
    fuzz_require(dt_name_wire_length(name) <= 255);
    g_free(dt_name_to_unicode(name));
    const char *org = dt_name_psl_org_domain(name);
    fuzz_require(org >= name && org <= name + strlen(name));
    dt_name_is_public_suffix(name);
    gsize length;
    g_free(dt_name_to_octets(name, &length));
    g_autofree char *back = dt_name_from_mail(name);
    fuzz_require(!back || strchr(name, '\\') || strcmp(back, name) == 0);
    g_free(name);
}

static void
check_cleaning(const char *text, gsize length)
{
    g_autofree char *utf8 = dt_text_utf8(text, length);
    g_autofree char *terminal = dt_text_terminal_raw(text, length);
    g_autofree char *dns = dt_text_dns(text, length);
    g_autofree char *zone = dt_text_zone_quote(text, length);
    g_autofree char *shell = dt_text_shell_quote(utf8);
    g_autofree char *header = dt_text_header_value(utf8);
    g_autofree char *html = dt_text_html(utf8);
    g_autofree char *csv = dt_text_csv(utf8);
    fuzz_require(g_utf8_validate(utf8, -1, NULL) && g_utf8_validate(html, -1, NULL));
    fuzz_check_text(terminal, strlen(terminal));
    fuzz_check_text(shell, strlen(shell));
    fuzz_check_text(header, strlen(header));
    fuzz_require(!strpbrk(terminal, "\n") && !strpbrk(header, "\r\n") && !strpbrk(shell, "\r\n"));
    fuzz_require(g_str_is_ascii(dns) && g_str_is_ascii(zone));
    fuzz_require(!strpbrk(html, "<>\"'"));
    fuzz_require(!csv[0] || !strchr("=+-@\t\r", csv[0]));
    dt_text_columns(terminal);
}

static void
check_tags(const char *text, gsize length)
{
    g_autoptr(dt_taglist) list = dt_taglist_parse(text, (gssize)length);
    for (guint i = 0; i < list->tags->len; i++) {
        const dt_tag *tag = &g_array_index(list->tags, dt_tag, i);
        fuzz_require(tag->offset < length && tag->end <= length && tag->offset < tag->end);
    }
}

static void
check_values(const char *text)
{
    guint8 octets[16];
    gint64 seconds;
    gsize length;
    g_autofree char *ip = dt_text_ip(text);
    g_autofree char *again = ip ? dt_text_ip(ip) : NULL;
    fuzz_require(!ip || g_strcmp0(ip, again) == 0);
    dt_text_ip_octets(text, octets);
    dt_text_ip_is_private(text);
    if (dt_text_parse_time(text, &seconds)) {
        g_autofree char *shown = dt_text_time(seconds);
        g_free(dt_text_time_for_people(seconds));
        gint64 back;
        fuzz_require(dt_text_parse_time(shown, &back) && back == seconds);
    }
    g_free(dt_text_base64(text, &length));
}

int
LLVMFuzzerTestOneInput(const guint8 *octets, gsize length)
{
    fuzz_ready();
    g_autofree char *text = fuzz_text(octets, length);
    check_name(dt_name_from_text((const char *)octets, length));
    check_name(dt_name_from_octets((const char *)octets, length));
    check_name(dt_name_from_mail(text));
    check_cleaning((const char *)octets, length);
    check_tags((const char *)octets, length);
    check_values(text);
    return 0;
}
