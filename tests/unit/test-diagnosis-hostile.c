/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Whole evaluations over a resolver that lies, and over inputs that are known to break the
 * libraries underneath: no question is asked twice, a status outranks the records beside it, and
 * what overflows libopendkim or libspf2 never reaches them (run under valgrind too:
 * tests/fuzz/valgrind.sh).
 */
#include <dmarctrace/diagnosis.h>
#include <string.h>

#include "evaluation/case.h"
#include "spf/spf.h"

#define KEY                                                                                        \
    "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDHOSdSzImaqVnaTKWPRcBTy9npADVFJnJfE"  \
    "GqYWI1hRNrqiHjzqak+oi6xQZBNVSwj0bLUZ65W+2FLvmqsO8VWs0fD3hsQ6GWqYwMBlg8ZlgMEwjNi4bdNdkXMR/h"   \
    "AHmkoa9Qi0AQoxmdjy+fWcgpZhjZ54+w/IWLhGQcX7oPYHQIDAQAB"
#define BH "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY="
#define HEAD                                                                                       \
    "Received: from a.example (a.example [192.0.2.1]) by mx.test.example; Tue, 24 Nov 2026 "       \
    "10:00:05 +0000\n"
#define MAIL                                                                                       \
    "Return-Path: <joe@example.com>\n" HEAD                                                        \
    "From: joe@example.com\nTo: sam@test.example\nSubject: x\n\nbody\n"

/* ---- a resolver that lies ------------------------------------------------------------------ */

typedef struct {
    GHashTable *counts; /* question -> how often */
    const char *kind;
    gboolean is_repeated;
} liar;

static void
add_lies(dt_reply *reply, const char *name, const char *type, guint count, const char *kind)
{
    gboolean is_txt = strcmp(type, "TXT") == 0, is_dmarc = g_str_has_prefix(name, "_dmarc.");
    if (strcmp(kind, "changes") == 0 && is_txt && is_dmarc)
        dt_reply_add(reply, count % 2 ? "v=DMARC1; p=reject" : "v=DMARC1; p=none", 0);
    else if (strcmp(kind, "changes") == 0 && is_txt)
        dt_reply_add(reply, count % 2 ? "v=spf1 ip4:192.0.2.1 -all" : "v=spf1 -all", 0);
    else if (strcmp(kind, "status-behind") == 0 && is_txt) {
        dt_reply_add(reply, is_dmarc ? "v=DMARC1; p=reject" : "v=spf1 ip4:192.0.2.1 -all", 60);
        dt_reply_set_status(reply, "nxdomain");
    } else if (strcmp(kind, "status-before") == 0 && is_txt) {
        dt_reply_set_status(reply, "nxdomain");
        dt_reply_add(reply, is_dmarc ? "v=DMARC1; p=reject" : "v=spf1 ip4:192.0.2.1 -all", 60);
    } else if (strcmp(kind, "failure-with-records") == 0 && is_txt) {
        dt_reply_add(reply, is_dmarc ? "v=DMARC1; p=reject" : "v=spf1 ip4:192.0.2.1 -all", 60);
        dt_reply_set_status(reply, "servfail");
    } else if (strcmp(kind, "loop") == 0)
        dt_reply_set_cname(reply, strcmp(name, "a.loop.example") == 0 ? "b.loop.example"
                                                                      : "a.loop.example");
    else if (strcmp(kind, "self") == 0)
        dt_reply_set_cname(reply, name);
    else if (strcmp(kind, "endless") == 0) {
        g_autofree char *next = g_strdup_printf("n%u.example", g_str_hash(name));
        dt_reply_set_cname(reply, next);
    } else if (strcmp(kind, "bad-target") == 0)
        dt_reply_set_cname(reply, "a..b");
    else
        dt_reply_set_status(reply, "nxdomain");
}

static void
lie(const char *name, const char *type, gint64 deadline, dt_reply *reply, gpointer data)
{
    liar *self = data;
    char *key = g_strdup_printf("%s %s", name, type);
    guint count = GPOINTER_TO_UINT(g_hash_table_lookup(self->counts, key)) + 1;
    self->is_repeated |= count > 1;
    g_hash_table_replace(self->counts, key, GUINT_TO_POINTER(count));
    add_lies(reply, name, type, count, self->kind);
}

static dt_message *
read_text(const char *text)
{
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    dt_message *message = dt_message_read_bytes(bytes, "test", NULL);
    g_assert_nonnull(message);
    return message;
}

/* The case of mail over source, diagnosed. The context must outlive it. */
static dt_case *
explain(dt_context *context, dt_source *source, const char *mail)
{
    dt_context_set(context, "damage-search", "no", NULL);
    dt_context_set_source(context, source);
    g_assert_true(dt_context_open(context, NULL));
    dt_case *subject = dt_case_new(context, read_text(mail));
    dt_diagnosis_free(dt_diagnose(subject));
    return subject;
}

static const struct {
    const char *kind, *verdict, *spf;
} lies[] = {
    { "changes", "pass", "pass" },           { "status-behind", "none", "none" },
    { "status-before", "none", "none" },     { "failure-with-records", "temperror", "temperror" },
    { "loop", "temperror", "temperror" },    { "self", "temperror", "temperror" },
    { "endless", "temperror", "temperror" }, { "bad-target", "temperror", "temperror" },
};

static void
one_evaluation_has_one_view_of_dns(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(lies); i++) {
        liar self = { g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL), lies[i].kind,
                      FALSE };
        g_autoptr(dt_source) source = dt_source_new_callback(lie, &self, NULL);
        g_autoptr(dt_context) context = dt_context_new();
        g_autoptr(dt_case) subject = explain(context, source, MAIL);
        g_test_message("%s", lies[i].kind);
        g_assert_cmpstr(dt_case_verdict(subject), ==, lies[i].verdict);
        g_assert_cmpstr(dt_spf_result_word(subject->spf->result), ==, lies[i].spf);
        if (strcmp(lies[i].kind, "changes") == 0) {
            g_assert_false(self.is_repeated);
            g_assert_cmpint(subject->dmarc->policy, ==, DT_POLICY_REJECT);
        }
        g_hash_table_unref(self.counts);
    }
}

/* ---- inputs that overflow the libraries ---------------------------------------------------- */

/* An answer for everything: keys and records. */
static void
answer(const char *name, const char *type, gint64 deadline, dt_reply *reply, gpointer data)
{
    if (strcmp(type, "TXT") != 0)
        dt_reply_set_status(reply, "nxdomain");
    else if (strstr(name, "_domainkey"))
        dt_reply_add(reply, KEY, 60);
    else if (g_str_has_prefix(name, "e."))
        dt_reply_add(reply, data, 60);
    else
        dt_reply_add(reply, "v=spf1 -all exp=e.example.com", 60);
}

static char *
repeated(const char *unit, guint count)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < count; i++)
        g_string_append(out, unit);
    return g_string_free(out, FALSE);
}

/* No assertion but that it ends: the heap overflows of libopendkim 2.11 (h= that uses up every
 * field and one more, a long z=, an i= that ends in "=") are what valgrind and the sanitizer look
 * for. */
static void
overflows_of_libopendkim_are_out_of_reach(void)
{
    g_autofree char *long_z = repeated("|From:a@example.com", 2200);
    g_autofree char *long_h = repeated(":from", 3000);
    const char *tags[] = {
        "h=from:to:dkim-signature:x",
        "h=from:to:subject:return-path:received:dkim-signature:x",
        "h=received:return-path:from:to:subject:x:x:x:x:x",
        "h=from:from:from:to:to:subject:subject:dkim-signature:dkim-signature:dkim-signature",
        "h=from; i=@example.com=",
        "h=from; i=@example.com=4",
        "h=from; i==",
        "h=from; i=joe=40x@example.com=",
        "h=from; l=99999999999999999999",
        "h=from; t=99999999999999999999; x=1",
        "h=from; q=http",
        "h=from; q=",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(tags) + 2; i++) {
        gboolean is_listed = i < G_N_ELEMENTS(tags);
        g_autofree char *tag = is_listed ? g_strdup(tags[i])
                               : i == G_N_ELEMENTS(tags)
                                   ? g_strconcat("h=from; z=From:x", long_z, NULL)
                                   : g_strconcat("h=from", long_h, NULL);
        g_autofree char *field =
            g_strdup_printf("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; "
                            "s=s; %s; bh=" BH "; b=AAAA\n",
                            tag);
        for (guint copies = 1; copies <= 2; copies++) {
            g_autofree char *mail = g_strconcat(field, copies > 1 ? field : "", MAIL, NULL);
            g_autofree char *bare =
                g_strconcat("From: joe@example.com\nTo: x@example.com\n", field, "\nbody\n", NULL);
            for (guint k = 0; k < 2; k++) {
                g_autoptr(dt_source) source = dt_source_new_callback(answer, "x", NULL);
                g_autoptr(dt_context) context = dt_context_new();
                g_autoptr(dt_case) subject = explain(context, source, k ? bare : mail);
                const dt_dkim_signature *one = subject->dkim->signatures->pdata[0];
                g_assert_cmpint(one->result, !=, DT_DKIM_PASS);
            }
        }
    }
}

/* The stack overflow of libspf2 1.2.10 in exp= texts: 219 octets are enough. */
static void
overflows_of_libspf2_are_out_of_reach(void)
{
    static const char *const units[] = { "a%{i}", "%{i}", "a%{s}", "%{d}%%", "%{l1r-}", "%{h}" };
    for (gsize u = 0; u < G_N_ELEMENTS(units); u++)
        for (guint count = 10; count <= 400; count += u == 0 && count < 80 ? 3 : 60) {
            g_autofree char *tail = repeated(units[u], count);
            g_autofree char *text = g_strconcat("aaaa", tail, NULL);
            g_autoptr(dt_source) source = dt_source_new_callback(answer, text, NULL);
            g_autoptr(dt_resolver) resolver = dt_resolver_new(source, 10000);
            const dt_spf_input input = { .ip = "192.0.2.1",
                                         .helo = "a.example",
                                         .mail_from = "joe@example.com",
                                         .time = 1,
                                         .with_libspf2 = TRUE };
            g_autoptr(dt_spf) spf = dt_spf_evaluate(resolver, &input);
            g_assert_cmpint(spf->result, ==, DT_SPF_FAIL);
            g_assert_cmpint(spf->libspf2_result, ==, DT_SPF_FAIL);
        }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hostile/one evaluation has one view of DNS",
                    one_evaluation_has_one_view_of_dns);
    g_test_add_func("/hostile/overflows of libopendkim are out of reach",
                    overflows_of_libopendkim_are_out_of_reach);
    g_test_add_func("/hostile/overflows of libspf2 are out of reach",
                    overflows_of_libspf2_are_out_of_reach);
    return g_test_run();
}
