/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Claims about canonical forms: header fields, selection by h=, bodies whole and in pieces.
 */
#include "dkim-signer.h"

static char *
canon_of(dt_canon how, const char *field_text, gboolean is_signature)
{
    g_autofree char *text = g_strconcat(field_text, "\r\nTo: a@example.com\r\n\r\nbody\r\n", NULL);
    g_autoptr(dt_message) message = read_text(text, strlen(text));
    GString *out = g_string_new(NULL);
    const dt_field *field = dt_message_field(message, 0);
    if (is_signature)
        dt_canon_signature_field(how, field, out);
    else
        dt_canon_field(how, field, out);
    return g_string_free(out, FALSE);
}

static void
fields_take_their_canonical_form(void)
{
    static const struct {
        const char *field, *simple, *relaxed;
    } rows[] = {
        { "Subject: a b", "Subject: a b\r\n", "subject:a b\r\n" },
        { "SUBJECT :  a \t b \t", "SUBJECT :  a \t b \t\r\n", "subject:a b\r\n" },
        { "Subject:a\r\n b\r\n\t c", "Subject:a\r\n b\r\n\t c\r\n", "subject:a b c\r\n" },
        { "Subject:\r\n a", "Subject:\r\n a\r\n", "subject:a\r\n" },
        { "Subject:", "Subject:\r\n", "subject:\r\n" },
        { "Subject: \t ", "Subject: \t \r\n", "subject:\r\n" },
        { "Subject: a\n b", "Subject: a\r\n b\r\n", "subject:a b\r\n" },
        { "Subject: a:b", "Subject: a:b\r\n", "subject:a:b\r\n" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *simple = canon_of(DT_CANON_SIMPLE, rows[i].field, FALSE);
        g_autofree char *relaxed = canon_of(DT_CANON_RELAXED, rows[i].field, FALSE);
        g_assert_cmpstr(simple, ==, rows[i].simple);
        g_assert_cmpstr(relaxed, ==, rows[i].relaxed);
    }
}

static void
a_signature_covers_itself_without_the_value_of_b(void)
{
    static const struct {
        const char *field, *simple;
    } rows[] = {
        { "DKIM-Signature: b=abc; bh=xyz", "DKIM-Signature: b=; bh=xyz" },
        { "DKIM-Signature: bh=xyz; b=ab\r\n c", "DKIM-Signature: bh=xyz; b=" },
        { "DKIM-Signature: bh=b=; b = a b ;d=x", "DKIM-Signature: bh=b=; b =;d=x" },
        { "DKIM-Signature: bh=xyz", "DKIM-Signature: bh=xyz" },
        { "DKIM-Signature: bb=1; b", "DKIM-Signature: bb=1; b" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *simple = canon_of(DT_CANON_SIMPLE, rows[i].field, TRUE);
        g_assert_cmpstr(simple, ==, rows[i].simple);
    }
}

static char *
selected(const char *text, const char *h, guint own)
{
    g_autoptr(dt_message) message = read_text(text, strlen(text));
    g_autoptr(dt_header_index) index = dt_header_index_new(message);
    g_auto(GStrv) names = g_strsplit(h, ":", -1);
    g_autoptr(GPtrArray) fields = dt_header_select(index, names, dt_message_field(message, own));
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < fields->len; i++) {
        const dt_field *field = g_ptr_array_index(fields, i);
        g_string_append_printf(out, "%u ", field->index);
    }
    return g_string_free(out, FALSE);
}

static void
names_take_the_lowest_field_not_yet_taken(void)
{
    static const char text[] =
        "DKIM-Signature: x\r\nA: 1\r\nB: 2\r\na: 3\r\nA : 4\r\ndkim-signature: y\r\n\r\n";
    static const struct {
        const char *h, *indexes;
    } rows[] = {
        { "a", "4 " },
        { "A:a:a", "4 3 1 " },
        { "a:a:a:a", "4 3 1 " },
        { "b:a", "2 4 " },
        { "c:b", "2 " },
        { "", "" },
        { "dkim-signature:dkim-signature", "5 " },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = selected(text, rows[i].h, 0);
        g_assert_cmpstr(got, ==, rows[i].indexes);
    }
}

static void
assert_body_hash(const char *body, dt_canon how, gint64 limit, const char *canonical)
{
    g_autofree char *text = g_strconcat("From: a@example.com\r\n\r\n", body, NULL);
    g_autoptr(dt_message) message = read_text(text, strlen(text));
    dt_body_hash hash = { .how = how, .algorithm = DT_ALGORITHM_RSA_SHA256, .limit = limit };
    g_assert_true(dt_canon_body(message, &hash, 1));
    gsize length = strlen(canonical);
    gsize counted = limit >= 0 && (gsize)limit < length ? (gsize)limit : length;
    g_autofree char *want =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)canonical, counted);
    g_autoptr(GString) got = g_string_new(NULL);
    for (gsize i = 0; i < hash.digest_length; i++)
        g_string_append_printf(got, "%02x", hash.digest[i]);
    g_assert_cmpstr(got->str, ==, want);
    g_assert_cmpuint(hash.canonical_size, ==, length);
}

static void
bodies_take_their_canonical_form(void)
{
    static const struct {
        const char *body, *simple, *relaxed;
    } rows[] = {
        { "", "\r\n", "" },
        { "\r\n", "\r\n", "" },
        { "\r\n\r\n\r\n", "\r\n", "" },
        { "a\r\n", "a\r\n", "a\r\n" },
        { "a", "a\r\n", "a\r\n" },
        { "a\r\n\r\n\r\n", "a\r\n", "a\r\n" },
        { "a\n\nb\n\n", "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n" },
        { "a  b \t c\r\n", "a  b \t c\r\n", "a b c\r\n" },
        { " a\r\n", " a\r\n", " a\r\n" },
        { "a \t\r\n b\r\n", "a \t\r\n b\r\n", "a\r\n b\r\n" },
        { "a\r\n \t\r\n\r\n", "a\r\n \t\r\n", "a\r\n" },
        { " \r\n", " \r\n", "" },
        { "a\rb\r\n", "a\rb\r\n", "a\rb\r\n" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        assert_body_hash(rows[i].body, DT_CANON_SIMPLE, -1, rows[i].simple);
        assert_body_hash(rows[i].body, DT_CANON_RELAXED, -1, rows[i].relaxed);
        for (gint64 limit = 0; limit < 5; limit++)
            assert_body_hash(rows[i].body, DT_CANON_RELAXED, limit, rows[i].relaxed);
    }
}

/* 200,000 lines of rising length with blanks: crosses every border between pieces. */
static void
a_long_body_hashes_as_a_short_one(void)
{
    g_autoptr(GString) body = g_string_new(NULL);
    g_autoptr(GString) relaxed = g_string_new(NULL);
    for (guint i = 0; i < 20000; i++) {
        g_string_append_printf(body, "%*s %u  x \t\r\n", (int)(i % 70) + 1, "y", i);
        g_string_append_printf(relaxed, "%sy %u x\r\n", i % 70 ? " " : "", i);
    }
    assert_body_hash(body->str, DT_CANON_SIMPLE, -1, body->str);
    assert_body_hash(body->str, DT_CANON_RELAXED, -1, relaxed->str);
    g_autofree char *line = g_strnfill(3 * 1024 * 1024, 'z');
    g_autofree char *ended = g_strconcat(line, "\r\n", NULL);
    assert_body_hash(line, DT_CANON_RELAXED, -1, ended);
    assert_body_hash(line, DT_CANON_SIMPLE, -1, ended);
}

static void
canonicalizations_and_algorithms_are_read(void)
{
    static const struct {
        const char *c;
        gboolean good;
        dt_canon header, body;
    } rows[] = {
        { NULL, TRUE, DT_CANON_SIMPLE, DT_CANON_SIMPLE },
        { "relaxed", TRUE, DT_CANON_RELAXED, DT_CANON_SIMPLE },
        { "Relaxed/SIMPLE", TRUE, DT_CANON_RELAXED, DT_CANON_SIMPLE },
        { "simple/relaxed", TRUE, DT_CANON_SIMPLE, DT_CANON_RELAXED },
        { "nofws", FALSE, 0, 0 },
        { "relaxed/", FALSE, 0, 0 },
        { "/simple", FALSE, 0, 0 },
        { "simple/simple/simple", FALSE, 0, 0 },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        dt_canon header, body;
        g_assert_cmpint(dt_canon_parse(rows[i].c, &header, &body), ==, rows[i].good);
        if (rows[i].good)
            g_assert_true(header == rows[i].header && body == rows[i].body);
    }
    g_assert_cmpint(dt_algorithm_parse("RSA-SHA256"), ==, DT_ALGORITHM_RSA_SHA256);
    g_assert_cmpint(dt_algorithm_parse("ed25519-sha256"), ==, DT_ALGORITHM_ED25519_SHA256);
    g_assert_cmpint(dt_algorithm_parse("rsa-sha512"), ==, DT_ALGORITHM_UNKNOWN);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/canon/fields take their canonical form", fields_take_their_canonical_form);
    g_test_add_func("/canon/a signature covers itself without b",
                    a_signature_covers_itself_without_the_value_of_b);
    g_test_add_func("/canon/names take the lowest field not yet taken",
                    names_take_the_lowest_field_not_yet_taken);
    g_test_add_func("/canon/bodies take their canonical form", bodies_take_their_canonical_form);
    g_test_add_func("/canon/a long body hashes as a short one", a_long_body_hashes_as_a_short_one);
    g_test_add_func("/canon/c and a are read", canonicalizations_and_algorithms_are_read);
    return g_test_run();
}
