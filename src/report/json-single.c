/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The JSON objects of the commands that judge no message: spf and dmarc.
 */
#include "report/json-parts.h"
#include "report/report.h"

void
dt_report_spf_json(const dt_spf *spf, const dt_spf_input *input, const dt_resolver *resolver,
                   GString *out)
{
    dt_json json;
    dt_json_begin(&json, out, FALSE);
    dt_json_open_object(&json, NULL);
    dt_json_head(&json);
    dt_json_spf(&json, spf, input, NULL, NULL);
    dt_json_dns(&json, resolver);
    dt_json_close_object(&json);
    dt_json_end(&json);
}

void
dt_report_dmarc_json(const dt_dmarc *dmarc, const GPtrArray *identifiers, const GPtrArray *results,
                     const dt_resolver *resolver, GString *out)
{
    dt_json json;
    dt_json_begin(&json, out, FALSE);
    dt_json_open_object(&json, NULL);
    dt_json_head(&json);
    dt_json_dmarc(&json, dmarc);
    dt_json_open_array(&json, "alignment");
    for (guint i = 0; i < identifiers->len; i++) {
        const dt_identifier *identifier = identifiers->pdata[i];
        dt_json_open_object(&json, NULL);
        dt_json_string(&json, "method", identifier->is_spf ? "spf" : "dkim");
        dt_json_domain(&json, "domain", identifier->domain);
        dt_json_string(&json, "result", results->pdata[i]);
        dt_json_aligned(&json, identifier);
        dt_json_close_object(&json);
    }
    dt_json_close_array(&json);
    dt_json_dns(&json, resolver);
    dt_json_close_object(&json);
    dt_json_end(&json);
}
