/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Text and dates inside fields: encoded words (RFC 2047) and the dates of RFC 5322 3.3 and 4.3,
 * read through GMime. The plain forms, nearly all of real mail, are read here without it and give
 * the same result. Decoded text may hold control characters.
 */
#include "message/internal.h"
#include "base/text.h"

#include <gmime/gmime.h>
#include <string.h>

void
dt_gmime_ready(void)
{
    static gsize once; /* GMime's own set-up is not thread-safe */
    if (g_once_init_enter(&once)) {
        g_mime_init();
        g_once_init_leave(&once, 1);
    }
}

char *
dt_decode_words(const char *raw, gsize length)
{
    g_autofree char *text = dt_text_utf8(raw, length);
    if (!strstr(text, "=?"))
        return g_steal_pointer(&text);
    dt_gmime_ready();
    g_autofree char *decoded = g_mime_utils_header_decode_text(NULL, text);
    return decoded ? dt_text_utf8(decoded, strlen(decoded)) : g_steal_pointer(&text);
}

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* Days from 1970-01-01 to the first of a month of the Gregorian calendar. */
static gint64
days_before(gint64 year, guint month)
{
    static const guint16 before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
    gint64 past = year - (month < 2); /* the leap day of this year counts from March on */
    return 365 * (year - 1970) + before[month] + (past / 4 - 1969 / 4) - (past / 100 - 1969 / 100) +
           (past / 400 - 1969 / 400);
}

static guint
month_days(gint64 year, guint month)
{
    return month == 11 ? 31 : days_before(year, month + 1) - days_before(year, month);
}

static gboolean
read_digits(const char **at, guint least, guint most, guint *out)
{
    guint count = 0;
    for (*out = 0; count < most && g_ascii_isdigit(**at); count++, ++*at)
        *out = *out * 10 + (**at - '0');
    return count >= least && !g_ascii_isdigit(**at);
}

static gboolean
read_char(const char **at, char c)
{
    if (**at != c)
        return FALSE;
    ++*at;
    return TRUE;
}

/* White space, folds included. */
static gboolean
read_blank(const char **at)
{
    const char *start = *at;
    while (g_ascii_isspace(**at))
        ++*at;
    return *at > start;
}

static gboolean
read_month(const char **at, guint *out)
{
    for (*out = 0; *out < 12; ++*out)
        if (g_ascii_strncasecmp(*at, months + 3 * *out, 3) == 0) {
            *at += 3;
            return TRUE;
        }
    return FALSE;
}

/* "+hhmm" as seconds. */
static gboolean
read_zone(const char **at, gint64 *out)
{
    char sign = **at;
    guint zone;
    if (sign != '+' && sign != '-')
        return FALSE;
    ++*at;
    if (!read_digits(at, 4, 4, &zone) || zone % 100 > 59 || zone > 1400)
        return FALSE;
    *out = (gint64)(zone / 100) * 3600 + (zone % 100) * 60;
    if (sign == '-')
        *out = -*out;
    return TRUE;
}

/* "[Wed, ]14 Oct 2026 10:21:43 +0200" and nothing behind it but blanks and a comment. */
static gboolean
parse_plain_date(const char *at, gint64 *out)
{
    guint day, month, year, hour, minute, second;
    gint64 zone;
    if (g_ascii_isalpha(at[0]) && g_ascii_isalpha(at[1]) && g_ascii_isalpha(at[2]) && at[3] == ',')
        at += 4;
    read_blank(&at);
    if (!read_digits(&at, 1, 2, &day) || !read_blank(&at) || !read_month(&at, &month) ||
        !read_blank(&at) || !read_digits(&at, 4, 4, &year) || !read_blank(&at) ||
        !read_digits(&at, 2, 2, &hour) || !read_char(&at, ':') ||
        !read_digits(&at, 2, 2, &minute) || !read_char(&at, ':') ||
        !read_digits(&at, 2, 2, &second) || !read_blank(&at) || !read_zone(&at, &zone))
        return FALSE;
    read_blank(&at);
    if (*at != '\0' && *at != '(')
        return FALSE;
    if (year < 1970 || day < 1 || day > month_days(year, month) || hour > 23 || minute > 59 ||
        second > 59)
        return FALSE;
    *out = (days_before(year, month) + day - 1) * 86400 + hour * 3600 + minute * 60 + second - zone;
    return TRUE;
}

gint64
dt_date_parse(const char *text)
{
    gint64 time = DT_TIME_NONE;
    while (g_ascii_isspace(*text))
        text++;
    if (parse_plain_date(text, &time))
        return time;
    g_autofree char *head = g_strndup(text, 256);
    dt_gmime_ready();
    g_autoptr(GDateTime) date = g_mime_utils_header_decode_date(head);
    return date ? g_date_time_to_unix(date) : DT_TIME_NONE;
}

const char *
dt_message_library_version(void)
{
    g_autofree char *version =
        g_strdup_printf("%u.%u.%u", gmime_major_version, gmime_minor_version, gmime_micro_version);
    return g_intern_string(version);
}
