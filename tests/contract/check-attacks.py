#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Truth under attack: what a sender writes into a message or publishes in DNS must not talk the tool into a verdict, an address or a
# believed result. check-attacks.py TOOL. The sender is an attacker on 203.0.113.66 who writes as shop.example, or SES's own customer.
import os
import re
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
from forge import BODY, SIGNED, TIME, TOKEN, Mail, Zone, dkim_field, gmail, microsoft, plain_host, public, stamp, stored
from tap import Tap, run, text_faults

TOOL = os.path.abspath(sys.argv[1])
TAP = Tap()
TMP = tempfile.mkdtemp()
SHOP, EVIL = 'shop.example', 'evil.example'
EVIL_HOST = ('203.0.113.66', 'mail.evil.example')
SES_IP, SES_HELO = '54.240.9.46', 'a9-46.smtp-out.amazonses.com'
MX = 'mx.mailbox.example'
GOOD = 'dkim=pass header.d=shop.example header.s=%s; spf=pass smtp.mailfrom=x@bounce.shop.example; dmarc=pass header.from=shop.example' % TOKEN


def made(name, data):
    path = os.path.join(TMP, name)
    with open(path, 'wb') as file:
        file.write(data if isinstance(data, bytes) else data.encode('utf-8', 'surrogateescape'))
    return path


def dns():
    """All that shop.example and the attacker publish."""
    zone = Zone().host(SHOP).mail_from('bounce.shop.example').easy_dkim(SHOP)
    zone.host(EVIL).txt(EVIL, 'v=spf1 ip4:203.0.113.66 -all').txt('e._domainkey.evil.example', 'p=' + public('other'))
    return zone.add('mail.evil.example', 'A', '203.0.113.66')


def spoof(sender='Orders <orders@shop.example>', fields=(), signed=False, **more):
    """What the attacker hands to the receiver: his own MAIL FROM, his own signature if any."""
    mail = Mail(sender, envelope=EVIL, fields=fields, ses_signature=False, feedback=False, own_host=EVIL_HOST, own=EVIL if signed else None,
                keyname='other', selector='e', **more)
    mail.ip, mail.helo = EVIL_HOST
    return mail


def explain(text, zone, *args):
    """The JSON of one message; its text report must be clean and say the same verdict."""
    eml, file = made('m.eml', text), made('z.zone', zone.text())
    answer = run(TOOL, '--format=json', '--dns=' + file, *args, eml).json()
    shown = run(TOOL, '--dns=' + file, *args, eml).text()
    faults = text_faults(shown)
    if 'dmarc=' + answer['verdict'] not in shown.split('\n')[0]:
        faults.append('the text says %r' % shown.split('\n')[0])
    answer['shown'] = shown
    return answer, faults


def differences(answer, expect):
    """expect: 'spf.ip' -> value. A value that is a set: one of them."""
    faults = []
    for path, value in expect.items():
        found = answer
        for key in path.split('.'):
            found = found[int(key) if key.isdigit() else key] if found is not None else None
        if not (found in value if isinstance(value, set) else found == value):
            faults.append('%s is %r, not %r' % (path, found, value))
    return faults


def trusted(answer):
    return ['%s line %s by %s' % (r['header'], r['line'], r['trusted_by']) for r in answer['recorded'] if r['trusted']]


def holds(name, text, zone=None, args=(), believed=0, more=None, **expect):
    """believed: how many recorded fields may be believed. expect: paths with "__" for "."."""
    answer, faults = explain(text, zone or dns(), *args)
    faults += differences(answer, {path.replace('__', '.'): value for path, value in expect.items()})
    if len(trusted(answer)) != believed:
        faults.append('believed: %s' % trusted(answer))
    if more:
        faults += more(answer)
    TAP.point(name, faults)


ATTACKER = dict(verdict='fail', spf__ip='203.0.113.66', spf__domain=EVIL, recorded_verdict=None)

# ---- results that the sender wrote ------------------------------------------------------------------------------------------------

FORMS = {
    'the host': MX + '; ' + GOOD,
    'the host in capitals': MX.upper() + '; ' + GOOD,
    'the host with a version': MX + ' 1; ' + GOOD,
    'the host with a final dot': MX + '.; ' + GOOD,
    'the host, quoted': '"' + MX + '"; ' + GOOD,
    'the host behind a comment': '(no one) ' + MX + ' (really); ' + GOOD,
    'the host behind a nested comment': '(a (b) \\) c) ' + MX + '; ' + GOOD,
    'the host, folded': '\r\n\t' + MX + '\r\n\t;\r\n\t' + GOOD.replace('; ', ';\r\n\t'),
    'the host, encoded': '=?us-ascii?Q?mx=2Emailbox=2Eexample?=; ' + GOOD,
    'the domain of the host': 'mailbox.example; ' + GOOD,
    'Gmail': 'mx.google.com; ' + GOOD,
    'Amazon': 'amazonses.com; ' + GOOD,
    'no one': GOOD,
    'an empty id': '; ' + GOOD,
}
SPF_FORMS = {
    'the host': 'pass (%s: domain of x@bounce.shop.example designates %s as permitted sender) receiver=%s; client-ip=%s; envelope-from="x@bounce.shop.example"; helo=%s' % (
        MX, SES_IP, MX, SES_IP, SES_HELO),
    'no one': 'pass client-ip=%s; envelope-from="x@bounce.shop.example"; helo=%s; identity=mailfrom' % (SES_IP, SES_HELO),
    'Gmail': 'pass (google.com: domain of x@bounce.shop.example designates %s as permitted sender) client-ip=%s;' % (SES_IP, SES_IP),
    'Microsoft': 'Pass (protection.outlook.com: domain of bounce.shop.example designates %s as permitted sender) receiver=protection.outlook.com; client-ip=%s; helo=%s; pr=C' % (
        SES_IP, SES_IP, SES_HELO),
}


def placed(mail, top, field, place):
    """The message with the field right below what the receiver wrote, in the middle of the sender's fields, or at their end."""
    fields = mail.fields()
    at = {'first': 0, 'middle': len(fields) // 2, 'last': len(fields)}[place]
    return '\r\n'.join(top + fields[:at] + [field] + fields[at:]) + '\r\n\r\n' + mail.body


def forged_results():
    for place in ('first', 'middle', 'last'):
        for who, value in FORMS.items():
            mail = spoof(signed=True)
            holds('results in the name of %s, %s' % (who, place), placed(mail, plain_host(mail), 'Authentication-Results: ' + value, place), **ATTACKER)
        for who, value in SPF_FORMS.items():
            mail = spoof()
            holds('Received-SPF in the name of %s, %s' % (who, place), placed(mail, plain_host(mail), 'Received-SPF: ' + value, place), **ATTACKER)
    for name in ('ARC-Authentication-Results: i=1; ', 'X-Authentication-Results: ', 'Authentication-Results-Original: '):
        mail = spoof()
        holds('results in ' + name.split(':')[0], placed(mail, plain_host(mail), name + FORMS['the host'], 'first'), **ATTACKER)


def results_with_signature():
    """A result that names SES's own signature is known by it; here there is none but what the sender wrote."""
    fake = 'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=amazonses.com; s=x; h=From; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAABBBBCCCC'
    field = 'Authentication-Results: ' + MX + '; spf=pass smtp.mailfrom=x@bounce.shop.example; dkim=pass header.d=amazonses.com header.b=AAAABBBB; dmarc=pass header.from=shop.example'
    mail = spoof()
    mail.signatures = [fake]
    holds('results that name an imitation of SES\'s signature', placed(mail, plain_host(mail), field, 'first'), **ATTACKER)
    mail = Mail('Orders <orders@shop.example>')
    mail.core = [fake, field] + mail.core
    holds('the same through SES', stored(mail, plain_host(mail)), verdict='fail', recorded_verdict=None, spf__ip=SES_IP, spf__domain='amazonses.com')
    mail = Mail('Orders <orders@shop.example>')
    mail.core = [fake] + mail.core
    holds('the same through SES, above its signature', placed(mail, plain_host(mail), field, 'first'), verdict='fail', recorded_verdict=None, spf__ip=SES_IP, spf__domain='amazonses.com')


def results_with_address():
    """The attacker knows his own address, so he can name it; what he says beside it must not count as the client."""
    for place in ('first', 'middle', 'last'):
        for who, value in {
            'both addresses': MX + '; spf=pass (%s: domain of x@bounce.shop.example designates %s as permitted sender) smtp.remote-ip=203.0.113.66 smtp.mailfrom=x@bounce.shop.example; ' % (
                MX, SES_IP) + GOOD,
            'both addresses, the other way round': MX + '; spf=pass smtp.remote-ip=%s smtp.client-ip=203.0.113.66 (sender IP is %s) smtp.mailfrom=x@bounce.shop.example' % (SES_IP, SES_IP),
            'two results': MX + '; spf=pass smtp.remote-ip=203.0.113.66 smtp.mailfrom=x@bounce.shop.example; spf=pass smtp.remote-ip=%s smtp.mailfrom=x@bounce.shop.example' % SES_IP,
        }.items():
            mail = spoof()
            answer, faults = explain(placed(mail, plain_host(mail), 'Authentication-Results: ' + value, place), dns())
            TAP.point('results with %s, %s' % (who, place), faults + differences(answer, {'verdict': 'fail', 'spf.ip': '203.0.113.66', 'reproducible': None}))


def gmail_results(mail):
    return 'spf=pass (google.com: domain of %s designates 203.0.113.66 as permitted sender) smtp.mailfrom=%s; dmarc=fail (p=REJECT sp=REJECT dis=REJECT) header.from=shop.example' % (
        mail.envelope, mail.envelope)


def below_true_results():
    """The receiver's own results stand there too; the forged ones below them say the opposite."""
    said = dict(verdict='fail', recorded_verdict='fail', spf__ip='203.0.113.66', spf__domain=EVIL)
    for field in ('Authentication-Results: mx.google.com; ' + GOOD, 'Received-SPF: ' + SPF_FORMS['Gmail']):
        for place in ('first', 'middle', 'last'):
            mail = spoof()
            holds('below Gmail\'s own: %s %s' % (field.split(':')[0], place), placed(mail, gmail(mail, gmail_results(mail)), field, place), believed=2, **said)
    results = 'spf=pass (sender IP is 203.0.113.66) smtp.mailfrom=evil.example; dkim=none (message not signed) header.d=none;dmarc=fail action=oreject header.from=shop.example;compauth=fail reason=000'
    for field in ('Authentication-Results: spf=pass (sender IP is %s) smtp.mailfrom=bounce.shop.example; %s;compauth=pass reason=100' % (SES_IP, GOOD),
                  'Received-SPF: ' + SPF_FORMS['Microsoft']):
        for place in ('first', 'middle', 'last'):
            mail = spoof()
            holds('below Microsoft\'s own: %s %s' % (field.split(':')[0], place), placed(mail, microsoft(mail, results), field, place), believed=2, **said)


# ---- ways that the sender wrote -----------------------------------------------------------------------------------------------------


def from_ses(by):
    return 'Received: from %s (%s [%s])\r\n\tby %s (Postfix) with ESMTPS id 4XyZ12\r\n\tfor <sam@mailbox.example>; %s (UTC)' % (SES_HELO, SES_HELO, SES_IP, by, stamp(TIME))


GMAIL_HOP = ('Received: from %s (%s. [%s])\r\n        by mx.google.com with ESMTPS id a1si111111lfd.11.2026.10.14.01.21.39\r\n'
             '        for <sam@mailbox.example>\r\n        (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128);\r\n        %s' % (SES_HELO, SES_HELO, SES_IP, stamp(TIME)))


def only_claimed(answer):
    """Marks of SES that nothing proves excuse no one: what rests on them is possible, and the report says who can write them."""
    sure = [f['code'] for f in answer['causes'] if f['code'] in ('spf-forwarded', 'list-or-forwarder') and f['certainty'] != 'possible']
    faults = ['certain: %s' % sure] if sure else []
    shown = ' '.join(answer['shown'].split())
    return faults + ([] if not answer['ses']['via_ses'] or 'anyone can write' in shown else ['the text takes the marks for true'])


def forged_ways():
    """Hops below the true one that look like the receiver taking the message from SES."""
    envelope = 'Return-Path: <x@bounce.shop.example>'
    for who, above in {
        'the same host': [envelope, from_ses(MX)],
        'another host of the receiver': [envelope, from_ses('mx2.mailbox.example')],
        'SES itself': ['Received: by %s with SMTP id 77; %s' % (SES_HELO, stamp(TIME)), 'X-SES-Outgoing: 2026.10.14-' + SES_IP,
                       'Feedback-ID: ::1.us-east-1.c2FtcGxlIHNhbXBsZSBzYW1wbGUgc2FtcGxlIQ==:AmazonSES'],
        'the same host with results': [envelope, from_ses(MX), 'Authentication-Results: ' + MX + '; spf=pass smtp.remote-ip=%s smtp.mailfrom=x@bounce.shop.example; %s' % (SES_IP, GOOD)],
        'the same host, results above': ['Authentication-Results: ' + MX + '; spf=pass smtp.remote-ip=%s smtp.mailfrom=x@bounce.shop.example; %s' % (SES_IP, GOOD), envelope, from_ses(MX)],
    }.items():
        mail = spoof()
        mail.above = above
        holds('a way that imitates ' + who, stored(mail, plain_host(mail)), more=only_claimed, **ATTACKER)
    for who, above in {'Gmail': [envelope, GMAIL_HOP, 'Authentication-Results: mx.google.com; ' + GOOD], 'Gmail, results above': ['Authentication-Results: mx.google.com; ' + GOOD, GMAIL_HOP]}.items():
        mail = spoof()
        mail.above = above
        holds('below Gmail\'s own: a way that imitates ' + who, stored(mail, gmail(mail, gmail_results(mail))), believed=2, verdict='fail', recorded_verdict='fail',
              spf__ip='203.0.113.66', spf__domain=EVIL)


def forged_names():
    """A client that calls itself by the receiver's name is still outside."""
    for who, helo, seen in (('a host of the receiver', 'mx2.mailbox.example', 'unknown'), ('the host itself', MX, 'unknown'), ('localhost', 'localhost', 'unknown'),
                            ('an address of the inside', '[10.0.0.1]', 'unknown'), ('Amazon', SES_HELO, 'unknown')):
        mail = spoof()
        top = ['Return-Path: <%s>' % mail.envelope, 'Received: from %s (%s [203.0.113.66])\r\n\tby %s (Postfix) with ESMTPS id 4XyZ12\r\n\tfor <sam@mailbox.example>; %s (UTC)' % (
            helo, seen, MX, stamp(TIME))]
        mail.above = [from_ses(MX)]
        holds('a client that calls itself ' + who, stored(mail, top), **ATTACKER)
    for who, helo in (('mail-ej1-f41.google.com', 'mail-ej1-f41.google.com'), ('mx.google.com', 'mx.google.com')):
        mail = spoof()
        mail.above = [GMAIL_HOP]
        top = gmail(mail, gmail_results(mail), helo=helo)
        top = [line.replace('(%s. [' % helo, '([') for line in top]
        holds('Gmail: a client that calls itself ' + who, stored(mail, top), believed=2, verdict='fail', spf__ip='203.0.113.66')


def inside_other_message():
    inner = stored(Mail(own=SHOP, envelope='bounce.shop.example'), ['Authentication-Results: ' + MX + '; ' + GOOD])
    mail = spoof(body='--b\r\nContent-Type: message/rfc822\r\n\r\n' + inner + '\r\n--b--\r\n', kind='multipart/mixed; boundary=b')
    holds('results inside an attached message', stored(mail, plain_host(mail)), **ATTACKER)
    mail = spoof(body='Authentication-Results: ' + MX + '; ' + GOOD + '\r\nFrom: x@evil.example\r\n')
    holds('results in the body', stored(mail, plain_host(mail)), **ATTACKER)


# ---- authors ------------------------------------------------------------------------------------------------------------------------


def authors():
    for name, sender, verdicts in (
        ('two addresses', 'orders@shop.example, joe@evil.example', {'permerror', 'fail'}), ('two addresses, the other way round', 'joe@evil.example, orders@shop.example', {'permerror', 'fail'}),
        ('an empty group', 'shop.example:;', {'permerror', 'none', 'fail'}), ('no address', '', {'permerror', 'none', 'fail'}), ('null', '<>', {'permerror', 'none', 'fail'}),
        ('no domain', 'orders', {'permerror', 'none', 'fail'}), ('two @', 'joe@evil.example@shop.example', {'permerror', 'fail'}), ('two @, the other way round', 'joe@shop.example@evil.example', {'permerror', 'fail'}),
        ('a route', '<@evil.example:orders@shop.example>', {'permerror', 'fail'}), ('two angles', '<joe@evil.example> <orders@shop.example>', {'permerror', 'fail'}),
        ('two angles, the other way round', '<orders@shop.example> <joe@evil.example>', {'permerror', 'fail'}), ('no comma', 'joe@evil.example orders@shop.example', {'permerror', 'fail'}),
        ('a comment in between', 'orders@(joe@evil.example)shop.example', {'fail'}), ('the address as an encoded word', '=?utf-8?Q?joe=40evil.example?= <orders@shop.example>', {'fail'}),
        ('an encoded bracket', '=?utf-8?Q?<joe=40evil.example>?= <orders@shop.example>', {'fail', 'permerror'}),
        ('an address literal', 'orders@[203.0.113.66]', {'permerror', 'none', 'fail'}),
        ('a blank in the domain', 'orders@shop. example', {'fail', 'permerror'}), ('a NUL in the domain', 'orders@shop.example\0.evil.example', {'fail', 'permerror', 'none'}),
        ('a backslash', 'joe@evil.example\\@shop.example', {'fail', 'permerror', 'none'}),
        ('a percent', 'orders%shop.example@evil.example, orders@shop.example', {'fail', 'permerror'}),
        ('a thousand addresses', ', '.join('a%d@evil.example' % i for i in range(1200)) + ', orders@shop.example', {'fail', 'permerror'}),
    ):
        mail = spoof(sender, signed=True)
        holds('From with ' + name, stored(mail, plain_host(mail)), verdict=verdicts, recorded_verdict=None)
    for name, first, second in (('the attacker\'s first', 'joe@evil.example', 'orders@shop.example'), ('the attacker\'s last', 'orders@shop.example', 'joe@evil.example')):
        mail = spoof(first, signed=True, fields=['From: ' + second])
        holds('two From fields, ' + name, stored(mail, plain_host(mail)), verdict={'permerror', 'fail'}, recorded_verdict=None)
    mail = Mail('Orders <orders@shop.example>', own=SHOP, envelope='bounce.shop.example')
    text = stored(mail, plain_host(mail))
    holds('a second From on top of a signed message', text.replace('From: Orders', 'From: joe@evil.example\r\nFrom: Orders', 1), verdict={'permerror', 'fail'})
    for gap in ('\n', '\r', '\r\r\n', '\n\r\n'):
        mail = spoof('joe@evil.example', signed=True)
        mail.core[2] = 'Subject: x%sFrom: orders@shop.example' % gap
        name = ' '.join('%02x' % ord(c) for c in gap)
        answer, faults = explain(stored(mail, plain_host(mail)), dns())
        many = len(answer['message']['from'])
        TAP.point('a From behind %s in a Subject counts as a field, takes the certainty away, or is body' % name,
                  faults + ([] if answer['verdict'] == 'permerror' or (gap == '\n\r\n' and many == 1) else ['verdict %s with %d authors' % (answer['verdict'], many)]))
    for fold in ('\r\n ', '\r\n\t', '\n '):
        mail = spoof('Joe' + fold + 'From: orders@shop.example <joe@evil.example>', signed=True)
        holds('a From folded into a From, %r' % fold, stored(mail, plain_host(mail)), message__from_domain={EVIL, None}, dmarc__from_domain={EVIL, None})
    mail = spoof('=?utf-8?Q?Joe=0D=0AFrom:_orders=40shop.example=0D=0A?= <joe@evil.example>', signed=True, subject='=?utf-8?B?eA0KDQpIVE1M?=')
    holds('line ends in encoded words', stored(mail, plain_host(mail)), verdict='pass', message__from_domain=EVIL)


def look_alikes():
    for name, domain, label in (('a Cyrillic letter', '\u0455hop.example', 'xn--'), ('a soft hyphen', 'sh\u00adop.example', None), ('a zero-width joiner', 'sh\u200dop.example', None),
                                ('full-width letters', '\uff53hop.example', None), ('an ideographic full stop', 'shop\u3002example', None), ('a combining dot', 'sho\u0323p.example', 'xn--')):
        mail = spoof('Orders <orders@%s>' % domain, signed=True)
        answer, faults = explain(stored(mail, plain_host(mail)), dns())
        found = answer['message']['from_domain']
        if label:
            faults += [] if found and found.startswith(label) else ['the author domain is %r' % found]
        elif found not in (SHOP, None) and not found.startswith('xn--'):
            faults.append('the author domain is %r' % found)
        faults += differences(answer, {'verdict': {'fail', 'none', 'permerror'}})
        TAP.point('a name with ' + name, faults)
    for name, text in (('bidi override', 'moc.\u202eelpmaxe.pohs'), ('isolates', '\u2066shop\u2069'), ('marks', '\u200fshop\u200e'), ('escape sequences', '\x1b[2J\x1b]8;;http://evil.example\x07shop\x1b]8;;\x07')):
        mail = spoof('=?utf-8?B?%s?= <orders@shop.example>' % __import__('base64').b64encode(text.encode()).decode(), subject=text)
        holds('a display name with ' + name, stored(mail, plain_host(mail)), **ATTACKER)


# ---- signatures -----------------------------------------------------------------------------------------------------------------------


def resigned(mail, old, new, d, selector, keyname, **more):
    """A signature of the attacker's with one piece of text replaced before it is signed."""
    import forge
    plain = forge.sign_bytes
    forge_field = {}

    def sign(data, name):
        return plain(data.replace(old.encode(), new.encode(), 1), name)
    forge.sign_bytes = sign
    try:
        forge_field['text'] = dkim_field(mail.core, mail.body, d, selector, keyname, SIGNED, TIME, **more)
    finally:
        forge.sign_bytes = plain
    return forge_field['text'].replace(old, new, 1)


def signatures():
    for name, old, new, want in (
        ('d= twice, the attacker\'s last', ' d=evil.example;', ' d=shop.example; d=evil.example;', 'signature-syntax'),
        ('d= twice, the attacker\'s first', ' d=evil.example;', ' d=evil.example; d=shop.example;', 'signature-syntax'),
        ('s= twice', 's=e;', 's=%s; s=e;' % TOKEN, 'signature-syntax'), ('b= twice', ' q=dns/txt;', ' b=AAAA; q=dns/txt;', 'signature-syntax'),
        ('i= of another domain', ' d=evil.example;', ' d=evil.example; i=@shop.example;', 'identity-mismatch'),
        ('i= that ends in =', ' d=evil.example;', ' d=evil.example; i=@evil.example=;', None), ('i= that ends in =4', ' d=evil.example;', ' d=evil.example; i=@evil.example=4;', None),
        ('i= in quoted-printable', ' d=evil.example;', ' d=evil.example; i=joe=40shop.example@evil.example;', None),
        ('d= with a NUL', ' d=evil.example;', ' d=evil.example\0.shop.example;', None),
        ('d= of a sub-domain of the author', ' d=evil.example;', ' d=evil.example.shop.example;', 'no-key'), ('d= with a blank', ' d=evil.example;', ' d=shop.example evil.example;', None),
        ('d= of the top', ' d=evil.example;', ' d=example;', 'no-key'), ('d= empty', ' d=evil.example;', ' d=;', None), ('v=2', 'v=1;', 'v=2;', 'version'), ('no v=', 'v=1; ', '', 'signature-syntax'),
    ):
        mail = spoof()
        mail.signatures = [resigned(mail, old, new, EVIL, 'e', 'other')]
        expect = dict(ATTACKER)
        if want:
            expect['dkim__0__reason'] = want
        holds('a signature with ' + name, stored(mail, plain_host(mail)), **expect)
    mail = spoof()
    mail.signatures = [resigned(mail, 'h=From:', 'h=', EVIL, 'e', 'other')]
    holds('a signature that leaves From out', stored(mail, plain_host(mail)), dkim__0__reason='from-not-signed', **ATTACKER)
    mail = spoof()
    mail.signatures = ['DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=shop.example; s=%s; h=From; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=%s' % (TOKEN, 'A' * 344)] * 60
    holds('sixty signatures in the author\'s name', stored(mail, plain_host(mail)), **ATTACKER)


def old_signature():
    """A true signature of the author under a message that is not his any more."""
    def replay(change, **more):
        mail = Mail('Orders <orders@shop.example>', own=SHOP, envelope=EVIL, ses_signature=False, feedback=False, own_host=EVIL_HOST, **more)
        mail.ip, mail.helo = EVIL_HOST
        return change(stored(mail, plain_host(mail)))
    at = ['--at=2026-10-15T00:00:00Z']
    holds('a replayed message with another Subject', replay(lambda t: t.replace('Subject: Your', 'Subject: Pay for your')), verdict='fail', dkim__0__result='fail', args=at)
    holds('a replayed message with another body', replay(lambda t: t.replace('Dear guest', 'Dear fool')), verdict='fail', dkim__0__result='fail', args=at)
    holds('a replayed message that has expired', replay(lambda t: t, extra='x=%d;' % (TIME + 10)), verdict='fail', dkim__0__reason='expired', args=at)
    length = len(BODY)

    def said(answer):
        octets = len('\r\nClick here: http://evil.example/\r\n')
        said = '%d octets are not signed' % octets
        return [] if said in answer['dkim'][0]['detail'] and said in re.sub(r'\s+', ' ', answer['shown']) else ['nothing is said of the octets that are not signed']
    holds('l= with more behind it: the signature passes, and what it leaves open is said',
          replay(lambda t: t + '\r\nClick here: http://evil.example/\r\n', extra='l=%d;' % length), verdict='pass', dkim__0__l=length, more=said)
    holds('l=0', replay(lambda t: t.replace('Dear guest', 'Dear fool'), extra='l=0;'), verdict={'fail', 'pass'}, dkim__0__l=0)
    holds('l= beyond the end', replay(lambda t: t, extra='l=999999;'), verdict='fail', dkim__0__result={'permerror', 'fail', 'neutral'})


def sealed():
    mail = spoof()
    mail.seal(1, EVIL, 'e', 'other', MX + '; spf=pass smtp.mailfrom=bounce.shop.example; dkim=pass header.d=shop.example; dmarc=pass header.from=shop.example')
    holds('an ARC chain that the sender sealed himself', stored(mail, plain_host(mail)), arc__result='pass', **ATTACKER)


# ---- DNS -------------------------------------------------------------------------------------------------------------------------------


def shop_mail():
    mail = Mail(own=SHOP, envelope='bounce.shop.example')
    return stored(mail, plain_host(mail))


def keys():
    def at(*texts, **more):
        zone = Zone().host(SHOP)
        for text in texts:
            zone.txt('%s._domainkey.shop.example' % TOKEN, text)
        return zone
    good, bad = public('own'), public('other')
    for name, texts, want in (('two p=, the right one last', ['p=%s; p=%s' % (bad, good)], {'permerror'}), ('two p=, the right one first', ['p=%s; p=%s' % (good, bad)], {'permerror'}),
                              ('two p= that are the same', ['p=%s; p=%s' % (good, good)], {'permerror'}), ('two records', ['p=' + good, 'p=' + bad], {'permerror'}),
                              ('P= in capitals', ['v=DKIM1; P=' + good], {'permerror'}), ('v= behind p=', ['p=%s; v=DKIM1' % good], {'permerror', 'pass'}),
                              ('64 KB in front of it', ['n=' + 'x' * 60000 + '; p=' + good], {'pass', 'neutral', 'permerror'}), ('64 KB of p=', ['p=' + 'A' * 64000], {'permerror', 'neutral', 'policy'}),
                              ('NUL octets', ['p=' + good[:20] + '\0' + good[20:]], {'permerror'})):
        result = {'pass': {'pass'}}.get('pass') if want == {'pass'} else None
        holds('a key record with ' + name, shop_mail(), at(*texts), verdict={'pass', 'fail', 'temperror'} if 'pass' in want else {'fail'}, dkim__0__result=want)


def names():
    def with_lines(*lines, base=None):
        zone = base or Zone().host(SHOP, None).mail_from('bounce.shop.example').easy_dkim(SHOP)
        for line in lines:
            zone.line(line)
        return zone
    loop = ['_dmarc.shop.example. CNAME a.loop.example.', 'a.loop.example. CNAME b.loop.example.', 'b.loop.example. CNAME a.loop.example.']
    holds('a CNAME loop at _dmarc', shop_mail(), with_lines(*loop), verdict='temperror')
    chain = ['_dmarc.shop.example. CNAME c0.chain.example.'] + ['c%d.chain.example. CNAME c%d.chain.example.' % (i, i + 1) for i in range(200)] + ['c200.chain.example. TXT "v=DMARC1; p=none"']
    holds('a chain of 200 CNAMEs at _dmarc', shop_mail(), with_lines(*chain), verdict='temperror')
    holds('_dmarc leads to itself', shop_mail(), with_lines('_dmarc.shop.example. CNAME _dmarc.shop.example.'), verdict='temperror')
    long_record = '"v=DMARC1; p=reject; rua=mailto:a@shop.example' + '" "'.join([''] + [',mailto:a%05d@shop.example' % i + 'x' * 200 for i in range(280)]) + '"'
    holds('a DMARC record of 64 KB', shop_mail(), with_lines('_dmarc.shop.example. TXT ' + long_record), verdict={'pass', 'fail'})
    filler = ' '.join('"%s"' % ('x' * 250) for _ in range(250))
    holds('64 KB at _dmarc that is no record', shop_mail(), with_lines('_dmarc.shop.example. TXT ' + filler), verdict='none')
    many = ['_dmarc.shop.example. TXT "filler %d"' % i for i in range(2000)]
    holds('2000 texts beside the DMARC record', shop_mail(), with_lines('_dmarc.shop.example. TXT "v=DMARC1; p=reject"', *many), verdict='pass')
    holds('2000 DMARC records', shop_mail(), with_lines(*['_dmarc.shop.example. TXT "v=DMARC1; p=reject; x=%d"' % i for i in range(2000)]), verdict='none')


def spf_records():
    def with_spf(text, *lines):
        zone = Zone().host(SHOP)
        zone.add('bounce.shop.example', 'MX', '10 feedback-smtp.us-east-1.amazonses.com.')
        zone.line('bounce.shop.example. TXT ' + ' '.join('"%s"' % text[i:i + 200] for i in range(0, len(text), 200)))
        for line in lines:
            zone.line(line)
        return zone

    def mail():
        m = Mail(envelope='bounce.shop.example')
        return stored(m, plain_host(m))
    for name, text, lines, result in (
        ('include: of itself', 'v=spf1 include:bounce.shop.example -all', (), 'permerror'),
        ('a ring of redirects', 'v=spf1 redirect=r1.shop.example', ('r1.shop.example. TXT "v=spf1 redirect=r2.shop.example"', 'r2.shop.example. TXT "v=spf1 redirect=r1.shop.example"'), 'permerror'),
        ('64 KB of terms', 'v=spf1 ' + 'ip4:192.0.2.1 ' * 4600 + '-all', (), 'fail'),
        ('64 KB of letters', 'v=spf1 ' + 'a' * 64000, (), 'permerror'),
        ('a tree of includes', 'v=spf1 ' + ' '.join('include:t%d.shop.example' % i for i in range(10)) + ' -all',
         tuple('t%d.shop.example. TXT "v=spf1 %s"' % (i, ' '.join('include:t%d.shop.example' % j for j in range(10))) for i in range(10)), 'permerror'),
        ('a CNAME loop in an include', 'v=spf1 include:l.shop.example -all', ('l.shop.example. CNAME m.shop.example.', 'm.shop.example. CNAME l.shop.example.'), 'temperror'),
        ('macros that grow', 'v=spf1 exists:' + '%{l}%{s}%{d}%{h}' * 400 + '.shop.example -all', (), {'fail', 'permerror'}),
        ('exp= that overflows libraries', 'v=spf1 -all exp=e.shop.example', ('e.shop.example. TXT "aaaa%s"' % ('a%{i}' * 43),), 'fail'),
    ):
        answer, faults = explain(mail(), with_spf(text, *lines))
        TAP.point('an SPF record with ' + name, faults + differences(answer, {'spf.result': result if isinstance(result, set) else {result}, 'verdict': {'fail', 'temperror', 'permerror'}}))


def main():
    for part in (forged_results, results_with_signature, results_with_address, below_true_results, forged_ways, forged_names, inside_other_message, authors, look_alikes, signatures, old_signature, sealed, keys, names,
                 spf_records):
        part()
    shutil.rmtree(TMP)
    return TAP.end()


sys.exit(main())
