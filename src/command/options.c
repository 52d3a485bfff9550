/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * The options: one row each, shared by the commands that name them. Values that concern an
 * evaluation go to the context by the same name; the rest stays in the call.
 */
#include "command/command.h"

#include "base/text.h"
#include "dmarc/dmarc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_JOBS 256

typedef enum { TAKES_VALUE, TAKES_NOTHING, MAY_TAKE_VALUE } takes;

typedef struct {
    const char *name;
    char letter; /* 0 none */
    takes takes;
    const char *value_name;
    const char *help;
    int (*set)(dt_call *call, const char *name, const char *value);
} option;

static int
set_in_context(dt_call *call, const char *name, const char *value)
{
    GError *error = NULL;
    call->has_dns_file |= strcmp(name, "dns") == 0;
    return dt_context_set(call->context, name, value ? value : "yes", &error) ? 0 : dt_fail(error);
}

static int
set_input(dt_call *call, const char *name, const char *value)
{
    const char **slot = strcmp(name, "ip") == 0     ? &call->ip
                        : strcmp(name, "helo") == 0 ? &call->helo
                                                    : &call->mail_from;
    *slot = value;
    return set_in_context(call, name, value);
}

static int
set_word(dt_call *call, const char *name, const char *value)
{
    static const struct {
        const char *name;
        gsize offset;
    } slots[] = {
        { "format", G_STRUCT_OFFSET(dt_call, format) },
        { "color", G_STRUCT_OFFSET(dt_call, color) },
        { "save-dns", G_STRUCT_OFFSET(dt_call, save_dns) },
        { "files-from", G_STRUCT_OFFSET(dt_call, files_from) },
        { "write-id", G_STRUCT_OFFSET(dt_call, write_id) },
    };
    for (guint i = 0; i < G_N_ELEMENTS(slots); i++)
        if (strcmp(slots[i].name, name) == 0)
            G_STRUCT_MEMBER(const char *, call, slots[i].offset) = value;
    return 0;
}

static int
set_color(dt_call *call, const char *name, const char *value)
{
    static const char *const words[] = { "auto", "always", "never", NULL };
    if (!g_strv_contains(words, value))
        return dt_fail_text(EXIT_USAGE, "--color=%s: not auto, always or never", value);
    return set_word(call, name, value);
}

static int
set_flag(dt_call *call, const char *name, const char *value)
{
    if (strcmp(name, "null") == 0)
        call->is_null_separated = TRUE;
    else if (strcmp(name, "quiet") == 0)
        call->is_quiet = TRUE;
    else if (strcmp(name, "verbose") == 0)
        call->is_verbose = TRUE;
    else
        call->wants_help = TRUE;
    return 0;
}

static int
set_attached(dt_call *call, const char *name, const char *value)
{
    call->attached = value ? value : "";
    guint64 number = 0;
    if (value && (!g_ascii_string_to_unsigned(value, 10, 1, DT_MAX_ATTACHED, &number, NULL)))
        return dt_fail_text(EXIT_USAGE, "--attached=%s: not a number from 1 to %d", value,
                            DT_MAX_ATTACHED);
    return 0;
}

static int
set_plan(dt_call *call, const char *name, const char *value)
{
    guint64 number = 0;
    if (!g_ascii_string_to_unsigned(value, 10, 1, 3, &number, NULL))
        return dt_fail_text(EXIT_USAGE, "--plan=%s: not a number from 1 to 3", value);
    call->plan = number;
    return 0;
}

static int
set_jobs(dt_call *call, const char *name, const char *value)
{
    guint64 number = 0;
    if (!g_ascii_string_to_unsigned(value, 10, 1, MAX_JOBS, &number, NULL))
        return dt_fail_text(EXIT_USAGE, "--jobs=%s: not a number from 1 to %d", value, MAX_JOBS);
    call->jobs = number;
    return 0;
}

static int
set_fail_on(dt_call *call, const char *name, const char *value)
{
    g_auto(GStrv) words = g_strsplit(value, ",", -1);
    for (char **word = words; *word; word++) {
        dt_verdict verdict = dt_verdict_parse(g_strstrip(*word));
        if (verdict == DT_VERDICT_UNKNOWN)
            return dt_fail_text(
                EXIT_USAGE,
                "--fail-on=%s: \"%s\" is none of pass, fail, none, permerror, temperror", value,
                *word);
        call->fail_on |= 1u << verdict;
    }
    return 0;
}

static int
add_value(dt_call *call, const char *name, const char *value)
{
    GPtrArray *list = strcmp(name, "from") == 0  ? call->from
                      : strcmp(name, "spf") == 0 ? call->spf
                                                 : call->dkim;
    g_ptr_array_add(list, (gpointer)value);
    return 0;
}

static const option options[] = {
    { "dns", 0, TAKES_VALUE, "FILE",
      "take every DNS answer from this zone file or recorded snapshot (repeatable)",
      set_in_context },
    { "assume", 0, TAKES_VALUE, "FILE",
      "lay these records over the DNS answers: what would be, if they were published",
      set_in_context },
    { "dns-server", 0, TAKES_VALUE, "IP[@PORT]",
      "ask this server instead of those of /etc/resolv.conf", set_in_context },
    { "save-dns", 0, TAKES_VALUE, "FILE",
      "write every answer that was used as a snapshot that --dns can read back", set_word },
    { "timeout", 0, TAKES_VALUE, "SECONDS",
      "for all DNS work of one message (default 10; filter: 5)", set_in_context },
    { "ip", 0, TAKES_VALUE, "IP", "the SMTP client's address", set_input },
    { "helo", 0, TAKES_VALUE, "NAME", "the name it gave in HELO or EHLO", set_input },
    { "mail-from", 0, TAKES_VALUE, "ADDR", "the envelope sender; empty: the null sender",
      set_input },
    { "authserv-id", 0, TAKES_VALUE, "ID",
      "believe Authentication-Results with this id, wherever they stand (repeatable)",
      set_in_context },
    { "at", 0, TAKES_VALUE, "TIME", "judge signature expiry as of this time (RFC 3339, or now)",
      set_in_context },
    { "attached", 0, MAY_TAKE_VALUE, "N",
      "analyse the Nth attached message instead of the outer one", set_attached },
    { "ses-mail-from", 0, TAKES_VALUE, "NAME",
      "the custom MAIL FROM domain that is configured in SES", set_in_context },
    { "dkim-token", 0, TAKES_VALUE, "TOKEN",
      "an Easy DKIM token whose CNAME is checked (repeatable)", set_in_context },
    { "dkim-token-region", 0, TAKES_VALUE, "REGION", "the region that the tokens belong to",
      set_in_context },
    { "ses-identity", 0, TAKES_VALUE, "FILE",
      "what `aws sesv2 get-email-identity` printed (- for standard input)", set_in_context },
    { "region", 0, TAKES_VALUE, "REGION", "the SES region, where the message does not show it",
      set_in_context },
    { "probe", 0, TAKES_NOTHING, NULL, "also look for a MAIL FROM domain under usual names",
      set_in_context },
    { "rua", 0, TAKES_VALUE, "ADDR", "the report address to put into a proposed DMARC record",
      set_in_context },
    { "plan", 0, TAKES_VALUE, "N", "the Nth plan instead of the first", set_plan },
    { "from", 0, TAKES_VALUE, "DOMAIN", "the domain of an author address (repeatable)", add_value },
    { "spf", 0, TAKES_VALUE, "RESULT:DOMAIN", "the SPF result of the MAIL FROM identity",
      add_value },
    { "dkim", 0, TAKES_VALUE, "RESULT:DOMAIN", "the result and d= of one signature (repeatable)",
      add_value },
    { "jobs", 'j', TAKES_VALUE, "N", "so many messages at the same time (default: processors)",
      set_jobs },
    { "files-from", 0, TAKES_VALUE, "FILE", "further paths, one a line (-: standard input)",
      set_word },
    { "null", '0', TAKES_NOTHING, NULL, "paths of --files-from end with NUL instead of a line end",
      set_flag },
    { "fail-on", 0, TAKES_VALUE, "VERDICT,...", "exit status 1 when one of these verdicts occurred",
      set_fail_on },
    { "damage-search", 0, TAKES_NOTHING, NULL, "search for the change that broke a signature",
      set_in_context },
    { "format", 0, TAKES_VALUE, "FORMAT", NULL, set_word },
    { "write-id", 0, TAKES_VALUE, "ID",
      "filter, authres: the authserv-id to write (default dmarctrace.HOSTNAME)", set_word },
    { "color", 0, TAKES_VALUE, "WHEN", "auto, always or never (NO_COLOR is honoured)", set_color },
    { "quiet", 'q', TAKES_NOTHING, NULL, "only the exit status", set_flag },
    { "verbose", 'v', TAKES_NOTHING, NULL, "the full traces in text", set_flag },
    { "help", 'h', TAKES_NOTHING, NULL, "this help", set_flag },
};

static gboolean
list_has(const char *list, const char *word)
{
    g_auto(GStrv) words = g_strsplit(list, " ", -1);
    return g_strv_contains((const char *const *)words, word);
}

static const option *
find_option(const dt_command *command, const char *name, gsize length, char letter)
{
    for (guint i = 0; i < G_N_ELEMENTS(options); i++) {
        gboolean is_it =
            name ? strlen(options[i].name) == length && strncmp(options[i].name, name, length) == 0
                 : options[i].letter == letter;
        if (is_it && list_has(command->options, options[i].name))
            return &options[i];
    }
    return NULL;
}

/* argv[*at] is "--name", "--name=value" or "--name" "value". */
static int
parse_long(const dt_command *command, int argc, char **argv, int *at, dt_call *call)
{
    const char *text = argv[*at] + 2, *equals = strchr(text, '=');
    gsize length = equals ? (gsize)(equals - text) : strlen(text);
    const option *found = find_option(command, text, length, 0);
    const char *value = equals ? equals + 1 : NULL;
    if (!found)
        return dt_fail_text(EXIT_USAGE, "%s: unknown option --%.*s (see dmarctrace %s --help)",
                            command->name, (int)length, text, command->name);
    if (found->takes == TAKES_NOTHING && value)
        return dt_fail_text(EXIT_USAGE, "--%s takes no value", found->name);
    if (found->takes == TAKES_VALUE && !value) {
        if (*at + 1 >= argc)
            return dt_fail_text(EXIT_USAGE, "--%s needs a value (%s)", found->name,
                                found->value_name);
        value = argv[++*at];
    }
    return found->set(call, found->name, value);
}

/* argv[*at] is "-abc"; a letter that takes a value has it behind it ("-j4") or in the next word. */
static int
parse_letters(const dt_command *command, int argc, char **argv, int *at, dt_call *call)
{
    for (const char *letters = argv[*at] + 1; *letters; letters++) {
        const option *found = find_option(command, NULL, 0, *letters);
        const char *value = NULL;
        if (!found)
            return dt_fail_text(EXIT_USAGE, "%s: unknown option -%c (see dmarctrace %s --help)",
                                command->name, *letters, command->name);
        gboolean has_value = found->takes == TAKES_VALUE;
        if (has_value && !letters[1] && *at + 1 >= argc)
            return dt_fail_text(EXIT_USAGE, "-%c needs a value (%s)", found->letter,
                                found->value_name);
        if (has_value)
            value = letters[1] ? letters + 1 : argv[++*at];
        int status = found->set(call, found->name, value);
        if (status || has_value)
            return status;
    }
    return 0;
}

static int
parse_all(const dt_command *command, int argc, char **argv, dt_call *call)
{
    gboolean is_over = FALSE;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        int status = 0;
        if (!is_over && strcmp(word, "--") == 0)
            is_over = TRUE;
        else if (!is_over && g_str_has_prefix(word, "--"))
            status = parse_long(command, argc, argv, &i, call);
        else if (!is_over && word[0] == '-' && word[1])
            status = parse_letters(command, argc, argv, &i, call);
        else
            g_ptr_array_add(call->arguments, argv[i]);
        if (status)
            return status;
    }
    return 0;
}

/* Where a command's defaults differ. */
static void
apply_presets(const dt_command *command, dt_call *call)
{
    g_auto(GStrv) presets = g_strsplit(command->presets ? command->presets : "", " ", -1);
    for (char **preset = presets; *preset; preset++) {
        char *equals = strchr(*preset, '=');
        if (!equals)
            continue;
        *equals = '\0';
        gboolean is_known = dt_context_set(call->context, *preset, equals + 1, NULL);
        g_assert(is_known);
    }
}

int
dt_options_parse(const dt_command *command, int argc, char **argv, dt_call *call)
{
    g_auto(GStrv) formats = g_strsplit(command->formats, " ", -1);
    call->context = dt_context_new();
    call->arguments = g_ptr_array_new();
    call->from = g_ptr_array_new();
    call->spf = g_ptr_array_new();
    call->dkim = g_ptr_array_new();
    call->color = "auto";
    apply_presets(command, call);
    int status = parse_all(command, argc, argv, call);
    if (status)
        return status;
    if (call->format && !g_strv_contains((const char *const *)formats, call->format)) {
        g_autofree char *list = g_strjoinv(", ", formats);
        return dt_fail_text(EXIT_USAGE, "--format=%s: not one of %s", call->format, list);
    }
    if (!call->format)
        call->format = g_intern_string(formats[0]);
    return 0;
}

void
dt_call_clear(dt_call *call)
{
    g_clear_pointer(&call->context, dt_context_free);
    g_clear_pointer(&call->arguments, g_ptr_array_unref);
    g_clear_pointer(&call->from, g_ptr_array_unref);
    g_clear_pointer(&call->spf, g_ptr_array_unref);
    g_clear_pointer(&call->dkim, g_ptr_array_unref);
}

/* ---- help ---------------------------------------------------------------------------------- */

static void
help_option(GString *out, const dt_command *command, const option *row)
{
    g_autofree char *formats = g_strdup(command->formats);
    g_strdelimit(formats, " ", '|');
    const char *help = row->help ? row->help : formats;
    g_autofree char *letter = row->letter ? g_strdup_printf("-%c, ", row->letter) : g_strdup("");
    const char *open = row->takes == MAY_TAKE_VALUE ? "[=" : row->takes == TAKES_VALUE ? "=" : "";
    g_autofree char *left = g_strdup_printf("%s--%s%s%s%s", letter, row->name, open,
                                            row->value_name ? row->value_name : "",
                                            row->takes == MAY_TAKE_VALUE ? "]" : "");
    if (strlen(left) < 24)
        g_string_append_printf(out, "  %-24s %s\n", left, help);
    else
        g_string_append_printf(out, "  %s\n  %-24s %s\n", left, "", help);
}

static const struct {
    const char *command, *text;
} endings[] = {
    { "explain",
      "\nExit status: 0 pass, 1 fail, 2 none, 3 permerror, 4 temperror, 5 only this copy fails;\n"
      "64 usage, 65 no message, 66 cannot open, 74 input/output error, 75 temporary.\n" },
    { "batch",
      "\nFinds maildirs (with their folders), mbox files, folders of messages, single messages; "
      "gzip is undone.\n"
      "In a folder only what is mail by its name (.eml, .emlx, .msg) or by its content counts.\n"
      "\nExit status: 0 every message was analysed, whatever its verdict; 1 --fail-on names one "
      "that occurred;\n"
      "65 some could not be analysed (they are listed), 66 nothing is there, 130 stopped by "
      "Ctrl-C;\n"
      "64 usage, 74 input/output error, 75 temporary.\n" },
    { "summary", "\nReads what batch --format=ndjson wrote; the report is that of one run over all "
                 "the messages.\n"
                 "Exit status as of batch.\n" },
};

static void
help_command(GString *out, const dt_command *command)
{
    g_string_append_printf(out, "Usage: dmarctrace %s\n\n%c%s.\n\nOptions:\n", command->usage,
                           g_ascii_toupper(command->summary[0]), command->summary + 1);
    for (guint i = 0; i < G_N_ELEMENTS(options); i++)
        if (list_has(command->options, options[i].name))
            help_option(out, command, &options[i]);
    for (guint i = 0; i < G_N_ELEMENTS(endings); i++)
        if (strcmp(command->name, endings[i].command) == 0)
            g_string_append(out, endings[i].text);
}

void
dt_help(const dt_command *command, GString *out)
{
    if (command) {
        help_command(out, command);
        return;
    }
    g_string_append(
        out, "dmarctrace: why does mail sent through Amazon SES pass or fail DMARC?\n\nUsage:\n");
    const dt_command *row;
    for (guint i = 0; (row = dt_command_get(i)); i++)
        g_string_append_printf(out, "  dmarctrace %s\n      %s\n", row->usage, row->summary);
    g_string_append(out, "\nStart with: dmarctrace message.eml\n"
                         "dmarctrace COMMAND --help shows the options of a command.\n");
}
