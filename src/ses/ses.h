/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Facts about Amazon SES, as tables, and the marks it leaves on a message.
 */
#ifndef DT_SES_SES_H
#define DT_SES_SES_H

#include <dmarctrace/message.h>

/* A row of regions.c. */
typedef struct {
    const char *name;     /* "eu-west-1" */
    const char *code;     /* first four digits of a Message-ID's local part: "0102"; NULL unknown */
    const char *envelope; /* default MAIL FROM domain */
    const char *message_domain; /* domain of Message-ID */
    const char *hosted_zone;    /* where Easy DKIM keys usually live: "dkim.amazonses.com" */
    /* selectors seen of d=amazonses.com, NULL-terminated; may be NULL */
    const char *const *selectors;
} dt_region;

/* NULL if SES has no such region in the table. */
const dt_region *dt_region_find(const char *name);
const dt_region *dt_region_find_code(const char *code); /* by Message-ID code */
const dt_region *dt_region_get(guint index);            /* NULL past the end */

/* The region in a host name such as feedback-smtp.R.amazonses.com or R.amazonses.com; need not be
 * in the table. NULL if none of that form. Caller frees. */
char *dt_region_of_feedback_host(const char *name); /* feedback-smtp.REGION.amazonses.com only */
/* amazonses.com (us-east-1) or REGION.amazonses.com. */
char *dt_region_of_envelope(const char *name);

/* Zones where SES keeps Easy DKIM keys, region R first when it has its own, NULL-terminated. Caller
 * frees with g_free (strings static). */
const char **dt_ses_hosted_zones(const char *region);

gboolean dt_ses_is_amazon_name(const char *name); /* amazonses.com or below */
/* d= of SES's own signature: amazonses.com or messagingfabric.com, or below. */
gboolean dt_ses_is_signer(const char *domain);
/* a9-46.smtp-out.amazonses.com and its regional forms. */
gboolean dt_ses_is_outbound_host(const char *host);
gboolean dt_ses_is_easy_dkim_selector(const char *selector); /* 32 characters of a-z2-7 */
/* The networks known when this was built; live DNS wins. */
gboolean dt_ses_network_contains(const char *ip);
/* "192.0.2.0/24": does it lie inside those networks? */
gboolean dt_ses_network_within(const char *ip4_term);
gboolean dt_is_freemail_domain(const char *name);

typedef struct {
    char *header;
    char *value;
    guint line;
} dt_ses_marker;

typedef struct {
    gboolean via_ses;
    char *region;            /* Feedback-ID, Message-ID domain, envelope, HELO; NULL unknown */
    gint64 sent_at;          /* milliseconds' second of the Message-ID; DT_TIME_NONE */
    const char *third_party; /* "resend", ... or NULL */
    /* customer's own addresses: messagingfabric.com, HELO not Amazon's (ses.md A6) */
    gboolean own_ip;
    char *outgoing_ip; /* X-SES-Outgoing, else the address of the Received that names
                          smtp-out*.amazonses.com; NULL */
    guint outgoing_line;
    gint hop; /* index of the Received in which a host took the message from SES; -1 none */
    GPtrArray *markers; /* of dt_ses_marker, message order */
} dt_ses_facts;

dt_ses_facts *dt_ses_facts_new(const dt_message *message);
void dt_ses_facts_free(dt_ses_facts *facts);

/* What `aws sesv2 get-email-identity` printed. */
typedef struct {
    char *name;           /* domain or address; the file does not say it always: NULL */
    gboolean is_address;  /* IdentityType EMAIL_ADDRESS */
    gint verified;        /* VerifiedForSendingStatus: 1, 0, -1 not said */
    gint signing_enabled; /* 1, 0, -1 */
    char *dkim_status;    /* SUCCESS PENDING FAILED TEMPORARY_FAILURE NOT_STARTED; NULL */
    char **tokens;        /* NULL-terminated, may be NULL */
    char *signing_origin; /* AWS_SES, EXTERNAL, AWS_SES_EU_WEST_1...; NULL */
    char *signing_hosted_zone;
    char *mail_from_domain;
    char *mail_from_status;
    char *behavior_on_mx_failure;
} dt_ses_identity;

/* DT_ERROR_DATA with one line if text is no such JSON. */
dt_ses_identity *dt_ses_identity_parse(const char *text, gssize length, GError **error);
void dt_ses_identity_free(dt_ses_identity *identity);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_ses_facts, dt_ses_facts_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dt_ses_identity, dt_ses_identity_free)

#endif
