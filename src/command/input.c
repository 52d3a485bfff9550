/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What the commands read and write besides options: messages with the remedies for first mistakes,
 * the snapshot of --save-dns.
 */
#include "command/command.h"

#include "base/name.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* No file of that name, and it could be a domain: what was meant was probably `domain`. */
static gboolean
looks_like_domain(const char *path)
{
    g_autofree char *name = strchr(path, '/') ? NULL : dt_name_from_mail(path);
    return name && strchr(name, '.') && !g_str_has_suffix(name, ".eml") && access(path, F_OK) != 0;
}

static dt_message *
read_standard_input(GError **error)
{
    if (isatty(STDIN_FILENO)) {
        g_set_error_literal(error, DT_ERROR, DT_ERROR_USAGE,
                            "no message: name a file (dmarctrace message.eml) or pipe one in "
                            "(dmarctrace < message.eml)");
        return NULL;
    }
    return dt_message_read_fd(STDIN_FILENO, "-", error);
}

static dt_message *
read_outer(const char *path, GError **error)
{
    if (!path || strcmp(path, "-") == 0)
        return read_standard_input(error);
    if (is_directory(path)) {
        g_set_error(error, DT_ERROR, DT_ERROR_DATA,
                    "%s is a directory: dmarctrace batch %s looks at every message in it", path,
                    path);
        return NULL;
    }
    if (looks_like_domain(path)) {
        g_set_error(error, DT_ERROR, DT_ERROR_NO_INPUT,
                    "%s: no such file; to look at what a domain publishes: dmarctrace domain %s",
                    path, path);
        return NULL;
    }
    return dt_message_read_file(path, error);
}

dt_message *
dt_command_attached(const dt_call *call, dt_message *message, GError **error)
{
    if (!message || !call->attached)
        return message;
    guint index = call->attached[0] ? (guint)atoi(call->attached) : 1;
    dt_message *attached = dt_message_read_attached(message, index, error);
    dt_message_free(message);
    return attached;
}

dt_message *
dt_command_read(const dt_call *call, const char *path, GError **error)
{
    return dt_command_attached(call, read_outer(path, error), error);
}

static guint
terminal_columns(void)
{
    struct winsize size;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
        return MIN(size.ws_col, 100);
    return 80;
}

static gboolean
wants_color(const dt_call *call)
{
    const char *no_color = g_getenv("NO_COLOR");
    if (strcmp(call->color, "auto") != 0)
        return strcmp(call->color, "always") == 0;
    return isatty(STDOUT_FILENO) && !(no_color && no_color[0]) &&
           g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}

void
dt_report_options_fill(const dt_call *call, dt_report_options *options)
{
    *options = (dt_report_options){ .columns = terminal_columns(),
                                    .use_color = wants_color(call),
                                    .is_verbose = call->is_verbose,
                                    .plan = call->plan,
                                    .authserv_id = call->write_id };
}

int
dt_save_dns(const dt_call *call, dt_resolver *const *resolvers, guint count)
{
    GError *error = NULL;
    if (!call->save_dns || dt_snapshot_write(call->save_dns, resolvers, count, &error))
        return 0;
    return dt_fail(error);
}
