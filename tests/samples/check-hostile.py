#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Input that nobody means well with: check-hostile.py TOOL SAMPLES. Whatever comes, the command ends in time with a status of its
# own, its JSON is JSON and its text does nothing to a terminal. Made here from the samples, the same in every run.
import os
import random
import sys
import tempfile
import time

from tap import Tap, run, text_faults

TOOL, SAMPLES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SECONDS = 20
STATUSES = (0, 1, 2, 3, 4, 5, 65)


def content(name):
    with open(os.path.join(SAMPLES, name + '.eml'), 'rb') as file:
        return file.read()


def with_field(field, name='healthy'):
    """The field on top of a message that is otherwise well."""
    return field + b'\r\n' + content(name)


def below(field):
    return content('healthy').replace(b'\r\nFrom:', b'\r\n' + field + b'\r\nFrom:', 1)


def repeated(field, count):
    return b'\r\n'.join([field] * count)


def nested(depth):
    text = b'From: a@shop.example\r\nMIME-Version: 1.0\r\n'
    for i in range(depth):
        text += b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (i, i)
    return text + b'\r\nend\r\n'


def wrapped(depth):
    return b'From: a@shop.example\r\nMIME-Version: 1.0\r\n' + b'Content-Type: message/rfc822\r\n\r\nFrom: a@shop.example\r\nMIME-Version: 1.0\r\n' * depth + b'\r\n\r\nend\r\n'


SIGNATURE = b'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=shop.example; s=abcdefghijklmnopqrstuvwxyz234567; h=From; bh=AAAA; b=AAAA'
SEAL = b'ARC-Seal: i=%d; a=rsa-sha256; t=1; cv=pass; d=shop.example; s=x; b=AAAA'
RESULTS = b'Authentication-Results: mx.mailbox.example; '

MESSAGES = {
    'escapes in From and Subject': with_field(b'X: y').replace(b'Subject: ', b'Subject: \x1b[2J\x1b]0;title\x07\x9b31m').replace(b'From: ', b'From: \x1b[8m'),
    'bidi controls in encoded words': with_field(b'X: y').replace(b'Subject: ', b'Subject: =?utf-8?B?4oCu4oGmG1szMW0=?= '),
    'line ends in encoded words': with_field(b'X: y').replace(b'Subject: ', b'Subject: =?utf-8?Q?a=0D=0ABcc:_x=00?= '),
    'escapes in results': with_field(RESULTS + b'dkim=\x1b[31mpass header.d=\x1b[2Jx; spf=pass (\x9b) smtp.mailfrom=\xe2\x80\xae'),
    'NUL in every field': content('healthy').replace(b': ', b': \0', 40),
    'NUL in the body': content('healthy') + b'\0\0\0\r\n',
    'octets that are no UTF-8': content('healthy').replace(b'orders@', b'\xff\xfe\xc3@').replace(b'Orders', b'\xf0\x9f'),
    'a field of a megabyte': with_field(b'X-Long: ' + b'a' * 1000000),
    'a folded field of a megabyte': with_field(b'References: ' + b'<a@b>\r\n ' * 130000 + b'<c>'),
    'a From of a megabyte': with_field(b'From: ' + b'a@shop.example, ' * 60000 + b'b@shop.example'),
    'comments nested ten thousand deep': with_field(b'From: ' + b'(' * 10000 + b')' * 10000 + b' a@shop.example'),
    'results with ten thousand comments': with_field(RESULTS + b'spf=pass ' + b'(a)' * 10000 + b' smtp.mailfrom=shop.example'),
    'ten thousand results in one field': with_field(RESULTS + b'dkim=pass header.d=shop.example; ' * 10000 + b'x'),
    'an unended quoted string': with_field(RESULTS + b'dkim=pass reason="' + b'\\"' * 20000),
    'twenty thousand fields': with_field(repeated(b'X-A: b', 20000)),
    'three hundred signatures': below(repeated(SIGNATURE, 300)),
    'a signature with ten thousand tags': below(SIGNATURE + b''.join(b'; t%d=x' % i for i in range(10000))),
    'a signature over ten thousand fields': below(SIGNATURE.replace(b'h=From', b'h=' + b'From:' * 10000 + b'To')),
    'a signature with numbers beyond all': below(SIGNATURE + b'; t=' + b'9' * 400 + b'; x=-1; l=' + b'9' * 400),
    'a selector of a thousand labels': below(SIGNATURE.replace(b's=abc', b's=' + b'a.' * 1000 + b'abc')),
    'a hundred ARC sets': with_field(b'\r\n'.join(SEAL % i for i in range(1, 101))),
    'one ARC seal of instance zero': with_field(SEAL % 0),
    'five hundred Received': with_field(repeated(b'Received: from a.example (a.example [192.0.2.1]) by b.example; Wed, 14 Oct 2026 08:21:39 +0000', 500)),
    'a Received of a megabyte': with_field(b'Received: from ' + b'(' * 500000 + b' by ' + b')' * 499990),
    'parts in parts, five hundred deep': nested(500),
    'messages in messages, five hundred deep': wrapped(500),
    'a boundary that is empty': b'From: a@shop.example\r\nContent-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n--\r\n----\r\n',
    'ten thousand parts': b'From: a@shop.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n' + b'--x\r\n\r\na\r\n' * 10000 + b'--x--\r\n',
    'a bounce without an end': content('bounced')[:-700],
    'a Date beyond all calendars': with_field(b'X: y').replace(b'Date: ', b'Date: Wed, 99 Foo 999999999999 99:99:99 +9999 '),
    'only a colon': b':\r\n\r\n',
    'only a field name': b'From:\r\n',
    'blank lines and then a message': b'\r\n' * 5000 + content('healthy'),
    'one line of a megabyte': b'From: a@shop.example\r\n\r\n' + b'a' * 1000000,
    'a million line ends': b'From: a@shop.example\r\n\r\n' + b'\r\n' * 500000,
    'only carriage returns': content('healthy').replace(b'\r\n', b'\r'),
}

ZONES = {
    'a CNAME loop at the record': '_dmarc.shop.example. CNAME _dmarc.loop.example.\n_dmarc.loop.example. CNAME _dmarc.shop.example.\n',
    'an SPF record that includes itself': 'bounce.shop.example. TXT "v=spf1 include:bounce.shop.example ~all"\n',
    'an SPF record of many strings': 'bounce.shop.example. TXT ' + '"v=spf1 " ' + '"ip4:192.0.2.1 " ' * 3000 + '\n',
    'macros that grow': 'bounce.shop.example. TXT "v=spf1 exists:%s -all"\n' % ('%{l}' * 50),
    'records with escapes in them': 'bounce.shop.example. TXT "v=spf1 \\027[31m \\226\\128\\174 -all"\n_dmarc.shop.example. TXT "v=DMARC1; p=\\027[2J"\n',
    'a hundred DMARC records': ''.join('_dmarc.shop.example. TXT "v=DMARC1; p=none; x=%d"\n' % i for i in range(100)),
    'a rua of ten thousand addresses': '_dmarc.shop.example. TXT "v=DMARC1; p=none; rua=" ' + '"mailto:a@lake.example," ' * 2500 + '"mailto:b@lake.example"\n',
    'a key that is no key': 'abcdefghijklmnopqrstuvwxyz234567._domainkey.shop.example. TXT "k=rsa; p=AAAA"\n',
    'a key of sixteen thousand bits': 'abcdefghijklmnopqrstuvwxyz234567._domainkey.shop.example. TXT "p=" ' + '"%s" ' % ('A' * 200) * 14 + '\n',
    'a chain of fifty CNAMEs': ''.join('c%d.shop.example. CNAME c%d.shop.example.\n' % (i, i + 1) for i in range(50))
        + 'abcdefghijklmnopqrstuvwxyz234567._domainkey.shop.example. CNAME c0.shop.example.\n',
}


def spoiled(count):
    """Samples with octets changed, parts taken out and doubled at random places."""
    names = sorted(n[:-4] for n in os.listdir(SAMPLES) if n.endswith('.eml'))
    for seed in range(count):
        chance = random.Random(seed)
        data = bytearray(content(chance.choice(names)))
        for _ in range(chance.randint(1, 12)):
            at, length, kind = chance.randrange(len(data)), chance.randint(1, 60), chance.randrange(4)
            if kind == 0:
                data[at] = chance.randrange(256)
            elif kind == 1:
                del data[at:at + length]
            elif kind == 2:
                data[at:at] = data[at:at + length]
            else:
                data[at:at] = bytes(chance.choice(b'\0\r\n;:="(<>\\@. \t\xff') for _ in range(length % 9))
            data = data or bytearray(b'x')
        yield bytes(data)


def faults_of(data, zone, path, limit=SECONDS):
    with open(path, 'wb') as out:
        out.write(data)
    faults = []
    for form in (['--format=json'], ['--format=text', '-v'], ['--format=authres', '--write-id=mx.test.example']):
        start = time.monotonic()
        try:
            answer = run(TOOL, *form, '--dns=' + zone, path)
        except Exception as error:      # a signal, a sanitizer report, no end
            return ['%s: %s' % (type(error).__name__, error)]
        if time.monotonic() - start > limit:
            faults.append('%s took %.1f s' % (form[0], time.monotonic() - start))
        if answer.status not in STATUSES:
            faults.append('%s: status %d: %s' % (form[0], answer.status, answer.err[:300]))
        if 'json' in form[0]:
            answer.json()
        elif 'text' in form[0]:
            faults += text_faults(answer.text())[:3]
        faults += [f for f in text_faults(answer.err.decode('utf-8', 'replace')) if f.startswith('control')]
    return faults


def guarded(*args):
    try:
        return faults_of(*args)
    except Exception as error:
        return ['%s: %s' % (type(error).__name__, error)]


def main():
    tap = Tap()
    zone = os.path.join(SAMPLES, 'healthy.zone')
    with open(zone, encoding='utf-8') as file:
        plain = file.read()
    with tempfile.TemporaryDirectory() as directory:
        path, other = os.path.join(directory, 'm.eml'), os.path.join(directory, 'zone')
        for name, data in MESSAGES.items():
            tap.point(name, guarded(data, zone, path))
        for name, records in ZONES.items():
            owners = {line.split(' ')[0] for line in records.split('\n') if line}
            with open(other, 'w', encoding='utf-8') as out:
                out.write('\n'.join(line for line in plain.split('\n') if line.split(' ')[0] not in owners) + '\n' + records)
            tap.point(name, guarded(content('healthy'), other, path))
        for number, data in enumerate(spoiled(int(os.environ.get('DMARCTRACE_SPOILED', '120')))):
            faults = guarded(data, zone, path)
            if faults:
                tap.point('spoiled message %d' % number, faults)
        tap.point('spoiled messages', [])
        tap.point('a message cut off anywhere', [f for cut in range(1, len(content('forwarded')), 97) for f in guarded(content('forwarded')[:cut], zone, path)])
    return tap.end()


sys.exit(main())
