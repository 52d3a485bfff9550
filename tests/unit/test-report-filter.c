/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The parts of the filter: whose results a field carries, what the strainer takes out and where it
 * puts fields in, what the store refuses. The whole of it is tested through the command.
 */
#include "report/filter.h"

#include <string.h>
#include <unistd.h>

#define ID "id.example.net"

static void
test_carries(void)
{
    static const struct {
        const char *value;
        gboolean is_ours;
    } rows[] = {
        { " " ID "; none", TRUE },
        { ID, TRUE },
        { " ID.Example.NET;", TRUE },
        { " \"" ID "\"; none", TRUE },
        { " \"id\\.example.net\"", TRUE },
        { " (a (b) \\) c)\r\n\t" ID " (d) 1; none", TRUE },
        { " =?utf-8?q?id.example.net?=; dmarc=pass", TRUE },
        { " " ID ".; none", FALSE },
        { " x" ID "; none", FALSE },
        { " (" ID ") other.example; none", FALSE },
        { " other.example; none (" ID ")", FALSE },
        { " \"" ID " \"; none", FALSE },
        { "", FALSE },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *field = g_strconcat("Authentication-Results:", rows[i].value, NULL);
        g_test_message("%s", field);
        g_assert_cmpint(dt_authres_carries(field, strlen(field), ID), ==, rows[i].is_ours);
    }
}

static gboolean
collect(const char *octets, gsize length, gpointer data)
{
    g_string_append_len(data, octets, length);
    return TRUE;
}

static char *
strained(const char *input, const char *fields, guint64 until, guint *removed)
{
    GString *out = g_string_new(NULL);
    g_autoptr(GBytes) bytes = g_bytes_new(input, strlen(input));
    g_autoptr(dt_message) message = dt_message_read_bytes(bytes, "test", NULL);
    g_assert_nonnull(message);
    dt_strain strain = { .authserv_id = ID,
                         .fields = fields,
                         .header_start = dt_message_field(message, 0)->offset,
                         .until = until,
                         .line_endings = dt_message_line_endings(message),
                         .sink = collect,
                         .data = out };
    g_assert_true(dt_strain_message(&strain, message, removed, NULL));
    return g_string_free(out, FALSE);
}

static void
test_strain(void)
{
    static const struct {
        const char *input, *output;
        guint removed;
    } rows[] = {
        { "From: a@b.example\n\nx", "A: 1\nB: 2\nFrom: a@b.example\n\nx", 0 },
        { "From: a@b.example\r\n\r\nx", "A: 1\r\nB: 2\r\nFrom: a@b.example\r\n\r\nx", 0 },
        { "From: a@b.example", "A: 1\nB: 2\nFrom: a@b.example", 0 },
        { "From x\nFrom: a@b.example\r\n", "From x\nA: 1\r\nB: 2\r\nFrom: a@b.example\r\n", 0 },
        { " x\nFrom: a@b.example\n", " x\nA: 1\nB: 2\nFrom: a@b.example\n", 0 },
        { "\xef\xbb\xbf"
          "From: a@b.example\n",
          "\xef\xbb\xbf"
          "A: 1\nB: 2\nFrom: a@b.example\n",
          0 },
        { "X-Dmarctrace: x\n y\nFrom: a@b.example\nX-dmarctrace :\n\nX-Dmarctrace: body\n",
          "A: 1\nB: 2\nFrom: a@b.example\n\nX-Dmarctrace: body\n", 2 },
        { "\nFrom: a@b.example\nX-Dmarctrace: x\n\nX-Dmarctrace: body\n",
          "A: 1\nB: 2\n\nFrom: a@b.example\n\nX-Dmarctrace: body\n", 1 },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint removed;
        g_autofree char *output = strained(rows[i].input, "A: 1\nB: 2\n", G_MAXUINT64, &removed);
        g_assert_cmpstr(output, ==, rows[i].output);
        g_assert_cmpuint(removed, ==, rows[i].removed);
    }
}

static void
test_until(void)
{
    guint removed;
    g_autofree char *output =
        strained("X-Dmarctrace: 1\nReceived: x\nX-Dmarctrace: 2\n\n", NULL, 16, &removed);
    g_assert_cmpstr(output, ==, "Received: x\nX-Dmarctrace: 2\n\n");
    g_assert_cmpuint(removed, ==, 1);
}

static void
test_store(void)
{
    static const struct {
        const char *octets;
        gboolean is_taken;
    } rows[] = {
        { "From: a@b.example\n", TRUE },
        { "2nd: x\nFrom: a@b.example\n", TRUE },
        { "12\nFrom: a@b.example\n", FALSE },
        { "12 \nFrom: a@b.example\n", FALSE },
        { "\x1f\x8b\x08", FALSE },
        { "", FALSE },
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        dt_store store = DT_STORE_EMPTY;
        for (const char *octet = rows[i].octets; *octet; octet++)
            g_assert_true(dt_store_add(&store, octet, 1, NULL));
        g_autoptr(GError) error = NULL;
        g_autoptr(dt_message) message = dt_store_give(&store, "test", &error);
        g_assert_cmpint(message != NULL, ==, rows[i].is_taken);
        g_assert_true(message || g_error_matches(error, DT_ERROR, DT_ERROR_DATA));
        dt_store_clear(&store);
    }
}

static void
test_large_store(void)
{
    dt_store store = DT_STORE_EMPTY;
    g_autofree char *line = g_strnfill(999, 'x');
    g_assert_true(dt_store_add(&store, "From: a@b.example\n\n", 19, NULL));
    for (guint i = 0; i < 3000; i++)
        g_assert_true(dt_store_add(&store, line, 999, NULL) && dt_store_add(&store, "\n", 1, NULL));
    g_assert_cmpint(store.fd, >=, 0);
    g_autoptr(dt_message) message = dt_store_give(&store, "test", NULL);
    g_assert_cmpuint(dt_message_size(message), ==, 19 + 3000 * 1000);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/filter/an authserv-id is compared as it is read", test_carries);
    g_test_add_func("/filter/fields go on top, forged ones go", test_strain);
    g_test_add_func("/filter/nothing goes behind the limit", test_until);
    g_test_add_func("/filter/packed files are refused", test_store);
    g_test_add_func("/filter/past a mebibyte it lies in a file", test_large_store);
    return g_test_run();
}
