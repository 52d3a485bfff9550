/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What does a delivery report say (RFC 3464; status codes RFC 3463)? Reads the fields of
 * message/delivery-status, and the two widespread forms that carry everything in their text: Exim's
 * (X-Failed-Recipients) and qmail's. Whether DMARC was the reason is for the diagnosis.
 */
#include "message/internal.h"
#include "base/text.h"

#include <string.h>

/* Lines above the copy of the returned message. */
static const char *const copy_marks[] = {
    "--- Below this line is a copy of the message.",
    "------ This is a copy of the message, including all the headers",
    "------ This is a copy of your message, including all the headers",
};

#define MAX_WORDS  (64 * 1024) /* of a bounce in plain words as much is read */
#define QMAIL_MARK "Hi. This is the qmail-send program at "

void
dt_bounce_free(dt_bounce *bounce)
{
    if (!bounce)
        return;
    g_free(bounce->reporting_mta);
    g_free(bounce->recipient);
    g_free(bounce->status);
    g_free(bounce->diagnostic);
    g_free(bounce);
}

/* ---- codes in the text of a reply ---------------------------------------------------------- */

/* Length of a reply code with its separator at text ("550 ", "550-"), 0 if none. */
static gsize
reply_code_length(const char *text)
{
    if ((text[0] != '4' && text[0] != '5') || !g_ascii_isdigit(text[1]) ||
        !g_ascii_isdigit(text[2]))
        return 0;
    return text[3] == ' ' || text[3] == '-' ? 4 : 0;
}

/* Length of an enhanced status code at text, 0 if none: class "." up to three digits "." up to
 * three digits. */
static gsize
status_length(const char *text)
{
    if ((text[0] != '2' && text[0] != '4' && text[0] != '5') || text[1] != '.')
        return 0;
    gsize at = 2;
    for (guint part = 0; part < 2; part++) {
        gsize first = at;
        while (g_ascii_isdigit(text[at]))
            at++;
        if (at == first || at - first > 3 || (part == 0 && text[at++] != '.'))
            return 0;
    }
    return text[at] == '.' || g_ascii_isalnum(text[at]) ? 0 : at;
}

char *
dt_bounce_status_in(const char *text)
{
    for (const char *p = text; *p; p++) {
        gboolean is_start = p == text || strchr(" \t:<(#", p[-1]);
        gsize code = is_start ? reply_code_length(p) : 0;
        if (code == 0)
            continue;
        const char *status = p + code;
        while (*status == ' ' || *status == '#' || *status == '(')
            status++;
        gsize length = status_length(status);
        if (length > 0)
            return g_strndup(status, length);
    }
    return NULL;
}

/* A reply of several lines repeats its codes at each: "550-5.7.1 one 550 5.7.1 two" loses the later
 * ones. */
static char *
join_reply(const char *text)
{
    gsize code = reply_code_length(text), status = code ? status_length(text + code) : 0;
    GString *out = g_string_new(NULL);
    for (const char *p = text; *p;) {
        gboolean is_repeat = code > 0 && p > text && p[-1] == ' ' && strncmp(p, text, 3) == 0 &&
                             reply_code_length(p) > 0 &&
                             (status == 0 ? p[3] == '-' || text[3] == '-'
                                          : strncmp(p + 4, text + code, status) == 0);
        if (is_repeat) {
            p += code + status;
            while (*p == ' ')
                p++;
        } else if ((*p == ' ' || *p == '\t') && out->len > 0 && out->str[out->len - 1] == ' ')
            p++;
        else
            g_string_append_c(out, *p == '\t' ? ' ' : *p), p++;
    }
    return g_strchomp(g_string_free(out, FALSE));
}

/* ---- message/delivery-status --------------------------------------------------------------- */

/* The value behind its type ("dns; host", "smtp; 550 ..."). */
static char *
without_type(const dt_field *field)
{
    g_autofree char *value = dt_field_decoded(field);
    const char *semicolon = strchr(value, ';');
    gsize type = strcspn(value, " \t;");
    const char *start = semicolon && (gsize)(semicolon - value) <= type + 1 ? semicolon + 1 : value;
    return g_strstrip(g_strdup(start));
}

static char *
address_of(const dt_field *field)
{
    char *value = without_type(field);
    gsize length = strlen(value);
    if (length >= 2 && value[0] == '<' && value[length - 1] == '>') {
        value[length - 1] = '\0';
        memmove(value, value + 1, length - 1);
    }
    return value;
}

/* One group of fields about one recipient. */
typedef struct {
    char *action, *recipient, *original, *status, *diagnostic;
} recipient;

static void
recipient_clear(recipient *r)
{
    g_free(r->action);
    g_free(r->recipient);
    g_free(r->original);
    g_free(r->status);
    g_free(r->diagnostic);
    *r = (recipient){ 0 };
}

static void
set_once(char **target, char *value)
{
    if (*target)
        g_free(value);
    else
        *target = value;
}

static void
read_status_field(dt_bounce *bounce, recipient *r, const dt_field *field)
{
    if (dt_field_is(field, "Reporting-MTA"))
        set_once(&bounce->reporting_mta, without_type(field));
    else if (dt_field_is(field, "Action"))
        set_once(&r->action, dt_field_value(field));
    else if (dt_field_is(field, "Final-Recipient"))
        set_once(&r->recipient, address_of(field));
    else if (dt_field_is(field, "Original-Recipient"))
        set_once(&r->original, address_of(field));
    else if (dt_field_is(field, "Status"))
        set_once(&r->status, dt_field_value(field));
    else if (dt_field_is(field, "Diagnostic-Code")) {
        g_autofree char *text = without_type(field);
        set_once(&r->diagnostic, join_reply(text));
    }
}

/* Refused for security or policy (X.7.X of RFC 3463), or by a reply that speaks of DMARC. */
static gboolean
is_refused_by_policy(const recipient *r)
{
    g_autofree char *said = r->diagnostic ? dt_bounce_status_in(r->diagnostic) : NULL;
    const char *status = said ? said : r->status;
    return (status && status_length(status) > 0 && strncmp(status + 1, ".7.", 3) == 0) ||
           (r->diagnostic && dt_text_contains(r->diagnostic, "dmarc"));
}

/* How well a group tells why the message came back: a refusal by policy before another failure
 * before a delay before the rest. */
static guint
recipient_rank(const recipient *r)
{
    if (!r->recipient && !r->original && !r->status && !r->diagnostic)
        return 0;
    if (r->action && dt_text_has_prefix(r->action, "failed"))
        return is_refused_by_policy(r) ? 5 : 4;
    return r->status && r->status[0] == '5' ? 3 : r->status && r->status[0] == '4' ? 2 : 1;
}

static void
keep_better(recipient *best, recipient *now)
{
    if (recipient_rank(now) > recipient_rank(best)) {
        recipient old = *best;
        *best = *now;
        *now = old;
    }
    recipient_clear(now);
}

static void
take_recipient(dt_bounce *bounce, recipient *best)
{
    char **recipient_from = best->recipient ? &best->recipient : &best->original;
    bounce->recipient = g_steal_pointer(recipient_from);
    bounce->diagnostic = g_steal_pointer(&best->diagnostic);
    /* The receiver's own code says more than the class that the reporting host made of it. */
    bounce->status = bounce->diagnostic ? dt_bounce_status_in(bounce->diagnostic) : NULL;
    if (!bounce->status && best->status) {
        gsize length = status_length(best->status);
        bounce->status = length ? g_strndup(best->status, length) : NULL;
    }
}

void
dt_bounce_read_status(dt_bounce *bounce, const char *text, gsize length)
{
    g_autoptr(GArray) fields = g_array_new(FALSE, FALSE, sizeof(dt_field));
    recipient best = { 0 }, now = { 0 };
    const char *at = text, *end = text + length;
    while (at < end) {
        gsize seen = 0, group = dt_header_find_end(at, end - at, &seen);
        group = group ? group : (gsize)(end - at);
        g_array_set_size(fields, 0);
        dt_field_scan(fields, at, group, 0, 1);
        for (guint i = 0; i < fields->len; i++)
            read_status_field(bounce, &now, &g_array_index(fields, dt_field, i));
        keep_better(&best, &now);
        at += group;
    }
    take_recipient(bounce, &best);
    recipient_clear(&best);
}

/* ---- bounces in plain words ---------------------------------------------------------------- */

static gsize
find_copy(const char *text)
{
    for (guint i = 0; i < G_N_ELEMENTS(copy_marks); i++) {
        const char *mark = strstr(text, copy_marks[i]);
        const char *lf = mark ? strchr(mark, '\n') : NULL;
        if (!lf)
            continue;
        while (*lf == '\n' || *lf == '\r')
            lf++;
        return *lf ? lf - text : 0;
    }
    return 0;
}

/* The first paragraph line with a reply code, with the lines that go on with it. */
static char *
find_diagnostic(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", 1000);
    GString *found = NULL;
    for (guint i = 0; lines[i]; i++) {
        g_strstrip(lines[i]);
        if (found && lines[i][0] == '\0')
            break;
        const char *start = lines[i];
        while (!found && *start &&
               !(reply_code_length(start) && (start == lines[i] || strchr(" :(", start[-1]))))
            start++;
        if (*start == '\0')
            continue;
        if (!found)
            found = g_string_new(NULL);
        else
            g_string_append_c(found, ' ');
        g_string_append(found, start);
    }
    if (!found)
        return NULL;
    g_autofree char *joined = g_string_free(found, FALSE);
    return join_reply(joined);
}

/* "<user@example.com>:" on a line of its own, qmail's and Postfix's form. */
static char *
find_recipient(const char *text)
{
    const char *open = g_str_has_prefix(text, "<") ? text : strstr(text, "\n<");
    if (!open)
        return NULL;
    open = strchr(open, '<') + 1;
    const char *close = open + strcspn(open, ">\r\n");
    return close[0] == '>' && close[1] == ':' ? g_strndup(open, close - open) : NULL;
}

gboolean
dt_bounce_may_be(const dt_message *message)
{
    return !message->return_path || message->return_path[0] == '\0' ||
           dt_message_find(message, "X-Failed-Recipients", 0);
}

/* "... program at mx.example.com." */
static char *
qmail_host(const char *mark)
{
    const char *host = mark + strlen(QMAIL_MARK);
    char *name = g_strndup(host, strcspn(host, " \t\r\n"));
    if (g_str_has_suffix(name, "."))
        name[strlen(name) - 1] = '\0';
    return name;
}

dt_bounce *
dt_bounce_from_text(const dt_message *message, const char *text, gsize length, gsize *copy_out)
{
    g_autofree char *raw = g_strndup(text, length);
    gsize copy = find_copy(raw);
    g_autofree char *words = dt_text_utf8(raw, MIN(copy ? copy : strlen(raw), MAX_WORDS));
    const dt_field *failed = dt_message_find(message, "X-Failed-Recipients", 0);
    const char *qmail = strstr(words, QMAIL_MARK);
    if (!failed && !qmail)
        return NULL;
    dt_bounce *bounce = g_new0(dt_bounce, 1);
    *copy_out = copy;
    if (failed) {
        g_autofree char *value = dt_field_decoded(failed);
        bounce->recipient = g_strstrip(g_strndup(value, strcspn(value, ",")));
    } else
        bounce->recipient = find_recipient(words);
    bounce->reporting_mta = qmail ? qmail_host(qmail) : NULL;
    bounce->diagnostic = find_diagnostic(words);
    bounce->status = bounce->diagnostic ? dt_bounce_status_in(bounce->diagnostic) : NULL;
    return bounce;
}
