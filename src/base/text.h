/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Text from outside made fit for a place inside: the only cleaning of untrusted text. Bytes as
 * received are called raw_*; what these functions return is valid UTF-8 without what the target
 * cannot bear.
 */
#ifndef DT_BASE_TEXT_H
#define DT_BASE_TEXT_H

#include <glib.h>

/* Valid UTF-8; each invalid byte and NUL becomes U+FFFD. Caller frees. */
char *dt_text_utf8(const char *raw, gsize length);

/* For a terminal or a log line: as dt_text_utf8, and C0, DEL, C1 controls, line and paragraph
 * separators, bidi controls, zero-width and other invisible format characters as \u{XXXX}. Tabs and
 * line ends become one blank. */
char *dt_text_terminal(const char *text);
char *dt_text_terminal_raw(const char *raw, gsize length);

/* Columns on a terminal: wide characters 2, combining ones 0. */
guint dt_text_columns(const char *utf8);

/* Octets outside printable ASCII, and "\" itself, as \DDD: the form of dns.answers. */
char *dt_text_dns(const char *octets, gsize length);

/* A quoted string of a master file, chunks of at most 255 octets: "..." "...". */
char *dt_text_zone_quote(const char *octets, gsize length);

/* One argument of a POSIX shell command: bare if harmless, else in single quotes. Control
 * characters cannot occur in what is quoted (they become U+FFFD first). */
char *dt_text_shell_quote(const char *text);

/* A value of an RFC 8601 result: bare when it is a token or an address, else a quoted-string;
 * controls removed, so nothing folds. */
char *dt_text_header_value(const char *text);

/* HTML text and attribute values: & < > " ' escaped, controls as U+FFFD. */
char *dt_text_html(const char *text);

/* One CSV cell (RFC 4180), safe against spreadsheet formulas: = + - @ tab CR at the start get a "'"
 * before them. */
char *dt_text_csv(const char *text);

/* ASCII helpers that never look at the locale. */
/* ASCII case folded; NULL equals NULL only. */
gboolean dt_text_equal(const char *a, const char *b);
gboolean dt_text_has_prefix(const char *text, const char *prefix); /* ASCII case folded */
gboolean dt_text_has_suffix(const char *text, const char *suffix); /* ASCII case folded */
gboolean dt_text_contains(const char *text, const char *part);     /* ASCII case folded */

/* IP addresses: canonical text (RFC 5952; ::ffff:a.b.c.d becomes a.b.c.d), or NULL. Accepts
 * "[IPv6:...]", "[1.2.3.4]". */
char *dt_text_ip(const char *text);

/* 4 or 16 network-order octets into out; 0 if text is no address. */
guint dt_text_ip_octets(const char *text, guint8 out[16]);

/* Is the address in one of interface ranges that never are a client at the boundary (loopback,
 * private, link-local, CGN)? */
gboolean dt_text_ip_is_private(const char *text);

/* Unix seconds as "2026-11-24T10:00:00Z". */
char *dt_text_time(gint64 seconds);

/* Unix seconds as "2026-11-24 10:00:00 UTC". */
char *dt_text_time_for_people(gint64 seconds);

/* RFC 3339 ("2026-11-24T10:00:00Z", offset or fraction allowed) or date alone; FALSE if it is none.
 */
gboolean dt_text_parse_time(const char *text, gint64 *seconds_out);

/* Base64 without white space rules of its own: white space skipped, padding optional at the end;
 * NULL on any other character. */
guint8 *dt_text_base64(const char *text, gsize *length_out);

#endif
