/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What a finding rests on, quoted: a header field, a DNS answer, a rule, something computed. Text
 * is kept as it came; reports clean it.
 */
#include "diagnosis/cause.h"

#include "base/text.h"

#include <string.h>

#define MAX_QUOTE 400

static void
add(dt_finding *finding, dt_evidence_kind kind, char *ref, char *text, const char *mark, guint line)
{
    dt_evidence *evidence = g_new0(dt_evidence, 1);
    evidence->kind = kind;
    evidence->ref = ref;
    evidence->text = text;
    evidence->mark = mark && mark[0] && strstr(text, mark) ? g_strdup(mark) : NULL;
    evidence->line = line;
    g_ptr_array_add(finding->evidence, evidence);
}

/* At most MAX_QUOTE octets around the mark, in one line, cut at characters. */
static char *
shorten(const char *text, const char *mark)
{
    g_autofree char *valid = dt_text_utf8(text, strlen(text));
    gsize length = strlen(valid);
    if (length <= MAX_QUOTE)
        return g_steal_pointer(&valid);
    const char *at = mark ? strstr(valid, mark) : NULL;
    gsize start =
        at && (gsize)(at - valid) > MAX_QUOTE / 2 ? (gsize)(at - valid) - MAX_QUOTE / 2 : 0;
    while (start > 0 && (valid[start] & 0xc0) == 0x80)
        start--;
    gsize end = MIN(length, start + MAX_QUOTE);
    while (end < length && (valid[end] & 0xc0) == 0x80)
        end++;
    g_autofree char *middle = g_strndup(valid + start, end - start);
    return g_strconcat(start ? "... " : "", middle, end < length ? " ..." : "", NULL);
}

/* Folds become one blank each, so that the quote is one line. */
static char *
one_line(const char *value)
{
    GString *out = g_string_new(NULL);
    for (const char *p = value; *p; p++) {
        gboolean is_blank = *p == ' ' || *p == '\t' || *p == '\r' || *p == '\n';
        if (!is_blank)
            g_string_append_c(out, *p);
        else if (out->len && out->str[out->len - 1] != ' ')
            g_string_append_c(out, ' ');
    }
    return g_string_free(out, FALSE);
}

void
dt_evidence_field(dt_finding *finding, const dt_field *field, const char *mark)
{
    g_autofree char *value = dt_field_value(field);
    g_autofree char *flat = one_line(value);
    g_autofree char *quote = shorten(flat, mark);
    g_autofree char *name = g_strndup(field->raw, field->name_length);
    add(finding, DT_EVIDENCE_HEADER, g_strdup_printf("line %u", field->line),
        g_strconcat(name, ": ", quote, NULL), mark, field->line);
}

void
dt_evidence_header(dt_finding *finding, guint line, const char *text, const char *mark)
{
    add(finding, DT_EVIDENCE_HEADER, g_strdup_printf("line %u", line), shorten(text, mark), mark,
        line);
}

static char *
answer_words(const dt_answer *answer)
{
    static const char *const words[] = {
        [DT_DNS_NODATA] = "the name exists, but has no record of this type (NODATA)",
        [DT_DNS_NXDOMAIN] = "no such name (NXDOMAIN)",
        [DT_DNS_SERVFAIL] = "the name server failed (SERVFAIL)",
        [DT_DNS_TIMEOUT] = "no answer in time",
        [DT_DNS_UNKNOWN] = "not in the file that was given",
    };
    GString *out = g_string_new(NULL);
    for (char **cname = answer->cname; cname && *cname; cname++)
        g_string_append_printf(out, "CNAME %s; ", *cname);
    if (answer->status != DT_DNS_OK)
        g_string_append(out, words[answer->status]);
    for (guint i = 0; i < answer->record_count; i++) {
        g_autofree char *text = dt_record_text(&answer->records[i], answer->type);
        g_string_append_printf(out, answer->type == DT_RR_TXT ? "%s\"%s\"" : "%s%s", i ? ", " : "",
                               text);
    }
    return g_string_free(out, FALSE);
}

void
dt_evidence_answer(dt_finding *finding, const dt_answer *answer, const char *mark)
{
    g_autofree char *words = answer_words(answer);
    add(finding, DT_EVIDENCE_DNS,
        g_strdup_printf("%s %s", answer->name, dt_rr_type_word(answer->type)), shorten(words, mark),
        mark, 0);
}

void
dt_evidence_rule(dt_finding *finding, const char *ref, const char *text)
{
    add(finding, DT_EVIDENCE_RULE, g_strdup(ref), g_strdup(text), NULL, 0);
}

void
dt_evidence_computed(dt_finding *finding, const char *ref, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    add(finding, DT_EVIDENCE_COMPUTED, g_strdup(ref), shorten(text, NULL), NULL, 0);
}

static const dt_field *
field_at_line(const dt_message *message, guint line)
{
    for (guint i = 0; line && i < dt_message_field_count(message); i++) {
        const dt_field *field = dt_message_field(message, i);
        if (field->line == line)
            return field;
    }
    return NULL;
}

void
dt_evidence_envelope(dt_view *view, dt_finding *finding)
{
    const dt_inputs *inputs = view->subject->inputs;
    guint line = inputs->mail_from_line, own_line = 0;
    const char *return_path = dt_message_return_path(view->subject->message, &own_line);
    /* The shortest field that says it is the easiest to check. */
    if (!line || (return_path && g_strcmp0(return_path, inputs->mail_from) == 0))
        line = own_line;
    const dt_field *field = field_at_line(view->subject->message, line);
    if (field) {
        dt_evidence_field(finding, field, view->envelope ? view->envelope : "<>");
        return;
    }
    dt_evidence_computed(finding, "--mail-from", "the envelope sender %s was given as an option",
                         inputs->mail_from && inputs->mail_from[0] ? inputs->mail_from : "<>");
    /* SES gives the envelope sender the local part of the Message-ID: the message bears the option
     * out. */
    const dt_field *id = dt_message_find(view->subject->message, "Message-ID", 0);
    const char *at = inputs->mail_from ? strchr(inputs->mail_from, '@') : NULL;
    g_autofree char *local = at ? g_strndup(inputs->mail_from, at - inputs->mail_from) : NULL;
    const char *value = dt_message_id(view->subject->message);
    if (id && local && local[0] && value && g_str_has_prefix(value, local))
        dt_evidence_field(finding, id, local);
}

void
dt_evidence_signature(dt_view *view, dt_finding *finding, guint index)
{
    const dt_dkim_signature *signature = dt_view_signature(view, index);
    g_autofree char *mark = g_strconcat("d=", signature->d, NULL);
    dt_evidence_field(finding, signature->field, mark);
}

void
dt_evidence_recorded(dt_view *view, dt_finding *finding, const char *method, gint index)
{
    for (guint i = 0; i < view->subject->agreement->len; i++) {
        const dt_agreement *agreement = view->subject->agreement->pdata[i];
        if (strcmp(agreement->method, method) != 0 || (index >= 0 && agreement->signature != index))
            continue;
        g_autofree char *mark = g_strconcat(method, "=", agreement->recorded, NULL);
        dt_evidence_field(finding, agreement->field->field, mark);
        return;
    }
}

void
dt_evidence_policy(dt_view *view, dt_finding *finding)
{
    if (view->policy_domain)
        dt_evidence_answer(finding,
                           dt_view_ask_below(view, "_dmarc", view->policy_domain, DT_RR_TXT), NULL);
}
