/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The catalogue of causes: all families in order, the words of the small enums, and the catalogue
 * as text for people.
 */
#include "diagnosis/catalogue.h"

#include <string.h>

static const dt_cause *const *const families[] = {
    dt_causes_mailfrom,   dt_causes_spf,      dt_causes_dkim_setup,
    dt_causes_dkim_cname, dt_causes_dkim_key, dt_causes_dkim_signature,
    dt_causes_dmarc,      dt_causes_path,     dt_causes_bounce,
    dt_causes_author,     dt_causes_input,    dt_causes_since, /* looks at what all others found */
};

/* Placeholders as a person would say them where no message fills them. */
static const struct {
    const char *name, *words;
} placeholders[] = {
    { "D", "the From domain" },
    { "O", "the organizational domain" },
    { "P", "the domain whose DMARC record applies" },
    { "M", "the MAIL FROM name that was chosen" },
    { "R", "the SES region" },
    { "I", "the SES identity" },
    { "Z", "the zone where SES keeps the keys" },
    { "T", "the Easy DKIM token" },
    { "E", "the envelope domain" },
    { "V", "the domain that is to receive the reports" },
    { "ip", "the client's address" },
    { "helo", "the client's name" },
    /* Bound by single causes. */
    { "sent_from", "its own region or address" },
    { "tags", "its tags" },
    { "where", "another name" },
    { "root", "the organizational domain" },
    { "result", "no pass" },
    { "asks", "act on mail that fails" },
    { "seen", "as another result" },
    { "question", "a DNS question that decides" },
    { "envelope_org", "another organization" },
    { "found_at", "the wrong name" },
    { "exists", "exists or not" },
    { "mx_region", "another region" },
    { "policy", "quarantine or reject" },
    { "mechanism", "an `all` term" },
    { "spf_domain", "another domain" },
    { "p", "its value" },
    { "helo_domain", "the client's name" },
    { "tag", "the tag" },
    { "term", "something else" },
    { "uri", "an address" },
    { "bad", "what is no address" },
    { "d", "the signing domain" },
    { "amazon", "amazonses.com" },
    { "selector", "the selector" },
    { "domain", "the domain" },
    { "name", "the name of the selector" },
    { "wrong_name", "another name" },
    { "old_target", "a wrong target" },
    { "target", "its target" },
    { "zone", "the zone where the key is" },
    { "key", "the name of its key" },
    { "witness", "the other signer" },
    { "fault", "a fault in its text" },
    { "bits", "too few" },
    { "missing", "Some" },
    { "tokens", "three" },
    { "token_region", "another region" },
    { "address", "the sender's address" },
    { "date", "another time" },
    { "at", "the time of receipt" },
    { "taker", "Another host" },
    { "inner", "another sender" },
    { "sealer", "the forwarder" },
    { "id", "the id" },
    { "count", "several" },
    { "reason", "its reason code" },
    { "service", "another service" },
    { "leg", "SPF or DKIM" },
    { "other", "the other mechanism" },
    { "breaks", "forwarding (SPF) or a change on the way (DKIM)" },
    { "method", "a mechanism" },
    { "recorded", "one result" },
    { "evaluated", "another" },
    { "status", "its status code" },
    { "recipient", "the recipient" },
    { "domains", "their names" },
    { "others", "several names" },
    { "shown", "another domain" },
    { "real", "the address's domain" },
    { "unicode", "in Unicode" },
    { "field", "A field" },
    { "index", "N" },
};

const char *
dt_placeholder_words(const char *name, gsize length)
{
    for (guint i = 0; i < G_N_ELEMENTS(placeholders); i++)
        if (strlen(placeholders[i].name) == length &&
            strncmp(placeholders[i].name, name, length) == 0)
            return placeholders[i].words;
    return NULL;
}

const dt_cause *const *
dt_catalogue_family(guint index)
{
    return index < G_N_ELEMENTS(families) ? families[index] : NULL;
}

const dt_cause *
dt_catalogue_cause(guint index)
{
    for (guint i = 0; i < G_N_ELEMENTS(families); i++)
        for (const dt_cause *const *cause = families[i]; *cause; cause++)
            if (index-- == 0)
                return *cause;
    return NULL;
}

guint
dt_catalogue_count(void)
{
    guint count = 0;
    while (dt_catalogue_cause(count))
        count++;
    return count;
}

static const char *
weight_words(dt_weight weight)
{
    switch (weight) {
    case DT_WEIGHT_BLOCKS:
        return "blocks";
    case DT_WEIGHT_BLOCKS_ALONE:
        return "blocks; a risk while another mechanism passes aligned";
    case DT_WEIGHT_BLOCKS_WITHOUT_DKIM:
        return "blocks; a note beside an aligned DKIM pass";
    case DT_WEIGHT_RISK:
        return "risk";
    case DT_WEIGHT_NOTE:
        return "note";
    }
    return "note";
}

gboolean
dt_catalogue_get(guint index, dt_catalogue_entry *entry_out)
{
    const dt_cause *cause = dt_catalogue_cause(index);
    if (!cause)
        return FALSE;
    *entry_out = (dt_catalogue_entry){ .code = cause->code,
                                       .severity = weight_words(cause->weight),
                                       .title = cause->title,
                                       .explanation = cause->explanation,
                                       .recognised = cause->recognised,
                                       .remedy = cause->remedy,
                                       .reference = cause->reference };
    return TRUE;
}

/* Words that begin a sentence get a capital letter. */
static void
append_words(GString *out, const char *words)
{
    gboolean is_start =
        out->len == 0 || (out->len >= 2 && strcmp(out->str + out->len - 2, ". ") == 0);
    gsize at = out->len;
    g_string_append(out, words);
    if (is_start)
        out->str[at] = g_ascii_toupper(out->str[at]);
}

char *
dt_catalogue_plain(const char *text)
{
    GString *out = g_string_new(NULL);
    for (const char *p = text ? text : ""; *p; p++) {
        const char *end = *p == '{' ? strchr(p, '}') : NULL;
        if (!end) {
            g_string_append_c(out, *p);
            continue;
        }
        const char *words = dt_placeholder_words(p + 1, end - p - 1);
        if (words)
            append_words(out, words);
        else
            g_string_append_printf(out, "<%.*s>", (int)(end - p - 1), p + 1);
        p = end;
    }
    return g_string_free(out, FALSE);
}

/* ---- words --------------------------------------------------------------------------------- */

const char *
dt_severity_word(dt_severity severity)
{
    static const char *const words[] = { NULL, "blocks", "risk", "note" };
    return words[severity];
}

const char *
dt_certainty_word(dt_certainty certainty)
{
    static const char *const words[] = { NULL, "possible", "certain" };
    return words[certainty];
}

const char *
dt_evidence_kind_word(dt_evidence_kind kind)
{
    static const char *const words[] = { NULL, "header", "dns", "rule", "computed" };
    return words[kind];
}

const char *
dt_where_word(dt_where where)
{
    static const char *const words[] = { NULL, "dns", "ses", "sender", "receiver", "file" };
    return words[where];
}

const char *
dt_action_word(dt_action action)
{
    static const char *const words[] = { NULL, "publish", "replace", "remove", "set", "resend" };
    return words[action];
}
