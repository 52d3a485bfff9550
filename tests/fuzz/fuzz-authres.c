/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Recorded results (message/authres.c, received-spf.c): one value, read as Authentication-Results,
 * as ARC-Authentication-Results and as Received-SPF. Input: the value.
 */
#include "fuzz.h"
#include "fuzz-field.h"

#include "message/authres.h"

static void
check_result(const dt_recorded_result *result)
{
    fuzz_valid(result->method);
    fuzz_valid(result->result);
    fuzz_valid(result->reason);
    fuzz_valid(result->comment);
    fuzz_require(result->properties->len <= DT_MAX_PROPERTIES);
    for (guint i = 0; i < result->properties->len; i++) {
        const dt_property *property = &g_array_index(result->properties, dt_property, i);
        fuzz_require(property->name && property->value);
        fuzz_valid(property->name);
        fuzz_valid(property->value);
    }
}

static void
check_recorded(dt_recorded *recorded)
{
    fuzz_valid(recorded->authserv_id);
    fuzz_valid(recorded->comment);
    fuzz_require(recorded->results->len <= DT_MAX_RESULTS);
    for (guint i = 0; i < recorded->results->len; i++)
        check_result(recorded->results->pdata[i]);
    dt_recorded_free(recorded);
}

static void
check(const dt_field *field)
{
    check_recorded(dt_authres_parse(field, DT_HEADER_AR));
    check_recorded(dt_authres_parse(field, DT_HEADER_AAR));
    check_recorded(dt_received_spf_parse(field));
}

int
LLVMFuzzerTestOneInput(const guint8 *octets, gsize length)
{
    fuzz_ready();
    fuzz_field("Authentication-Results", octets, length, check);
    return 0;
}
