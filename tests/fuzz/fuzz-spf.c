/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * SPF: records parsed and walked, with libspf2 beside it. Input: DNS lines, separator, then "IP
 * HELO MAIL-FROM" (fuzz.h). The text of every line is also parsed as a record by itself.
 */
#include "fuzz.h"

#include "spf/spf.h"

#include <string.h>

static void
parse(const char *text)
{
    g_autoptr(dt_spf_record) record = dt_spf_record_parse(text, strlen(text));
    for (guint i = 0; i < record->terms->len; i++) {
        const dt_spf_term *term = record->terms->pdata[i];
        fuzz_require(term->text && (term->is_valid || term->fault));
        fuzz_require(term->cidr4 <= 32 && term->cidr6 <= 128);
        fuzz_require(!record->is_valid || term->is_valid);
    }
}

static void
evaluate(const fuzz_input *input, const dt_spf_input *question)
{
    g_autoptr(dt_source) source = fuzz_input_source(input);
    g_autoptr(dt_resolver) resolver = dt_resolver_new(source, 10000);
    g_autoptr(dt_spf) spf = dt_spf_evaluate(resolver, question);
    fuzz_require(spf->lookup_count <= 11 && spf->trace->len <= 2001);
    fuzz_require(spf->result != DT_SPF_PERMERROR || spf->fault != DT_SPF_FAULT_NONE);
    fuzz_require(!spf->record || g_utf8_validate(spf->record, -1, NULL));
    fuzz_require(!spf->explanation || g_str_is_ascii(spf->explanation));
}

int
LLVMFuzzerTestOneInput(const guint8 *octets, gsize length)
{
    fuzz_input input;
    fuzz_ready();
    fuzz_input_read(&input, octets, length);
    for (guint i = 0; i < input.pool->len; i++)
        parse(input.pool->pdata[i]);
    g_autofree char *line = fuzz_text((const guint8 *)input.rest, input.rest_length);
    g_auto(GStrv) words = g_strsplit(line, " ", 3);
    dt_spf_input question = { .receiver = "mx.example", .time = 1791966097, .with_libspf2 = TRUE };
    question.ip = words[0];
    question.helo = words[0] ? words[1] : NULL;
    question.mail_from = question.helo ? words[2] : NULL;
    if (question.ip)
        evaluate(&input, &question);
    fuzz_input_clear(&input);
    return 0;
}
