/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * A message from its octets to every report: read, evaluated, diagnosed, rendered. Input: DNS
 * lines, separator, message (fuzz.h).
 */
#include "fuzz.h"

#include "evaluation/case.h"

static void
explain(const fuzz_input *input, dt_message *message)
{
    g_autoptr(dt_source) source = fuzz_input_source(input);
    g_autoptr(dt_context) context = fuzz_input_context(input, source);
    g_autoptr(dt_case) subject = dt_case_new(context, message);
    fuzz_require(dt_case_verdict(subject));
    fuzz_check_reports(subject);
}

int
LLVMFuzzerTestOneInput(const guint8 *octets, gsize length)
{
    fuzz_input input;
    fuzz_ready();
    fuzz_input_read(&input, octets, length);
    g_autoptr(GBytes) bytes = g_bytes_new(input.rest, input.rest_length);
    g_autoptr(GError) error = NULL;
    dt_message *message = dt_message_read_bytes(bytes, "message.eml", &error);
    fuzz_require(message || error);
    if (message)
        explain(&input, message);
    fuzz_input_clear(&input);
    return 0;
}
