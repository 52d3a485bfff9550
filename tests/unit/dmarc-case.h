/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * For the tests of src/dmarc: one evaluation from texts, its outcome as one line that a table can
 * hold.
 */
#ifndef DT_TEST_DMARC_CASE_H
#define DT_TEST_DMARC_CASE_H

#include "base/name.h"
#include "dmarc/dmarc.h"

#include <string.h>

typedef struct {
    dt_resolver *resolver;
    GPtrArray *identifiers;
    dt_dmarc *dmarc;
} dmarc_case;

static inline dt_resolver *
case_resolver(const char *zone_text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_zone) zone = dt_zone_new();
    dt_zone_read_text(zone, zone_text, -1, "test", &error);
    g_assert_no_error(error);
    g_autoptr(dt_source) source = dt_source_new_zone(zone);
    return dt_resolver_new(source, 1000);
}

/* "spf=pass:example.com dkim=fail:example.com" */
static inline GPtrArray *
case_identifiers(const char *text)
{
    GPtrArray *identifiers = g_ptr_array_new_with_free_func((GDestroyNotify)dt_identifier_free);
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    for (char **word = words; *word && **word; word++) {
        g_auto(GStrv) parts = g_strsplit_set(*word, "=:", 3);
        g_autofree char *domain = dt_name_from_mail(parts[2]);
        g_ptr_array_add(identifiers, dt_identifier_new(strcmp(parts[0], "spf") == 0,
                                                       strcmp(parts[1], "pass") == 0,
                                                       strcmp(parts[1], "temperror") == 0, domain));
    }
    return identifiers;
}

/* from: domains parted by blanks, one an address; "-" is an address without a usable one. */
static inline dmarc_case
case_run(const char *zone, const char *from, const char *identifiers)
{
    dmarc_case run = { case_resolver(zone), case_identifiers(identifiers), NULL };
    g_auto(GStrv) domains = g_strsplit(from, " ", -1);
    guint count = from[0] ? g_strv_length(domains) : 0;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < count; i++)
        g_ptr_array_add(names, strcmp(domains[i], "-") == 0 ? NULL : dt_name_from_mail(domains[i]));
    run.dmarc =
        dt_dmarc_evaluate(run.resolver, (const char *const *)names->pdata, count, run.identifiers);
    return run;
}

static inline void
case_clear(dmarc_case *run)
{
    dt_dmarc_free(run->dmarc);
    g_ptr_array_unref(run->identifiers);
    dt_resolver_free(run->resolver);
}

static inline const char *
case_word(const char *word)
{
    return word ? word : "-";
}

/* One letter an identifier: T aligned, F not, U not known. */
static inline char *
case_aligned(const GPtrArray *identifiers)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < identifiers->len; i++) {
        const dt_identifier *identifier = g_ptr_array_index(identifiers, i);
        g_string_append_c(text, "UFT"[identifier->aligned]);
    }
    return g_string_free(text, FALSE);
}

/* "RESULT POLICY-DOMAIN TAG=POLICY DISPOSITION org=ORG ALIGNED" */
static inline char *
case_outcome(const char *zone, const char *from, const char *identifiers)
{
    dmarc_case run = case_run(zone, from, identifiers);
    const dt_dmarc *dmarc = run.dmarc;
    g_autofree char *aligned = case_aligned(run.identifiers);
    char *text = g_strdup_printf(
        "%s %s %s=%s %s org=%s %s", dt_verdict_word(dmarc->result), case_word(dmarc->policy_domain),
        case_word(dmarc->applied_tag), case_word(dt_policy_word(dmarc->policy)),
        case_word(dt_policy_word(dmarc->disposition)), case_word(dmarc->org_domain), aligned);
    case_clear(&run);
    return text;
}

typedef struct {
    const char *zone, *from, *identifiers, *want;
} case_row;

static inline void
case_check(const case_row *rows, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        g_autofree char *got = case_outcome(rows[i].zone, rows[i].from, rows[i].identifiers);
        g_assert_cmpstr(g_strchomp(got), ==, rows[i].want);
    }
}

#endif
