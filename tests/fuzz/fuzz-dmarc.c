/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * DMARC: records parsed, discovery and alignment. Input: DNS lines, separator, then a line of
 * author domains and lines "spf|dkim pass|fail|temperror DOMAIN" (fuzz.h). The text behind the
 * separator is also parsed as a record.
 */
#include "fuzz.h"

#include "base/name.h"
#include "dmarc/dmarc.h"
#include "dmarc/walk.h"

#include <string.h>

static void
parse(const char *text, gsize length)
{
    g_autoptr(dt_dmarc_record) record = dt_dmarc_record_parse(text, length);
    fuzz_require(record->text && g_utf8_validate(record->text, -1, NULL));
    fuzz_require(record->pct >= 0 && record->pct <= 100);
    fuzz_require(record->is_dmarc || !record->is_usable);
    for (guint i = 0; i < record->errors->len; i++)
        fuzz_require(((const dt_dmarc_error *)record->errors->pdata[i])->text[0]);
    dt_uri_fault(text, length);
}

static void
add_identifier(GPtrArray *identifiers, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", 3);
    if (g_strv_length(words) != 3)
        return;
    g_autofree char *name = dt_name_from_mail(words[2]);
    g_ptr_array_add(identifiers,
                    dt_identifier_new(strcmp(words[0], "spf") == 0, strcmp(words[1], "pass") == 0,
                                      strcmp(words[1], "temperror") == 0, name));
}

static void
evaluate(const fuzz_input *input, char **lines)
{
    g_autoptr(GPtrArray) domains = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) identifiers =
        g_ptr_array_new_with_free_func((GDestroyNotify)dt_identifier_free);
    g_auto(GStrv) names = g_strsplit(lines[0], " ", 5);
    for (char **name = names; *name; name++)
        g_ptr_array_add(domains, dt_name_from_mail(*name));
    for (guint i = 1; lines[i] && i < 12; i++)
        add_identifier(identifiers, lines[i]);
    g_autoptr(dt_source) source = fuzz_input_source(input);
    g_autoptr(dt_resolver) resolver = dt_resolver_new(source, 10000);
    g_autoptr(dt_dmarc) dmarc =
        dt_dmarc_evaluate(resolver, (const char *const *)domains->pdata, domains->len, identifiers);
    gboolean is_aligned = FALSE;
    for (guint i = 0; i < identifiers->len; i++) {
        const dt_identifier *identifier = identifiers->pdata[i];
        is_aligned = is_aligned || (identifier->passes && identifier->aligned == DT_TERNARY_TRUE);
    }
    /* A pass rests on a mechanism that passed and is aligned, and on one author domain. */
    fuzz_require(dmarc->result != DT_VERDICT_UNKNOWN);
    fuzz_require(dmarc->result != DT_VERDICT_PASS || (is_aligned && dmarc->from_domain));
}

int
LLVMFuzzerTestOneInput(const guint8 *octets, gsize length)
{
    fuzz_input input;
    fuzz_ready();
    fuzz_input_read(&input, octets, length);
    parse(input.rest, input.rest_length);
    for (guint i = 0; i < input.pool->len; i++)
        parse(input.pool->pdata[i], strlen(input.pool->pdata[i]));
    g_autofree char *text = fuzz_text((const guint8 *)input.rest, input.rest_length);
    g_auto(GStrv) lines = g_strsplit(text, "\n", 20);
    if (lines[0])
        evaluate(&input, lines);
    fuzz_input_clear(&input);
    return 0;
}
