#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Seeds for the fuzz targets, made from samples/ and from the few forms that no sample has. Usage: make-seeds.py [ROOT]. What is in
# tests/fuzz/seeds is written anew; it is committed, so that a build needs no python3.
import glob
import gzip
import json
import os
import re
import shutil
import struct
import sys

ROOT = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
SEEDS = os.path.join(ROOT, 'tests', 'fuzz', 'seeds')
SEPARATOR, DERIVED = b'%%%\n', b'%%?\n'
MOST = 40          # seeds of one target


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def write(target, name, octets):
    folder = os.path.join(SEEDS, target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), 'wb') as file:
        file.write(octets)


def options_of(base):
    """The option lines of a sample's .args."""
    lines = []
    for word in read(base + '.args').decode().split() if os.path.exists(base + '.args') else []:
        name, _, value = word.lstrip('-').partition('=')
        if name == 'ses-identity':
            path = os.path.join(os.path.dirname(base), os.path.basename(value))
            lines.append('identity ' + json.dumps(json.loads(read(path))))
        elif name != 'dns':
            lines.append('%s %s' % (name, value or 'yes'))
    return ''.join('%' + line + '\n' for line in lines).encode()


def samples():
    """(name, options, zone, message), one or two of each cause."""
    found = []
    for path in sorted(glob.glob(os.path.join(ROOT, 'samples', '*.eml')) + glob.glob(os.path.join(ROOT, 'samples', 'causes', '*', 'hit*.eml'))):
        base = path[:-4]
        zone = base + '.zone'
        zone = read(zone) if os.path.exists(zone) else b''
        name = os.path.relpath(base, os.path.join(ROOT, 'samples')).replace('causes/', '').replace('/', '-')
        found.append((name, options_of(base), zone, read(path)))
    return found


def spread(items, count=MOST):
    """count of them, evenly taken."""
    return [items[i * len(items) // count] for i in range(count)] if len(items) > count else items


def short(zone):
    """Without the zone's long list of networks, which fuzzing gains nothing from."""
    return re.sub(rb'(ip4:199\.255\.192\.0/22)( ip4:[0-9./]+){5,}', rb'\1 ip4:54.240.0.0/18 ip4:23.251.224.0/19', zone)


def skeleton(value):
    return re.sub(rb'[a-z]+', b'a', re.sub(rb'[0-9a-f:.]*[0-9][0-9a-f:.]*', b'0', value.lower()))


def values(messages, names):
    """The values of fields of these names, each form once."""
    seen = {}
    for message in messages:
        head = message.replace(b'\r\n', b'\n').split(b'\n\n')[0]
        for field in re.split(rb'\n(?![ \t])', head):
            name, _, value = field.partition(b':')
            if name.strip().lower() in names:
                seen.setdefault(skeleton(value), value)
    return [seen[key] for key in sorted(seen)]


RECEIVED = [
    b' from [192.0.2.7] (port=52144 helo=a.example) by mx.example with esmtpsa (TLS1.3) tls TLS_AES_256_GCM_SHA384 (Exim 4.96) (envelope-from <a@b.example>) id 1abc-000; Wed, 14 Oct 2026 10:21:39 +0200',
    b' (qmail 1234 invoked from network); 14 Oct 2026 08:21:39 -0000',
    b' from unknown (HELO a.example) (192.0.2.7) by mx.example with SMTP; 14 Oct 2026 08:21:39 -0000',
    b' from a.example (IPv6:2001:db8::7) by mx.example (8.17.1/8.17.1) with ESMTPS id x (version=TLSv1.3 cipher=X bits=256 verify=NO) for <s@mx.example>; Wed, 14 Oct 2026 08:21:39 GMT',
    b' by mx.example (Postfix, from userid 1000) id 4XyZ; Wed, 14 Oct 2026 08:21:39 +0000 (UTC)',
    b' from a (b (c (d [::ffff:192.0.2.1]))) by "x" via y with z id \\" for (((;;',
]
AUTHRES = [
    b' mx.example 1; none',
    b' i=1; mx.example; arc=pass (i=1 spf=pass dkim=pass dmarc=pass fromdomain=shop.example)',
    b' mx.example; dkim=pass (2048-bit key; unprotected) header.d=a.example header.i=@a.example header.a=rsa-sha256 header.s=s header.b=AbCdEfGh; dkim-atps=neutral',
    b' mx.example; spf=softfail reason="a \\"b\\" c" smtp.mailfrom="a b"@shop.example smtp . helo = x policy.ptype/x=y',
    b' spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=shop.example; dkim=pass (signature was verified) header.d=shop.example;dmarc=pass action=none header.from=shop.example;compauth=pass reason=100',
    b' pass (mx.example: domain of a@b.example designates 192.0.2.1 as permitted sender) receiver=mx.example; identity=mailfrom; client-ip=192.0.2.1; helo="a.example"; envelope-from="a@b.example"; x-software="y"',
    b' None (mailfrom) identity=mailfrom; client-ip=2001:db8::1; helo=x; envelope-from=<>;',
]
FROM = [
    b' Joe Doe <joe@shop.example>', b' joe@shop.example (Joe (inner) Doe)', b' "Doe, Joe" <joe@shop.example>, ann@lake.example',
    b' Group: a@shop.example, b@lake.example;', b' undisclosed-recipients:;', b' =?utf-8?Q?J=C3=B6e?= <joe@xn--shp-2na.example>',
    ' Jöe <jöe@shöp.example>'.encode(), b' <<joe@shop.example>>', b' joe@[192.0.2.1]', b' "joe@lake.example" <joe@shop.example>',
    b' a@b@shop.example', b' <@relay.example,@other.example:joe@shop.example>', b' joe@shop.example\n\n ann@lake.example', b' =?us-ascii?b?am9lQHNob3AuZXhhbXBsZQ==?=',
    b' joe <joe@sh op.example>', b' joe', b'', b' Joe <joe@shop.example', b' joe@shop.example joe@lake.example', b' "Joe\\" <joe@shop.example>',
]
DMARC = [
    b'v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; aspf=r; pct=50; fo=0:1:d:s; rf=afrf; ri=3600; t=y; psd=n; rua=mailto:a@shop.example!10m,https://lake.example/x; ruf=mailto:b@shop.example',
    b'v=DMARC1;p=none;p=reject;;rua=', b'v=DMARC1 p=reject', b'v=dmarc1; p=reject', b'p=reject; v=DMARC1', b'v=DMARC1; p=quarantine; rua=mailto:%61@[2001:db8::1]?subject=x#y',
]
SPF = [
    b'shop.example. TXT "v=spf1 a/24//64 mx:%{d2}/0 ptr:shop.example exists:%{ir}.%{v}.%{l-r+}._spf.%{d} ?ip6:2001:db8::/32 include:%{h}.example redirect=_spf.%{d}"\nshop.example. MX 10 mx.shop.example.\nmx.shop.example. A 192.0.2.9\n',
    b'shop.example. TXT "v=spf1 -all exp=e.%{d}"\ne.shop.example. TXT "%{s} %{l} %{o} %{d} %{i} %{p} %{v} %{h} %{c} %{r} %{t} %% %_ %- %{S}"\n',
    b'shop.example. TXT "v=spf1 include:a.example -all"\na.example. TXT "v=spf1 include:b.example"\nb.example. TXT "v=spf1 redirect=shop.example"\n',
    b'shop.example. TXT "v=spf1 ptr -all"\n1.2.0.192.in-addr.arpa. PTR a.shop.example.\na.shop.example. A 192.0.2.1\n',
    b'shop.example. TXT "v=spf1 moo ip4:1.2.3 ip4:192.0.2.0/33 a:%{z} mx/ //all =x"\n',
]
ZONES = [
    b'$ORIGIN shop.example.\n$TTL 1h\n@ IN SOA ns hostmaster ( 1 2h 3m 4w 5 )\n NS ns\nns A 192.0.2.1\n*.w TXT "a" "b\\"c" d\\;e \\065\nwww CNAME a\na CNAME www\nx TYPE65280 \\# 2 abcd\nd DNAME lake.example.\n',
    b';! snapshot 2026-11-24T10:00:00Z\nshop.example. 300 IN TXT "v=spf1 -all"\n;! status _dmarc.shop.example. TXT NXDOMAIN\n;! status slow.example. ANY TIMEOUT\n;! ttl shop.example. TXT 17\n;! remove shop.example. TXT "x"\n;! remove shop.example. MX\n',
    b'\\097\\.b.example. AAAA 2001:db8::1\n\\000.example. PTR .\nmx.example. MX 0 .\n"quoted" TXT (\n "a" ; comment\n "b" )\n',
    b'shop.example. CNAME other.example.\nother.example. CNAME third.example.\nthird.example. TXT "x"\n_dmarc.other.example. TXT ""\n',
]
IDENTITIES = [
    {'IdentityType': 'DOMAIN', 'VerifiedForSendingStatus': True, 'DkimAttributes': {
        'SigningEnabled': True, 'Status': 'SUCCESS', 'Tokens': ['abcdefghijklmnopqrstuvwxyz234567'] * 3, 'SigningAttributesOrigin': 'AWS_SES',
        'SigningHostedZone': 'dkim.amazonses.com', 'NextSigningKeyLength': 'RSA_2048_BIT'},
     'MailFromAttributes': {'MailFromDomain': 'bounce.shop.example', 'MailFromDomainStatus': 'SUCCESS', 'BehaviorOnMxFailure': 'REJECT_MESSAGE'}},
    {'IdentityType': 'EMAIL_ADDRESS', 'EmailIdentity': 'a@shop.example', 'VerifiedForSendingStatus': False, 'DkimAttributes': {
        'SigningEnabled': False, 'Status': 'NOT_STARTED', 'SigningAttributesOrigin': 'EXTERNAL'}, 'Tags': []},
]
TEXTS = ['shop.example', 'xn--shp-2na.example', 'shöp.example.', '[IPv6:2001:db8::1]', '192.0.2.1', '::ffff:192.0.2.1', '2026-11-24T10:00:00.5+02:00', '2026-11-24',
         'v=DKIM1; k=rsa; p=AAAA; ;x', 'QUJDRA==', '=cmd|x', "it's \u202e\x1b[31m \u2028 \ud55c\uae00 e\u0301", 'a\\.b\\255c.example', '_dmarc.shop.co.uk', '*.github.io', '']


def wire_name(name):
    return b''.join(bytes([len(label)]) + label.encode() for label in name.split('.') if label) + b'\0'


def packet():
    """www.shop.example -> a.shop.example -> b.shop.example, compressed."""
    head = struct.pack('>6H', 1, 0x8180, 1, 3, 0, 0) + wire_name('www.shop.example') + struct.pack('>2H', 16, 1)
    one = b'\xc0\x0c' + struct.pack('>2HIH', 5, 1, 60, 4) + b'\x01a\xc0\x10'
    two = struct.pack('>H', 0xc000 | (len(head) + 12)) + struct.pack('>2HIH', 5, 1, 60, 4) + b'\x01b\xc0\x10'
    text = struct.pack('>H', 0xc000 | (len(head) + len(one) + 12)) + struct.pack('>2HIH', 16, 1, 60, 6) + b'\x05v=xyz'
    return head + one + two + text


def with_messages(found):
    for name, options, zone, message in found:
        zone = short(zone)
        write('explain', name, options + zone + SEPARATOR + message)
    for name, options, zone, message in found[::6]:
        write('explain', name + '-derived', options + short(zone) + DERIVED + message)
    own = b'Authentication-Results: filter.example; dmarc=pass\nX-Dmarctrace: verdict=pass\n'
    for number, (name, options, zone, message) in enumerate(found[::4]):
        write('filter', name, options + short(zone) + SEPARATOR + (own if number % 2 else b'') + message)
    signed = [f for f in found if b'DKIM-Signature:' in f[3]]
    for number, (name, options, zone, message) in enumerate(spread(signed, 24)):
        keys = b'\n'.join(line for line in zone.split(b'\n') if b'_domainkey' in line or b'dkim.amazonses' in line) + b'\n'
        damage = b'%damage-search yes\n' if number % 2 else b''
        write('dkim', name, damage + keys + SEPARATOR + message)


KNOWN = {   # what overflows libopendkim when it gets there
    'long-z': b'h=from:to; z=From:x' + b'|From:a@shop.example' * 1800, 'all-fields': b'h=from:to:subject:date:dkim-signature:x',
    'more-fields': b'h=from:from:from:to:to:subject:x:x:x:x', 'i-equals': b'h=from; i=@shop.example=', 'i-equals-4': b'h=from; i=@shop.example=4',
}


def with_overflows(zone):
    key = b'\n'.join(line for line in zone.split(b'\n') if b'domainkey.amazonses.com. TXT' in line)
    selector = key.split(b'.')[0]
    for name, tags in KNOWN.items():
        write('dkim', 'overflow-' + name, key + b'\n' + SEPARATOR + b'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=amazonses.com; s=' + selector + b'; ' +
              tags.replace(b'shop.example', b'amazonses.com') + b'; bh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=; b=AAAA\nFrom: joe@shop.example\nTo: x@lake.example\n\nbody\n')


def with_zones(found):
    for name, options, zone, message in found[::3]:
        write('domain', name, options + short(zone) + SEPARATOR + b'shop.example\n')
        write('zone', name, short(zone))
        ip = re.search(rb'\[?((?:[0-9]{1,3}\.){3}[0-9]{1,3})', message)
        write('spf', name, short(zone) + SEPARATOR + (ip.group(1) if ip else b'192.0.2.1') + b' a.example joe@bounce.shop.example')
        write('dmarc', name, short(zone) + SEPARATOR + b'shop.example\nspf pass bounce.shop.example\ndkim fail amazonses.com\ndkim temperror shop.example\n')


FROM_LINE = b'From joe@shop.example Wed Oct 14 10:21:39 2026\n'
MBOXES = [
    b''.join(FROM_LINE + b'From: joe@shop.example\nSubject: %d\n\nbody\n>From here\n\n' % i for i in range(3)),
    FROM_LINE + b'From: joe@shop.example\nContent-Length: 60\n\nbody\n\nFrom me to you\nFrom joe Wed Oct 14 10:21:39 2026\nx\n\n' + FROM_LINE + b'Subject: x\n\n',
    FROM_LINE.replace(b'\n', b'\r\n') + b'From: joe@shop.example\r\n\r\nbody\r\n\r\n' + FROM_LINE.replace(b'\n', b'\r\n') + b'Subject: x\r\n\r\nFrom x\r\n',
    FROM_LINE + FROM_LINE + b'\n\n' + FROM_LINE, b'', b'From \n\nFrom \n', b'From: joe@shop.example\n\nno mbox\n',
]


def numbered(target, items):
    for number, item in enumerate(items):
        write(target, '%02d' % number, item)


def main():
    shutil.rmtree(SEEDS, ignore_errors=True)
    every = samples()
    messages = [f[3] for f in every]
    found = spread(every)
    with_messages(found)
    with_zones(found)
    with_overflows(found[0][2])
    numbered('received', spread(values(messages, [b'received']), 24) + RECEIVED)
    numbered('authres', spread(values(messages, [b'authentication-results', b'arc-authentication-results', b'received-spf']), 24) + AUTHRES)
    numbered('from', spread(values(messages, [b'from']), 12) + FROM)
    numbered('dmarc', [SEPARATOR + d for d in DMARC] + [b'_dmarc.shop.example. TXT "' + d + b'"\n' + SEPARATOR + b'a.shop.example lake.example\nspf pass shop.example\n' for d in DMARC])
    numbered('spf', [z + SEPARATOR + b'192.0.2.1 a.example joe@shop.example' for z in SPF] + [SPF[0] + DERIVED + b'2001:db8::1 a.example joe@lake.example'])
    numbered('zone', ZONES)
    numbered('mbox', MBOXES + [gzip.compress(MBOXES[0], mtime=0)])
    numbered('identity', [json.dumps(i, indent=4).encode() for i in IDENTITIES] + [b'\xef\xbb\xbf{}', b'{"DkimAttributes": []}'])
    numbered('text', [t.encode('utf-8', 'surrogatepass') for t in TEXTS])
    numbered('wire', [packet(), wire_name('a.shop.example'), b'\x05v=xyz\x00', struct.pack('>H', 10) + wire_name('mx.example'), b'\xc0\x0c', b'\x3f' + b'a' * 63 + b'\0'])


main()
