/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 */
#include "command/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOTHING_TO_TRY 77

/* Runs claim in a child that has entered the sandbox; what it returns is the child's exit status.
 */
static int
in_sandbox(const dt_sandbox_needs *needs, int (*claim)(void))
{
    pid_t child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0)
        _exit(dt_sandbox_enter(needs) ? claim() : NOTHING_TO_TRY);
    int status;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFEXITED(status)); /* refused, never killed */
    return WEXITSTATUS(status);
}

static void
assert_claim(const dt_sandbox_needs *needs, int (*claim)(void))
{
    int status = in_sandbox(needs, claim);
    if (status == NOTHING_TO_TRY)
        g_test_skip("this build or kernel has no sandbox");
    else
        g_assert_cmpint(status, ==, 0);
}

/* 0 or the result with which a call was refused. */
static int
refusal(long result)
{
    return result == -1 ? errno : 0;
}

static int
first_allowed(const int *refusals, guint count)
{
    for (guint i = 0; i < count; i++)
        if (refusals[i] != EPERM && refusals[i] != EACCES)
            return (int)i + 1;
    return 0;
}

/* The number of the first line that was not refused, 0: all were. A program that is run all the
 * same ends with 1. */
static int
try_what_is_refused(void)
{
    char *const none[] = { (char *)"false", NULL };
    struct rlimit limit;
    const int refusals[] = {
        refusal(execve("/bin/false", none, none)),
        refusal(fork()),
        refusal(ptrace(PTRACE_TRACEME, 0, NULL, NULL)),
        refusal(kill(getppid(), SIGCONT)),
        refusal(open("/var/dmarctrace-sandbox", O_WRONLY | O_CREAT, 0600)),
        refusal(mkdir("/tmp/dmarctrace-sandbox", 0700)),
        refusal(link("/etc/passwd", "/tmp/dmarctrace-sandbox")),
        refusal(chmod("/etc/passwd", 0644)),
        refusal(ioctl(STDIN_FILENO, TIOCSTI, "x")),
        refusal(prlimit(getppid(), RLIMIT_NOFILE, NULL, &limit)),
        refusal(socket(AF_INET, SOCK_DGRAM, 0)),
    };
    return first_allowed(refusals, G_N_ELEMENTS(refusals));
}

static gpointer
answer_42(gpointer data)
{
    return GINT_TO_POINTER(42);
}

static int
try_what_is_needed(void)
{
    int in = open("/etc/passwd", O_RDONLY);
    char octet;
    if (in < 0 || read(in, &octet, 1) != 1)
        return 1;
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "dmarctrace-XXXXXX", NULL);
    int out = g_mkstemp(path);
    if (out < 0 || write(out, "x", 1) != 1 || unlink(path) != 0)
        return 2;
    GThread *thread = g_thread_new("needed", answer_42, NULL);
    if (GPOINTER_TO_INT(g_thread_join(thread)) != 42)
        return 3;
    return 0;
}

static int
try_a_socket(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) != 0)
        return 100;
    if (socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0 && errno != EAFNOSUPPORT)
        return 101;
    const int refusals[] = {
        refusal(socket(AF_UNIX, SOCK_STREAM, 0)),
        refusal(socket(AF_PACKET, SOCK_DGRAM, 0)),
        refusal(socket(AF_NETLINK, SOCK_DGRAM, 0)),
        refusal(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP)),
        refusal(listen(fd, 1)),
    };
    return first_allowed(refusals, G_N_ELEMENTS(refusals));
}

static char *snapshot;

static int
try_the_snapshot(void)
{
    g_autofree char *new_name = g_strconcat(snapshot, ".new", NULL);
    return g_file_set_contents(new_name, "x", 1, NULL) && g_rename(new_name, snapshot) == 0 ? 0 : 1;
}

static void
test_refused(void)
{
    assert_claim(&(dt_sandbox_needs){ 0 }, try_what_is_refused);
}

static void
test_needed(void)
{
    assert_claim(&(dt_sandbox_needs){ 0 }, try_what_is_needed);
}

static void
test_dns(void)
{
    assert_claim(&(dt_sandbox_needs){ .asks_dns = TRUE }, try_a_socket);
}

static void
test_save_dns(void)
{
    g_autofree char *folder = g_dir_make_tmp("dmarctrace-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "snapshot", NULL);
    snapshot = path;
    assert_claim(&(dt_sandbox_needs){ .save_dns = path }, try_the_snapshot);
    g_remove(path);
    g_rmdir(folder);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/command/sandbox/what-is-not-needed-is-refused", test_refused);
    g_test_add_func("/command/sandbox/what-is-needed-goes-on", test_needed);
    g_test_add_func("/command/sandbox/dns-keeps-its-sockets", test_dns);
    g_test_add_func("/command/sandbox/a-snapshot-can-be-written", test_save_dns);
    return g_test_run();
}
