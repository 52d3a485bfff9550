/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What a domain publishes, diagnosed and rendered: `domain` without a message. Input: DNS lines,
 * separator, the domain (fuzz.h).
 */
#include "fuzz.h"

#include "base/name.h"

int
LLVMFuzzerTestOneInput(const guint8 *octets, gsize length)
{
    fuzz_input input;
    fuzz_ready();
    fuzz_input_read(&input, octets, length);
    g_autofree char *text = fuzz_text((const guint8 *)input.rest, input.rest_length);
    g_autofree char *name = dt_name_from_mail(g_strstrip(text));
    if (name && name[0]) {
        g_autoptr(dt_source) source = fuzz_input_source(&input);
        g_autoptr(dt_context) context = fuzz_input_context(&input, source);
        g_autoptr(dt_case) subject = dt_case_new_domain(context, name);
        fuzz_check_reports(subject);
    }
    fuzz_input_clear(&input);
    return 0;
}
