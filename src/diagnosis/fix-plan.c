/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Which fixes `fix` shows, and what they make of whole RRsets: an interface that replaces a set
 * must be given the values of others in it too.
 */
#include "diagnosis/finding.h"

#include "base/name.h"
#include "base/text.h"
#include "dns/ask.h"

#include <string.h>

#define DEFAULT_TTL 300

GPtrArray *
dt_fix_findings(const dt_diagnosis *diagnosis, guint plan)
{
    GPtrArray *chosen = g_ptr_array_new();
    guint index = plan ? plan - 1 : 0;
    if (index < diagnosis->plans->len) {
        const dt_plan *way = diagnosis->plans->pdata[index];
        g_ptr_array_extend(chosen, way->findings, NULL, NULL);
        return chosen;
    }
    /* No plan: what does not let it pass alone is still worth mending, blocking faults first, else
     * the risks. */
    for (guint severity = DT_SEVERITY_BLOCKS; severity <= DT_SEVERITY_RISK && chosen->len == 0;
         severity++)
        for (guint i = 0; i < diagnosis->findings->len; i++) {
            dt_finding *finding = diagnosis->findings->pdata[i];
            if (finding->severity == severity && finding->fixes->len > 0 &&
                diagnosis->reproducible != 0)
                g_ptr_array_add(chosen, finding);
        }
    return chosen;
}

int
dt_fix_status(const dt_diagnosis *diagnosis, guint plan)
{
    g_autoptr(GPtrArray) findings = dt_fix_findings(diagnosis, plan);
    if (findings->len == 0)
        return 1;
    for (guint i = 0; i < findings->len; i++) {
        const dt_finding *finding = findings->pdata[i];
        for (guint k = 0; k < finding->fixes->len; k++)
            if (((const dt_fix *)finding->fixes->pdata[k])->is_open)
                return 2;
    }
    return 0;
}

/* ---- RRsets -------------------------------------------------------------------------------- */

static void
rrset_free(gpointer data)
{
    dt_rrset *set = data;
    g_free(set->name);
    g_free(set->type);
    g_ptr_array_unref(set->values);
    g_ptr_array_unref(set->old);
    g_free(set);
}

char *
dt_fix_rdata(const char *type, const char *value)
{
    if (strcmp(type, "TXT") == 0)
        return dt_text_zone_quote(value, strlen(value));
    gboolean is_address = strcmp(type, "A") == 0 || strcmp(type, "AAAA") == 0;
    return is_address ? g_strdup(value) : dt_name_to_zone(value);
}

/* The same of a record that was found; a TXT may hold any octet. */
static char *
rdata_of(const dt_record *record, const char *type)
{
    if (strcmp(type, "TXT") == 0)
        return dt_text_zone_quote(record->data, record->length);
    g_autofree char *text = dt_record_text(record, dt_rr_type_parse(type));
    return dt_fix_rdata(type, text);
}

/* Values of others may stand there that were not seen. A CNAME stands alone, so nothing else is
 * lost with it. */
static gboolean
is_unseen(const dt_answer *answer, dt_rr_type type)
{
    return type != DT_RR_CNAME && dt_answer_is_failure(answer);
}

static dt_rrset *
rrset_new(const dt_diagnosis *diagnosis, const char *name, const char *type)
{
    dt_rrset *set = g_new0(dt_rrset, 1);
    dt_rr_type number = dt_rr_type_parse(type);
    const dt_answer *answer = dt_resolver_ask(diagnosis->subject->resolver, name, number);
    set->name = g_strdup(name);
    set->type = g_strdup(type);
    set->ttl = DEFAULT_TTL;
    set->values = g_ptr_array_new_with_free_func(g_free);
    set->old = g_ptr_array_new_with_free_func(g_free);
    set->is_unseen = is_unseen(answer, number);
    if (answer->status != DT_DNS_OK || (answer->cname && number != DT_RR_CNAME))
        return set;
    if (answer->ttl > 0)
        set->ttl = answer->ttl;
    set->is_ttl_running = answer->origin == DT_FROM_LIVE || answer->origin == DT_FROM_CACHE;
    for (guint i = 0; i < answer->record_count; i++) {
        g_ptr_array_add(set->old, rdata_of(&answer->records[i], type));
        g_ptr_array_add(set->values, rdata_of(&answer->records[i], type));
    }
    return set;
}

static dt_rrset *
get_rrset(const dt_diagnosis *diagnosis, GPtrArray *sets, const char *name, const char *type)
{
    for (guint i = 0; i < sets->len; i++) {
        dt_rrset *set = sets->pdata[i];
        if (strcmp(set->name, name) == 0 && strcmp(set->type, type) == 0)
            return set;
    }
    dt_rrset *set = rrset_new(diagnosis, name, type);
    g_ptr_array_add(sets, set);
    return set;
}

static void
take_out(dt_rrset *set, const char *value)
{
    g_autofree char *rdata = value ? dt_fix_rdata(set->type, value) : NULL;
    for (guint i = set->values->len; i-- > 0;)
        if (!rdata || strcmp(set->values->pdata[i], rdata) == 0)
            g_ptr_array_remove_index(set->values, i);
}

static void
put_in(dt_rrset *set, const char *value)
{
    g_autofree char *rdata = dt_fix_rdata(set->type, value);
    if (!g_ptr_array_find_with_equal_func(set->values, rdata, g_str_equal, NULL))
        g_ptr_array_add(set->values, g_steal_pointer(&rdata));
}

GPtrArray *
dt_fix_rrsets(const dt_diagnosis *diagnosis, const GPtrArray *findings)
{
    GPtrArray *sets = g_ptr_array_new_with_free_func(rrset_free);
    for (guint i = 0; i < findings->len; i++) {
        const dt_finding *finding = findings->pdata[i];
        for (guint k = 0; k < finding->fixes->len; k++) {
            const dt_fix *fix = finding->fixes->pdata[k];
            if (!fix->name || !fix->type || fix->is_optional)
                continue;
            dt_rrset *set = get_rrset(diagnosis, sets, fix->name, fix->type);
            if (fix->action == DT_ACTION_REMOVE)
                take_out(set, fix->value);
            if (fix->action == DT_ACTION_REPLACE)
                take_out(set, fix->old_value);
            if (fix->action != DT_ACTION_REMOVE && fix->value)
                put_in(set, fix->value);
            set->is_open |= fix->is_open;
        }
    }
    return sets;
}
