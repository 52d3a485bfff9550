/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Our results as one Authentication-Results field (RFC 8601): what a filter writes and explain
 * --format=authres shows. Lines end in LF here; who puts the field into a message gives it the
 * message's line ends.
 */
#include "report/formats.h"

#include "base/text.h"

#include <string.h>

/* More is no address and no name (RFC 5321 4.5.3.1), and would not fit on a line of 998 octets when
 * quoted (RFC 5322 2.1.1). */
#define MAX_VALUE 400

static void
property(GString *out, const char *name, const char *value)
{
    if (!value || strlen(value) > MAX_VALUE)
        return;
    g_autofree char *clean = dt_text_header_value(value);
    g_string_append_printf(out, " %s=%s", name, clean);
}

static void
spf_result(GString *out, const dt_case *subject)
{
    const dt_spf *spf = subject->spf;
    if (spf->result == DT_SPF_NOT_EVALUATED)
        return;
    g_string_append_printf(out, ";\n\tspf=%s", dt_spf_result_word(spf->result));
    if (spf->is_helo)
        property(out, "smtp.helo", subject->inputs->helo);
    else
        property(out, "smtp.mailfrom", subject->inputs->mail_from);
}

static void
dkim_results(GString *out, const dt_case *subject)
{
    const GPtrArray *signatures = subject->dkim->signatures;
    if (signatures->len == 0)
        g_string_append(out, ";\n\tdkim=none");
    for (guint i = 0; i < signatures->len; i++) {
        const dt_dkim_signature *signature = signatures->pdata[i];
        g_string_append_printf(out, ";\n\tdkim=%s", dt_dkim_result_word(signature->result));
        if (signature->reason != DT_REASON_OK)
            g_string_append_printf(out, " reason=\"%s\"", dt_dkim_reason_word(signature->reason));
        property(out, "header.d", signature->domain);
        property(out, "header.s", signature->s);
        property(out, "header.b", signature->b_start);
    }
}

static void
dmarc_result(GString *out, const dt_dmarc *dmarc)
{
    g_string_append_printf(out, ";\n\tdmarc=%s", dt_verdict_word(dmarc->result));
    property(out, "header.from", dmarc->from_domain);
    property(out, "policy.dmarc", dt_policy_word(dmarc->policy));
}

void
dt_report_authres_field(const dt_case *subject, const char *authserv_id, GString *out)
{
    g_autofree char *id = dt_text_header_value(authserv_id);
    g_string_append_printf(out, "Authentication-Results: %s", id);
    spf_result(out, subject);
    dkim_results(out, subject);
    dmarc_result(out, subject->dmarc);
    g_string_append_c(out, '\n');
}

void
dt_report_authres(const dt_case *subject, const dt_diagnosis *diagnosis,
                  const dt_report_options *options, GString *out)
{
    g_autofree char *id = dt_filter_default_id();
    dt_report_authres_field(subject, options->authserv_id ? options->authserv_id : id, out);
}
