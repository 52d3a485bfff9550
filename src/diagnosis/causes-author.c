/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Causes: a From that gives no author domain, or not the one that a reader sees (RFC 5322 3.6.2,
 * RFC 9989 5.3.1).
 */
#include "diagnosis/cause.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

#define MAX_SHOWN 5

/* ---- multi-from: From addresses of several domains ----------------------------------------- */

static void
show_from(dt_view *view, dt_finding *finding, const char *mark)
{
    const dt_message *message = view->subject->message;
    guint shown = 0;
    for (const dt_field *field = dt_message_find(message, "From", 0); field && shown++ < MAX_SHOWN;
         field = dt_message_find(message, "From", field->index + 1))
        dt_evidence_field(finding, field, mark);
}

static char *
join_domains(const GPtrArray *domains)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < MIN(domains->len, 5); i++)
        g_string_append_printf(out, "%s%s", i ? ", " : "", (const char *)domains->pdata[i]);
    if (domains->len > 5)
        g_string_append(out, " and more");
    return g_string_free(out, FALSE);
}

static dt_certainty
recognise_multi_from(dt_view *view, dt_finding *finding)
{
    const dt_author *author = dt_message_author(view->subject->message);
    if (author->is_ambiguous || author->domains->len < 2)
        return DT_ABSENT;
    g_autofree char *domains = join_domains(author->domains);
    dt_bind(finding, "domains", domains);
    show_from(view, finding, NULL);
    dt_evidence_rule(finding, "RFC 9989 section 5.3.1",
                     "a message with several author domains cannot be evaluated");
    return DT_CERTAIN;
}

static void
mend_from(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_SENDER,
               "Send with one From field that holds one address, the display name in double quotes",
               NULL);
    dt_fix_resend(view, finding, "Send a new test message");
}

static const dt_cause multi_from = {
    .code = "multi-from",
    .weight = DT_WEIGHT_BLOCKS,
    .group = DT_GROUP_STRUCTURE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_multi_from,
    .mend = mend_from,
    .title = "From names several domains",
    .explanation = "From holds addresses of several domains ({domains}). DMARC then has no one "
                   "domain to judge, and many receivers refuse such mail.",
    .recognised = "Several From fields, or several addresses in one, with more than one distinct "
                  "domain. Several addresses of one domain are no fault.",
    .remedy = "One From with one address; further persons go into Cc or Reply-To.",
    .reference = "RFC 9989 section 5.3.1; RFC 5322 section 3.6.2",
};

/* ---- from-no-domain: From without an address ----------------------------------------------- */

static dt_certainty
recognise_from_no_domain(dt_view *view, dt_finding *finding)
{
    const dt_author *author = dt_message_author(view->subject->message);
    if (author->is_ambiguous || author->domains->len > 1 || author->domain)
        return DT_ABSENT;
    if (author->field_count == 0)
        dt_evidence_computed(finding, "From", "the message has no From field");
    show_from(view, finding, NULL);
    return DT_CERTAIN;
}

static const dt_cause from_no_domain = {
    .code = "from-no-domain",
    .weight = DT_WEIGHT_BLOCKS,
    .group = DT_GROUP_STRUCTURE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_from_no_domain,
    .mend = mend_from,
    .title = "From holds no address with a domain",
    .explanation = "DMARC judges the domain of the address in From, and there is none here. "
                   "Receivers cannot evaluate the message.",
    .recognised = "No From field, or one whose address has no domain, also where the display name "
                  "looks like an address.",
    .remedy = "A From with a full address: \"Name\" <local@domain>.",
    .reference = "RFC 9989 section 5.3.1; RFC 5322 section 3.6.2",
};

/* ---- from-ambiguous: readers may differ about the author ----------------------------------- */

/* A believed header.from of another organization than the one read here; NULL. */
static const dt_recorded_result *
other_author_recorded(const dt_view *view)
{
    const dt_recorded_result *result = view->subject->recorded_dmarc;
    const char *from = result ? dt_recorded_property(result, "header.from") : NULL;
    const char *at = from ? strrchr(from, '@') : NULL;
    g_autofree char *domain = from ? dt_name_from_mail(at ? at + 1 : from) : NULL;
    if (!domain || !view->author ||
        strcmp(dt_name_psl_org_domain(domain), dt_name_psl_org_domain(view->author)) == 0)
        return NULL;
    return result;
}

static void
show_hidden_from(dt_view *view, dt_finding *finding, guint line)
{
    for (guint i = 0; i < dt_message_field_count(view->subject->message); i++) {
        const dt_field *field = dt_message_field(view->subject->message, i);
        if (field->line == line)
            dt_evidence_field(finding, field, NULL);
    }
    dt_set_explanation(
        finding,
        "A line of the header is no From field by the rules, but some programs take it for one and "
        "show what it says. No one domain is certain, so DMARC cannot be evaluated.");
}

static dt_certainty
recognise_from_ambiguous(dt_view *view, dt_finding *finding)
{
    const dt_author *author = dt_message_author(view->subject->message);
    if (author->is_strict && !author->is_ambiguous)
        return DT_ABSENT;
    if (!author->is_ambiguous && !author->domain)
        return DT_ABSENT;
    g_autofree char *others = join_domains(author->is_ambiguous && author->other_domains->len == 0
                                               ? author->domains
                                               : author->other_domains);
    const dt_recorded_result *other = author->is_ambiguous ? NULL : other_author_recorded(view);
    dt_bind(finding, "others", others);
    show_from(view, finding, NULL);
    if (dt_message_was_cut(view->subject->message))
        dt_set_explanation(finding, "The header is larger than this program reads, so another From "
                                    "field may stand where it was not read. No one domain is "
                                    "certain, and DMARC cannot be evaluated.");
    if (author->hidden_line)
        show_hidden_from(view, finding, author->hidden_line);
    if (author->is_ambiguous)
        return DT_CERTAIN;
    if (other) {
        dt_bind(finding, "recorded", dt_recorded_property(other, "header.from"));
        dt_evidence_recorded(view, finding, "dmarc", -1);
        dt_set_explanation(finding, "From is no valid address list. Here {D} is the author domain; "
                                    "the receiver read {recorded}.");
        if (strcmp(other->result, "fail") == 0)
            return DT_CERTAIN;
    } else
        dt_set_explanation(finding, author->other_domains->len
                                        ? "From is no valid address list. {D}, in angle brackets, "
                                          "is what counts; a lenient reader may see {others}."
                                        : "From is no valid address list, but every reading gives "
                                          "{D}. Strict receivers may refuse it.");
    dt_set_weight(finding, DT_WEIGHT_NOTE);
    return DT_CERTAIN;
}

static const char *const ambiguous_explains[] = { "multi-from", "from-no-domain", NULL };

static const dt_cause from_ambiguous = {
    .code = "from-ambiguous",
    .weight = DT_WEIGHT_BLOCKS,
    .group = DT_GROUP_STRUCTURE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_from_ambiguous,
    .mend = mend_from,
    .explains = ambiguous_explains,
    .title = "From can be read in more than one way",
    .explanation = "From is no valid address list, and readers differ about whose address it holds "
                   "({others}). No one domain is certain, so DMARC cannot be "
                   "evaluated.",
    .recognised =
        "The From field breaks RFC 5322: an @ or : in an unquoted display name, two "
        "addresses in angle brackets without a comma, "
        "characters behind the address; or a line that only a lax program takes for a From "
        "field (a fold or a control character in its name, a carriage return before it). "
        "One address in angle brackets counts, so it is a "
        "note; several with different domains, or a receiver "
        "that recorded another domain and dmarc=fail, block.",
    .remedy = "One address, and the display name in double quotes.",
    .reference = "RFC 5322 section 3.4 and 3.6.2; RFC 9989 section 5.3.1",
};

/* ---- display-name-only: the name shown holds another address ------------------------------- */

/* A label of a host name: letters, digits and hyphens. */
static gboolean
is_host_text(const char *word)
{
    gboolean has_dot = FALSE;
    for (const char *p = word; *p; p++) {
        if (!g_ascii_isalnum(*p) && *p != '-' && *p != '.')
            return FALSE;
        has_dot |= *p == '.' && p != word && p[1];
    }
    return has_dot;
}

/* Is the word plainly a domain? "Node.js" and "St.Gallen" are none: only endings that people know
 * from addresses count. */
static gboolean
is_domain_word(const char *word)
{
    static const char endings[] =
        " com net org edu gov info biz app shop bank test example io co me ai tv eu uk de fr it nl "
        "es pl "
        "ch at be se no dk fi ie pt cz hu gr ro ru ua cn jp kr in au nz br mx ar ca us za ";
    if (!is_host_text(word))
        return FALSE;
    g_autofree char *ending = g_strdup_printf(" %s ", strrchr(word, '.') + 1);
    return dt_text_has_prefix(word, "www.") || strstr(endings, ending) != NULL;
}

/* The domain in one word of a display name; NULL if it holds none. Caller frees. */
static char *
domain_of_word(const char *word)
{
    g_autofree char *lower = g_ascii_strdown(word, -1);
    g_strchomp(g_strchug(lower));
    while (lower[0] && strchr(".,:;!?", lower[strlen(lower) - 1]))
        lower[strlen(lower) - 1] = '\0';
    const char *at = strrchr(lower, '@');
    if (at && at != lower)
        return dt_name_from_mail(at + 1);
    return is_domain_word(lower) ? dt_name_from_mail(lower) : NULL;
}

/* A domain in the display name that is not of the author's organization; NULL. Caller frees. */
static char *
foreign_domain(const char *display_name, const char *domain)
{
    g_auto(GStrv) words = g_strsplit_set(display_name, " \t<>()[]\"'|/", 64);
    for (char **word = words; *word; word++) {
        g_autofree char *name = strchr(*word, '.') ? domain_of_word(*word) : NULL;
        if (name && strchr(name, '.') &&
            strcmp(dt_name_psl_org_domain(name), dt_name_psl_org_domain(domain)) != 0)
            return g_steal_pointer(&name);
    }
    return NULL;
}

static dt_certainty
recognise_display_name(dt_view *view, dt_finding *finding)
{
    const GPtrArray *mailboxes = dt_message_author(view->subject->message)->mailboxes;
    for (guint i = 0; i < MIN(mailboxes->len, 50); i++) {
        const dt_mailbox *mailbox = mailboxes->pdata[i];
        g_autofree char *shown = mailbox->domain && mailbox->display_name
                                     ? foreign_domain(mailbox->display_name, mailbox->domain)
                                     : NULL;
        if (!shown)
            continue;
        dt_bind(finding, "shown", shown);
        dt_bind(finding, "real", mailbox->domain);
        show_from(view, finding, mailbox->display_name);
        return DT_CERTAIN;
    }
    return DT_ABSENT;
}

static void
mend_display_name(dt_view *view, dt_finding *finding)
{
    dt_fix_set(view, finding, DT_WHERE_SENDER,
               "Show the real domain in the display name, or a name without one", NULL);
    dt_fix_optional(finding);
}

static const dt_cause display_name_only = {
    .code = "display-name-only",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_display_name,
    .mend = mend_display_name,
    .title = "The display name shows {shown}, the address is of {real}",
    .explanation = "Many mail programs show the display name only. DMARC looks at the address in "
                   "angle brackets, so all here is about {real}.",
    .recognised = "The display name of From holds an address or a domain of another organization "
                  "than the address itself.",
    .remedy = "Show the real domain. As a reader: judge such mail by the address, not by the name.",
    .reference = "RFC 5322 section 3.4; RFC 9989 section 5.3.1",
};

/* ---- idn-from: a domain in letters beyond ASCII -------------------------------------------- */

static dt_certainty
recognise_idn_from(dt_view *view, dt_finding *finding)
{
    const dt_author *author = dt_message_author(view->subject->message);
    if (!author->has_unicode_domain || !author->domain)
        return DT_ABSENT;
    g_autofree char *unicode = dt_name_to_unicode(author->domain);
    dt_bind(finding, "unicode", unicode ? unicode : author->domain);
    show_from(view, finding, unicode);
    dt_evidence_computed(finding, "IDNA", "%s is asked for as %s", unicode ? unicode : "the domain",
                         author->domain);
    return DT_CERTAIN;
}

static const dt_cause idn_from = {
    .code = "idn-from",
    .weight = DT_WEIGHT_NOTE,
    .group = DT_GROUP_NOTE,
    .needs = DT_NEEDS_MESSAGE,
    .recognise = recognise_idn_from,
    .title = "The From domain {unicode} is looked up as {D}",
    .explanation = "DNS holds such names in the form {D} (A-label, xn--). Records and DKIM's d= "
                   "belong under that name.",
    .recognised = "The domain in From stands there in letters beyond ASCII (U-label).",
    .remedy = "Publish all records under the A-label; most DNS forms convert by themselves.",
    .reference = "RFC 5891; RFC 6532",
};

const dt_cause *const dt_causes_author[] = {
    &multi_from, &from_no_domain, &from_ambiguous, &display_name_only, &idn_from, NULL,
};
