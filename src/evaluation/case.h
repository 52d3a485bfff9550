/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What a case holds, for the folders below in the order: diagnosis and report. Read only there.
 */
#ifndef DT_EVALUATION_CASE_H
#define DT_EVALUATION_CASE_H

#include <dmarctrace/evaluation.h>
#include "arc/arc.h"
#include "dkim/dkim.h"
#include "dmarc/dmarc.h"
#include "evaluation/boundary.h"
#include "ses/ses.h"
#include "spf/spf.h"

typedef enum {
    DT_AS_OF_NONE = 0,
    DT_AS_OF_OPTION,
    DT_AS_OF_BOUNDARY,
    DT_AS_OF_DATE,
    DT_AS_OF_NOW
} dt_as_of;
const char *dt_as_of_word(dt_as_of source);

/* The configuration, as the options say it. */
struct dt_context {
    dt_zone *zone;    /* of --dns, NULL if live */
    dt_zone *assumed; /* of --assume */
    char *dns_server;
    dt_source *source; /* opened */
    guint timeout_ms;
    char *ip, *helo, *mail_from;
    GPtrArray *authserv_ids; /* of char*, NULL-terminated when opened */
    gint64 at;               /* DT_TIME_NONE: not given */
    gint64 now;              /* of the opening: one report has one now */
    char *ses_mail_from;     /* canonical */
    GPtrArray *dkim_tokens;  /* of char*, from options */
    char *dkim_token_region;
    dt_ses_identity *identity;
    char *region;
    gboolean probe;
    char *rua; /* "mailto:..." */
    gboolean damage_search;
};

/* One recorded result beside ours. */
typedef struct {
    const char *method; /* "spf", "dkim", "dmarc" */
    char *domain;       /* NULL unknown */
    const char *recorded;
    const char *evaluated; /* NULL: nothing of ours corresponds */
    gboolean agrees;
    const char *explanation; /* a cause code; set by the diagnosis */
    const dt_recorded *field;
    gint signature; /* index of ours, -1 */
} dt_agreement;

struct dt_case {
    dt_context *context;
    dt_message *message;     /* what is judged; NULL for a domain */
    dt_message *outer;       /* the delivery report that brought it, else NULL */
    const dt_bounce *bounce; /* of outer, or of message where nothing came back; NULL if it is no
                                delivery report */
    dt_resolver *resolver;
    gint64 evaluated_at;
    gint64 as_of;
    dt_as_of as_of_source;
    dt_ses_facts *ses;     /* NULL for a domain */
    dt_boundary *boundary; /* NULL for a domain */
    dt_inputs *inputs;     /* NULL for a domain */
    dt_spf *spf;   /* result NOT_EVALUATED where no client address is known; NULL for a domain */
    dt_dkim *dkim; /* NULL for a domain */
    dt_arc *arc;   /* NULL for a domain */
    /* of dt_identifier: SPF first (if evaluated), then each signature in order */
    GPtrArray *identifiers;
    dt_identifier *spf_identifier; /* borrowed; NULL if SPF was not evaluated */
    dt_dmarc *dmarc;
    GPtrArray *agreement;                     /* of dt_agreement */
    const dt_recorded_result *recorded_dmarc; /* believed; NULL */
    GPtrArray *warnings;                      /* of dt_warning */
    char *domain;             /* what `domain` was asked about; NULL for a message */
    gboolean is_ses_unproven; /* SES only by fields that anyone can write: no SES client, no
                                 signature that shows it */
    gboolean is_what_if; /* made by dt_case_what_if: some parts are borrowed from the case it stands
                            over */
};

/* As dt_case_new, but a delivery report is judged for itself, not for the message that it returns.
 */
dt_case *dt_case_new_outer(dt_context *context, dt_message *message);

/* What a proof supposes beyond DNS. */
typedef struct {
    dt_zone *changes;             /* laid over the answers; NULL none */
    const char *mail_from_domain; /* the envelope sender's domain becomes this; NULL as it is */
    const char *signing_domain;   /* SES signs with this d= and it verifies; NULL no */
} dt_what_if;

/* The same case evaluated again with what is supposed. subject must outlive it. Never NULL. */
dt_case *dt_case_what_if(const dt_case *subject, const dt_what_if *what_if);

/* The identifier of signature index (message order). */
dt_identifier *dt_case_dkim_identifier(const dt_case *subject, guint index);

gboolean dt_case_spf_aligned(const dt_case *subject); /* passes and is aligned */
/* At least one signature passes and is aligned. */
gboolean dt_case_dkim_aligned(const dt_case *subject);

/* Does a name align with the author domain under the relaxed rule, by the evaluation or else by the
 * public suffix list? */
gboolean dt_case_is_relaxed_aligned(const dt_case *subject, const char *name);

/* What a believed result recorded for signature index; NULL if nothing. */
const dt_recorded_result *dt_case_recorded_dkim(const dt_case *subject, guint index);

/* What a believed result recorded for SPF (identity mailfrom); NULL if nothing. */
const dt_recorded_result *dt_case_recorded_spf(const dt_case *subject);

/* A believed field with results? */
gboolean dt_case_has_believed_results(const dt_case *subject);

/* property of a result: NULL if absent. */
const char *dt_recorded_property(const dt_recorded_result *result, const char *name);

#endif
