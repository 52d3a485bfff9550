/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * With which client address, HELO name and envelope sender is SPF evaluated (RFC 7208 2.3, 2.4)?
 * The first of: option, believed Received-SPF, believed Authentication-Results, boundary Received,
 * Return-Path. Where sources disagree a warning says so. What is believed was settled in
 * boundary.c.
 */
#include <string.h>
#include "base/text.h"
#include "message/receivers.h"
#include "boundary.h"
#include "trust.h"

typedef struct {
    char *value;
    dt_input_source source;
    guint line;
} candidate;

typedef enum { INPUT_IP, INPUT_HELO, INPUT_MAIL_FROM } input_kind;

typedef struct {
    const dt_message *message;
    const dt_hop *hop;      /* the boundary, NULL if there is none */
    const gboolean *usable; /* which recorded fields count */
    const char *return_path;
    guint return_path_line;
    GArray *candidates; /* of candidate, the most trusted first */
} collector;

static const struct {
    dt_input_source source;
    const char *word, *name;
} source_words[] = {
    { DT_INPUT_OPTION, "option", "option" },
    { DT_INPUT_RECEIVED_SPF, "received-spf", "Received-SPF" },
    { DT_INPUT_AUTHENTICATION_RESULTS, "authentication-results", "Authentication-Results" },
    { DT_INPUT_RECEIVED, "received", "Received" },
    { DT_INPUT_RETURN_PATH, "return-path", "Return-Path" },
};

const char *
dt_input_source_word(dt_input_source source)
{
    for (guint i = 0; i < G_N_ELEMENTS(source_words); i++)
        if (source_words[i].source == source)
            return source_words[i].word;
    return NULL;
}

static const char *
source_name(dt_input_source source)
{
    for (guint i = 0; i < G_N_ELEMENTS(source_words); i++)
        if (source_words[i].source == source)
            return source_words[i].name;
    return "";
}

static void
candidate_clear(gpointer data)
{
    g_free(((candidate *)data)->value);
}

/* Takes value; NULL is no candidate. */
static void
offer(collector *in, char *value, dt_input_source source, guint line)
{
    candidate one = { value, source, line };
    if (value)
        g_array_append_val(in->candidates, one);
}

static char *
address_value(const char *text)
{
    char *ip = text ? dt_text_ip(text) : NULL;
    if (ip && dt_text_ip_is_private(ip))
        g_clear_pointer(&ip, g_free);
    return ip;
}

/* "postmaster@mail.example.com" is how some receivers write the HELO identity (RFC 7208 2.4). */
static char *
helo_value(const char *text)
{
    const char *at = text ? strrchr(text, '@') : NULL;
    const char *name = at ? at + 1 : text;
    return name && *name ? g_strdup(name) : NULL;
}

/* "<a@b>" and "a@b"; "<>" is the null sender; nothing at all says nothing. */
static char *
sender_value(const char *text)
{
    if (!text || !*text)
        return NULL;
    gsize length = strlen(text);
    if (text[0] == '<' && text[length - 1] == '>')
        return g_strndup(text + 1, length - 2);
    return g_strdup(text[0] == '@' ? text + 1 : text);
}

static gboolean
is_written_by(const char *writer, const char *operator_name, const char *by)
{
    g_autofree char *other = dt_operator_of(by);
    return dt_text_equal(writer, by) ||
           (operator_name && other && strcmp(operator_name, other) == 0);
}

/* A field that somebody else wrote further down, believed by option, tells of another connection.
 */
static gboolean
is_of_other_hop(const dt_message *message, gint boundary, const dt_recorded *recorded)
{
    g_autofree char *writer = dt_recorded_writer(recorded);
    g_autofree char *operator_name = dt_operator_of(writer);
    const GPtrArray *hops = dt_message_hops(message);
    for (guint i = MAX(boundary, 0); writer && boundary >= 0 && i < hops->len; i++) {
        const char *by = ((dt_hop *)g_ptr_array_index(hops, i))->by;
        if (by && is_written_by(writer, operator_name, by))
            return (gint)i > boundary;
    }
    return FALSE;
}

/* Believed, and of the connection that is judged: one answer for each recorded field. */
static gboolean *
find_usable(const dt_message *message, const dt_boundary *boundary)
{
    const GPtrArray *all = dt_message_recorded(message);
    gboolean *usable = g_new0(gboolean, all->len + 1);
    for (guint i = 0; i < all->len; i++) {
        const dt_recorded *recorded = g_ptr_array_index(all, i);
        dt_trust trust = boundary->trust[i];
        usable[i] =
            recorded->results->len > 0 && trust != DT_TRUST_NONE &&
            (trust != DT_TRUST_OPTION || !is_of_other_hop(message, boundary->hop, recorded));
    }
    return usable;
}

/* Received-SPF of an inner host, which took the message from the boundary host: about another
 * connection too. */
static gboolean
is_about_private_client(const dt_recorded_result *result)
{
    const char *text = dt_recorded_property(result, "client-ip");
    g_autofree char *ip = text ? dt_text_ip(text) : NULL;
    return ip && dt_text_ip_is_private(ip);
}

static const char *
first_property(const dt_recorded_result *result, const char *const *names)
{
    for (; *names; names++)
        if (dt_recorded_property(result, *names))
            return dt_recorded_property(result, *names);
    return NULL;
}

/* The pairs of RFC 7208 9.1, and Courier's: "SPF=MAILFROM; sender=a@b; remoteip=...". */
static char *
value_of_received_spf(const dt_recorded_result *result, input_kind kind)
{
    static const char *const ip_names[] = { "client-ip", "remoteip", NULL };
    static const char *const sender_names[] = { "envelope-from", "sender", NULL };
    static const char *const identity_names[] = { "identity", "spf", NULL };
    switch (kind) {
    case INPUT_IP:
        return address_value(first_property(result, ip_names));
    case INPUT_HELO:
        return is_about_private_client(result) ? NULL
                                               : helo_value(dt_recorded_property(result, "helo"));
    case INPUT_MAIL_FROM:
        return dt_text_equal(first_property(result, identity_names), "helo")
                   ? NULL
                   : sender_value(first_property(result, sender_names));
    }
    return NULL;
}

/* The values of the SPF results; a HELO name may stand in others. */
static char *
value_of_results(const dt_recorded *recorded, input_kind kind)
{
    static const char *const helo_names[] = { "smtp.helo", "helo", NULL };
    static const char *const sender_names[] = { "smtp.mailfrom", "smtp.mail", "smtp.envelope-from",
                                                "envelope-from", NULL };
    if (kind == INPUT_IP)
        return dt_recorded_client(recorded);
    for (guint pass = 0; pass < 2; pass++) {
        for (guint i = 0; i < recorded->results->len; i++) {
            const dt_recorded_result *result = g_ptr_array_index(recorded->results, i);
            gboolean is_spf = strcmp(result->method, "spf") == 0;
            if (is_spf != (pass == 0) || (!is_spf && kind == INPUT_MAIL_FROM))
                continue;
            char *value = kind == INPUT_HELO ? helo_value(first_property(result, helo_names))
                                             : sender_value(first_property(result, sender_names));
            if (value)
                return value;
        }
    }
    return NULL;
}

/* A bare domain takes its local part from Return-Path, or from the boundary Received, when the
 * domains agree. */
static void
offer_sender(collector *in, char *value, dt_input_source source, guint line)
{
    if (!value || !*value || strchr(value, '@')) {
        offer(in, value, source, line);
        return;
    }
    const char *at = in->return_path ? strrchr(in->return_path, '@') : NULL;
    const char *envelope = in->hop ? in->hop->envelope_from : NULL;
    const char *envelope_at = envelope ? strrchr(envelope, '@') : NULL;
    if (at && dt_text_equal(at + 1, value))
        offer(in, g_strdup(in->return_path), DT_INPUT_RETURN_PATH, in->return_path_line);
    else if (envelope_at && dt_text_equal(envelope_at + 1, value))
        offer(in, g_strdup(envelope), DT_INPUT_RECEIVED, in->hop->field->line);
    offer(in, value, source, line);
}

static void
offer_recorded(collector *in, dt_recorded_header header, input_kind kind)
{
    const GPtrArray *all = dt_message_recorded(in->message);
    gboolean is_spf = header == DT_HEADER_RECEIVED_SPF;
    for (guint i = 0; i < all->len; i++) {
        const dt_recorded *recorded = g_ptr_array_index(all, i);
        if (recorded->header != header || !in->usable[i])
            continue;
        char *value = is_spf ? value_of_received_spf(g_ptr_array_index(recorded->results, 0), kind)
                             : value_of_results(recorded, kind);
        dt_input_source source = is_spf ? DT_INPUT_RECEIVED_SPF : DT_INPUT_AUTHENTICATION_RESULTS;
        if (kind == INPUT_MAIL_FROM)
            offer_sender(in, value, source, recorded->field->line);
        else
            offer(in, value, source, recorded->field->line);
    }
}

static void
offer_hop(collector *in, input_kind kind)
{
    if (!in->hop)
        return;
    guint line = in->hop->field->line;
    switch (kind) {
    case INPUT_IP:
        offer(in, address_value(in->hop->from_ip), DT_INPUT_RECEIVED, line);
        return;
    case INPUT_HELO:
        offer(in, g_strdup(in->hop->from_helo), DT_INPUT_RECEIVED, line);
        return;
    case INPUT_MAIL_FROM:
        offer(in, g_strdup(in->hop->envelope_from), DT_INPUT_RECEIVED, line);
        return;
    }
}

/* Do two values of one kind say the same, as far as both say it? A bare sender domain says nothing
 * of the local part, a HELO that is an address nothing of the name. */
static gboolean
agrees(input_kind kind, const char *one, const char *two)
{
    g_autofree char *ip = kind == INPUT_HELO ? dt_text_ip(one) : NULL;
    g_autofree char *other = kind == INPUT_HELO ? dt_text_ip(two) : NULL;
    if (ip || other || dt_text_equal(one, two))
        return TRUE;
    if (kind != INPUT_MAIL_FROM || (strchr(one, '@') && strchr(two, '@')))
        return FALSE;
    const char *one_at = strrchr(one, '@');
    const char *two_at = strrchr(two, '@');
    return dt_text_equal(one_at ? one_at + 1 : one, two_at ? two_at + 1 : two);
}

static void
warning_free(gpointer data)
{
    g_free(((dt_warning *)data)->text);
    g_free(data);
}

/* What the sender wrote below the boundary tells nothing of the envelope. */
static void
read_return_path(dt_inputs *inputs, collector *in)
{
    guint line;
    const char *path = dt_message_return_path(in->message, &line);
    const dt_field *field = path ? dt_message_find(in->message, "Return-Path", 0) : NULL;
    if (!field)
        return;
    if (dt_return_path_is_own(field, in->hop)) {
        in->return_path = path;
        in->return_path_line = line;
        return;
    }
    dt_warning *warning = g_new0(dt_warning, 1);
    warning->code = "return-path-of-sender";
    warning->text = g_strdup_printf("Return-Path (line %u) stands below the Received field by "
                                    "which the message was taken (line %u), so the sender may "
                                    "have written it; it does not count as the envelope sender.",
                                    line, in->hop->field->line);
    g_ptr_array_add(inputs->warnings, warning);
}

static void
warn(dt_inputs *inputs, input_kind kind, const candidate *used, const candidate *other)
{
    static const struct {
        const char *code, *noun;
    } words[] = {
        [INPUT_IP] = { "client-address-disagrees", "client address" },
        [INPUT_HELO] = { "helo-disagrees", "HELO name" },
        [INPUT_MAIL_FROM] = { "envelope-sender-disagrees", "envelope sender" },
    };
    dt_warning *warning = g_new0(dt_warning, 1);
    warning->code = words[kind].code;
    warning->text = g_strdup_printf(
        "The %s is %s in %s (line %u) and %s in %s (line %u); the first is used.", words[kind].noun,
        *used->value ? used->value : "<>", source_name(used->source), used->line,
        *other->value ? other->value : "<>", source_name(other->source), other->line);
    g_ptr_array_add(inputs->warnings, warning);
}

/* The most trusted candidate; the first that contradicts it is worth a warning, unless an option
 * decided. */
static candidate
settle(dt_inputs *inputs, collector *in, input_kind kind)
{
    candidate used = { 0 };
    if (in->candidates->len > 0) {
        used = g_array_index(in->candidates, candidate, 0);
        g_array_index(in->candidates, candidate, 0).value = NULL;
    }
    for (guint i = 1; i < in->candidates->len && used.source != DT_INPUT_OPTION; i++) {
        const candidate *other = &g_array_index(in->candidates, candidate, i);
        if (!agrees(kind, used.value, other->value)) {
            warn(inputs, kind, &used, other);
            break;
        }
    }
    g_array_set_size(in->candidates, 0);
    return used;
}

static candidate
collect(dt_inputs *inputs, collector *in, input_kind kind, const char *option)
{
    if (option) {
        char *ip = kind == INPUT_IP ? dt_text_ip(option) : NULL;
        char *sender = kind == INPUT_MAIL_FROM && *option ? sender_value(option) : NULL;
        offer(in, ip ? ip : sender ? sender : g_strdup(option), DT_INPUT_OPTION, 0);
    }
    offer_recorded(in, DT_HEADER_RECEIVED_SPF, kind);
    offer_recorded(in, DT_HEADER_AR, kind);
    offer_recorded(in, DT_HEADER_AAR, kind);
    offer_hop(in, kind);
    if (kind == INPUT_MAIL_FROM)
        offer(in, g_strdup(in->return_path), DT_INPUT_RETURN_PATH, in->return_path_line);
    return settle(inputs, in, kind);
}

dt_inputs *
dt_inputs_collect(const dt_message *message, const dt_boundary *boundary, const char *ip,
                  const char *helo, const char *mail_from)
{
    g_autofree gboolean *usable = find_usable(message, boundary);
    collector in = { .message = message, .usable = usable };
    in.hop = boundary->hop >= 0 ? g_ptr_array_index(dt_message_hops(message), boundary->hop) : NULL;
    in.candidates = g_array_new(FALSE, TRUE, sizeof(candidate));
    g_array_set_clear_func(in.candidates, candidate_clear);

    dt_inputs *out = g_new0(dt_inputs, 1);
    out->warnings = g_ptr_array_new_with_free_func(warning_free);
    read_return_path(out, &in);
    candidate found = collect(out, &in, INPUT_IP, ip);
    out->ip = found.value;
    out->ip_source = found.source;
    out->ip_line = found.line;
    found = collect(out, &in, INPUT_HELO, helo);
    out->helo = found.value;
    out->helo_source = found.source;
    found = collect(out, &in, INPUT_MAIL_FROM, mail_from);
    out->mail_from = found.value;
    out->mail_from_source = found.source;
    out->mail_from_line = found.line;
    g_array_unref(in.candidates);
    return out;
}

void
dt_inputs_free(dt_inputs *inputs)
{
    if (!inputs)
        return;
    g_free(inputs->ip);
    g_free(inputs->helo);
    g_free(inputs->mail_from);
    g_ptr_array_unref(inputs->warnings);
    g_free(inputs);
}
