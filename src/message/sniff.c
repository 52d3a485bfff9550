/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * What is this file, if it is no message (RFC 5322)? First mistakes are recognised by their first
 * octets and answered with the remedy. Also the frame of Apple Mail's .emlx. Whether there are
 * header fields is header.c's question.
 */
#include "message/input.h"
#include "base/text.h"

#include <string.h>

#define MSG_REMEDY                                                                                 \
    "an Outlook .msg file; save the message as .eml (drag it out of Outlook on the web or use "    \
    "\"Download\")"
#define TEXT_ALSO "save the message itself (\"Download original\", \"Save as .eml\")"

typedef struct {
    const char *octets;
    gsize length;
    const char *text;
} magic_row;

/* Files that begin with fixed octets. */
static const magic_row magics[] = {
    { "\xd0\xcf\x11\xe0", 4, MSG_REMEDY },
    { "%PDF-", 5, "a PDF file, not a message; " TEXT_ALSO },
    { "\xff\xfe", 2, "UTF-16 text; save it as UTF-8 or, better, " TEXT_ALSO },
    { "\xfe\xff", 2, "UTF-16 text; save it as UTF-8 or, better, " TEXT_ALSO },
    { "PK\x03\x04", 4, "a ZIP archive; unpack it and give the message inside" },
    { "{\\rtf", 5, "an RTF document, not a message; " TEXT_ALSO },
    { "!BDN", 4, "an Outlook data file (.pst); export the message as .eml" },
    { "\x78\x9f\x3e\x22", 4, "a winmail.dat attachment, not a message; " TEXT_ALSO },
    { "BZh", 3, "bzip2 data; decompress it first (bunzip2)" },
    { "\xfd"
      "7zXZ",
      5, "xz data; decompress it first (unxz)" },
    { "\x28\xb5\x2f\xfd", 4, "zstd data; decompress it first (unzstd)" },
};

/* Beginnings of web pages, upper or lower case. */
static const char *const html_starts[] = { "<!doctype", "<html", "<head",  "<body",
                                           "<?xml",     "<div",  "<table", "<meta" };

/* What JSON may be that comes with mail; the first row with all its words counts. */
static const struct {
    const char *words[2];
    const char *text;
} json_rows[] = {
    { { "\"Records\"", "\"s3\"" },
      "an S3 event notification, not the message; fetch the object it names: aws s3 cp "
      "s3://BUCKET/KEY mail.eml" },
    { { "\"Type\"", "\"Notification\"" },
      "an SNS notification about a message; store the message itself (SES receipt rule: S3 action) "
      "or take its \"content\"" },
    { { "\"notificationType\"", "\"mail\"" },
      "an SES notification in JSON, not the message; store the message itself (SES receipt rule: "
      "S3 action) or take its \"content\"" },
    { { "\"eventType\"", "\"mail\"" },
      "an SES event in JSON, not the message; get the message as it was delivered" },
    { { "\"DkimAttributes\"", "" },
      "the output of get-email-identity, no message; give it with --ses-identity=FILE" },
    { { "", "" }, "JSON, not a message; " TEXT_ALSO },
};

static const char *
skip_blank(const char *octets, const char *end)
{
    if (end - octets >= 3 && memcmp(octets, "\xef\xbb\xbf", 3) == 0)
        octets += 3;
    while (octets < end && strchr(" \t\r\n", *octets) && *octets)
        octets++;
    return octets;
}

static const char *
sniff_json(const char *octets, gsize length)
{
    g_autofree char *text = g_strndup(octets, length);
    for (guint i = 0; i < G_N_ELEMENTS(json_rows); i++)
        if (strstr(text, json_rows[i].words[0]) && strstr(text, json_rows[i].words[1]))
            return json_rows[i].text;
    return NULL;
}

/* JSON as far as its first tokens: { "  or  { }  or  [ {  or  [ "  */
static gboolean
looks_like_json(const char *at, const char *end)
{
    if (at == end || (*at != '{' && *at != '['))
        return FALSE;
    gboolean is_list = *at == '[';
    at = skip_blank(at + 1, end);
    return at < end && (*at == '"' || *at == '}' || (is_list && (*at == '{' || *at == ']')));
}

/* ASCII text as UTF-16 without a mark: every other octet of the beginning is NUL. */
static gboolean
looks_like_utf16(const char *octets, gsize length)
{
    gsize pairs = MIN(length, 64) / 2, low = 0, high = 0;
    for (gsize i = 0; i < pairs; i++) {
        high += octets[2 * i] == 0 && octets[2 * i + 1] != 0;
        low += octets[2 * i] != 0 && octets[2 * i + 1] == 0;
    }
    return pairs >= 8 && (low == pairs || high == pairs);
}

const char *
dt_sniff_foreign(const char *octets, gsize length)
{
    for (guint i = 0; i < G_N_ELEMENTS(magics); i++)
        if (length >= magics[i].length && memcmp(octets, magics[i].octets, magics[i].length) == 0)
            return magics[i].text;
    if (looks_like_utf16(octets, length))
        return magics[2].text;
    const char *end = octets + MIN(length, DT_INPUT_PEEK), *at = skip_blank(octets, end);
    if (looks_like_json(at, end))
        return sniff_json(at, end - at);
    for (guint i = 0; i < G_N_ELEMENTS(html_starts); i++)
        if ((gsize)(end - at) >= strlen(html_starts[i]) &&
            g_ascii_strncasecmp(at, html_starts[i], strlen(html_starts[i])) == 0)
            return "a web page (HTML or XML), not a message; " TEXT_ALSO;
    return NULL;
}

gsize
dt_sniff_emlx(const char *octets, gsize length, guint64 *count_out)
{
    guint64 count = 0;
    gsize i = 0;
    while (i < length && i < 12 && g_ascii_isdigit(octets[i]))
        count = count * 10 + (octets[i++] - '0');
    if (i == 0)
        return 0;
    while (i < length && (octets[i] == ' ' || octets[i] == '\t' || octets[i] == '\r'))
        i++;
    if (i == length || octets[i] != '\n')
        return 0;
    *count_out = count;
    return i + 1;
}
