/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The fixes of a plan in the form of the tool that applies them: master-file lines, a Route 53
 * change batch, aws commands. What the form cannot say stands in its comments.
 */
#include "report/formats.h"
#include "report/json-writer.h"

#include "base/name.h"
#include "base/text.h"

#include <string.h>

#define ZONE_TTL 300

/* A comment of one line, whatever the text holds. */
static void
comment(GString *out, const char *mark, const char *text)
{
    g_autofree char *clean = dt_text_terminal(text);
    g_string_append_printf(out, "%s %s\n", mark, clean);
}

/* What is shown, what it gives, and which other ways there are. */
static void
head(GString *out, const char *mark, const dt_diagnosis *diagnosis, const GPtrArray *findings,
     guint plan)
{
    g_autoptr(GString) codes = g_string_new(NULL);
    for (guint i = 0; i < findings->len; i++)
        g_string_append_printf(codes, "%s%s", i ? ", " : "",
                               ((const dt_finding *)findings->pdata[i])->code);
    if (findings->len == 0) {
        comment(out, mark, diagnosis->plan_absent ? diagnosis->plan_absent : "Nothing to fix.");
        return;
    }
    g_autofree char *first = g_strdup_printf("Fixes for: %s", codes->str);
    comment(out, mark, first);
    for (guint i = 0; i < diagnosis->plans->len; i++) {
        const dt_plan *way = diagnosis->plans->pdata[i];
        if (i == (plan ? plan - 1 : 0)) {
            for (guint k = 0; k < way->proof->assumes->len; k++) {
                g_autofree char *text =
                    g_strdup_printf("Supposed: %s", (char *)way->proof->assumes->pdata[k]);
                comment(out, mark, text);
            }
            continue;
        }
        g_autoptr(GString) other = g_string_new(NULL);
        g_string_append_printf(other, "Another way, --plan=%u:", i + 1);
        for (guint k = 0; k < way->findings->len; k++)
            g_string_append_printf(other, "%s %s", k ? " +" : "",
                                   ((const dt_finding *)way->findings->pdata[k])->code);
        comment(out, mark, other->str);
    }
}

/* ---- zone ---------------------------------------------------------------------------------- */

static void
zone_remove(GString *out, const dt_fix *fix, const char *value)
{
    g_autofree char *data = value ? dt_fix_rdata(fix->type, value) : g_strdup("");
    g_autofree char *name = dt_name_to_zone(fix->name);
    g_string_append_printf(out, ";! remove %s %s%s%s\n", name, fix->type, value ? " " : "", data);
}

static void
zone_step(GString *out, const dt_fix *fix)
{
    if (fix->text && fix->text[0])
        comment(out, ";", fix->text);
    if (fix->command)
        comment(out, ";   $", fix->command);
    if (!fix->name || !fix->type)
        return;
    if (fix->is_open)
        comment(out, ";",
                "Fill in: what stands here as TOKEN1, KEY or REGION only SES or the key's owner "
                "knows (aws sesv2 get-email-identity shows it).");
    if (fix->action == DT_ACTION_REMOVE)
        zone_remove(out, fix, fix->value);
    if (fix->action == DT_ACTION_REPLACE)
        zone_remove(out, fix, fix->old_value);
    if (fix->action == DT_ACTION_REMOVE || !fix->value)
        return;
    g_autofree char *data = dt_fix_rdata(fix->type, fix->value);
    g_autofree char *name = dt_name_to_zone(fix->name);
    g_string_append_printf(out, "%s %d IN %s %s\n", name, ZONE_TTL, fix->type, data);
}

void
dt_report_zone(const dt_case *subject, const dt_diagnosis *diagnosis,
               const dt_report_options *options, GString *out)
{
    g_autoptr(GPtrArray) findings = dt_fix_findings(diagnosis, options->plan);
    head(out, ";", diagnosis, findings, options->plan);
    for (guint i = 0; i < findings->len; i++) {
        const dt_finding *finding = findings->pdata[i];
        for (guint k = 0; k < finding->fixes->len; k++) {
            const dt_fix *fix = finding->fixes->pdata[k];
            if (!fix->is_optional)
                zone_step(out, fix);
        }
    }
}

/* ---- route53 ------------------------------------------------------------------------------- */

/* The service counts in octal behind a backslash where master files count in decimal. */
static char *
octal_escapes(const char *text)
{
    GString *out = g_string_sized_new(strlen(text));
    for (const char *p = text; *p; p++) {
        gboolean is_number =
            p[0] == '\\' && g_ascii_isdigit(p[1]) && g_ascii_isdigit(p[2]) && g_ascii_isdigit(p[3]);
        if (is_number) {
            g_string_append_printf(out, "\\%03o",
                                   (guint)((p[1] - '0') * 100 + (p[2] - '0') * 10 + (p[3] - '0')));
            p += 3;
            continue;
        }
        g_string_append_c(out, *p);
        if (*p == '\\' && p[1])
            g_string_append_c(out, *++p);
    }
    return g_string_free(out, FALSE);
}

/* What a cache has counted down must not become the TTL of the set; a deletion has to name what
 * stands there. */
static gint64
ttl_of(const dt_rrset *set, gboolean is_deletion)
{
    return set->is_ttl_running && !is_deletion ? MAX(set->ttl, ZONE_TTL) : set->ttl;
}

static void
route53_set(dt_json *json, const char *action, const dt_rrset *set, const GPtrArray *values)
{
    dt_json_open_object(json, NULL);
    dt_json_string(json, "Action", action);
    dt_json_open_object(json, "ResourceRecordSet");
    g_autofree char *plain_name = g_strconcat(set->name, ".", NULL);
    g_autofree char *name = octal_escapes(plain_name);
    dt_json_string(json, "Name", name);
    dt_json_string(json, "Type", set->type);
    dt_json_number(json, "TTL", ttl_of(set, values == set->old));
    dt_json_open_array(json, "ResourceRecords");
    for (guint i = 0; i < values->len; i++) {
        g_autofree char *data = octal_escapes(values->pdata[i]);
        dt_json_open_object(json, NULL);
        dt_json_string(json, "Value", data);
        dt_json_close_object(json);
    }
    dt_json_close_array(json);
    dt_json_close_object(json);
    dt_json_close_object(json);
}

#define COMMENT_MAX 250 /* the API's limit is 256 characters */

/* What was left out comes first, so that it is the last to be cut. */
static char *
route53_comment(const GPtrArray *findings, const GPtrArray *sets)
{
    g_autoptr(GString) text = g_string_new("dmarctrace:");
    gboolean has_unseen = FALSE;
    for (guint i = 0; i < sets->len; i++) {
        const dt_rrset *set = sets->pdata[i];
        if (!set->is_unseen)
            continue;
        g_string_append_printf(
            text, "%s %s %s",
            has_unseen ? "," : " LEFT OUT, as DNS did not show what stands there:", set->name,
            set->type);
        has_unseen = TRUE;
    }
    if (has_unseen)
        g_string_append_c(text, ';');
    for (guint i = 0; i < findings->len; i++)
        g_string_append_printf(text, " %s", ((const dt_finding *)findings->pdata[i])->code);
    g_string_truncate(text, MIN(text->len, COMMENT_MAX));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* Deletions first: nothing may stand beside a new CNAME. */
void
dt_report_route53(const dt_case *subject, const dt_diagnosis *diagnosis,
                  const dt_report_options *options, GString *out)
{
    dt_json json;
    g_autoptr(GPtrArray) findings = dt_fix_findings(diagnosis, options->plan);
    g_autoptr(GPtrArray) sets = dt_fix_rrsets(diagnosis, findings);
    g_autofree char *comment = route53_comment(findings, sets);
    dt_json_begin(&json, out, FALSE);
    dt_json_open_object(&json, NULL);
    dt_json_string(&json, "Comment", comment);
    dt_json_open_array(&json, "Changes");
    for (guint i = 0; i < sets->len; i++) {
        const dt_rrset *set = sets->pdata[i];
        if (!set->is_unseen && set->values->len == 0 && set->old->len > 0)
            route53_set(&json, "DELETE", set, set->old);
    }
    for (guint i = 0; i < sets->len; i++) {
        const dt_rrset *set = sets->pdata[i];
        if (!set->is_unseen && set->values->len > 0)
            route53_set(&json, "UPSERT", set, set->values);
    }
    dt_json_close_array(&json);
    dt_json_close_object(&json);
    dt_json_end(&json);
}

/* ---- aws ----------------------------------------------------------------------------------- */

static void
aws_record(GString *out, const dt_fix *fix)
{
    static const char *const verbs[] = { NULL, "publish", "replace by", "remove", NULL, NULL };
    g_autofree char *data =
        fix->value ? dt_fix_rdata(fix->type, fix->value) : g_strdup("(all of them)");
    g_autofree char *text =
        g_strdup_printf("DNS, %s: %s. %s %s", verbs[fix->action], fix->name, fix->type, data);
    comment(out, "#  ", text);
}

void
dt_report_aws(const dt_case *subject, const dt_diagnosis *diagnosis,
              const dt_report_options *options, GString *out)
{
    g_autoptr(GPtrArray) findings = dt_fix_findings(diagnosis, options->plan);
    gboolean has_looked = FALSE;
    head(out, "#", diagnosis, findings, options->plan);
    for (guint i = 0; i < findings->len; i++) {
        const dt_finding *finding = findings->pdata[i];
        const char *look = NULL;
        for (guint k = 0; k < finding->fixes->len && !look; k++) {
            const dt_fix *fix = finding->fixes->pdata[k];
            look = fix->is_check ? fix->command : NULL;
        }
        if (!has_looked && look) {
            comment(out, "#", "Look first; this changes nothing:");
            g_string_append_printf(out, "%s\n", look);
            has_looked = TRUE;
        }
        for (guint k = 0; k < finding->fixes->len; k++) {
            const dt_fix *fix = finding->fixes->pdata[k];
            if (fix->is_optional || (k == 0 && fix->is_check))
                continue;
            if (fix->text && fix->text[0])
                comment(out, "#", fix->text);
            if (fix->command)
                g_string_append_printf(out, "%s\n", fix->command);
            if (fix->name && fix->type)
                aws_record(out, fix);
        }
    }
}
