/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Names and addresses of Amazon SES: the networks of the SPF record of amazonses.com as it was when
 * this was built (a hint only: live DNS wins, and customers may bring addresses of their own), its
 * outbound hosts, its selectors.
 */
#include "ses/ses.h"
#include "base/name.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define NET(a, b, c, d, bits)                                                                      \
    {                                                                                              \
        ((guint32)(a) << 24) | ((b) << 16) | ((c) << 8) | (d), bits                                \
    }

/* v=spf1 of amazonses.com, 2026; it has no ip6 and no include. */
static const struct {
    guint32 address;
    guint bits;
} networks[] = {
    NET(199, 255, 192, 0, 22), NET(199, 127, 232, 0, 22), NET(54, 240, 0, 0, 18),
    NET(69, 169, 224, 0, 20),  NET(23, 249, 208, 0, 20),  NET(23, 251, 224, 0, 19),
    NET(76, 223, 176, 0, 20),  NET(54, 240, 64, 0, 18),   NET(76, 223, 128, 0, 19),
    NET(216, 221, 160, 0, 19), NET(206, 55, 144, 0, 20),  NET(24, 110, 64, 0, 18),
};

static guint64
last_of(guint32 first, guint bits)
{
    return (guint64)first + (G_GUINT64_CONSTANT(1) << (32 - bits)) - 1;
}

static gboolean
read_ip4(const char *text, guint32 *out)
{
    guint8 octets[16];
    if (dt_text_ip_octets(text, octets) != 4)
        return FALSE;
    *out = ((guint32)octets[0] << 24) | (octets[1] << 16) | (octets[2] << 8) | octets[3];
    return TRUE;
}

/* Is every address from first to last in some network? They may lie in neighbouring ones. */
static gboolean
is_covered(guint64 first, guint64 last)
{
    for (guint64 at = first; at <= last;) {
        guint64 next = at;
        for (guint i = 0; i < G_N_ELEMENTS(networks); i++)
            if (at >= networks[i].address && at <= last_of(networks[i].address, networks[i].bits))
                next = last_of(networks[i].address, networks[i].bits) + 1;
        if (next == at)
            return FALSE;
        at = next;
    }
    return TRUE;
}

gboolean
dt_ses_network_contains(const char *ip)
{
    guint32 address;
    return ip && read_ip4(ip, &address) && is_covered(address, address);
}

gboolean
dt_ses_network_within(const char *ip4_term)
{
    if (!ip4_term)
        return FALSE;
    const char *slash = strchr(ip4_term, '/');
    g_autofree char *text =
        g_strndup(ip4_term, slash ? (gsize)(slash - ip4_term) : strlen(ip4_term));
    guint64 bits = 32;
    guint32 address;
    if (slash && !g_ascii_string_to_unsigned(slash + 1, 10, 0, 32, &bits, NULL))
        return FALSE;
    if (!read_ip4(text, &address))
        return FALSE;
    guint32 first = bits == 0 ? 0 : address & (G_MAXUINT32 << (32 - bits));
    return is_covered(first, last_of(first, bits));
}

gboolean
dt_ses_is_amazon_name(const char *name)
{
    if (!name)
        return FALSE;
    g_autofree char *lower = g_ascii_strdown(name, -1);
    if (g_str_has_suffix(lower, "."))
        lower[strlen(lower) - 1] = '\0';
    return strcmp(lower, "amazonses.com") == 0 || g_str_has_suffix(lower, ".amazonses.com");
}

/* a9-46.smtp-out.amazonses.com, a9-46.smtp-out.us-west-2.amazonses.com; before:
 * smtp-out-193-65.amazonses.com. */
gboolean
dt_ses_is_outbound_host(const char *host)
{
    if (!host || !dt_ses_is_amazon_name(host))
        return FALSE;
    const char *dot = strchr(host, '.');
    return dt_text_has_prefix(host, "smtp-out-") || dt_text_has_prefix(dot + 1, "smtp-out.");
}

gboolean
dt_ses_is_signer(const char *domain)
{
    return domain &&
           (dt_ses_is_amazon_name(domain) || dt_name_is_within(domain, "messagingfabric.com"));
}

gboolean
dt_ses_is_easy_dkim_selector(const char *selector)
{
    if (!selector)
        return FALSE;
    gsize length = 0;
    for (; selector[length]; length++) {
        char c = g_ascii_tolower(selector[length]);
        if (!g_ascii_islower(c) && (c < '2' || c > '7'))
            return FALSE;
    }
    return length == 32;
}
