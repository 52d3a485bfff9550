/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The traces of --verbose: the path of the message, the SPF walk and the DMARC walk, each line with
 * the answer that decided; and what DNS left open.
 */
#include "report/text-parts.h"
#include "report/report.h"

#include "base/text.h"
#include "dns/ask.h"

#include <string.h>

static void
trace_path(dt_layout *layout, const dt_case *subject)
{
    const GPtrArray *hops = dt_message_hops(subject->message);
    if (hops->len == 0)
        return;
    dt_layout_blank(layout);
    dt_layout_heading(layout, "The way of the message, newest hop first");
    for (guint i = 0; i < hops->len; i++) {
        const dt_hop *hop = hops->pdata[i];
        g_autofree char *time =
            hop->time != DT_TIME_NONE ? dt_text_time_for_people(hop->time) : NULL;
        g_autofree char *delay = hop->delay != DT_TIME_NONE && i + 1 < hops->len
                                     ? g_strdup_printf(", +%" G_GINT64_FORMAT " s", hop->delay)
                                     : NULL;
        dt_layout_wrapf(layout, 2, 5, "%s%u. %s [%s] -> %s%s%s%s%s, line %u%s",
                        subject->boundary->hop == (gint)i ? "* " : "", i,
                        hop->from_helo ? hop->from_helo : "?", hop->from_ip ? hop->from_ip : "?",
                        hop->by ? hop->by : "?", time ? ", " : "", time ? time : "",
                        delay ? delay : "", hop->tls ? ", TLS" : "", hop->field->line,
                        subject->boundary->hop == (gint)i ? " (boundary: SPF is judged here)" : "");
    }
}

void
dt_text_spf_trace(dt_layout *layout, const dt_spf *spf, const char *ip)
{
    dt_layout_wrapf(layout, 2, 4, "SPF for %s, client %s: %u of 10 lookups, %u of 2 void",
                    spf->domain ? spf->domain : "(no domain)", ip ? ip : "unknown",
                    spf->lookup_count, spf->void_lookup_count);
    for (guint i = 0; i < spf->trace->len; i++) {
        const dt_spf_step *step = spf->trace->pdata[i];
        guint indent = 4 + 4 * MIN(step->depth, 6);
        g_autofree char *note =
            step->note ? g_strconcat("  (", step->note, ")", NULL) : g_strdup("");
        gboolean is_record = g_strcmp0(step->outcome, "record") == 0;
        if (is_record)
            dt_layout_wrapf(layout, indent, indent + 2, "%s: %s%s", step->domain,
                            step->term ? step->term : "", note);
        else
            dt_layout_wrapf(layout, indent + 2, indent + 4, "%s -> %s%s",
                            step->term ? step->term : step->domain, step->outcome, note);
    }
    if (spf->fault_text)
        dt_layout_wrap(layout, 4, 4, spf->fault_text);
    if (spf->explanation)
        dt_layout_wrapf(layout, 4, 4, "The domain explains: %s", spf->explanation);
}

void
dt_text_dmarc_trace(dt_layout *layout, const dt_dmarc *dmarc)
{
    dt_layout_wrapf(layout, 2, 4, "DMARC for %s",
                    dmarc->from_domain ? dmarc->from_domain : "(no one author domain)");
    for (guint i = 0; i < dmarc->walk->len; i++) {
        const dt_dmarc_step *step = dmarc->walk->pdata[i];
        if (step->record)
            dt_layout_wrapf(layout, 4, 6, "_dmarc.%s: %s%s", step->name, step->record->text,
                            step->record->is_usable ? "" : " (not usable)");
        else if (step->record_count > 1)
            dt_layout_wrapf(layout, 4, 6, "_dmarc.%s: %u records, all discarded", step->name,
                            step->record_count);
        else
            dt_layout_wrapf(layout, 4, 6, "_dmarc.%s: %s", step->name,
                            step->answer->status == DT_DNS_OK
                                ? "no DMARC record among the texts"
                                : dt_dns_status_word(step->answer->status));
    }
    const dt_dmarc_7489 *old = &dmarc->rfc7489;
    dt_layout_wrapf(layout, 4, 4,
                    "Organizational domain: %s by the tree walk (RFC 9989), %s by the public "
                    "suffix list (RFC 7489)",
                    dmarc->org_domain ? dmarc->org_domain : "none",
                    old->org_domain ? old->org_domain : "none");
    if (dmarc->applied_tag)
        dt_layout_wrapf(layout, 4, 4, "The record of %s applies: %s=%s; asked for this message: %s",
                        dmarc->policy_domain, dmarc->applied_tag, dt_policy_word(dmarc->policy),
                        dmarc->disposition ? dt_policy_word(dmarc->disposition) : "nothing");
}

void
dt_text_traces(dt_layout *layout, const dt_case *subject)
{
    trace_path(layout, subject);
    dt_layout_blank(layout);
    dt_layout_heading(layout, "How it was evaluated");
    if (subject->spf->result != DT_SPF_NOT_EVALUATED)
        dt_text_spf_trace(layout, subject->spf, subject->inputs->ip);
    dt_text_dmarc_trace(layout, subject->dmarc);
}

void
dt_text_unanswered(dt_layout *layout, const dt_resolver *resolver)
{
    static const char *const words[] = { [DT_DNS_SERVFAIL] = "the name server failed",
                                         [DT_DNS_TIMEOUT] = "no answer in time",
                                         [DT_DNS_UNKNOWN] = "not in the file" };
    guint count = 0, shown = 0;
    for (guint i = 0; i < dt_resolver_log_count(resolver); i++)
        count += dt_answer_is_failure(dt_resolver_log_get(resolver, i));
    if (count == 0)
        return;
    dt_layout_blank(layout);
    dt_layout_wrap(layout, 2, 2, "Not answered by DNS, so nothing is concluded from it:");
    gboolean is_live = FALSE;
    for (guint i = 0; i < dt_resolver_log_count(resolver) && shown < 6; i++) {
        const dt_answer *answer = dt_resolver_log_get(resolver, i);
        if (!dt_answer_is_failure(answer))
            continue;
        is_live |= answer->origin == DT_FROM_LIVE || answer->origin == DT_FROM_CACHE;
        dt_layout_wrapf(layout, 4, 6, "%s %s: %s", answer->name, dt_rr_type_word(answer->type),
                        words[answer->status]);
        shown++;
    }
    if (count > shown)
        dt_layout_wrapf(layout, 4, 6, "and %u more", count - shown);
    if (is_live)
        dt_layout_wrap(layout, 2, 2,
                       "Without a network: record the answers elsewhere with --save-dns=FILE and "
                       "read them here with --dns=FILE.");
}

/* ---- the commands without a message -------------------------------------------------------- */

static dt_layout
layout_new(const dt_report_options *options, GString *out)
{
    return (dt_layout){ .out = out,
                        .columns = options->columns ? MAX(options->columns, 40) : 80,
                        .use_color = options->use_color };
}

void
dt_report_spf_text(const dt_spf *spf, const dt_spf_input *input, const dt_resolver *resolver,
                   const dt_report_options *options, GString *out)
{
    dt_layout layout = layout_new(options, out);
    const char *second = dt_spf_result_word(spf->libspf2_result);
    dt_layout_wrapf(&layout, 0, 2, "spf=%s   %s%s (libspf2: %s)",
                    dt_spf_result_word(spf->result) ? dt_spf_result_word(spf->result)
                                                    : "not evaluated",
                    spf->domain ? spf->domain : "no domain to check",
                    spf->is_helo ? " (HELO, null sender)" : "", second ? second : "not asked");
    if (spf->mechanism)
        dt_layout_wrapf(&layout, 2, 4, "decided by: %s", spf->mechanism);
    if (spf->libspf2_difference)
        dt_layout_wrap(&layout, 2, 4, spf->libspf2_difference);
    dt_layout_blank(&layout);
    dt_text_spf_trace(&layout, spf, input->ip);
    dt_text_unanswered(&layout, resolver);
}

void
dt_report_dmarc_text(const dt_dmarc *dmarc, const GPtrArray *identifiers, const GPtrArray *results,
                     const dt_resolver *resolver, const dt_report_options *options, GString *out)
{
    dt_layout layout = layout_new(options, out);
    dt_layout_wrapf(&layout, 0, 2, "dmarc=%s   %s", dt_verdict_word(dmarc->result),
                    dmarc->policy_domain ? dmarc->policy_domain
                    : dmarc->from_domain ? "no record applies"
                                         : "no one author domain");
    for (guint i = 0; i < identifiers->len; i++) {
        const dt_identifier *identifier = identifiers->pdata[i];
        dt_layout_fact(&layout, identifier->is_spf ? "SPF" : "DKIM", DT_PLAIN, "%s  %s  %s (%s)",
                       (const char *)results->pdata[i],
                       identifier->domain && identifier->domain[0] ? identifier->domain : "-",
                       identifier->aligned == DT_TERNARY_TRUE    ? "aligned"
                       : identifier->aligned == DT_TERNARY_FALSE ? "not aligned"
                                                                 : "alignment unknown",
                       dt_alignment_word(identifier->alignment));
    }
    dt_layout_blank(&layout);
    dt_text_dmarc_trace(&layout, dmarc);
    if (!dmarc->standards_agree)
        dt_layout_wrapf(&layout, 4, 4, "RFC 7489 gives dmarc=%s.",
                        dt_verdict_word(dmarc->rfc7489.result));
    dt_text_unanswered(&layout, resolver);
}
