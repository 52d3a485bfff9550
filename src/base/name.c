/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Domain names: the one place where text from outside becomes a canonical name (RFC 1035 2.3.4, RFC
 * 4343, RFC 5891), and where the Public Suffix List is asked (RFC 7489 3.2). Knows nothing of DNS
 * answers.
 */
#include "base/name.h"

#include <idn2.h>
#include <libpsl.h>
#include <string.h>

#define MAX_LABEL       63
#define MAX_WIRE_LENGTH 255

/* A name under construction: canonical text, with the counts that the limits speak of. */
typedef struct {
    GString *text;
    gsize wire_length; /* of finished labels, length octets included */
    gsize label_length;
    gboolean is_bad;
} builder;

static void
builder_octet(builder *b, guchar octet)
{
    octet = g_ascii_tolower(octet);
    if (++b->label_length > MAX_LABEL)
        b->is_bad = TRUE;
    else if (octet < 0x21 || octet > 0x7e || octet == '.' || octet == '\\')
        g_string_append_printf(b->text, "\\%03u", octet);
    else
        g_string_append_c(b->text, octet);
}

static void
builder_end_label(builder *b)
{
    if (b->label_length == 0)
        b->is_bad = TRUE;
    b->wire_length += b->label_length + 1;
    b->label_length = 0;
    if (b->wire_length + 1 > MAX_WIRE_LENGTH)
        b->is_bad = TRUE;
}

static char *
builder_finish(builder *b)
{
    if (!b->is_bad)
        return g_string_free(b->text, FALSE);
    g_string_free(b->text, TRUE);
    return NULL;
}

/* Reads one escape behind a backslash; FALSE if it is none. */
static gboolean
read_escape(const char *text, gsize length, gsize *at, guchar *octet_out)
{
    gsize i = *at;
    if (i >= length)
        return FALSE;
    if (!g_ascii_isdigit(text[i])) {
        *octet_out = text[i];
        *at = i + 1;
        return TRUE;
    }
    if (i + 3 > length || !g_ascii_isdigit(text[i + 1]) || !g_ascii_isdigit(text[i + 2]))
        return FALSE;
    guint value = (text[i] - '0') * 100 + (text[i + 1] - '0') * 10 + (text[i + 2] - '0');
    *octet_out = value;
    *at = i + 3;
    return value <= 255;
}

/* Is text the canonical name already? Nearly all are: lower case, no final dot. */
static gboolean
is_canonical(const char *text, gsize length)
{
    gsize label_length = 0;
    if (length + 2 > MAX_WIRE_LENGTH)
        return FALSE;
    for (gsize i = 0; i < length; i++) {
        char c = text[i];
        if (c == '.' && label_length > 0)
            label_length = 0;
        else if (!g_ascii_islower(c) && !g_ascii_isdigit(c) && c != '-' && c != '_')
            return FALSE;
        else if (++label_length > MAX_LABEL)
            return FALSE;
    }
    return label_length > 0;
}

static char *
name_build(const char *text, gsize length, gboolean has_escapes)
{
    if (length == 0 || (length == 1 && text[0] == '.'))
        return g_strdup("");
    if (is_canonical(text, length))
        return g_strndup(text, length);
    builder b = { .text = g_string_sized_new(length + 1) };
    for (gsize i = 0; i < length && !b.is_bad;) {
        guchar octet = text[i++];
        if (octet == '.') {
            builder_end_label(&b);
            if (i < length)
                g_string_append_c(b.text, '.');
        } else if (octet == '\\' && has_escapes) {
            if (read_escape(text, length, &i, &octet))
                builder_octet(&b, octet);
            else
                b.is_bad = TRUE;
        } else
            builder_octet(&b, octet);
    }
    if (text[length - 1] != '.' || b.label_length > 0)
        builder_end_label(&b);
    return builder_finish(&b);
}

char *
dt_name_from_text(const char *text, gsize length)
{
    return name_build(text, length, TRUE);
}

char *
dt_name_from_octets(const char *octets, gsize length)
{
    return name_build(octets, length, FALSE);
}

/* Host-like: what can stand behind the @ of an address once it is in A-labels. */
static gboolean
is_mail_ascii(const char *text)
{
    for (; *text; text++)
        if (!g_ascii_isalnum(*text) && *text != '-' && *text != '_' && *text != '.')
            return FALSE;
    return TRUE;
}

char *
dt_name_from_mail(const char *domain)
{
    gsize length = domain ? strlen(domain) : 0;
    if (length > 0 && domain[length - 1] == '.')
        length--;
    if (length == 0 || length > 1024)
        return NULL;
    g_autofree char *plain = g_strndup(domain, length);
    if (!g_str_is_ascii(plain)) {
        char *ascii = NULL;
        if (!g_utf8_validate(plain, -1, NULL) ||
            idn2_to_ascii_8z(plain, &ascii, IDN2_NONTRANSITIONAL) != IDN2_OK)
            return NULL;
        g_free(plain);
        plain = g_strdup(ascii);
        idn2_free(ascii);
    }
    if (!is_mail_ascii(plain) || plain[0] == '\0')
        return NULL;
    g_autofree char *name = dt_name_from_octets(plain, strlen(plain));
    return name && name[0] ? g_steal_pointer(&name) : NULL;
}

char *
dt_name_to_unicode(const char *name)
{
    if (!name || !strstr(name, "xn--"))
        return NULL;
    char *unicode = NULL, *again = NULL;
    if (idn2_to_unicode_8z8z(name, &unicode, 0) != IDN2_OK)
        return NULL;
    /* An invalid A-label decodes to an empty label without an error: only what converts back is
     * shown. */
    gboolean is_same = idn2_to_ascii_8z(unicode, &again, IDN2_NONTRANSITIONAL) == IDN2_OK &&
                       strcmp(again, name) == 0 && strcmp(unicode, name) != 0;
    char *result = is_same ? g_strdup(unicode) : NULL;
    idn2_free(unicode);
    if (again)
        idn2_free(again);
    return result;
}

char *
dt_name_to_zone(const char *name)
{
    GString *out = g_string_sized_new(strlen(name) + 8);
    for (const char *p = name; *p; p++) {
        if (strchr("\"();@$", *p))
            g_string_append_c(out, '\\');
        g_string_append_c(out, *p);
    }
    g_string_append_c(out, '.');
    return g_string_free(out, FALSE);
}

gboolean
dt_name_is_within(const char *name, const char *ancestor)
{
    gsize n = strlen(name), a = strlen(ancestor);
    if (a == 0)
        return TRUE;
    if (n < a || strcmp(name + n - a, ancestor) != 0)
        return FALSE;
    return n == a || name[n - a - 1] == '.';
}

const char *
dt_name_parent(const char *name)
{
    if (name[0] == '\0')
        return NULL;
    const char *dot = strchr(name, '.');
    return dot ? dot + 1 : name + strlen(name);
}

guint
dt_name_label_count(const char *name)
{
    if (name[0] == '\0')
        return 0;
    guint count = 1;
    for (; *name; name++)
        count += *name == '.';
    return count;
}

gsize
dt_name_wire_length(const char *name)
{
    gsize length = name[0] ? 2 : 1;
    for (; *name; name++, length++)
        if (*name == '\\')
            name += 3;
    return length;
}

char *
dt_name_to_octets(const char *name, gsize *length_out)
{
    GString *out = g_string_new(NULL);
    for (; *name; name++) {
        if (*name != '\\') {
            g_string_append_c(out, *name);
            continue;
        }
        g_string_append_c(out, (name[1] - '0') * 100 + (name[2] - '0') * 10 + (name[3] - '0'));
        name += 3;
    }
    if (length_out)
        *length_out = out->len;
    return g_string_free(out, FALSE);
}

char *
dt_name_join(const char *prefix, const char *name)
{
    g_autofree char *whole = name[0] ? g_strconcat(prefix, ".", name, NULL) : g_strdup(prefix);
    return dt_name_from_text(whole, strlen(whole));
}

gboolean
dt_name_has_same_org(const char *a, const char *b)
{
    return strcmp(a, b) == 0 || strcmp(dt_name_psl_org_domain(a), dt_name_psl_org_domain(b)) == 0;
}

const char *
dt_name_psl_org_domain(const char *name)
{
    const char *found = psl_registrable_domain(psl_builtin(), name);
    return found ? found : name;
}

gboolean
dt_name_is_public_suffix(const char *name)
{
    return psl_is_public_suffix(psl_builtin(), name) != 0;
}

const char *
dt_name_psl_version(void)
{
    return psl_get_version();
}
