/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Finds the command, has its options read, runs it. Only this folder knows exit statuses.
 */
#include "command/command.h"
#include "command/memory.h"

#include "base/file.h"
#include "base/name.h"
#include "base/text.h"
#include "dkim/dkim.h"
#include "dns/ask.h"
#include "spf/spf.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DNS_OPTIONS     "dns assume dns-server save-dns timeout "
#define SENDER_OPTIONS  "ses-mail-from dkim-token dkim-token-region ses-identity region probe rua "
#define MESSAGE_OPTIONS DNS_OPTIONS "ip helo mail-from authserv-id at attached " SENDER_OPTIONS
#define OUTPUT_OPTIONS  "format color quiet verbose help "

static const dt_command commands[] = {
    { "explain", dt_command_explain, "[explain] [OPTIONS] [FILE...]",
      "why did these messages (default: standard input) pass or fail DMARC",
      MESSAGE_OPTIONS OUTPUT_OPTIONS "write-id", "text json ndjson html authres", NULL },
    { "fix", dt_command_fix, "fix [OPTIONS] [FILE]",
      "only the fixes of the best plan, ready to apply", MESSAGE_OPTIONS OUTPUT_OPTIONS "plan",
      "zone route53 aws", NULL },
    { "batch", dt_command_batch, "batch [OPTIONS] PATH...",
      "every message below these maildirs, mbox files, folders and .eml files",
      MESSAGE_OPTIONS OUTPUT_OPTIONS "jobs files-from null fail-on damage-search",
      "text ndjson html csv", "damage-search=no" },
    { "summary", dt_command_summary, "summary [OPTIONS] [FILE...]",
      "one report from the NDJSON of several batch runs (default: standard input)",
      OUTPUT_OPTIONS "fail-on", "text ndjson html csv", NULL },
    { "filter", dt_command_filter, "filter [OPTIONS]",
      "message in, same message out with its results in a header (procmail, maildrop, Sieve)",
      DNS_OPTIONS "ip helo mail-from authserv-id at " SENDER_OPTIONS "write-id quiet verbose help",
      "text", "timeout=5 damage-search=no" },
    { "domain", dt_command_domain, "domain [OPTIONS] DOMAIN...",
      "what a sending domain publishes for SES, against what it should publish",
      DNS_OPTIONS SENDER_OPTIONS OUTPUT_OPTIONS, "text json", NULL },
    { "spf", dt_command_spf, "spf [OPTIONS] --ip=IP --mail-from=ADDR [--helo=NAME]",
      "one SPF evaluation with its whole trace", DNS_OPTIONS OUTPUT_OPTIONS "ip helo mail-from",
      "text json", NULL },
    { "dmarc", dt_command_dmarc,
      "dmarc [OPTIONS] --from=DOMAIN [--spf=RESULT:DOMAIN] [--dkim=RESULT:DOMAIN]...",
      "one DMARC evaluation with its whole trace", DNS_OPTIONS OUTPUT_OPTIONS "from spf dkim",
      "text json", NULL },
    { "causes", dt_command_causes, "causes [CODE...]",
      "the catalogue: what each cause means, how it is recognised and fixed", OUTPUT_OPTIONS,
      "text json", NULL },
};

const dt_command *
dt_command_get(guint index)
{
    return index < G_N_ELEMENTS(commands) ? &commands[index] : NULL;
}

const dt_command *
dt_command_find(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* ---- errors and output --------------------------------------------------------------------- */

int
dt_error_status(const GError *error)
{
    static const int statuses[] = {
        [DT_ERROR_USAGE] = EXIT_USAGE,         [DT_ERROR_DATA] = EXIT_DATA,
        [DT_ERROR_NO_INPUT] = EXIT_NO_INPUT,   [DT_ERROR_INTERNAL] = EXIT_INTERNAL,
        [DT_ERROR_CREATE] = EXIT_CREATE,       [DT_ERROR_IO] = EXIT_IO,
        [DT_ERROR_TEMPORARY] = EXIT_TEMPORARY,
    };
    gboolean is_ours =
        error->domain == DT_ERROR && error->code > 0 && error->code < (int)G_N_ELEMENTS(statuses);
    return is_ours ? statuses[error->code] : EXIT_INTERNAL;
}

int
dt_fail_text(int status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *clean = dt_text_terminal(text);
    fprintf(stderr, "dmarctrace: %s\n", clean);
    return status;
}

int
dt_fail(GError *error)
{
    int status = dt_fail_text(dt_error_status(error), "%s", error->message);
    g_error_free(error);
    return status;
}

int
dt_output(const GString *text)
{
    if (dt_file_write(STDOUT_FILENO, text->str, text->len))
        return 0;
    if (errno == EPIPE)
        return EXIT_IO;
    return dt_fail_text(EXIT_IO, "standard output: %s", g_strerror(errno));
}

/* ---- main ---------------------------------------------------------------------------------- */

static int
show_version(void)
{
    g_autoptr(GString) out = g_string_new("dmarctrace " DT_VERSION "\n");
    const char *const versions[][2] = {
        { "GMime", dt_message_library_version() },
        { "libopendkim", dt_dkim_library_version() },
        { "libspf2", dt_spf_library_version() },
        { "DNS library", dt_dns_library_version() },
        { "public suffix list", dt_name_psl_version() },
    };
    for (guint i = 0; i < G_N_ELEMENTS(versions); i++)
        g_string_append_printf(out, "%s: %s\n", versions[i][0],
                               versions[i][1] ? versions[i][1] : "not there");
    return dt_output(out);
}

static int
show_help(const dt_command *command)
{
    g_autoptr(GString) out = g_string_new(NULL);
    dt_help(command, out);
    return dt_output(out);
}

/* The command word may be left out: then it is explain. */
static const dt_command *
choose_command(int argc, char **argv, int *first_out)
{
    const dt_command *command = argc > 1 ? dt_command_find(argv[1]) : NULL;
    *first_out = command ? 2 : 1;
    return command ? command : &commands[0];
}

/* A file opened under the number of a closed standard stream would take in what is meant for that:
 * something stands there that refuses it. */
static void
fill_streams(void)
{
    static const int flags[] = {
        [STDIN_FILENO] = O_WRONLY, [STDOUT_FILENO] = O_RDONLY, [STDERR_FILENO] = O_RDONLY
    };
    for (int fd = 0; fd < (int)G_N_ELEMENTS(flags); fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", flags[fd]);
}

/* What a reader that went away or a limit on file sizes (mail servers set one) does to a write is
 * an error of that write. */
static void
ignore_signals(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

/* What a file system says only now (NFS, quotas) counts too. */
static int
close_output(int status)
{
    if (close(STDOUT_FILENO) == 0 || errno == EBADF || errno == EINTR || status == EXIT_IO)
        return status;
    return dt_fail_text(EXIT_IO, "standard output: %s", g_strerror(errno));
}

static int
run_command(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--version") == 0)
        return show_version();
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)) {
        const dt_command *wanted = argc > 2 ? dt_command_find(argv[2]) : NULL;
        return show_help(wanted);
    }
    int first;
    const dt_command *command = choose_command(argc, argv, &first);
    dt_call call = { 0 };
    int status = dt_options_parse(command, argc - first, argv + first, &call);
    if (status == 0)
        status = call.wants_help ? show_help(command) : command->run(&call);
    dt_call_clear(&call);
    return status;
}

int
main(int argc, char **argv)
{
    fill_streams();
    dt_memory_or_end();
    setlocale(LC_CTYPE, "");
    ignore_signals();
    return close_output(run_command(argc, argv));
}
