/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Opening and reading: files, pipes, gzip, .emlx; what is no message and what is said of it; large
 * bodies.
 */
#include <dmarctrace/message.h>

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define SMALL "From: joe@example.com\r\nSubject: hi\r\n\r\nbody\r\n"

static char *
write_file(const char *octets, gsize length)
{
    char *path = NULL;
    int fd = g_file_open_tmp("dt-test-XXXXXX", &path, NULL);
    g_assert_cmpint(fd, >=, 0);
    for (gsize at = 0; at < length;) {
        gssize put = write(fd, octets + at, length - at);
        g_assert_cmpint(put, >, 0);
        at += put;
    }
    close(fd);
    return path;
}

static dt_message *
read_octets(const char *octets, gssize length, GError **error)
{
    g_autofree char *path = write_file(octets, length < 0 ? strlen(octets) : (gsize)length);
    dt_message *m = dt_message_read_file(path, error);
    g_unlink(path);
    return m;
}

/* ---- what is no message -------------------------------------------------------------------- */

static const struct {
    const char *octets;
    gssize length;
    const char *word; /* that the text must hold */
} foreign_rows[] = {
    { "", 0, "empty" },
    { "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 rest of it", -1, ".msg" },
    { "%PDF-1.7\n", -1, "PDF" },
    { "\xff\xfe"
      "F\0r\0o\0m\0:\0",
      12, "UTF-16" },
    { "F\0r\0o\0m\0:\0 \0a\0@\0b\0.\0", 20, "UTF-16" },
    { "\n <!DOCTYPE html><html>", -1, "HTML" },
    { "<html>\nFrom: a@example.com\n", -1, "HTML" },
    { "PK\x03\x04 something", -1, "ZIP" },
    { "{\n  \"Type\" : \"Notification\",\n  \"Message\" : \"From: a@b\"\n}", -1, "SNS" },
    { "{\"notificationType\":\"Bounce\",\"mail\":{}}", -1, "SES notification" },
    { "{\"Records\":[{\"s3\":{\"bucket\":{}}}]}", -1, "S3" },
    { "[1, 2]", -1, "no header fields" },
    { "{\"a\": 1}", -1, "JSON" },
    { "{\"DkimAttributes\": {}}", -1, "--ses-identity" },
    { "From:\tJoe <joe@example.com>\nSubject:\tHi\nSPF:\tPASS\nDKIM:\t'PASS'\n", -1,
      "Show original" },
    { "Just some words.\nAnd more of them.\n", -1, "no header fields" },
    { "Note: this is no mail\n\nreally\n", -1, "mail header" },
    { "\n\n\n", -1, "no header fields" },
};

static void
test_foreign(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(foreign_rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(dt_message) m =
            read_octets(foreign_rows[i].octets, foreign_rows[i].length, &error);
        g_assert_null(m);
        g_assert_error(error, DT_ERROR, DT_ERROR_DATA);
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, foreign_rows[i].word));
        g_assert_null(strchr(error->message, '\n'));
    }
}

static void
test_unreadable(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(dt_message_read_file("/nonexistent/file.eml", &error));
    g_assert_error(error, DT_ERROR, DT_ERROR_NO_INPUT);
    g_clear_error(&error);
    g_assert_null(dt_message_read_file(g_get_tmp_dir(), &error));
    g_assert_error(error, DT_ERROR, DT_ERROR_DATA);
    g_assert_nonnull(strstr(error->message, "batch"));
}

/* ---- frames -------------------------------------------------------------------------------- */

static char *
gzip(const char *octets, gsize length, gsize *length_out)
{
    z_stream stream = { 0 };
    g_assert_cmpint(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), ==, Z_OK);
    gsize room = deflateBound(&stream, length) + 64;
    char *out = g_malloc(room);
    stream.next_in = (Bytef *)octets;
    stream.avail_in = length;
    stream.next_out = (Bytef *)out;
    stream.avail_out = room;
    g_assert_cmpint(deflate(&stream, Z_FINISH), ==, Z_STREAM_END);
    *length_out = room - stream.avail_out;
    deflateEnd(&stream);
    return out;
}

static void
test_gzip(void)
{
    gsize length;
    g_autoptr(GError) error = NULL;
    g_autofree char *packed = gzip(SMALL, strlen(SMALL), &length);
    g_autoptr(dt_message) m = read_octets(packed, length, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(dt_message_size(m), ==, strlen(SMALL));
    g_assert_cmpstr(dt_message_author(m)->domain, ==, "example.com");
    for (gsize cut = 18; cut < length; cut += 5) {
        g_assert_null(read_octets(packed, cut, &error));
        g_assert_error(error, DT_ERROR, DT_ERROR_DATA);
        g_clear_error(&error);
    }
    packed[length / 2] ^= 0x55;
    g_assert_null(read_octets(packed, length, &error));
    g_assert_error(error, DT_ERROR, DT_ERROR_DATA);
}

static void
test_gzip_members(void)
{
    gsize first, second;
    g_autoptr(GError) error = NULL;
    g_autofree char *a = gzip("From: joe@example.com\n", 22, &first),
                    *b = gzip("\nbody", 5, &second);
    g_autoptr(GString) both = g_string_new_len(a, first);
    g_string_append_len(both, b, second);
    g_string_append_len(both, "\0\0\0\0", 4);
    g_autoptr(dt_message) m = read_octets(both->str, both->len, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(dt_message_size(m), ==, 27);
    g_assert_cmpuint(dt_message_body_size(m), ==, 4);
}

static void
test_emlx(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strdup_printf("%-10u\n%s<?xml version=\"1.0\"?>\n<plist></plist>\n",
                                            (guint)strlen(SMALL), SMALL);
    g_autoptr(dt_message) m = read_octets(text, -1, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(dt_message_size(m), ==, strlen(SMALL));
    g_assert_cmpuint(dt_message_field(m, 0)->line, ==, 2);
    g_assert_cmpuint(dt_message_field(m, 0)->offset, ==, 0);
    g_assert_cmpint(dt_message_line_endings(m), ==, DT_EOL_CRLF);
    g_assert_cmpuint(dt_message_body_size(m), ==, 6);
}

/* ---- large bodies -------------------------------------------------------------------------- */

static GString *
make_large(guint lines)
{
    GString *text = g_string_new("From: joe@example.com\nX-Pad: ");
    for (guint i = 0; i < 10000; i++)
        g_string_append(text, "0123456789\n ");
    g_string_append(text, "\n\n");
    for (guint i = 0; i < lines; i++)
        g_string_append_printf(text, "body line %u\n", i);
    return text;
}

static gboolean
collect(const char *octets, gsize length, gpointer data)
{
    g_string_append_len(data, octets, length);
    return TRUE;
}

static void
check_large(dt_message *m, const GString *text)
{
    g_autoptr(GString) all = g_string_new(NULL), body = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_assert_true(dt_message_each_octet(m, collect, all, &error));
    g_assert_no_error(error);
    g_assert_cmpmem(all->str, all->len, text->str, text->len);
    g_assert_true(dt_message_each_body(m, collect, body, &error));
    g_assert_true(g_str_has_prefix(body->str, "body line 0\r\nbody line 1\r\n"));
    g_assert_true(g_str_has_suffix(body->str, "9\r\n"));
    g_assert_cmpuint(dt_message_field_count(m), ==, 2);
    g_assert_cmpuint(dt_message_field(m, 1)->line_count, ==, 10001);
    g_assert_cmpint(dt_message_line_endings(m), ==, DT_EOL_LF);
    g_assert_cmpuint(dt_message_longest_body_line(m), ==, 16);
    gsize length;
    g_assert_null(dt_message_body(m, 1000, &length));
    g_autofree char *copy = dt_message_body(m, 100 * 1024 * 1024, &length);
    g_assert_cmpmem(copy, length, body->str, body->len);
}

static void
test_large_file(void)
{
    g_autoptr(GString) text = make_large(200000);
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_message) m = read_octets(text->str, text->len, &error);
    g_assert_no_error(error);
    check_large(m, text);
}

static gpointer
feed_pipe(gpointer data)
{
    gpointer *arguments = data;
    const GString *text = arguments[0];
    int fd = GPOINTER_TO_INT(arguments[1]);
    for (gsize at = 0; at < text->len;) {
        gssize put = write(fd, text->str + at, MIN(text->len - at, 7777));
        if (put <= 0)
            break;
        at += put;
    }
    close(fd);
    return NULL;
}

static dt_message *
read_pipe(const GString *text)
{
    int ends[2];
    g_assert_cmpint(pipe(ends), ==, 0);
    gpointer arguments[] = { (gpointer)text, GINT_TO_POINTER(ends[1]) };
    GThread *thread = g_thread_new("feed", feed_pipe, arguments);
    g_autoptr(GError) error = NULL;
    dt_message *m = dt_message_read_fd(ends[0], "(stdin)", &error);
    g_assert_no_error(error);
    g_thread_join(thread);
    close(ends[0]);
    return m;
}

static void
test_large_pipe(void)
{
    g_autoptr(GString) text = make_large(200000);
    g_autoptr(dt_message) m = read_pipe(text);
    check_large(m, text);
    g_assert_cmpstr(dt_message_label(m), ==, "(stdin)");
}

static void
test_small_pipe(void)
{
    g_autoptr(GString) text = g_string_new(SMALL);
    g_autoptr(dt_message) m = read_pipe(text);
    g_assert_cmpuint(dt_message_size(m), ==, strlen(SMALL));
}

static void
test_large_gzip(void)
{
    gsize length;
    g_autoptr(GString) text = make_large(200000);
    g_autofree char *packed = gzip(text->str, text->len, &length);
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_message) m = read_octets(packed, length, &error);
    g_assert_no_error(error);
    check_large(m, text);
}

/* A descriptor that stands in the middle of its file is read from there. */
static void
test_descriptor_offset(void)
{
    g_autoptr(GString) text = make_large(200000);
    g_string_prepend(text, "to be skipped");
    g_autofree char *path = write_file(text->str, text->len);
    int fd = open(path, O_RDONLY);
    g_unlink(path);
    g_assert_cmpint(lseek(fd, 13, SEEK_SET), ==, 13);
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_message) m = dt_message_read_fd(fd, "x", &error);
    g_assert_no_error(error);
    close(fd);
    g_string_erase(text, 0, 13);
    check_large(m, text);
}

/* ---- known fields -------------------------------------------------------------------------- */

static void
test_known_fields(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(dt_message) m =
        read_octets("Return-Path: <a@example.com>\nReturn-Path: <b@example.com>\n"
                    "Received: from x.example (x.example [192.0.2.1]) by y.example with ESMTP; "
                    "Wed, 14 Oct 2026 10:00:05 +0000\n"
                    "Received: from w.example ([192.0.2.2]) by x.example with ESMTP; Wed, 14 Oct "
                    "2026 10:00:02 +0000\n"
                    "Message-ID:\n <id@example.com>\nDate: Wed, 14 Oct 2026 10:00:00 +0000\n"
                    "Subject: =?utf-8?Q?caf=C3=A9?=\nFrom: joe@example.com\n\nx",
                    -1, &error);
    g_assert_no_error(error);
    guint line;
    g_assert_cmpstr(dt_message_return_path(m, &line), ==, "a@example.com");
    g_assert_cmpuint(line, ==, 1);
    g_assert_cmpstr(dt_message_id(m), ==, "id@example.com");
    g_assert_cmpint(dt_message_date(m), ==, 1791972000);
    g_assert_cmpstr(dt_message_subject(m), ==, "caf\303\251");
    g_assert_cmpuint(dt_message_hops(m)->len, ==, 2);
    g_assert_cmpint(((dt_hop *)dt_message_hops(m)->pdata[0])->delay, ==, 3);
    g_assert_true(((dt_hop *)dt_message_hops(m)->pdata[1])->delay == DT_TIME_NONE);
}

static const struct {
    const char *field, *path;
} path_rows[] = {
    { "Return-Path: <>\n", "" },
    { "Return-Path: <a@example.com>\n", "a@example.com" },
    { "Return-Path: a@example.com\n", "a@example.com" },
    { "Return-Path: <a@example.com> (x)\n", "a@example.com" },
    { "Return-Path: <\"a@example.com>\"@test.example>\n", "\"a@example.com>\"@test.example" },
    { "Return-Path: <\"a\\\">\"@test.example>\n", "\"a\\\">\"@test.example" },
    { "Return-Path: <\"a@example.com>\n", "\"a@example.com" },
    { "", NULL },
};

static void
test_return_path(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(path_rows); i++) {
        g_autofree char *text = g_strconcat(path_rows[i].field, "From: joe@example.com\n\nx", NULL);
        g_autoptr(dt_message) m = read_octets(text, -1, NULL);
        g_assert_cmpstr(dt_message_return_path(m, NULL), ==, path_rows[i].path);
    }
}

static gboolean
has_warning(const dt_message *m, const char *code)
{
    const GPtrArray *list = dt_message_warnings(m);
    for (guint i = 0; i < list->len; i++)
        if (strcmp(((dt_warning *)list->pdata[i])->code, code) == 0)
            return TRUE;
    return FALSE;
}

static const struct {
    const char *text, *code;
    gboolean has;
} warning_rows[] = {
    { SMALL, "mbox-several", FALSE },
    { "From a@b Wed Oct 14 10:21:39 2026\n" SMALL "\nFrom a@b Wed Oct 14 10:21:39 2026\n" SMALL,
      "mbox-several", TRUE },
    { "From a@b Wed Oct 14 10:21:39 2026\n" SMALL "\nFrom here on: words\n", "mbox-several",
      FALSE },
    { SMALL "\nFrom a@b Wed Oct 14 10:21:39 2026\n" SMALL, "mbox-several", FALSE },
    { "\357\273\277" SMALL, "byte-order-mark", TRUE },
    { "\n" SMALL, "leading-text", TRUE },
    { "From: a@b.example\nno field\n\nx", "not-a-field", TRUE },
    { SMALL, "not-a-field", FALSE },
};

static void
test_warnings(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(warning_rows); i++) {
        g_autoptr(dt_message) m = read_octets(warning_rows[i].text, -1, NULL);
        g_test_message("row %u", i);
        g_assert_cmpint(has_warning(m, warning_rows[i].code), ==, warning_rows[i].has);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/message/read/first-mistakes-name-the-remedy", test_foreign);
    g_test_add_func("/message/read/what-cannot-be-opened", test_unreadable);
    g_test_add_func("/message/read/gzip-is-undone", test_gzip);
    g_test_add_func("/message/read/gzip-members-and-padding", test_gzip_members);
    g_test_add_func("/message/read/emlx-is-read", test_emlx);
    g_test_add_func("/message/read/a-large-file-stays-where-it-is", test_large_file);
    g_test_add_func("/message/read/a-large-pipe-is-spooled", test_large_pipe);
    g_test_add_func("/message/read/a-small-pipe-stays-in-memory", test_small_pipe);
    g_test_add_func("/message/read/large-gzip-is-spooled", test_large_gzip);
    g_test_add_func("/message/read/a-descriptor-is-read-from-where-it-stands",
                    test_descriptor_offset);
    g_test_add_func("/message/read/known-fields-are-parsed", test_known_fields);
    g_test_add_func("/message/read/return-path-with-and-without-brackets", test_return_path);
    g_test_add_func("/message/read/oddities-are-warned-of", test_warnings);
    return g_test_run();
}
