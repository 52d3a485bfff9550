/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Did this message go out through Amazon SES, from which region, when, and who took it from there?
 * Reads the marks that SES leaves: Feedback-ID, X-SES-Outgoing, HELO, Message-ID, signatures. Facts
 * only: anyone can write such fields, and a forwarded message keeps them. Mail that SES merely
 * received carries none of them.
 */
#include "ses/private.h"
#include "base/name.h"
#include "base/taglist.h"
#include "base/text.h"

#include <string.h>

#define OWN_IP_DOMAIN "messagingfabric.com"
#define MAX_MARKERS   50

/* Marks of one message while they are gathered; regions by the order of trust. */
typedef struct {
    dt_ses_facts *facts;
    const dt_message *message;
    char *feedback_region, *id_region, *envelope_region, *host_region, *code_region;
    gboolean is_own_domain; /* messagingfabric.com in Message-ID or a signature */
} gatherer;

static void
marker_free(gpointer data)
{
    dt_ses_marker *marker = data;
    g_free(marker->header);
    g_free(marker->value);
    g_free(marker);
}

void
dt_ses_facts_free(dt_ses_facts *facts)
{
    if (!facts)
        return;
    g_free(facts->region);
    g_free(facts->outgoing_ip);
    g_ptr_array_unref(facts->markers);
    g_free(facts);
}

static void
add_marker(gatherer *g, const dt_field *field, const char *value)
{
    if (g->facts->markers->len >= MAX_MARKERS)
        return;
    dt_ses_marker *marker = g_new0(dt_ses_marker, 1);
    marker->header = dt_text_utf8(field->raw, field->name_length);
    marker->value = dt_text_utf8(value, strlen(value));
    marker->line = field->line;
    g_ptr_array_add(g->facts->markers, marker);
}

static gboolean
is_within(const char *name, const char *ancestor)
{
    g_autofree char *canonical = name ? dt_name_from_mail(name) : NULL;
    return canonical && dt_name_is_within(canonical, ancestor);
}

/* ---- Feedback-ID --------------------------------------------------------------------------- */

/* "::1.REGION.HASH=:AmazonSES", the first fields may be the customer's own. */
static char *
region_of_feedback(const char *value)
{
    g_auto(GStrv) fields = g_strsplit(value, ":", 20);
    for (guint i = 0; fields[i]; i++) {
        const char *field = g_strstrip(fields[i]), *dot = strchr(field, '.'),
                   *end = dot ? strchr(dot + 1, '.') : NULL;
        if (!end || strspn(field, "0123456789") != (gsize)(dot - field) || dot == field)
            continue;
        g_autofree char *name = g_ascii_strdown(dot + 1, end - dot - 1);
        if (dt_region_is_name(name))
            return g_steal_pointer(&name);
    }
    return NULL;
}

static void
take_feedback(gatherer *g, const dt_field *field)
{
    g_autofree char *value = dt_field_value(field);
    if (!dt_text_has_suffix(value, ":AmazonSES"))
        return;
    add_marker(g, field, value);
    if (!g->feedback_region)
        g->feedback_region = region_of_feedback(value);
}

/* ---- X-SES-Outgoing ------------------------------------------------------------------------ */

/* "2026.10.14-192.0.2.1": the address behind the date. */
static void
take_outgoing(gatherer *g, const dt_field *field)
{
    g_autofree char *value = dt_field_value(field);
    const char *dash = strchr(value, '-');
    add_marker(g, field, value);
    if (g->facts->outgoing_ip || !dash)
        return;
    g->facts->outgoing_ip = dt_text_ip(dash + 1);
    g->facts->outgoing_line = g->facts->outgoing_ip ? field->line : 0;
}

/* ---- Message-ID and envelope --------------------------------------------------------------- */

/* "RRRRTTTTTTTTTTTT-uuid-000000": four digits for the region, then milliseconds since 1970, all
 * hexadecimal. Newer ids carry neither. */
static gboolean
read_local_part(const char *local, char code_out[5], gint64 *time_out)
{
    guint64 milliseconds;
    if (strspn(local, "0123456789abcdefABCDEF") != 16 || local[16] != '-' || local[0] != '0' ||
        local[1] != '1')
        return FALSE;
    g_autofree char *digits = g_strndup(local + 4, 12);
    if (!g_ascii_string_to_unsigned(digits, 16, 0, G_MAXUINT64, &milliseconds, NULL))
        return FALSE;
    gint64 seconds = milliseconds / 1000;
    if (seconds < 1293840000 || seconds > 4102444800) /* 2011, when SES began, to 2100 */
        return FALSE;
    memcpy(code_out, local, 4);
    code_out[4] = '\0';
    *time_out = seconds;
    return TRUE;
}

static void
take_id(gatherer *g, const char *local)
{
    char code[5];
    gint64 seconds;
    if (!read_local_part(local, code, &seconds))
        return;
    const dt_region *region = dt_region_find_code(code);
    if (region && !g->code_region)
        g->code_region = g_strdup(region->name);
    if (g->facts->sent_at == DT_TIME_NONE)
        g->facts->sent_at = seconds;
}

static void
take_message_id(gatherer *g, const dt_field *field)
{
    const char *id = dt_message_id(g->message), *at = id ? strrchr(id, '@') : NULL;
    if (!at || g->id_region || field != dt_message_find(g->message, "Message-ID", 0))
        return;
    gboolean is_own = is_within(at + 1, OWN_IP_DOMAIN);
    if (!is_own && !is_within(at + 1, "amazonses.com"))
        return;
    add_marker(g, field, id);
    g->is_own_domain |= is_own;
    g->id_region = dt_region_of_message_domain(at + 1);
    take_id(g, id);
}

/* The envelope is no mark by itself: it tells more once the message is known to be SES's. */
static void
take_envelope(gatherer *g)
{
    const char *path = dt_message_return_path(g->message, NULL),
               *at = path ? strrchr(path, '@') : NULL;
    if (!at)
        return;
    g->envelope_region = dt_region_of_envelope(at + 1);
    take_id(g, path);
}

/* ---- signatures ---------------------------------------------------------------------------- */

/* Services on top of SES, by the selector they sign with or the domain they sign for, and their
 * envelope. */
static const struct {
    const char *name;
    const char *selector;        /* under the author's domain */
    const char *domain;          /* d= at or below; instead of selector */
    const char *envelope_prefix; /* of the envelope domain where it is known */
} services[] = {
    { "resend", "resend", NULL, "send." },
    { "improvmx", "dkimprovmx1", NULL, NULL },
    { "improvmx", "dkimprovmx2", NULL, NULL },
    { "govdelivery", NULL, "govdelivery.com", NULL },
};

static gboolean
envelope_fits(const gatherer *g, const char *prefix)
{
    const char *path = dt_message_return_path(g->message, NULL),
               *at = path ? strrchr(path, '@') : NULL;
    return !prefix || !at || dt_text_has_prefix(at + 1, prefix);
}

/* Is d the author's domain, or above or below it? */
static gboolean
is_authors(const gatherer *g, const char *d)
{
    const char *author = dt_message_author(g->message)->domain;
    g_autofree char *name = dt_name_from_mail(d);
    return author && name && (dt_name_is_within(author, name) || dt_name_is_within(name, author));
}

static gboolean
is_service(const gatherer *g, guint row, const char *d, const char *s)
{
    if (!envelope_fits(g, services[row].envelope_prefix))
        return FALSE;
    if (services[row].domain)
        return is_within(d, services[row].domain);
    return dt_text_equal(services[row].selector, s) && is_authors(g, d);
}

static void
take_service(gatherer *g, const char *d, const char *s)
{
    for (guint i = 0; i < G_N_ELEMENTS(services) && !g->facts->third_party; i++)
        if (is_service(g, i, d, s))
            g->facts->third_party = services[i].name;
}

static void
take_signature(gatherer *g, const dt_field *field)
{
    g_autoptr(dt_taglist) tags =
        dt_taglist_parse(field->raw + field->value_offset, field->raw_length - field->value_offset);
    const char *d = dt_taglist_value(tags, "d"), *s = dt_taglist_value(tags, "s");
    if (!d || !s)
        return;
    take_service(g, d, s);
    gboolean is_own = is_within(d, OWN_IP_DOMAIN);
    if (!is_own && !is_within(d, "amazonses.com"))
        return;
    g->is_own_domain |= is_own;
    g_autofree char *value = g_strdup_printf("d=%s; s=%s", d, s);
    add_marker(g, field, value);
}

/* ---- Received ------------------------------------------------------------------------------ */

static const char *
outbound_name(const dt_hop *hop)
{
    return dt_ses_is_outbound_host(hop->from_helo)  ? hop->from_helo
           : dt_ses_is_outbound_host(hop->from_ptr) ? hop->from_ptr
                                                    : NULL;
}

static void
take_received(gatherer *g, const dt_field *field)
{
    const GPtrArray *hops = dt_message_hops(g->message);
    for (guint i = 0; i < hops->len; i++) {
        const dt_hop *hop = hops->pdata[i];
        const char *host = hop->field == field ? outbound_name(hop) : NULL;
        if (!host)
            continue;
        add_marker(g, field, host);
        g->facts->hop = hop->index; /* the lowest one stays */
        g_free(g->host_region);
        g->host_region = dt_region_of_outbound_host(host);
    }
}

/* Without a host of Amazon's the lowest hop whose client is the address that SES says it sent from.
 */
static void
find_hop(gatherer *g)
{
    const GPtrArray *hops = dt_message_hops(g->message);
    for (guint i = hops->len; i > 0 && g->facts->hop < 0 && g->facts->outgoing_ip; i--) {
        const dt_hop *hop = hops->pdata[i - 1];
        if (g_strcmp0(hop->from_ip, g->facts->outgoing_ip) == 0)
            g->facts->hop = hop->index;
    }
    if (!g->facts->outgoing_ip && g->facts->hop >= 0) {
        const dt_hop *hop = hops->pdata[g->facts->hop];
        g->facts->outgoing_ip = g_strdup(hop->from_ip);
        g->facts->outgoing_line = hop->from_ip ? hop->field->line : 0;
    }
}

/* The customer's own addresses: the second signature or Message-ID says so, and neither host nor
 * address is Amazon's. */
static gboolean
has_own_ip(const gatherer *g)
{
    const dt_ses_facts *facts = g->facts;
    if (!g->is_own_domain || !facts->outgoing_ip || dt_ses_network_contains(facts->outgoing_ip))
        return FALSE;
    if (facts->hop < 0)
        return dt_message_hops(g->message)->len == 0;
    const dt_hop *hop = dt_message_hops(g->message)->pdata[facts->hop];
    return !outbound_name(hop);
}

/* ---- all together -------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*take)(gatherer *g, const dt_field *field);
} marks[] = {
    { "Received", take_received },       { "DKIM-Signature", take_signature },
    { "Message-ID", take_message_id },   { "Feedback-ID", take_feedback },
    { "X-SES-Outgoing", take_outgoing },
};

static char *
choose_region(gatherer *g)
{
    char **by_trust[] = { &g->feedback_region, &g->id_region, &g->envelope_region, &g->host_region,
                          &g->code_region };
    char *chosen = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(by_trust); i++) {
        if (!chosen && g->facts->via_ses)
            chosen = g_steal_pointer(by_trust[i]);
        g_free(*by_trust[i]);
    }
    return chosen;
}

dt_ses_facts *
dt_ses_facts_new(const dt_message *message)
{
    dt_ses_facts *facts = g_new0(dt_ses_facts, 1);
    facts->sent_at = DT_TIME_NONE;
    facts->hop = -1;
    facts->markers = g_ptr_array_new_with_free_func(marker_free);
    gatherer g = { .facts = facts, .message = message };
    for (guint i = 0; i < dt_message_field_count(message); i++) {
        const dt_field *field = dt_message_field(message, i);
        for (guint k = 0; k < G_N_ELEMENTS(marks); k++)
            if (dt_field_is(field, marks[k].name))
                marks[k].take(&g, field);
    }
    facts->via_ses = facts->markers->len > 0;
    if (facts->via_ses)
        take_envelope(&g);
    else
        facts->third_party = NULL;
    find_hop(&g);
    facts->own_ip = has_own_ip(&g);
    facts->region = choose_region(&g);
    return facts;
}
