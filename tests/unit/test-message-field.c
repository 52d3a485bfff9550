/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The header: where it begins and ends, how it falls into fields, and what each gives back.
 */
#include "message/internal.h"

#include <string.h>

static dt_message *
read_text(const char *text, gssize length)
{
    g_autoptr(GBytes) bytes = g_bytes_new(text, length < 0 ? strlen(text) : (gsize)length);
    g_autoptr(GError) error = NULL;
    dt_message *m = dt_message_read_bytes(bytes, "test", &error);
    g_assert_no_error(error);
    return m;
}

/* Where the first field stands: its line, and whether something stood before it. */
static const struct {
    const char *text;
    const char *first; /* beginning of the first field */
    guint line;
    gboolean has_leading, has_mbox;
} start_rows[] = {
    { "From: a@example.com\n\nx", "From: a", 1, FALSE, FALSE },
    { "\n\r\n \nFrom: a@example.com\n\nx", "From: a", 4, TRUE, FALSE },
    { "From joe@example.com Wed Oct 14 10:21:39 2026\nTo: a@example.com\n\nx", "To: a", 2, FALSE,
      TRUE },
    { ">From joe Wed Oct 14 10:21:39 2026\nTo: a@example.com\n\nx", "To: a", 2, FALSE, TRUE },
    { "\357\273\277From: a@example.com\n\nx", "From: a", 1, FALSE, FALSE },
    { "Original Message\nMessage ID\t<x@example.com>\nCreated at:\tWed, Oct 14\nFrom:\tJoe "
      "<joe@example.com>\nTo:\tme\n"
      "Subject:\tHi\nSPF:\tPASS with IP 192.0.2.1\nDKIM:\t'PASS' with domain "
      "example.com\nDMARC:\t'PASS'\n\n"
      "Delivered-To: me@example.org\nFrom: joe@example.com\n\nx",
      "Delivered-To", 11, TRUE, FALSE },
    { "From:\tJoe\nSubject:\tHi\nSPF:\tPASS\n\nDownload Original\n\nX-Own: 1\nFrom: "
      "joe@example.com\n\nx",
      "X-Own", 7, TRUE, FALSE },
    { "SPF:\tPASS\nReceived: from a.example by b.example; x\nFrom: joe@example.com\n\nx",
      "Received", 2, TRUE, FALSE },
    { "some words\nReceived: from a.example by b.example; x\n\nx", "Received", 2, TRUE, FALSE },
    { "DKIM: yes\nFrom: a@example.com\n\nx", "DKIM", 1, FALSE, FALSE },
    { "From : a@example.com\n\nx", "From : a", 1, FALSE, FALSE },
};

static void
test_start(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(start_rows); i++) {
        g_test_message("%s", start_rows[i].text);
        g_autoptr(dt_message) m = read_text(start_rows[i].text, -1);
        const dt_field *first = dt_message_field(m, 0);
        g_assert_true(g_str_has_prefix(first->raw, start_rows[i].first));
        g_assert_cmpuint(first->line, ==, start_rows[i].line);
        g_assert_cmpint(dt_message_has_leading_blank(m), ==, start_rows[i].has_leading);
        g_assert_cmpint(dt_message_has_mbox_line(m), ==, start_rows[i].has_mbox);
        g_assert_cmpuint(first->offset, ==,
                         strstr(start_rows[i].text, start_rows[i].first) - start_rows[i].text);
    }
}

static void
test_fields(void)
{
    g_autoptr(dt_message) m = read_text("From: a@example.com\r\nSubject: one\r\n two\r\n "
                                        "\r\n\tthree\r\nno field at all\r\n: empty\r\n"
                                        "Bad Name: x\r\nX-Y \t: z\r\n\r\nbody\r\n",
                                        -1);
    g_assert_cmpuint(dt_message_field_count(m), ==, 6);
    const dt_field *subject = dt_message_find(m, "SUBJECT", 0);
    g_assert_cmpuint(subject->line, ==, 2);
    g_assert_cmpuint(subject->line_count, ==, 4);
    g_assert_cmpuint(dt_message_field(m, 2)->line, ==, 6);
    g_assert_cmpuint(dt_message_field(m, 2)->name_length, ==, 0);
    g_assert_cmpuint(dt_message_field(m, 3)->name_length, ==, 0);
    g_assert_cmpuint(dt_message_field(m, 4)->name_length, ==, 0);
    g_assert_true(dt_field_is(dt_message_field(m, 5), "x-y"));
    g_assert_false(dt_field_is(dt_message_field(m, 5), "x-y2"));
    g_autofree char *value = dt_field_value(subject),
                    *last = dt_field_value(dt_message_field(m, 5));
    g_assert_cmpstr(value, ==, "one two \tthree");
    g_assert_cmpstr(last, ==, "z");
    g_assert_null(dt_message_find(m, "Subject", 2));
    g_assert_null(dt_message_field(m, 6));
}

/* Lines in front of From: joe@example.com; hidden: which one some program takes for a From field, 0
 * none. */
static const struct {
    const char *text;
    gssize length;
    guint hidden;
    const char *warning;
} hidden_rows[] = {
    { "To: a@example.com\n", -1, 0, NULL },
    { "To: a@example.com\nFrom\n : b@test.example\n", -1, 2, "not-a-field" },
    { "To: a@example.com\nFrom\t : b@example.com\n", -1, 0, "repeated-field" },
    { "To: a@example.com\nFr\0om: b@test.example\n", 40, 2, "nul-octets" },
    { "To: a@example.com\nFROM\001: b@test.example\n", -1, 2, "not-a-field" },
    { "To: a@example.com\n\xc2\xa0"
      "From: b@test.example\n",
      -1, 2, "not-a-field" },
    { "To: a@example.com\n\xef\xbb\xbf"
      "From: b@test.example\n",
      -1, 2, "not-a-field" },
    { "To: a@example.com\rFrom: b@test.example\n", -1, 1, "lone-cr" },
    { "To: a@example.com\r from : b@test.example\n", -1, 1, "lone-cr" },
    { "To: a@example.com\rFrom b@test.example\n", -1, 0, "lone-cr" },
    { "To: a@example.com\r\r\n From: b@test.example\n", -1, 0, NULL },
    { "To: a@example.com\n From: b@test.example\n", -1, 0, NULL },
    { "To: a@example.com\n>From: b@test.example\n", -1, 0, NULL },
    { "To: a@example.com\nFrom b@test.example Wed Oct 14 08:21:37 2026\n", -1, 0, "not-a-field" },
    { "To: a@example.com\nX-From\n : b@test.example\n", -1, 0, "not-a-field" },
    { "To: a@example.com\nFromage\n : b@test.example\n", -1, 0, "not-a-field" },
    { "To: a@example.com\nFrom\n", -1, 0, "not-a-field" },
};

static void
test_hidden_from(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(hidden_rows); i++) {
        g_autoptr(GString) text = g_string_new_len(
            hidden_rows[i].text, hidden_rows[i].length < 0 ? (gssize)strlen(hidden_rows[i].text)
                                                           : hidden_rows[i].length);
        g_string_append(text, "From: joe@example.com\n\nbody\n");
        g_autoptr(dt_message) m = read_text(text->str, text->len);
        const dt_author *author = dt_message_author(m);
        const GPtrArray *warnings = dt_message_warnings(m);
        g_test_message("%s", hidden_rows[i].text);
        g_assert_cmpuint(author->hidden_line, ==, hidden_rows[i].hidden);
        g_assert_cmpstr(author->domain, ==, hidden_rows[i].hidden ? NULL : "example.com");
        gboolean has_warning = hidden_rows[i].warning == NULL && warnings->len == 0;
        for (guint k = 0; k < warnings->len; k++)
            has_warning |=
                g_strcmp0(((dt_warning *)warnings->pdata[k])->code, hidden_rows[i].warning) == 0;
        g_assert_true(has_warning);
    }
}

static const struct {
    const char *text, *wire, *value;
} wire_rows[] = {
    { "X-A: b\n\nx", "X-A: b", "b" },
    { "X-A: b\n c\n\nx", "X-A: b\r\n c", "b c" },
    { "X-A: b\r\n\tc\r\n\r\nx", "X-A: b\r\n\tc", "b\tc" },
    { "X-A: b\r\r\n c\r\r\n\r\r\nx", "X-A: b\r\n c", "b c" },
    { "X-A: b\rc\n\nx", "X-A: b\rc", "b\rc" },
    { "X-A:\n\nx", "X-A:", "" },
    { "X-A:  \n  b \n\nx", "X-A:  \r\n  b ", "b" },
    { "X-A: b", "X-A: b", "b" },
};

static void
test_wire(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(wire_rows); i++) {
        g_autoptr(dt_message) m = read_text(wire_rows[i].text, -1);
        gsize length;
        g_autofree char *wire = dt_field_wire(dt_message_field(m, 0), &length),
                        *value = dt_field_value(dt_message_field(m, 0));
        g_assert_cmpstr(wire, ==, wire_rows[i].wire);
        g_assert_cmpuint(length, ==, strlen(wire));
        g_assert_cmpstr(value, ==, wire_rows[i].value);
    }
}

static const struct {
    const char *text;
    gboolean has_body;
    guint64 body_size;
} end_rows[] = {
    { "From: a@example.com\n", FALSE, 0 },
    { "From: a@example.com", FALSE, 0 },
    { "From: a@example.com\n\n", TRUE, 0 },
    { "From: a@example.com\r\n\r\n", TRUE, 0 },
    { "From: a@example.com\r\r\n\r\r\nx", TRUE, 1 },
    { "From: a@example.com\n \nTo: b\n\nxy", TRUE, 2 },
    { "From: a@example.com\n\r\n\n", TRUE, 1 },
};

static void
test_end(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(end_rows); i++) {
        g_autoptr(dt_message) m = read_text(end_rows[i].text, -1);
        g_assert_cmpint(dt_message_has_body(m), ==, end_rows[i].has_body);
        g_assert_cmpuint(dt_message_body_size(m), ==, end_rows[i].body_size);
    }
}

static void
test_nul(void)
{
    static const char text[] = "Subject: a\0b\r\nFrom: j@example.com\r\n\r\nx\0y\r\n";
    g_autoptr(dt_message) m = read_text(text, sizeof text - 1);
    gsize length;
    g_autofree char *wire = dt_field_wire(dt_message_field(m, 0), &length),
                    *value = dt_field_value(dt_message_field(m, 0));
    g_assert_cmpuint(length, ==, 12);
    g_assert_cmpstr(value, ==, "a b");
    g_assert_cmpstr(dt_message_subject(m), ==, "a\357\277\275b");
    g_autofree char *body = dt_message_body(m, 100, &length);
    g_assert_cmpmem(body, length, "x\0y\r\n", 5);
}

static void
test_many(void)
{
    g_autoptr(GString) text = g_string_new("From: a@example.com\n");
    for (guint i = 0; i < 100000; i++)
        g_string_append(text, "X-A: b\n");
    g_string_append(text, "\nbody");
    g_autoptr(dt_message) m = read_text(text->str, text->len);
    g_assert_cmpuint(dt_message_field_count(m), ==, 100001);
    g_assert_false(dt_message_was_cut(m));
    g_assert_cmpuint(dt_message_body_size(m), ==, 4);
}

static void
test_limits(void)
{
    g_autoptr(GString) text = g_string_new("From: a@example.com\n");
    for (guint i = 0; i < DT_MAX_FIELDS + 10; i++)
        g_string_append(text, "X-A: b\n");
    g_autoptr(dt_message) many = read_text(text->str, text->len);
    g_assert_true(dt_message_was_cut(many));
    g_assert_cmpuint(dt_message_field_count(many), ==, DT_MAX_FIELDS);
    g_string_assign(text, "From: a@example.com\nX-Long: ");
    for (guint i = 0; i < DT_MAX_FIELD_LENGTH / 10 + 10; i++)
        g_string_append(text, "0123456789");
    g_string_append(text, "\n\nbody");
    g_autoptr(dt_message) lengthy = read_text(text->str, text->len);
    g_assert_true(dt_message_was_cut(lengthy));
    g_assert_cmpuint(dt_message_field_count(lengthy), ==, 1);
    g_assert_null(dt_message_author(lengthy)->domain); /* another From may stand behind the cut */
    g_assert_true(dt_message_author(lengthy)->is_ambiguous);
    g_assert_false(dt_message_has_body(lengthy));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/message/field/what-some-take-for-from-leaves-no-domain-certain",
                    test_hidden_from);
    g_test_add_func("/message/field/the-first-field-is-found-behind-what-was-copied-along",
                    test_start);
    g_test_add_func("/message/field/every-line-has-its-place", test_fields);
    g_test_add_func("/message/field/the-wire-form-has-crlf", test_wire);
    g_test_add_func("/message/field/an-empty-line-ends-the-header", test_end);
    g_test_add_func("/message/field/nul-octets-are-kept", test_nul);
    g_test_add_func("/message/field/100000-fields-are-read", test_many);
    g_test_add_func("/message/field/a-header-past-the-limits-is-cut", test_limits);
    return g_test_run();
}
