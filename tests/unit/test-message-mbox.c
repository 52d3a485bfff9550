/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Where the messages of an mbox begin and end: From_ lines with and without date, empty lines,
 * Content-Length that can and cannot be believed, quoting, large messages. Offsets and lengths are
 * given as what each message holds.
 */
#include <dmarctrace/message.h>

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define DATE "Wed Oct 14 10:21:39 2026"
#define FROM "From joe@example.com " DATE "\n"
#define HEAD "From: joe@example.com\nSubject: x\n\n"

typedef struct {
    const char *what;
    const char *text;
    const char *messages[5]; /* octets of each; NULL-terminated */
} row;

static const row rows[] = {
    { "one message ends where the file does", FROM HEAD "body\n", { FROM HEAD "body\n" } },
    { "the empty line in front of a From_ line is no part of either",
      FROM HEAD "a\n\n" FROM HEAD "b\n",
      { FROM HEAD "a\n", FROM HEAD "b\n" } },
    { "the empty line at the end of the file is none either",
      FROM HEAD "a\n\n",
      { FROM HEAD "a\n" } },
    { "a From_ line without an empty line before it counts in front of a field",
      FROM HEAD "a\n" FROM HEAD "b\n",
      { FROM HEAD "a\n", FROM HEAD "b\n" } },
    { "but not in front of text",
      FROM HEAD "a\nFrom joe@example.com " DATE "\nas I said\n",
      { FROM HEAD "a\nFrom joe@example.com " DATE "\nas I said\n" } },
    { "a sentence is no From_ line",
      FROM HEAD "a\n\nFrom here on we go by train.\nNote: bring tea\n",
      { FROM HEAD "a\n\nFrom here on we go by train.\nNote: bring tea\n" } },
    { "a sentence with a time is none either",
      FROM HEAD "a\n\nFrom the meeting at 10:30 on we\nNote: tea\n",
      { FROM HEAD "a\n\nFrom the meeting at 10:30 on we\nNote: tea\n" } },
    { "quoted From_ lines stay quoted",
      FROM HEAD "a\n\n>From joe@example.com " DATE "\nX: y\n",
      { FROM HEAD "a\n\n>From joe@example.com " DATE "\nX: y\n" } },
    { "Mozilla writes a dash for the sender",
      "From - " DATE "\nX-Mozilla-Status: 0001\n" HEAD "a\n\nFrom - " DATE "\n" HEAD "b\n",
      { "From - " DATE "\nX-Mozilla-Status: 0001\n" HEAD "a\n", "From - " DATE "\n" HEAD "b\n" } },
    { "a From_ line without a date counts in front of a field of mail",
      FROM HEAD "a\n\nFrom \n" HEAD "b\n\nFrom -\n" HEAD "c\n",
      { FROM HEAD "a\n", "From \n" HEAD "b\n", "From -\n" HEAD "c\n" } },
    { "an address alone may have a quoted local part",
      FROM HEAD "a\n\nFrom \"joe x\"@example.com\n" HEAD "b\n",
      { FROM HEAD "a\n", "From \"joe x\"@example.com\n" HEAD "b\n" } },
    { "but not words behind it",
      FROM HEAD "a\n\nFrom \"joe x\"@example.com on\n" HEAD "b\n",
      { FROM HEAD "a\n\nFrom \"joe x\"@example.com on\n" HEAD "b\n" } },
    { "and not in front of another",
      FROM HEAD "a\n\nFrom \nMoscow: by train\n",
      { FROM HEAD "a\n\nFrom \nMoscow: by train\n" } },
    { "dates with a zone, as RFC 5322 has them, without seconds, ISO",
      "From a@example.com Wed Oct 14 10:21:39 +0200 2026\n" HEAD
      "a\n\nFrom a@example.com Wed, 14 Oct 2026 10:21:39 +0200\n" HEAD
      "b\n\nFrom a@example.com Wed Oct 14 10:21 2026\n" HEAD
      "c\n\nFrom a@example.com 2026-10-14T10:21:39Z\n" HEAD "d\n",
      { "From a@example.com Wed Oct 14 10:21:39 +0200 2026\n" HEAD "a\n",
        "From a@example.com Wed, 14 Oct 2026 10:21:39 +0200\n" HEAD "b\n",
        "From a@example.com Wed Oct 14 10:21 2026\n" HEAD "c\n",
        "From a@example.com 2026-10-14T10:21:39Z\n" HEAD "d\n" } },
    { "CRLF",
      "From a@example.com " DATE "\r\nFrom: a@example.com\r\n\r\nx\r\n\r\nFrom b@example.com " DATE
      "\r\nFrom: b@example.com\r\n\r\ny\r\n",
      { "From a@example.com " DATE "\r\nFrom: a@example.com\r\n\r\nx\r\n",
        "From b@example.com " DATE "\r\nFrom: b@example.com\r\n\r\ny\r\n" } },
    { "a message that is none ends nothing", FROM "\n" FROM HEAD "b\n", { FROM, FROM HEAD "b\n" } },
    { "a Content-Length that leads to the end of the file is believed",
      FROM "From: a@example.com\nContent-Length: 57\n\na\n\nFrom joe@example.com " DATE
           "\nX: y\n\nz\n",
      { FROM "From: a@example.com\nContent-Length: 57\n\na\n\nFrom joe@example.com " DATE
             "\nX: y\n\nz\n" } },
    { "one that leads to a From_ line is believed",
      FROM "From: a@example.com\nContent-Length: 54\n\na\n\nFrom joe@example.com " DATE
           "\nX: y\n\n" FROM HEAD "b\n",
      { FROM "From: a@example.com\nContent-Length: 54\n\na\n\nFrom joe@example.com " DATE
             "\nX: y\n",
        FROM HEAD "b\n" } },
    { "one that leads into the middle is not",
      FROM "From: a@example.com\nContent-Length: 7\n\na long line\n\n" FROM HEAD "b\n",
      { FROM "From: a@example.com\nContent-Length: 7\n\na long line\n", FROM HEAD "b\n" } },
    { "one beyond the end is not",
      FROM "From: a@example.com\nContent-Length: 99999\n\na\n\n" FROM HEAD "b\n",
      { FROM "From: a@example.com\nContent-Length: 99999\n\na\n", FROM HEAD "b\n" } },
    { "one in the body is none",
      FROM HEAD "Content-Length: 3\n\na\n\n" FROM HEAD "b\n",
      { FROM HEAD "Content-Length: 3\n\na\n", FROM HEAD "b\n" } },
    { "empty lines before the first message", "\n\n" FROM HEAD "a\n", { FROM HEAD "a\n" } },
    { "an empty file has no messages", "", { NULL } },
};

static gboolean
collect(const char *octets, gsize length, gpointer data)
{
    g_string_append_len(data, octets, length);
    return TRUE;
}

static void
check_row(gconstpointer data)
{
    const row *r = data;
    g_autoptr(GBytes) bytes = g_bytes_new_static(r->text, strlen(r->text));
    g_autoptr(dt_mbox) mbox = dt_mbox_open_bytes(bytes, "test.mbox", NULL);
    dt_mbox_entry entry;
    guint count = 0;
    g_assert_nonnull(mbox);
    while (dt_mbox_next(mbox, &entry, NULL)) {
        g_autoptr(GString) found = g_string_new(NULL);
        g_assert_true(dt_mbox_each_octet(mbox, &entry, collect, found, NULL));
        g_assert_cmpuint(entry.index, ==, count);
        g_assert_nonnull(r->messages[count]);
        g_assert_cmpstr(found->str, ==, r->messages[count]);
        g_assert_true(memcmp(r->text + entry.offset, found->str, found->len) == 0);
        count++;
    }
    g_assert_null(r->messages[count]);
}

static void
other_files_are_no_mbox(void)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(HEAD, strlen(HEAD));
    g_autoptr(GError) error = NULL;
    g_assert_null(dt_mbox_open_bytes(bytes, "test.eml", &error));
    g_assert_error(error, DT_ERROR, DT_ERROR_DATA);
}

static void
messages_know_their_place(void)
{
    const char *text = FROM HEAD "a\n\n" FROM HEAD "b\n";
    g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
    g_autoptr(dt_mbox) mbox = dt_mbox_open_bytes(bytes, "test.mbox", NULL);
    dt_mbox_entry entry;
    guint index = 9;
    guint64 offset = 9;
    g_assert_true(dt_mbox_next(mbox, &entry, NULL) && dt_mbox_next(mbox, &entry, NULL));
    g_autoptr(dt_message) message = dt_mbox_read(mbox, &entry, NULL);
    g_assert_true(dt_message_position(message, &index, &offset));
    g_assert_cmpuint(index, ==, 1);
    g_assert_cmpuint(offset, ==, strlen(FROM HEAD "a\n\n"));
    g_assert_cmpstr(dt_message_label(message), ==, "test.mbox");
    g_assert_true(dt_message_has_mbox_line(message));
    g_assert_cmpuint(dt_message_warnings(message)->len, ==, 0);
    g_autoptr(dt_message) alone = dt_message_read_bytes(bytes, "x.eml", NULL);
    g_assert_false(dt_message_position(alone, &index, &offset));
}

static void
what_is_no_message_says_which_it_is(void)
{
    const char *text = FROM "\n" FROM HEAD "b\n";
    g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
    g_autoptr(dt_mbox) mbox = dt_mbox_open_bytes(bytes, "test.mbox", NULL);
    g_autoptr(GError) error = NULL;
    dt_mbox_entry entry;
    g_assert_true(dt_mbox_next(mbox, &entry, NULL));
    g_assert_null(dt_mbox_read(mbox, &entry, &error));
    g_assert_nonnull(strstr(error->message, "test.mbox, message 1 (octet 0)"));
}

/* Messages on both sides of what stays in memory, From_ lines on both sides of what is searched at
 * a time. */
static void
large_messages_are_found_whole(void)
{
    static const gsize sizes[] = { 10,
                                   256 * 1024 - 200,
                                   256 * 1024 - 3,
                                   256 * 1024 + 5,
                                   1024 * 1024 - 100,
                                   1024 * 1024 + 100,
                                   3000000 };
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_string_append(text, FROM HEAD);
        for (gsize n = 0; n < sizes[i] / 10; n++)
            g_string_append(text, "123456789\n");
        g_string_append(text, "\n");
    }
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;
    gint fd = g_file_open_tmp("dt-mbox-XXXXXX", &path, &error);
    g_assert_no_error(error);
    g_assert_true(g_file_set_contents(path, text->str, text->len, NULL));
    close(fd);
    g_autoptr(dt_mbox) mbox = dt_mbox_open_file(path, &error);
    g_assert_no_error(error);
    dt_mbox_entry entry;
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_assert_true(dt_mbox_next(mbox, &entry, &error));
        g_autoptr(dt_message) message = dt_mbox_read(mbox, &entry, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(dt_message_body_size(message), ==, sizes[i] / 10 * 10);
        g_assert_cmpuint(dt_message_size(message), ==, strlen(FROM HEAD) + sizes[i] / 10 * 10);
    }
    g_assert_false(dt_mbox_next(mbox, &entry, &error));
    unlink(path);
}

/* Every line separates and no header ends: nothing may be looked at from every line to the end. */
static void
many_lines_cost_no_more_each(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < 60000; i++)
        g_string_append(text, FROM "X: y\n");
    g_autoptr(GBytes) bytes = g_bytes_new(text->str, text->len);
    g_autoptr(dt_mbox) mbox = dt_mbox_open_bytes(bytes, "test.mbox", NULL);
    dt_mbox_entry entry;
    guint count = 0;
    gint64 start = g_get_monotonic_time();
    while (dt_mbox_next(mbox, &entry, NULL))
        count++;
    g_assert_cmpuint(count, ==, 60000);
    g_assert_cmpint(g_get_monotonic_time() - start, <, 20 * G_USEC_PER_SEC);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = g_strconcat("/message/mbox/", rows[i].what, NULL);
        g_test_add_data_func(name, &rows[i], check_row);
    }
    g_test_add_func("/message/mbox/other files are no mbox", other_files_are_no_mbox);
    g_test_add_func("/message/mbox/messages know their place", messages_know_their_place);
    g_test_add_func("/message/mbox/what is no message says which it is",
                    what_is_no_message_says_which_it_is);
    g_test_add_func("/message/mbox/large messages are found whole", large_messages_are_found_whole);
    g_test_add_func("/message/mbox/many lines cost no more each", many_lines_cost_no_more_each);
    return g_test_run();
}
