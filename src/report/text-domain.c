/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The report of `domain`: the record, the two legs, the findings and what cannot be seen from
 * outside.
 */
#include "report/text-parts.h"

#include "base/text.h"

static const char *
headline(const dt_diagnosis *diagnosis)
{
    static const char *const lines[] = {
        "all well", "something blocks dmarc=pass", "passes, with risks",
        "the DMARC record is fine, the rest cannot be seen from here"
    };
    return lines[diagnosis->status >= 0 && diagnosis->status < 4 ? diagnosis->status : 1];
}

static void
legs(dt_layout *layout, const dt_diagnosis *diagnosis)
{
    const dt_mail_from_state *mail_from = diagnosis->mail_from;
    if (mail_from) {
        dt_layout_fact(layout, "MAIL FROM", DT_PLAIN, "%s: %s", mail_from->name, mail_from->status);
        for (guint i = 0; i < mail_from->mx->len; i++)
            dt_layout_fact(layout, "", DT_PLAIN, "MX %s", (const char *)mail_from->mx->pdata[i]);
        dt_layout_fact(layout, "", DT_PLAIN, "SPF %s",
                       mail_from->spf ? mail_from->spf : "no single record");
    }
    for (guint i = 0; i < diagnosis->tokens->len; i++) {
        const dt_token_state *token = diagnosis->tokens->pdata[i];
        dt_layout_fact(layout, "Easy DKIM", DT_PLAIN, "%s: %s", token->token, token->status);
    }
}

void
dt_report_domain_text(const dt_case *subject, const dt_diagnosis *diagnosis,
                      const dt_report_options *options, GString *out)
{
    dt_layout layout = { .out = out,
                         .columns = options->columns ? MAX(options->columns, 40) : 80,
                         .use_color = options->use_color,
                         .label_columns = 13 };
    const dt_dmarc *dmarc = subject->dmarc;
    dt_layout_wrapf(&layout, 0, 2, "%s: %s", subject->domain, headline(diagnosis));
    dt_layout_blank(&layout);
    if (dmarc->policy_domain)
        dt_layout_fact(&layout, "DMARC", DT_PLAIN, "%s=%s, record of %s", dmarc->applied_tag,
                       dt_policy_word(dmarc->policy), dmarc->policy_domain);
    else
        dt_layout_fact(&layout, "DMARC", DT_BAD, "no record applies");
    legs(&layout, diagnosis);
    dt_text_unanswered(&layout, subject->resolver);
    dt_text_findings(&layout, diagnosis, options);
    dt_text_plan(&layout, diagnosis, NULL);
    if (diagnosis->unseen->len == 0)
        return;
    dt_layout_blank(&layout);
    dt_layout_heading(&layout, "Not to be seen from outside");
    for (guint i = 0; i < diagnosis->unseen->len; i++) {
        const dt_unseen *unseen = diagnosis->unseen->pdata[i];
        g_autofree char *command = g_strconcat("$ ", unseen->command, NULL);
        dt_layout_wrapf(&layout, 2, 4, "- %s:", unseen->what);
        dt_layout_line(&layout, 8, command);
        dt_layout_wrapf(&layout, 4, 4, "then %s", unseen->then);
    }
}
