/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The author of a message: one row a From value (or several, parted by a line), with the domain,
 * the mailboxes and how certain they are.
 */
#include "message/results.h"

#include <pthread.h>
#include <string.h>

typedef struct {
    const char *value;
    const char *domain;    /* NULL: none */
    const char *addresses; /* blank between, "-" before one without a domain */
    const char *flags;     /* s strict, a ambiguous, u U-label */
    const char *others;
} row;

/* Mailbox lists by the grammar. */
static const row strict_rows[] = {
    { "joe@example.com", "example.com", "joe@example.com", "s", "" },
    { "Joe Doe <joe@example.com>", "example.com", "joe@example.com", "s", "" },
    { "\"Doe, Joe\" <joe@example.com>", "example.com", "joe@example.com", "s", "" },
    { "<joe@example.com>", "example.com", "joe@example.com", "s", "" },
    { "J. Doe <joe@example.com>", "example.com", "joe@example.com", "s", "" },
    { "joe@EXAMPLE.Com", "example.com", "joe@example.com", "s", "" },
    { "joe@example.com (Joe)", "example.com", "joe@example.com", "s", "" },
    { "(first) joe @ example . com (a (nested) one)", "example.com", "joe@example.com", "s", "" },
    { "\"joe@test.example\" <joe@example.com>", "example.com", "joe@example.com", "s", "" },
    { "\"a@b\"@example.com", "example.com", "\"a@b\"@example.com", "s", "" },
    { "a@example.com, b@example.com", "example.com", "a@example.com b@example.com", "s", "" },
    { "A <a@example.com>, B <b@test.example>", NULL, "a@example.com b@test.example", "s", "" },
    { "a@example.com, b@mail.example.com", NULL, "a@example.com b@mail.example.com", "s", "" },
    { "a@example.com,, b@example.com,", "example.com", "a@example.com b@example.com", "s", "" },
    { "Team: a@example.com, b@example.com;", "example.com", "a@example.com b@example.com", "s",
      "" },
    { "undisclosed-senders:;", NULL, "", "s", "" },
    { "joe@[192.0.2.1]", NULL, "-joe@[192.0.2.1]", "s", "" },
    { "=?utf-8?Q?J=C3=B6rg?= <joe@example.com>", "example.com", "joe@example.com", "s", "" },
    { "=?utf-8?B?YUBldmlsLmV4YW1wbGU=?= <joe@example.com>", "example.com", "joe@example.com", "s",
      "" },
    { "M\303\274hle <post@m\303\274ller.example>", "xn--mller-kva.example",
      "post@xn--mller-kva.example", "su", "" },
    { "post@xn--mller-kva.example", "xn--mller-kva.example", "post@xn--mller-kva.example", "s",
      "" },
    { "joe@example", "example", "joe@example", "s", "" },
    { "joe@ex_ample.com", "ex_ample.com", "joe@ex_ample.com", "s", "" },
    { "\"Joe \\\"x\\\" <y>\" <joe@example.com>", "example.com", "joe@example.com", "s", "" },
    { "Caf\351 <joe@example.com>", "example.com", "joe@example.com", "s", "" },
};

/* Values that are none: what counts, and what else a reader may see. */
static const row lenient_rows[] = {
    { "", NULL, "", "", "" },
    { "Joe", NULL, "-Joe", "", "" },
    { "example.com", NULL, "-example.com", "", "" },
    { "\"joe@example.com\"", NULL, "-\"joe@example.com\"", "", "" },
    { "Joe <>", NULL, "-", "", "" },
    { "Joe <joe>", NULL, "-joe", "", "" },
    { "Joe, Doe <joe@example.com>", "example.com", "joe@example.com", "", "" },
    { "Acme, Inc. <joe@example.com>", "example.com", "joe@example.com", "", "" },
    { "joe@test.example <joe@example.com>", "example.com", "joe@example.com", "", "test.example" },
    { "joe@example.com <joe@example.com>", "example.com", "joe@example.com", "", "" },
    { "Re: help <joe@example.com>", "example.com", "joe@example.com", "", "" },
    { "<<joe@example.com>>", "example.com", "joe@example.com", "", "" },
    { "Joe <joe@example.com", "example.com", "joe@example.com", "", "" },
    { "\"Joe <joe@example.com>", "example.com", "joe@example.com", "", "" },
    { "Joe <joe@example.com> (open", "example.com", "joe@example.com", "", "" },
    { "Joe <joe@example.com> x", "example.com", "joe@example.com", "", "" },
    { "joe@example.com Joe", "example.com", "joe@example.com", "", "" },
    { "from joe@example.com", "example.com", "joe@example.com", "", "" },
    { "Joe; <joe@example.com>", "example.com", "joe@example.com", "", "" },
    { "'joe@test.example' via List <list@example.org>", "example.org", "list@example.org", "",
      "test.example" },
    { "joe@example.com.", "example.com", "joe@example.com", "", "" },
    { "<mailto:joe@example.com>", "example.com", "joe@example.com", "", "" },
    { "<@relay.example,@b.example:joe@example.com>", "example.com", "joe@example.com", "",
      "relay.example b.example" },
    { "joe@example..com", NULL, "-joe@example..com", "", "" },
    { "joe@", NULL, "-joe", "", "" },
    { "joe@[192.0.2.1] (open", NULL, "-joe@[192.0.2.1]", "", "" }, /* and nothing leaks */
    { "=?utf-8?Q?Joe?= joe@example.com", "example.com", "joe@example.com", "", "" },
    { "=?utf-8?Q?a@test.example,?= <joe@example.com>", "example.com", "joe@example.com", "",
      "test.example" },
    { "Group: a@example.com, b@example.com", "example.com", "a@example.com b@example.com", "", "" },
    { "a@test.example, Foo, B <b@example.com>", NULL, "a@test.example b@example.com", "", "" },
    { "a@example.com, Foo, B <b@example.com>", "example.com", "a@example.com b@example.com", "",
      "" },
    { "a@test.example Foo, B <b@example.com>", "example.com", "b@example.com", "", "test.example" },
    { "<mailto:a@example.com>, b@test.example", NULL, "a@example.com b@test.example", "", "" },
    { "Joe\fDoe <joe@example.com>", "example.com", "joe@example.com", "", "" },
    { "A, B <a@example.com>, C <b@test.example>", NULL, "a@example.com b@test.example", "", "" },
};

/* No domain is certain. */
static const row ambiguous_rows[] = {
    { "Joe <joe@example.com> <joe@test.example>", NULL, "joe@example.com joe@test.example", "a",
      "" },
    { "<joe@example.com> <joe@example.com>", "example.com", "joe@example.com joe@example.com", "",
      "" },
    { "joe@example.com joe@test.example", NULL, "joe@example.com joe@test.example", "a", "" },
    { "joe@test.example@example.com", NULL, "-joe@test.example@example.com", "a",
      "example.com test.example" },
    { "<joe@test.example@example.com>", NULL, "-joe@test.example@example.com", "a",
      "example.com test.example" },
    { "joe@example.com@example.com", "example.com", "joe@example.com@example.com", "", "" },
    { "joe@test.example\r.example.com", NULL, "joe@test.example", "a", "test.example.example.com" },
    { "Joe\rDoe <joe@example.com>", NULL, "joe@example.com", "a", "" },
    { "joe@example.com\rFrom: joe@test.example", NULL, "joe@example.com joe@test.example", "a",
      "" },
    { "<joe@exa mple.com>", NULL, "-joe@exa", "a", "exa example.com" },
};

static dt_author *
parse(const char *values)
{
    g_auto(GStrv) parts = g_strsplit(values, "\n", 0);
    dt_field fields[4];
    const dt_field *pointers[4];
    char *raw[4];
    guint count = 0;
    for (; parts[count] && count < 4; count++) {
        raw[count] = g_strconcat("From: ", parts[count], NULL);
        fields[count] = (dt_field){ .line = 7 + count,
                                    .line_count = 1,
                                    .raw = raw[count],
                                    .raw_length = strlen(raw[count]),
                                    .name_length = 4,
                                    .value_offset = 5 };
        pointers[count] = &fields[count];
    }
    dt_author *author = dt_author_parse(pointers, count);
    for (guint i = 0; i < count; i++)
        g_free(raw[i]);
    return author;
}

static char *
addresses_of(const dt_author *author)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < author->mailboxes->len; i++) {
        const dt_mailbox *mailbox = author->mailboxes->pdata[i];
        g_string_append_printf(out, "%s%s%s", i ? " " : "", mailbox->domain ? "" : "-",
                               mailbox->address);
    }
    return g_string_free(out, FALSE);
}

static char *
others_of(const dt_author *author)
{
    g_ptr_array_add(author->other_domains, NULL);
    char *joined = g_strjoinv(" ", (char **)author->other_domains->pdata);
    g_ptr_array_set_size(author->other_domains, author->other_domains->len - 1);
    return joined;
}

/* Octets that are no UTF-8 are none in the test log either. */
static void
show_value(const char *value)
{
    g_autofree char *shown = g_strescape(value, NULL);
    g_test_message("From: %s", shown);
}

static void
check_row(const row *r)
{
    g_autoptr(GString) flags = g_string_new(NULL);
    dt_author *author = parse(r->value);
    g_autofree char *addresses = addresses_of(author), *others = others_of(author);
    show_value(r->value);
    g_assert_cmpstr(author->domain, ==, r->domain);
    g_assert_cmpstr(addresses, ==, r->addresses);
    g_string_append(flags, author->is_strict ? "s" : "");
    g_string_append(flags, author->is_ambiguous ? "a" : "");
    g_string_append(flags, author->has_unicode_domain ? "u" : "");
    g_assert_cmpstr(flags->str, ==, r->flags);
    g_assert_cmpstr(others, ==, r->others);
    dt_author_free(author);
}

static void
test_strict(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(strict_rows); i++)
        check_row(&strict_rows[i]);
}

static void
test_lenient(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(lenient_rows); i++)
        check_row(&lenient_rows[i]);
}

static void
test_ambiguous(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(ambiguous_rows); i++)
        check_row(&ambiguous_rows[i]);
}

static void
test_several_fields(void)
{
    dt_author *author = parse("a@example.com\nb@test.example");
    g_assert_cmpuint(author->field_count, ==, 2);
    g_assert_cmpuint(author->line, ==, 7);
    g_assert_cmpuint(((dt_mailbox *)author->mailboxes->pdata[1])->line, ==, 8);
    g_assert_null(author->domain);
    g_assert_cmpuint(author->domains->len, ==, 2);
    dt_author_free(author);
    author = parse("a@example.com\nb@example.com");
    g_assert_cmpstr(author->domain, ==, "example.com");
    dt_author_free(author);
    author = dt_author_parse(NULL, 0);
    g_assert_null(author->domain);
    g_assert_false(author->is_strict);
    g_assert_cmpuint(author->line, ==, 0);
    dt_author_free(author);
}

static const struct {
    const char *value, *name;
} name_rows[] = {
    { "joe@example.com", NULL },
    { "Joe  Doe <joe@example.com>", "Joe Doe" },
    { "\"Doe, \\\"J\\\"\" <joe@example.com>", "Doe, \"J\"" },
    { "=?utf-8?Q?J=C3=B6rg?= =?utf-8?Q?_X?= <joe@example.com>", "J\303\266rg X" },
    { "\"=?utf-8?Q?J=C3=B6rg?=\" <joe@example.com>", "J\303\266rg" },
    { "joe@example.com (Joe)", "Joe" },
    { "Joe, Doe <joe@example.com>", "Joe, Doe" },
    { "Caf\351 <joe@example.com>", "Caf\357\277\275" },
    { "\"\" <joe@example.com>", NULL },
};

static void
test_display_name(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(name_rows); i++) {
        dt_author *author = parse(name_rows[i].value);
        show_value(name_rows[i].value);
        g_assert_cmpstr(((dt_mailbox *)author->mailboxes->pdata[0])->display_name, ==,
                        name_rows[i].name);
        dt_author_free(author);
    }
}

static void
test_unicode(void)
{
    dt_author *author = parse("x@M\303\234LLER.example");
    const dt_mailbox *mailbox = author->mailboxes->pdata[0];
    g_assert_cmpstr(mailbox->domain, ==, "xn--mller-kva.example");
    g_assert_cmpstr(mailbox->domain_unicode, ==, "m\303\274ller.example");
    dt_author_free(author);
}

/* Past the limit of addresses no domain is certain: what was not read may be another's. */
static void
test_limit(void)
{
    for (guint more = 0; more < 2; more++)
        for (guint has_comma = 0; has_comma < 2; has_comma++) {
            g_autoptr(GString) value = g_string_new("joe@example.com");
            for (guint i = 1; i < DT_MAX_ADDRESSES + more; i++)
                g_string_append(value, has_comma ? ", joe@example.com" : " joe@example.com");
            dt_author *author = parse(value->str);
            g_assert_cmpuint(author->mailboxes->len, ==, DT_MAX_ADDRESSES);
            g_assert_cmpstr(author->domain, ==, more ? NULL : "example.com");
            dt_author_free(author);
        }
}

static void
test_nul(void)
{
    static const char raw[] = "From: joe@example.com\0.test.example";
    const dt_field field = { .line = 1,
                             .line_count = 1,
                             .raw = raw,
                             .raw_length = sizeof raw - 1,
                             .name_length = 4,
                             .value_offset = 5 };
    const dt_field *pointer = &field;
    dt_author *author = dt_author_parse(&pointer, 1);
    g_assert_true(author->is_ambiguous);
    g_assert_false(author->is_strict);
    g_assert_null(author->domain);
    dt_author_free(author);
}

/* Groups in groups without end take no stack. */
static gpointer
parse_groups(gpointer value)
{
    dt_author *author = parse(value);
    g_assert_null(author->domain);
    dt_author_free(author);
    return NULL;
}

static void
test_groups(void)
{
    g_autoptr(GString) value = g_string_new(NULL);
    pthread_attr_t attributes;
    pthread_t thread;
    while (value->len < 30000)
        g_string_append(value, "a:");
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 512 * 1024);
    g_assert_cmpint(pthread_create(&thread, &attributes, parse_groups, value->str), ==, 0);
    g_assert_cmpint(pthread_join(thread, NULL), ==, 0);
    pthread_attr_destroy(&attributes);
}

/* Time must stay in proportion to length, whatever is repeated. */
static void
test_hostile(void)
{
    static const char *const units[] = {
        "@\\\"",  "<\\\"<", "(",    "\"",      "<",      ">", "@",  "a@",     ",",
        "a@b.c ", "=?u?q?", "\\\"", "\"\\\"@", "x<a@b>", ":", "a:", "a@b.c,", "=?utf-8?q?a?= "
    };
    for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
        g_autoptr(GString) value = g_string_new(NULL);
        while (value->len < 900000)
            g_string_append(value, units[i]);
        gint64 start = g_get_monotonic_time();
        dt_author *author = parse(value->str);
        g_test_message("%s: %" G_GINT64_FORMAT " us", units[i], g_get_monotonic_time() - start);
        g_assert_cmpint(g_get_monotonic_time() - start, <, 5 * G_USEC_PER_SEC);
        g_assert_cmpuint(author->mailboxes->len, <=, DT_MAX_ADDRESSES);
        dt_author_free(author);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/message/author/mailbox-lists-are-read-by-the-grammar", test_strict);
    g_test_add_func("/message/author/one-address-in-angle-brackets-counts", test_lenient);
    g_test_add_func("/message/author/two-readings-leave-no-domain-certain", test_ambiguous);
    g_test_add_func("/message/author/all-from-fields-count-together", test_several_fields);
    g_test_add_func("/message/author/display-names-are-decoded", test_display_name);
    g_test_add_func("/message/author/a-u-label-becomes-an-a-label", test_unicode);
    g_test_add_func("/message/author/long-values-take-bounded-time", test_hostile);
    g_test_add_func("/message/author/past-the-limit-no-domain-is-certain", test_limit);
    g_test_add_func("/message/author/a-nul-leaves-no-domain-certain", test_nul);
    g_test_add_func("/message/author/nested-groups-take-no-stack", test_groups);
    return g_test_run();
}
