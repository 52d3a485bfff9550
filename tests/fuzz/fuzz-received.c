/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Trace fields (message/received.c): one value of a Received field. Input: the value.
 */
#include "fuzz.h"
#include "fuzz-field.h"

#include "base/text.h"

static void
check(const dt_field *field)
{
    dt_hop *hop = dt_received_parse(field);
    g_autofree char *from_ip = hop->from_ip ? dt_text_ip(hop->from_ip) : NULL;
    fuzz_require(!hop->from_ip || g_strcmp0(hop->from_ip, from_ip) == 0);
    fuzz_valid(hop->from_helo);
    fuzz_valid(hop->from_ptr);
    fuzz_valid(hop->by);
    fuzz_valid(hop->by_ip);
    fuzz_valid(hop->with);
    fuzz_valid(hop->tls);
    fuzz_valid(hop->recipient);
    fuzz_valid(hop->envelope_from);
    dt_hop_free(hop);
}

int
LLVMFuzzerTestOneInput(const guint8 *octets, gsize length)
{
    fuzz_ready();
    fuzz_field("Received", octets, length, check);
    return 0;
}
