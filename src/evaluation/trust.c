/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * May a result that stands below the boundary Received still be the receiver's own (RFC 8601 5
 * and 7.1: anyone may write the field)? Only between that Received and the first field of the
 * sender, and only for receivers of the table that write there, or where the field names the client
 * itself, which a sender through SES cannot know beforehand.
 */
#include <string.h>
#include "base/taglist.h"
#include "base/text.h"
#include "message/receivers.h"
#include "ses/ses.h"
#include "trust.h"

gboolean
dt_return_path_is_own(const dt_field *field, const dt_hop *hop)
{
    return !hop || field->index < hop->field->index || dt_receiver_puts_path_below(hop);
}

gboolean
dt_recorded_is_above(const dt_recorded *recorded, const dt_hop *hop)
{
    return recorded->field->index < hop->field->index;
}

/* Methods there are to write a field for. */
#define MAX_SEVERAL 10

static gboolean
ends_zone(const dt_field *field)
{
    static const char *const names[] = { "Received", "DKIM-Signature", "From",      "To",
                                         "Subject",  "Date",           "Message-ID" };
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (dt_field_is(field, names[i]))
            return TRUE;
    static const char mime[] = "MIME-";
    return field->name_length > strlen(mime) &&
           g_ascii_strncasecmp(field->raw, mime, strlen(mime)) == 0;
}

guint
dt_zone_end(const dt_message *message, const dt_hop *hop)
{
    guint end = hop->field->index + 1;
    while (end < dt_message_field_count(message) && !ends_zone(dt_message_field(message, end)))
        end++;
    return end;
}

static gboolean
is_in_zone(const dt_recorded *recorded, const dt_hop *hop, guint end)
{
    return recorded->field->index > hop->field->index && recorded->field->index < end;
}

static gboolean
share_method(const dt_recorded *one, const dt_recorded *two)
{
    for (guint i = 0; i < one->results->len; i++)
        for (guint k = 0; k < two->results->len; k++)
            if (strcmp(((dt_recorded_result *)one->results->pdata[i])->method,
                       ((dt_recorded_result *)two->results->pdata[k])->method) == 0)
                return TRUE;
    return FALSE;
}

/* Is this the first field of its id below the hop? What comes after it can be a forger's. A
 * receiver that writes one field a method may go on as long as no method comes twice. */
static gboolean
is_first_of_id(const dt_message *message, guint index, const dt_hop *hop, gboolean writes_several)
{
    const GPtrArray *all = dt_message_recorded(message);
    const dt_recorded *recorded = g_ptr_array_index(all, index);
    guint earlier = 0;
    for (guint i = 0; i < index; i++) {
        const dt_recorded *other = g_ptr_array_index(all, i);
        if (other->header != recorded->header || other->field->index < hop->field->index)
            continue;
        if (recorded->header == DT_HEADER_RECEIVED_SPF)
            return FALSE;
        gboolean is_same_id = dt_text_equal(other->authserv_id, recorded->authserv_id);
        if (!is_same_id)
            continue;
        if (!writes_several || ++earlier >= MAX_SEVERAL || share_method(other, recorded))
            return FALSE;
    }
    return TRUE;
}

gboolean
dt_recorded_is_own_by_table(const dt_message *message, guint index, const dt_hop *hop, guint end)
{
    const dt_recorded *recorded = g_ptr_array_index(dt_message_recorded(message), index);
    const dt_receiver *receiver = dt_receiver_of_host(hop->by);
    g_autofree char *writer = dt_recorded_writer(recorded);
    if (!receiver || !writer || recorded->header == DT_HEADER_AAR ||
        !is_in_zone(recorded, hop, end))
        return FALSE;
    gboolean is_spf = recorded->header == DT_HEADER_RECEIVED_SPF;
    if (!(receiver->flags & (is_spf ? DT_RECEIVER_SPF_BELOW : DT_RECEIVER_RESULTS_BELOW)))
        return FALSE;
    gboolean is_listed = is_spf ? dt_receiver_writes_spf_id(receiver, writer)
                                : dt_receiver_writes_id(receiver, writer);
    if (!is_listed && !dt_text_equal(writer, hop->by))
        return FALSE;
    return is_first_of_id(message, index, hop, receiver->flags & DT_RECEIVER_SEVERAL_FIELDS);
}

/* The first characters of b= in the signature that SES itself made (d=amazonses.com): made after
 * the sender handed the message in, so as unknown to him beforehand as the client's address. rspamd
 * writes no address beside permerror and temperror. */
#define LEAST_B 8

static gboolean
is_start_of_ses_signature(const dt_message *message, guint below, const char *start)
{
    const dt_field *field = dt_message_find(message, "DKIM-Signature", below);
    for (; field; field = dt_message_find(message, "DKIM-Signature", field->index + 1)) {
        g_autofree char *value = dt_field_value(field);
        g_autoptr(dt_taglist) tags = dt_taglist_parse(value, -1);
        const char *b = dt_taglist_value(tags, "b");
        g_autofree char *plain = b ? dt_taglist_strip(b) : NULL;
        /* SES puts its own on top: what is below may be the sender's imitation. */
        if (dt_text_equal(dt_taglist_value(tags, "d"), "amazonses.com"))
            return plain && g_str_has_prefix(plain, start);
    }
    return FALSE;
}

/* Only a client of SES's own addresses cannot have made that signature up. */
static gboolean
names_ses_signature(const dt_message *message, const dt_recorded *recorded, const dt_hop *hop)
{
    if (!dt_ses_network_contains(hop->from_ip))
        return FALSE;
    for (guint i = 0; i < recorded->results->len; i++) {
        const dt_recorded_result *result = recorded->results->pdata[i];
        const char *b = dt_recorded_property(result, "header.b");
        if (strcmp(result->method, "dkim") == 0 && b && strlen(b) >= LEAST_B &&
            is_start_of_ses_signature(message, recorded->field->index, b))
            return TRUE;
    }
    return FALSE;
}

/* Software that runs on any host: rspamd, Exim, FortiMail, Postfix policies. */
static gboolean
is_own_by_address(const dt_message *message, guint index, const dt_hop *hop, guint end)
{
    const dt_recorded *recorded = g_ptr_array_index(dt_message_recorded(message), index);
    const dt_receiver *receiver = dt_receiver_of_host(hop->by);
    if (recorded->header == DT_HEADER_AAR || !hop->by || !is_in_zone(recorded, hop, end))
        return FALSE;
    if (receiver && receiver->flags & DT_RECEIVER_RESULTS_BELOW)
        return FALSE; /* how it writes is known: another form is not its own */
    g_autofree char *writer = dt_recorded_writer(recorded);
    g_autofree char *ip = dt_recorded_client(recorded);
    gboolean names_client = ip && dt_text_equal(ip, hop->from_ip);
    if (!writer || (!names_client && !names_ses_signature(message, recorded, hop)))
        return FALSE;
    gboolean belongs = dt_text_equal(writer, hop->by) || dt_operator_is_same(writer, hop->by);
    return belongs && is_first_of_id(message, index, hop, FALSE);
}

gboolean
dt_recorded_is_own(const dt_message *message, guint index, const dt_hop *hop, guint end)
{
    return dt_recorded_is_own_by_table(message, index, hop, end) ||
           is_own_by_address(message, index, hop, end);
}
