/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Zone files and snapshots: a file that parses is asked for every name it holds, the answers are
 * written as a snapshot, and the snapshot gives the same answers. Input: the file.
 */
#include "fuzz.h"

#include "dns/ask.h"
#include "dns/record.h"
#include "dns/source.h"
#include "dns/zone.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_NAMES 40

static const dt_rr_type types[] = { DT_RR_A,  DT_RR_NS,  DT_RR_CNAME, DT_RR_PTR,
                                    DT_RR_MX, DT_RR_TXT, DT_RR_AAAA };

static void
ask_all(dt_resolver *resolver, const GPtrArray *names)
{
    for (guint i = 0; i < names->len; i++)
        for (guint k = 0; k < G_N_ELEMENTS(types); k++)
            dt_resolver_ask(resolver, names->pdata[i], types[k]);
}

static GPtrArray *
names_of(const dt_zone *zone)
{
    GPtrArray *names = g_ptr_array_new();
    GHashTableIter iter;
    gpointer name;
    g_hash_table_iter_init(&iter, zone->nodes);
    while (names->len < MAX_NAMES && g_hash_table_iter_next(&iter, &name, NULL))
        g_ptr_array_add(names, name);
    return names;
}

static void
check_again(dt_resolver *resolver, const dt_zone *snapshot)
{
    for (guint i = 0; i < dt_resolver_log_count(resolver); i++) {
        const dt_answer *answer = dt_resolver_log_get(resolver, i);
        g_autoptr(dt_answer) again = dt_zone_ask(snapshot, answer->name, answer->type);
        gboolean is_same = dt_answer_says_the_same(answer, again) &&
                           (answer->ttl == again->ttl || answer->status == DT_DNS_UNKNOWN);
        if (!is_same)
            fprintf(stderr, "%s %s: %s %d, read back %s %d\n", answer->name,
                    dt_rr_type_word(answer->type), dt_dns_status_word(answer->status),
                    (int)answer->ttl, dt_dns_status_word(again->status), (int)again->ttl);
        fuzz_require(is_same);
    }
}

static void
write_and_read(dt_resolver *resolver)
{
    g_autofree char *path =
        g_strdup_printf("%s/dmarctrace-fuzz-%d.zone", g_get_tmp_dir(), (int)getpid());
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_zone) snapshot = dt_zone_new();
    gboolean is_good =
        dt_snapshot_write(path, &resolver, 1, &error) && dt_zone_read_file(snapshot, path, &error);
    g_unlink(path);
    if (!is_good)
        fprintf(stderr, "%s\n", error->message);
    fuzz_require(is_good);
    check_again(resolver, snapshot);
}

int
LLVMFuzzerTestOneInput(const guint8 *octets, gsize length)
{
    g_autoptr(dt_zone) zone = dt_zone_new();
    g_autoptr(GError) error = NULL;
    fuzz_ready();
    if (!dt_zone_read_text(zone, (const char *)octets, (gssize)length, "file.zone", &error)) {
        fuzz_require(error && g_str_has_prefix(error->message, "file.zone:"));
        fuzz_require(g_utf8_validate(error->message, -1, NULL));
        return 0;
    }
    g_autoptr(GPtrArray) names = names_of(zone);
    g_autoptr(dt_source) source = dt_source_new_zone(zone);
    g_autoptr(dt_resolver) resolver = dt_resolver_new(source, 10000);
    ask_all(resolver, names);
    dt_resolver_ask(resolver, "not.there.example", DT_RR_TXT);
    write_and_read(resolver);
    return 0;
}
