/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LENGTH (1 << 20)

static void
a_nameless_file_is_read_back(void)
{
    char octets[6] = "";
    struct stat about;
    int fd = dt_file_open_nameless();
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(fstat(fd, &about), ==, 0);
    g_assert_cmpint(about.st_nlink, ==, 0);
    g_assert_cmpint(about.st_mode & 0777, ==, 0600);
    g_assert_true(dt_file_write(fd, "abcde", 5));
    g_assert_cmpint(pread(fd, octets, sizeof octets, 0), ==, 5);
    g_assert_cmpstr(octets, ==, "abcde");
    close(fd);
}

/* Takes what is in the pipe in small pieces; the sum of it. */
static gpointer
drain(gpointer data)
{
    guint8 piece[777];
    gssize got;
    guint64 sum = 0;
    while ((got = read(GPOINTER_TO_INT(data), piece, sizeof piece)) > 0)
        for (gssize i = 0; i < got; i++)
            sum += piece[i];
    return GSIZE_TO_POINTER(sum);
}

/* A pipe that does not wait is full again and again. */
static void
a_full_pipe_is_waited_for(void)
{
    int ends[2];
    g_autofree char *octets = g_malloc(LENGTH);
    memset(octets, 3, LENGTH);
    g_assert_cmpint(pipe(ends), ==, 0);
    g_assert_cmpint(fcntl(ends[1], F_SETFL, O_NONBLOCK), ==, 0);
    GThread *reader = g_thread_new("drain", drain, GINT_TO_POINTER(ends[0]));
    g_assert_true(dt_file_write(ends[1], octets, LENGTH));
    close(ends[1]);
    g_assert_cmpuint(GPOINTER_TO_SIZE(g_thread_join(reader)), ==, 3 * LENGTH);
    close(ends[0]);
}

/* Octets that come one by one, while reading does not wait. */
static gpointer
trickle(gpointer data)
{
    for (guint i = 0; i < 26; i++) {
        char octet = (char)('a' + i);
        g_assert_true(dt_file_write(GPOINTER_TO_INT(data), i == 13 ? "\n" : &octet, 1));
        g_thread_yield();
    }
    close(GPOINTER_TO_INT(data));
    return NULL;
}

static void
what_comes_in_parts_is_read_whole(void)
{
    int ends[2];
    char octets[40] = "", line[40];
    for (guint i = 0; i < 2; i++) {
        g_assert_cmpint(pipe(ends), ==, 0);
        g_assert_cmpint(fcntl(ends[0], F_SETFL, O_NONBLOCK), ==, 0);
        GThread *writer = g_thread_new("trickle", trickle, GINT_TO_POINTER(ends[1]));
        if (i == 0) {
            g_assert_cmpint(dt_file_read_full(ends[0], octets, sizeof octets), ==, 26);
            g_assert_cmpstr(octets, ==, "abcdefghijklm\nopqrstuvwxyz");
            close(ends[0]);
        } else {
            FILE *stream = dt_file_stream(ends[0]);
            g_assert_cmpstr(fgets(line, sizeof line, stream), ==, "abcdefghijklm\n");
            g_assert_cmpstr(fgets(line, sizeof line, stream), ==, "opqrstuvwxyz");
            fclose(stream);
        }
        g_thread_join(writer);
    }
}

static void
a_fault_is_told(void)
{
    int fd = open("/dev/full", O_WRONLY);
    g_assert_cmpint(fd, >=, 0);
    g_assert_false(dt_file_write(fd, "x", 1));
    g_assert_cmpint(errno, ==, ENOSPC);
    g_assert_true(dt_file_write(fd, "", 0));
    close(fd);
    g_assert_cmpint(dt_file_read(fd, &fd, 1), ==, -1);
    g_assert_cmpint(errno, ==, EBADF);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/file/a-nameless-file-is-read-back", a_nameless_file_is_read_back);
    g_test_add_func("/base/file/a-full-pipe-is-waited-for", a_full_pipe_is_waited_for);
    g_test_add_func("/base/file/what-comes-in-parts-is-read-whole",
                    what_comes_in_parts_is_read_whole);
    g_test_add_func("/base/file/a-fault-is-told", a_fault_is_told);
    return g_test_run();
}
