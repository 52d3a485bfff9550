/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Two pictures as inline SVG: how the names relate, and the way of the message in time. Each is
 * narrow enough for a phone, takes its colours from the style of the page, and says the same in its
 * title and description for those who do not see it.
 */
#include "report/html.h"

#include "base/text.h"

#include <string.h>

#define WIDTH             340
#define SHOWN_IDENTIFIERS 8
#define SHOWN_HOPS        12

/* ---- pieces -------------------------------------------------------------------------------- */

/* At most columns characters: the middle gives way, and more of the end stays, since there a name
 * says whose it is. */
static char *
shorten(const char *text, guint columns)
{
    g_autofree char *valid = dt_text_utf8(text, strlen(text));
    guint length = (guint)g_utf8_strlen(valid, -1);
    if (length <= columns)
        return g_steal_pointer(&valid);
    guint front = columns / 3, behind = columns - front - 1;
    g_autofree char *start = g_utf8_substring(valid, 0, front);
    return g_strconcat(start, "…", g_utf8_offset_to_pointer(valid, length - behind), NULL);
}

static void
put_label(GString *out, guint x, guint y, const char *class, const char *text, guint columns)
{
    g_autofree char *shown = shorten(text ? text : "", columns);
    dt_html_putf(out, "<text x=\"%u\" y=\"%u\" class=\"%s\">%s</text>", x, y, class, shown);
}

static void
put_box(GString *out, guint x, guint y, guint width, guint height, const char *class)
{
    dt_html_putf(out,
                 "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" rx=\"6\" class=\"%s\"/>\n", x,
                 y, width, height, class);
}

/* description: complete sentences; becomes the alternative text. */
static void
open_picture(const dt_html_report *report, const char *name, guint height, const char *title,
             const char *description)
{
    dt_html_putf(report->out,
                 "<svg class=\"%s\" viewBox=\"0 0 %u %u\" role=\"img\" aria-labelledby=\"m%u-%s-t "
                 "m%u-%s-d\">\n"
                 "<title id=\"m%u-%s-t\">%s</title>\n<desc id=\"m%u-%s-d\">%s</desc>\n",
                 name, (guint)WIDTH, height, report->number, name, report->number, name,
                 report->number, name, title, report->number, name, description);
}

/* ---- names --------------------------------------------------------------------------------- */

#define FROM_HEIGHT 56
#define ROW_HEIGHT  64
#define ROW_OWNER   18 /* more where the name belongs to another */
#define ROW_GAP     12
#define SPINE       22
#define ROW_LEFT    58
#define ROW_COLUMNS 31

static gboolean
is_joined(const dt_identifier *identifier)
{
    return identifier->passes && identifier->aligned == DT_TERNARY_TRUE;
}

static gboolean
is_shown(const dt_identifier *identifier)
{
    return identifier->domain && identifier->domain[0];
}

/* The line from From, with a tick where the names are joined and a cross where not. */
static void
put_join(GString *out, guint y, gboolean joined)
{
    guint x = (SPINE + ROW_LEFT) / 2;
    dt_html_putf(out, "<path d=\"M%u %u V%u H%u\" class=\"%s\"/>", (guint)SPINE, (guint)FROM_HEIGHT,
                 y, (guint)ROW_LEFT, joined ? "join" : "apart");
    dt_html_putf(out, "<circle cx=\"%u\" cy=\"%u\" r=\"9\" class=\"%s\"/>", x, y,
                 joined ? "disc good" : "disc bad");
    if (joined)
        dt_html_putf(out, "<path d=\"M%u %u l3 3 l6 -6\" class=\"mark\"/>\n", x - 4, y);
    else
        dt_html_putf(out, "<path d=\"M%u %u l7 7 m0 -7 l-7 7\" class=\"mark\"/>\n", x - 3, y - 3);
}

/* "belongs to example.net", or "" where the name is an organizational domain itself. Caller frees.
 */
static char *
belonging(const dt_identifier *identifier)
{
    const char *organization = dt_identifier_organization(identifier);
    if (!organization || strcmp(organization, identifier->domain) == 0)
        return g_strdup("");
    return g_strdup_printf("belongs to %s", organization);
}

static const char *
identifier_result(const dt_case *subject, guint index)
{
    const dt_identifier *identifier = subject->identifiers->pdata[index];
    guint first = subject->spf_identifier ? 1 : 0;
    if (identifier == subject->spf_identifier)
        return dt_spf_result_word(subject->spf->result);
    const GPtrArray *signatures = subject->dkim->signatures;
    const dt_dkim_signature *signature =
        index - first < signatures->len ? signatures->pdata[index - first] : NULL;
    return signature ? dt_dkim_result_word(signature->result) : NULL;
}

static guint
row_height(const dt_identifier *identifier)
{
    g_autofree char *owner = belonging(identifier);
    return owner[0] ? ROW_HEIGHT + ROW_OWNER : ROW_HEIGHT;
}

static void
put_identifier(GString *out, const dt_case *subject, guint index, guint top)
{
    const dt_identifier *identifier = subject->identifiers->pdata[index];
    const char *result = identifier_result(subject, index);
    g_autofree char *head =
        g_strdup_printf("%s %s · %s", identifier->is_spf ? "SPF" : "DKIM", result ? result : "",
                        dt_identifier_label(subject, identifier));
    g_autofree char *owner = belonging(identifier);
    guint height = row_height(identifier);
    put_box(out, ROW_LEFT, top, WIDTH - ROW_LEFT - 1, height,
            is_joined(identifier) ? "box good" : "box");
    put_label(out, ROW_LEFT + 10, top + 19, "label", head, 40);
    put_label(out, ROW_LEFT + 10, top + 37, "name", identifier->domain, ROW_COLUMNS);
    if (owner[0])
        put_label(out, ROW_LEFT + 10, top + 55, "label", owner, 40);
    put_label(out, ROW_LEFT + 10, top + height - 10, is_joined(identifier) ? "label good" : "label",
              dt_phrase_aligned(identifier), 40);
}

static char *
names_description(const dt_case *subject)
{
    const char *organization = subject->dmarc->org_domain;
    GString *text = g_string_new(NULL);
    g_string_printf(text, "From: %s%s%s.", subject->dmarc->from_domain,
                    organization ? ", organizational domain " : "",
                    organization ? organization : "");
    for (guint i = 0; i < subject->identifiers->len && i < SHOWN_IDENTIFIERS; i++) {
        const dt_identifier *identifier = subject->identifiers->pdata[i];
        if (!is_shown(identifier))
            continue;
        g_autofree char *owner = belonging(identifier);
        g_string_append_printf(text, " %s %s for %s %s%s%s: %s, %s.",
                               identifier->is_spf ? "SPF" : "DKIM", identifier_result(subject, i),
                               dt_identifier_label(subject, identifier), identifier->domain,
                               owner[0] ? ", which " : "", owner, dt_phrase_aligned(identifier),
                               is_joined(identifier) ? "joined to From" : "not joined to From");
    }
    return g_string_free(text, FALSE);
}

/* Calls for the rows that are shown: joined ones last, so that their line lies above the others. */
static void
put_joins(GString *out, const dt_case *subject, gboolean joined)
{
    guint top = FROM_HEIGHT + ROW_GAP;
    for (guint i = 0; i < subject->identifiers->len && i < SHOWN_IDENTIFIERS; i++) {
        const dt_identifier *identifier = subject->identifiers->pdata[i];
        if (!is_shown(identifier))
            continue;
        if (is_joined(identifier) == joined)
            put_join(out, top + row_height(identifier) / 2, joined);
        top += row_height(identifier) + ROW_GAP;
    }
}

/* Height of the whole picture; 0 if there is nothing to show beside From. */
static guint
names_height(const dt_case *subject)
{
    guint height = 0;
    for (guint i = 0; i < subject->identifiers->len && i < SHOWN_IDENTIFIERS; i++)
        if (is_shown(subject->identifiers->pdata[i]))
            height += row_height(subject->identifiers->pdata[i]) + ROW_GAP;
    return height ? FROM_HEIGHT + height + 2 : 0;
}

void
dt_html_alignment_picture(const dt_html_report *report)
{
    const dt_case *subject = report->subject;
    const dt_dmarc *dmarc = subject->dmarc;
    guint height = names_height(subject), top = FROM_HEIGHT + ROW_GAP;
    if (!dmarc->from_domain || height == 0)
        return;
    g_autofree char *description = names_description(subject);
    gboolean is_below = dmarc->org_domain && strcmp(dmarc->org_domain, dmarc->from_domain) != 0;
    g_autofree char *label =
        is_below ? g_strdup_printf("From; belongs to %s", dmarc->org_domain) : g_strdup("From");
    open_picture(report, "names", height, "From and the names that were checked", description);
    put_box(report->out, 1, 1, WIDTH - 2, FROM_HEIGHT - 1, "box from");
    put_label(report->out, 12, 21, "label", label, 46);
    put_label(report->out, 12, 42, "name", dmarc->from_domain, 38);
    g_string_append_c(report->out, '\n');
    for (guint i = 0; i < subject->identifiers->len && i < SHOWN_IDENTIFIERS; i++) {
        if (!is_shown(subject->identifiers->pdata[i]))
            continue;
        put_identifier(report->out, subject, i, top);
        top += row_height(subject->identifiers->pdata[i]) + ROW_GAP;
    }
    put_joins(report->out, subject, FALSE);
    put_joins(report->out, subject, TRUE);
    g_string_append(report->out, "</svg>\n");
}

/* ---- the way ------------------------------------------------------------------------------- */

#define HOP_HEIGHT 112
#define HOP_LEFT   32
#define BAR_WIDTH  (WIDTH - HOP_LEFT - 4)

static const char *
delay_class(gint64 delay)
{
    if (delay < 0 || delay >= 3600)
        return "bad";
    return delay >= 60 ? "warn" : "good";
}

/* "8 s", "3 min 5 s", "2 h 10 min"; what clocks cannot mean is said. */
static char *
delay_words(gint64 delay)
{
    if (delay < 0)
        return g_strdup_printf("%" G_GINT64_FORMAT " s (the clocks differ)", delay);
    if (delay < 60)
        return g_strdup_printf("%" G_GINT64_FORMAT " s", delay);
    if (delay < 3600)
        return g_strdup_printf("%" G_GINT64_FORMAT " min %" G_GINT64_FORMAT " s", delay / 60,
                               delay % 60);
    return g_strdup_printf("%" G_GINT64_FORMAT " h %" G_GINT64_FORMAT " min", delay / 3600,
                           delay / 60 % 60);
}

/* First and last known time of the hops that are shown. */
typedef struct {
    gint64 start, end;
} span;

static span
span_of(const GPtrArray *hops, guint count)
{
    span whole = { G_MAXINT64, G_MININT64 };
    for (guint i = 0; i < count; i++) {
        const dt_hop *hop = hops->pdata[i];
        if (hop->time == DT_TIME_NONE)
            continue;
        whole.start = MIN(whole.start, hop->time);
        whole.end = MAX(whole.end, hop->time);
    }
    return whole;
}

/* When in the whole time this hop took place: from the hop before to this one. */
static void
put_bar(GString *out, const dt_hop *hop, const span *whole, guint y)
{
    if (hop->time == DT_TIME_NONE || whole->end <= whole->start)
        return;
    gdouble scale = (gdouble)BAR_WIDTH / (gdouble)(whole->end - whole->start);
    gint64 before = hop->delay == DT_TIME_NONE || hop->delay < 0 ? 0 : hop->delay;
    guint end = (guint)((gdouble)(hop->time - whole->start) * scale);
    guint start = (guint)((gdouble)MAX(hop->time - before - whole->start, 0) * scale);
    guint width = MAX(end - MIN(start, end), 3);
    dt_html_putf(out, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"4\" class=\"track\"/>",
                 (guint)HOP_LEFT, y, (guint)BAR_WIDTH);
    dt_html_putf(out, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"4\" class=\"bar %s\"/>\n",
                 HOP_LEFT + MIN(start, BAR_WIDTH - width), y, width, delay_class(before));
}

/* "from NAME [ADDRESS]" */
static char *
hop_source(const dt_hop *hop)
{
    if (!hop->from_helo && !hop->from_ip)
        return g_strdup("from a host that it does not name");
    return g_strdup_printf("from %s%s%s%s", hop->from_helo ? hop->from_helo : "?",
                           hop->from_ip ? " [" : "", hop->from_ip ? hop->from_ip : "",
                           hop->from_ip ? "]" : "");
}

static char *
hop_time(const dt_hop *hop)
{
    return hop->time != DT_TIME_NONE ? dt_text_time_for_people(hop->time)
                                     : g_strdup("time unknown");
}

/* "TLS, from SES, SPF is judged here" */
static char *
hop_circumstances(const dt_case *subject, const dt_hop *hop)
{
    const char *parts[4] = { NULL };
    guint count = 0;
    if (hop->tls)
        parts[count++] = "TLS";
    if (subject->ses->via_ses && subject->ses->hop == (gint)hop->index)
        parts[count++] = "from SES";
    if (subject->boundary->hop == (gint)hop->index)
        parts[count++] = "SPF is judged here";
    return g_strjoinv(", ", (char **)parts);
}

static void
put_hop(GString *out, const dt_case *subject, const dt_hop *hop, guint top, gboolean is_first,
        gboolean is_last)
{
    g_autofree char *time = hop_time(hop);
    g_autofree char *source = hop_source(hop);
    g_autofree char *words = hop_circumstances(subject, hop);
    gboolean is_boundary = subject->boundary->hop == (gint)hop->index;
    if (!is_last)
        dt_html_putf(out, "<path d=\"M14 %u V%u\" class=\"way\"/>", top + 14,
                     top + 14 + HOP_HEIGHT);
    if (!is_first && hop->delay != DT_TIME_NONE) {
        g_autofree char *delay = delay_words(hop->delay);
        g_autofree char *class = g_strconcat("label ", delay_class(hop->delay), NULL);
        g_autofree char *label = g_strconcat("↓ ", delay, NULL);
        put_label(out, HOP_LEFT, top - 4, class, label, 40);
    }
    dt_html_putf(out, "<circle cx=\"14\" cy=\"%u\" r=\"7\" class=\"%s\"/>", top + 14,
                 is_boundary ? "node boundary" : "node");
    put_label(out, HOP_LEFT, top + 19, "name", hop->by ? hop->by : "?", 36);
    put_label(out, HOP_LEFT, top + 36, "label", source, 42);
    put_label(out, HOP_LEFT, top + 53, "label", time, 48);
    put_label(out, HOP_LEFT, top + 70, "label", words, 48);
}

static char *
way_description(const dt_case *subject, const GPtrArray *hops, guint count)
{
    GString *text = g_string_new(NULL);
    for (guint i = count; i-- > 0;) {
        const dt_hop *hop = hops->pdata[i];
        g_autofree char *source = hop_source(hop);
        g_autofree char *time = hop_time(hop);
        g_autofree char *words = hop_circumstances(subject, hop);
        g_autofree char *delay =
            hop->delay != DT_TIME_NONE && i + 1 < count ? delay_words(hop->delay) : NULL;
        g_string_append_printf(text, "%s%s took it %s, %s%s%s%s%s.", i + 1 < count ? " " : "",
                               hop->by ? hop->by : "An unnamed host", source, time,
                               words[0] ? ", " : "", words, delay ? ", after " : "",
                               delay ? delay : "");
    }
    return g_string_free(text, FALSE);
}

/* The same in short, beside the picture. */
static void
put_way_words(const dt_html_report *report, const GPtrArray *hops, guint count, const span *whole)
{
    const dt_case *subject = report->subject;
    const dt_hop *boundary =
        subject->boundary->hop >= 0 ? hops->pdata[subject->boundary->hop] : NULL;
    GString *out = report->out;
    dt_html_putf(out, "<div class=\"words\">\n<p>%u hop%s", hops->len, hops->len == 1 ? "" : "s");
    if (whole->end > whole->start) {
        g_autofree char *time = delay_words(whole->end - whole->start);
        dt_html_putf(
            out,
            ", %s from the oldest to the newest; a bar shows when in this time a hop took place",
            time);
    }
    g_string_append(out, ".</p>\n");
    if (hops->len > count)
        dt_html_putf(out, "<p>%u older hops are in the table below only.</p>\n", hops->len - count);
    if (boundary && subject->inputs->ip)
        dt_html_putf(out,
                     "<p><code>%s</code> took the message into the recipient's system; SPF is "
                     "judged for <code>%s</code>.</p>\n",
                     boundary->by ? boundary->by : "A host without a name", subject->inputs->ip);
    g_string_append(out, "</div>\n");
}

void
dt_html_timeline_picture(const dt_html_report *report)
{
    const GPtrArray *hops = dt_message_hops(report->subject->message);
    guint count = MIN(hops->len, SHOWN_HOPS);
    span whole = span_of(hops, count);
    g_autofree char *description = way_description(report->subject, hops, count);
    open_picture(report, "way", count * HOP_HEIGHT - 26, "The hops of the message, oldest first",
                 description);
    for (guint i = count; i-- > 0;) {
        guint top = (count - 1 - i) * HOP_HEIGHT;
        put_hop(report->out, report->subject, hops->pdata[i], top, i + 1 == count, i == 0);
        put_bar(report->out, hops->pdata[i], &whole, top + 78);
    }
    g_string_append(report->out, "</svg>\n");
    put_way_words(report, hops, count, &whole);
}
