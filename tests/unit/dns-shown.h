/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * DNS answers as one line of text, so that tests of the dns folder are tables: "ok >hop =record",
 * "nxdomain".
 */
#ifndef TEST_DNS_SHOWN_H
#define TEST_DNS_SHOWN_H

#include "dns/source.h"

static inline char *
shown(const dt_answer *answer)
{
    GString *out = g_string_new(dt_dns_status_word(answer->status));
    for (char **hop = answer->cname; hop && *hop; hop++)
        g_string_append_printf(out, " >%s", *hop);
    for (guint i = 0; i < answer->record_count; i++) {
        g_autofree char *text = dt_record_text(&answer->records[i], answer->type);
        g_string_append_printf(out, " =%s", text);
    }
    return g_string_free(out, FALSE);
}

static inline dt_zone *
zone_of(const char *text)
{
    GError *error = NULL;
    dt_zone *zone = dt_zone_new();
    dt_zone_read_text(zone, text, -1, "zone", &error);
    g_assert_no_error(error);
    return zone;
}

static inline void
assert_shown(const dt_answer *answer, const char *want)
{
    g_autofree char *got = shown(answer);
    if (g_strcmp0(got, want) != 0)
        g_test_message("%s %s", answer->name, dt_rr_type_word(answer->type));
    g_assert_cmpstr(got, ==, want);
}

/* Asks source a question "NAME TYPE" without a time limit that matters. */
static inline void
assert_source(dt_source *source, const char *question, const char *want)
{
    g_auto(GStrv) parts = g_strsplit(question, " ", 2);
    dt_budget budget = { .timeout_us = 10 * G_USEC_PER_SEC };
    g_autoptr(dt_answer) answer =
        dt_source_ask(source, parts[0], dt_rr_type_parse(parts[1]), &budget);
    assert_shown(answer, want);
}

#endif
