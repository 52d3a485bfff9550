/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * DKIM signatures with their keys, the damage search, and ARC sets. Input: DNS lines, separator,
 * message (fuzz.h); each line is also parsed as the text of a key record. With the option line
 * "%damage-search yes" what fails is searched for damage.
 */
#include "fuzz.h"

#include "arc/arc.h"
#include "dkim/dkim.h"

#include <string.h>

static void
parse_key(const char *line)
{
    dt_dkim_key_free(dt_dkim_key_parse(line, strlen(line)));
}

static void
check(const dt_dkim *dkim)
{
    for (guint i = 0; i < dkim->signatures->len; i++) {
        const dt_dkim_signature *signature = dkim->signatures->pdata[i];
        gboolean passes = signature->result == DT_DKIM_PASS;
        fuzz_require(signature->result != DT_DKIM_UNKNOWN &&
                     signature->reason != DT_REASON_UNKNOWN);
        fuzz_require(passes == (signature->reason == DT_REASON_OK));
        fuzz_require(!passes ||
                     (signature->domain && signature->key && signature->body_hash == DT_CHECK_OK &&
                      signature->signature == DT_CHECK_OK));
        fuzz_require(i < DT_MAX_SIGNATURES || !passes);
    }
}

static gboolean
wants_damage(const fuzz_input *input)
{
    for (guint i = 0; i < input->options->len; i++)
        if (strcmp(input->options->pdata[i], "damage-search yes") == 0)
            return TRUE;
    return FALSE;
}

static void
evaluate(const fuzz_input *input, dt_message *message)
{
    g_autoptr(dt_source) source = fuzz_input_source(input);
    g_autoptr(dt_resolver) resolver = dt_resolver_new(source, 10000);
    dt_dkim_options options = { .at = 1791966100,
                                .max_signatures = DT_MAX_SIGNATURES,
                                .damage_search = wants_damage(input),
                                .damage_budget_ms = 200 };
    g_autoptr(dt_dkim) dkim = dt_dkim_evaluate(message, resolver, &options);
    check(dkim);
    g_autoptr(dt_arc) arc = dt_arc_evaluate(message, resolver, options.at);
    fuzz_require(arc->sets->len <= 50);
}

int
LLVMFuzzerTestOneInput(const guint8 *octets, gsize length)
{
    fuzz_input input;
    fuzz_ready();
    fuzz_input_read(&input, octets, length);
    for (guint i = 0; i < input.pool->len; i++)
        parse_key(input.pool->pdata[i]);
    g_autoptr(GBytes) bytes = g_bytes_new(input.rest, input.rest_length);
    g_autoptr(dt_message) message = dt_message_read_bytes(bytes, "message.eml", NULL);
    if (message)
        evaluate(&input, message);
    fuzz_input_clear(&input);
    return 0;
}
