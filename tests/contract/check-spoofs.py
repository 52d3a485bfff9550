#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Spoofs by composition: what one program reads in one way and the next in another. check-spoofs.py TOOL. The attacker writes as
# evil.example, with its signature and its SPF, or replays what shop.example signed, or sends from a host that both may use. No message
# may pass for a domain that it was not authenticated for, or that a program which keeps to the rules would not show; every report of
# a message says the same. Beside each kind stand healthy ones that pass.
import base64
import os
import sys

from spoof_kit import BODY, EVIL_IP, MX, TIME, WORK, Key, codes, explain_all, header, put, received, signature, stamp, zone_lines
from tap import Tap, run

TOOL = os.path.abspath(sys.argv[1])
TAP = Tap()
OWN, OTHER = Key.read('own'), Key.read('other')
S, V = b'orders@shop.example', b'joe@evil.example'
SHARED = '198.51.100.20'        # both domains permit it
ZONE = put('spoofs.zone', ''.join(zone_lines(*row) for row in (
    ('shop.example', 'TXT', 'v=spf1 ip4:%s -all' % SHARED), ('_dmarc.shop.example', 'TXT', 'v=DMARC1; p=reject'),
    ('own._domainkey.shop.example', 'TXT', 'p=' + OWN.record),
    ('evil.example', 'TXT', 'v=spf1 ip4:%s ip4:%s -all' % (EVIL_IP, SHARED)), ('_dmarc.evil.example', 'TXT', 'v=DMARC1; p=reject'),
    ('e._domainkey.evil.example', 'TXT', 'p=' + OTHER.record))) + 'shop.example. 300 A %s\nmail.evil.example. 300 A %s\n' % (SHARED, EVIL_IP))


def coded(text):
    return b'=?utf-8?b?' + base64.b64encode(text) + b'?='


def utf(text):
    return text.encode()


# ---- authors ---------------------------------------------------------------------------------------------------------------

# words; a From value, or lines with their ends; what it is: the author domain, or '?' where none is certain; a code that must be said
AUTHORS = (
    ('one address', V, 'evil', None), ('one address of shop', S, 'shop', None), ('name and address', b'Joe <' + V + b'>', 'evil', None),
    # lines that are a From field, or that some take for one
    ('a blank before the colon', b'From : ' + S + b'\r\n', 'shop', None), ('a tab before the colon', b'From\t: ' + V + b'\r\n', 'evil', None),
    ('a second From with a blank before its colon', b'From : ' + S + b'\r\nFrom: ' + V + b'\r\n', '?', 'multi-from'),
    ('two From in other capitals', b'FROM: ' + S + b'\r\nfrom: ' + V + b'\r\n', '?', 'multi-from'),
    ('a second From of the same domain', b'From: ' + V + b'\r\nFrom: jane@evil.example\r\n', 'evil', 'repeated-field'),
    ('a second From behind a line of blanks', b'X: y\r\n \r\nFrom: ' + S + b'\r\nFrom: ' + V + b'\r\n', '?', 'multi-from'),
    ('a second From behind a line that is no field', b'no field\r\nFrom: ' + S + b'\r\nFrom: ' + V + b'\r\n', '?', 'multi-from'),
    ('a second From behind a line feed alone', b'X: y\nFrom: ' + S + b'\r\nFrom: ' + V + b'\r\n', '?', 'multi-from'),
    ('an empty From and another', b'From:\r\nFrom: ' + V + b'\r\n', 'evil', 'repeated-field'),
    ('a From folded before its colon, on top', b'From\r\n : ' + S + b'\r\nFrom: ' + V + b'\r\n', '?', 'from-ambiguous'),
    ('a From folded before its colon, below', b'From: ' + V + b'\r\nFrom\r\n\t: ' + S + b'\r\n', '?', 'from-ambiguous'),
    ('a From with a NUL in its name', b'From\0: ' + S + b'\r\nFrom: ' + V + b'\r\n', '?', 'from-ambiguous'),
    ('a From with a control character in its name', b'Fr\1om: ' + S + b'\r\nFrom: ' + V + b'\r\n', '?', 'from-ambiguous'),
    ('a From with a no-break space behind its name', utf('From\u00a0: ') + S + b'\r\nFrom: ' + V + b'\r\n', '?', 'from-ambiguous'),
    ('a From with a zero-width space before its name', utf('\u200bFrom: ') + S + b'\r\nFrom: ' + V + b'\r\n', '?', 'from-ambiguous'),
    ('a From behind a carriage return', b'X: y\rFrom: ' + S + b'\r\nFrom: ' + V + b'\r\n', '?', 'lone-cr'),
    ('another field folded before its colon', b'X-From\r\n : ' + S + b'\r\nFrom: ' + V + b'\r\n', 'evil', 'not-a-field'),
    ('a field without a name', b': ' + S + b'\r\nFrom: ' + V + b'\r\n', 'evil', 'not-a-field'),
    ('From without a colon', b'From ' + S + b'\r\nFrom: ' + V + b'\r\n', 'evil', 'not-a-field'),
    ('a quoted From', b'>From: ' + S + b'\r\nFrom: ' + V + b'\r\n', 'evil', None),
    ('another Sender', b'From: ' + V + b'\r\nSender: ' + S + b'\r\n', 'evil', None),
    ('another Resent-From', b'From: ' + V + b'\r\nResent-From: ' + S + b'\r\n', 'evil', None),
    ('no From', b'', '?', 'from-no-domain'),
    # several addresses
    ('two addresses', V + b', ' + S, '?', 'multi-from'), ('two addresses, folded', V + b'\r\n ,\r\n\t' + S, '?', 'multi-from'),
    ('two addresses of one domain', V + b', jane@evil.example', 'evil', None), ('a comma at the end', V + b',', 'evil', None),
    ('a semicolon between', V + b'; ' + S, '?', 'multi-from'), ('a bar between', V + b'|' + S, '?', 'from-ambiguous'), ('a slash between', V + b'/' + S, '?', 'from-ambiguous'),
    ('mailto: in brackets and another', b'<mailto:' + V + b'>, ' + S, '?', 'multi-from'), ('an address, a word, an address', S + b', Joe, Joe <' + V + b'>', '?', 'multi-from'),
    ('an address and a word before an address', b'Joe ' + S + b', Joe <' + V + b'>', 'evil', 'from-ambiguous'),
    ('brackets in brackets', b'<' + V + b'<' + S + b'>>', '?', 'from-ambiguous'), ('a bracket that stays open', b'<' + S + b' <' + V + b'>', '?', 'from-ambiguous'),
    ('a bracket that was never opened', V + b'>' + S, '?', 'from-ambiguous'), ('two in one bracket', b'<' + V + b',' + S + b'>', '?', 'from-ambiguous'),
    ('only one bracket', b'<' + V, 'evil', 'from-ambiguous'),
    # groups and routes
    ('a group', b'Shop:' + V + b';', 'evil', None), ('a group and an address', b'Shop:' + V + b';, ' + S, '?', 'multi-from'), ('a group with an address for its name', S + b':' + V + b';', '?', 'from-ambiguous'),
    ('a group with a quoted address for its name', b'"' + S + b'":' + V + b';', 'evil', None), ('a route', b'<@shop.example,@b.example:' + V + b'>', 'evil', 'from-ambiguous'),
    ('a route of the attacker', b'<@evil.example,@b.example:' + S + b'>', 'shop', 'from-ambiguous'),
    # display names
    ('a coded address for a name', coded(b'"Shop" <' + S + b'>') + b' <' + V + b'>', 'evil', 'display-name-only'), ('a coded address behind', b'<' + V + b'> ' + coded(S), 'evil', 'from-ambiguous'),
    ('nothing but a coded address', coded(S), '?', 'from-no-domain'), ('a coded address for a local part', b'<' + coded(S) + b'@evil.example>', 'evil', None),
    ('a coded NUL', coded(S + b'\0') + b'@evil.example', 'evil', None), ('a quoted address for a name', b'"' + S + b'" <' + V + b'>', 'evil', 'display-name-only'),
    ('an address for a name', S + b' <' + V + b'>', 'evil', 'from-ambiguous'), ('a quote cut short', b'"' + S + b' <' + V + b'>', 'evil', 'from-ambiguous'),
    ('a quote that only ends', S + b'" <' + V + b'>', 'evil', 'from-ambiguous'), ('an escaped quote', b'"Shop\\" <' + S + b'>" <' + V + b'>', 'evil', 'display-name-only'),
    ('an escaped backslash', b'"Shop\\\\" <' + S + b'>" <' + V + b'>', '?', 'from-ambiguous'), ('brackets of another width', utf('\uff1corders@shop.example\uff1e <') + V + b'>', 'evil', 'from-ambiguous'),
    ('UTF-7', b'+ADw-orders+AEA-shop.example+AD4- <' + V + b'>', 'evil', None), ('an overlong @', b'orders\xc1\x80shop.example <' + V + b'>', 'evil', None),
    ('a name written from right to left', utf('\u202eelpmaxe.pohs@sredro\u202c <') + V + b'>', 'evil', 'from-ambiguous'),
    # comments
    ('comments at every place', b'(a)joe(b)@(c)evil(d).(e)example(f)', 'evil', None), ('an address in a comment', b'joe@evil.example(<' + S + b'>)', 'evil', 'display-name-only'),
    ('a comment in the local part', b'orders(@shop.example)@evil.example', 'evil', None), ('a comment that stays open', V + b' (<' + S + b'>', 'evil', 'from-ambiguous'),
    ('nothing but an open comment', b'(' + S + b' ' + V, '?', 'from-no-domain'),
    # local parts
    ('a quoted @', b'"' + S + b'"@evil.example', 'evil', None), ('a quoted bracket', b'<"' + S + b'>"@evil.example>', 'evil', None), ('an escaped @', b'orders\\@shop.example@evil.example', '?', 'from-ambiguous'),
    ('two @', S + b'@evil.example', '?', 'from-ambiguous'), ('a percent', b'orders%shop.example@evil.example', 'evil', None), ('a bang path', b'shop.example!orders@evil.example', 'evil', None),
    ('an equals sign', V + b'=' + S, '?', 'from-ambiguous'),
    # domains
    ('in capitals', b'joe@EVIL.EXAMPLE', 'evil', None), ('a final dot', V + b'.', 'evil', 'from-ambiguous'), ('two dots', b'joe@evil..example', '?', 'from-no-domain'), ('a dot in front', b'joe@.evil.example', '?', 'from-no-domain'),
    ('an address literal', b'joe@[203.0.113.66]', '?', 'from-no-domain'), ('a name for a literal', b'orders@[shop.example]', '?', 'from-no-domain'), ('a literal and more', b'joe@[shop.example].evil.example', '?', 'from-no-domain'),
    ('a wildcard', b'joe@*.example', '?', 'from-no-domain'), ('a label of 63 octets', b'joe@' + b'a' * 63 + b'.evil.example', None, None), ('a label of 64 octets', b'joe@' + b'a' * 64 + b'.evil.example', '?', 'from-no-domain'),
    ('a name that is too long', b'joe@' + b'a.' * 130 + b'evil.example', '?', 'from-no-domain'), ('a NUL in it', b'orders@shop.example\0.evil.example', '?', 'from-ambiguous'), ('a NUL behind it', V + b'\0', '?', 'from-ambiguous'),
    ('a NUL in the name', b'Joe\0 <' + V + b'>', '?', 'from-ambiguous'), ('a control character in it', b'orders@shop.example\1.evil.example', '?', 'from-no-domain'), ('a DEL in it', b'orders@shop.example\x7f.evil.example', '?', 'from-no-domain'),
    ('a no-break space in it', utf('orders@shop.example\u00a0.evil.example'), '?', 'from-no-domain'), ('a carriage return in it', b'orders@shop.example\r.evil.example', '?', 'from-ambiguous'),
    ('a vertical tab between two', S + b'\x0b' + V, '?', 'from-ambiguous'), ('a form feed between two', V + b'\x0c' + S, '?', 'from-ambiguous'), ('a carriage return and a From', V + b'\rFrom: ' + S, '?', 'from-ambiguous'),
    ('a fold in it', b'joe@\r\n evil.example', 'evil', None), ('an @ of another width', utf('orders\uff20shop.example@evil.example'), 'evil', None), ('a small @ behind it', utf('joe@evil.example\ufe6bshop.example'), '?', 'from-no-domain'),
    ('an ideographic full stop', utf('orders@shop\u3002example'), 'shop', 'idn-from'), ('a long s', utf('orders@\u017fhop.example'), 'shop', 'idn-from'), ('a zero-width joiner', utf('orders@shop\u200d.example'), '?', 'from-no-domain'),
    ('a byte order mark in front', utf('\ufeff') + V, 'evil', None),
)


def author_faults(row, want, code):
    domain, faults = row['message']['from_domain'], []
    if want in ('evil', 'shop') and domain != want + '.example':
        faults.append('the author domain is %r' % domain)
    if want == '?' and (domain or row['dmarc']['from_domain']):
        faults.append('the author domain is %r' % domain)
    verdict = {'evil': 'pass', 'shop': 'fail', '?': 'permerror', None: 'pass'}[want]
    if row['verdict'] != verdict:
        faults.append('%s, not %s' % (row['verdict'], verdict))
    if code and code not in codes(row):
        faults.append('%s is not said: %s' % (code, codes(row)))
    return faults


def attack(sender):
    """All that the attacker can have: his own signature, his own SPF."""
    head = header(sender)
    return received() + signature(head, BODY, OTHER, d=b'evil.example', s=b'e') + head + b'\r\n' + BODY


def exchanged(text):
    for one, other in ((b'shop', b'evil'), (b'SHOP', b'EVIL')):
        text = other.join(part.replace(other, one) for part in text.split(one))
    return text


def authors():
    reports = explain_all(TOOL, ZONE, [attack(sender) for _, sender, *_ in AUTHORS])
    for (name, _, want, code), (row, faults) in zip(AUTHORS, reports):
        TAP.point('From with ' + name, faults + author_faults(row, want, code))
    other = {'evil': 'shop', 'shop': 'evil', '?': '?'}
    twins = [(name, exchanged(sender), other[want]) for name, sender, want, _ in AUTHORS if want and exchanged(sender) != sender]
    for (name, _, want), (row, faults) in zip(twins, explain_all(TOOL, ZONE, [attack(sender) for _, sender, _ in twins])):
        TAP.point('From with %s, the domains exchanged' % name, faults + author_faults(row, want, None))


# ---- envelope --------------------------------------------------------------------------------------------------------------

# words; MAIL FROM as the receiver wrote it into Return-Path; the domain that SPF is asked for (None: none)
ENVELOPES = (
    ('an address', b'x@shop.example', 'shop.example'), ('in capitals', b'x@SHOP.Example', 'shop.example'), ('a quoted local part', b'"x y"@shop.example', 'shop.example'),
    ('a quoted bracket', b'"x>"@shop.example', 'shop.example'), ('an escaped quote', b'"x\\">"@shop.example', 'shop.example'),
    ('an address of the attacker', b'x@evil.example', 'evil.example'), ('a quoted address', b'"x@shop.example"@evil.example', 'evil.example'),
    ('a quoted address and bracket', b'"x@shop.example>"@evil.example', 'evil.example'), ('a percent', b'x%shop.example@evil.example', 'evil.example'), ('an equals sign', b'x=shop.example@evil.example', 'evil.example'),
    ('a comment', b'x(@shop.example)@evil.example', None), ('a NUL in the domain', b'x@shop.example\0.evil.example', None), ('a NUL before the @', b'x@evil.example\0@shop.example', None),
    ('a bracket in the domain', b'x@shop.example(.evil.example', None), ('a quote in the domain', b"x@shop.example'a.evil.example", None), ('two @', b'x@evil.example@shop.example', None),
    ('two @, the other way round', b'x@shop.example@evil.example', None), ('a blank and another', b'x@evil.example x@shop.example', None), ('a blank in the domain', b'x@shop.example .evil.example', None),
    ('a semicolon', b'x@shop.example;.evil.example', None), ('a result behind it', b'x@shop.example; dkim=pass header.d=shop.example', None), ('a backslash', b'x@shop.example\\.evil.example', None),
    ('a control character', b'x@shop.example\1.evil.example', None), ('a carriage return in the domain', b'x@shop.example\r.evil.example', None), ('a fold', b'x@shop.example\r\n .evil.example', None), ('a quote that stays open', b'"x@shop.example', None),
    ('an address literal', b'x@[%s]' % SHARED.encode(), None), ('no domain', b'postmaster', None), ('octets that are no UTF-8', b'x@shop\xe9.example', None), ('70000 octets', b'x' * 70000 + b'@shop.example', None),
    ('a name that is too long', b'x@' + b'a.' * 200 + b'shop.example', None),
)
# words; the client of the from clause, HELO given by the attacker; %s: his address
CLIENTS = (
    ('Postfix', b'from [%(s)s] (unknown [%(v)s]) by %(mx)s (Postfix) with ESMTPS id 1'), ('Postfix, with a name', b'from [%(s)s] (mail.evil.example [%(v)s]) by %(mx)s (Postfix) with ESMTPS id 1'),
    ('Postfix, without brackets', b'from %(s)s (unknown [%(v)s]) by %(mx)s (Postfix) with ESMTPS id 1'), ('sendmail', b'from [%(s)s] (mail.evil.example [%(v)s] (may be forged)) by %(mx)s (8.17/8.17) with ESMTP id 1'),
    ('sendmail, glued', b'from x[%(s)s] ([%(v)s]) by %(mx)s (8.17/8.17) with ESMTP id 1'), ('Exim', b'from mail.evil.example ([%(v)s] helo=[%(s)s]) by %(mx)s with esmtp (Exim 4.97) id 1'),
    ('Exim, without a name', b'from [%(v)s] (helo=[%(s)s]) by %(mx)s with esmtp (Exim 4.97) id 1'), ('qmail', b'from unknown (HELO [%(s)s]) (%(v)s) by %(mx)s with SMTP'),
    ('a comment that ends early', b'from a)[%(s)s] (unknown [%(v)s]) by %(mx)s (Postfix) with ESMTPS id 1'), ('a comment that stays open', b'from a([%(s)s] (unknown [%(v)s]) by %(mx)s (Postfix) with ESMTPS id 1'),
    ('a comment', b'from a([%(s)s]) (unknown [%(v)s]) by %(mx)s (Postfix) with ESMTPS id 1'), ('a semicolon', b'from a;[%(s)s] (unknown [%(v)s]) by %(mx)s (Postfix) with ESMTPS id 1'),
    ('a quote', b'from "a([%(s)s]) (unknown [%(v)s]) by %(mx)s (Postfix) with ESMTPS id 1'), ('a backslash', b'from a\\([%(s)s] (unknown [%(v)s]) by %(mx)s (Postfix) with ESMTPS id 1'),
    ('a mapped address', b'from [IPv6:::ffff:%(s)s] (unknown [%(v)s]) by %(mx)s (Postfix) with ESMTPS id 1'), ('a NUL', b'from a\0[%(s)s] (unknown [%(v)s]) by %(mx)s (Postfix) with ESMTPS id 1'),
    ('Gmail', b'from [%(s)s] ([%(v)s]) by mx.google.com with ESMTPS id 1'), ('Exchange', b'from [%(s)s] (%(v)s) by AM0PEPF00000001.mail.protection.outlook.com (10.167.16.1) with Microsoft SMTP Server'),
)


def unsigned(top, sender=S, more=b''):
    return top + header(sender, more) + b'\r\n' + BODY


def envelopes():
    messages = [unsigned(received(SHARED, b'mail.evil.example', envelope)) for _, envelope, _ in ENVELOPES]
    for (name, _, domain), (row, faults) in zip(ENVELOPES, explain_all(TOOL, ZONE, messages)):
        found = row['spf']['domain'] if row['spf']['result'] not in ('none', None) else None
        if found != domain:
            faults.append('SPF is asked for %r, not %r' % (found, domain))
        if (row['verdict'] == 'pass') != (domain == 'shop.example'):
            faults.append(row['verdict'])
        TAP.point('MAIL FROM with ' + name, faults)


def senders_path():
    """Return-Path written by the sender; what the receiver wrote names another or nothing."""
    path = b'Return-Path: <x@shop.example>\r\n'
    microsoft = b'Received: from a.example (%s) by AM0PEPF00000001.mail.protection.outlook.com (10.167.16.1) with Microsoft SMTP Server; %s\r\n' % (SHARED.encode(), stamp(TIME).encode())
    rows = (('the receiver\'s, above its Received', unsigned(received(SHARED, envelope=b'x@shop.example')), 'pass', None),
            ('where Microsoft puts it', unsigned(microsoft, more=path), 'pass', None),
            ('right below the receiver\'s Received', unsigned(received(SHARED, envelope=None) + path), 'fail', 'return-path-of-sender'),
            ('at the end', unsigned(received(SHARED, envelope=None), more=path), 'fail', 'return-path-of-sender'),
            ('below another hop', unsigned(received(SHARED, envelope=None) + b'Received: from a.example by b.example; %s\r\n' % stamp(TIME).encode() + path), 'fail', 'return-path-of-sender'),
            ('below the receiver\'s own', unsigned(received(SHARED, envelope=b'x@evil.example') + path), 'fail', None))
    for (name, _, verdict, code), (row, faults) in zip(rows, explain_all(TOOL, ZONE, [row[1] for row in rows])):
        TAP.point('a Return-Path ' + name, faults + ([] if row['verdict'] == verdict else [row['verdict']]) + ([] if not code or code in codes(row) else ['%s is not said' % code]))


def clients():
    messages = [unsigned(b'Return-Path: <x@shop.example>\r\nReceived: ' + form % {b's': SHARED.encode(), b'v': EVIL_IP.encode(), b'mx': MX} + b'; ' + stamp(TIME).encode() + b'\r\n')
                for _, form in CLIENTS]
    for (name, _), (row, faults) in zip(CLIENTS, explain_all(TOOL, ZONE, messages)):
        if row['spf']['ip'] != EVIL_IP or row['verdict'] != 'fail':
            faults.append('%s for %s' % (row['verdict'], row['spf']['ip']))
        TAP.point('an address for HELO: ' + name, faults)


def options():
    """The same by way of the options of spf."""
    for name, address, status in (('an address', 'x@shop.example', 0), ('a quoted address', '"x@shop.example>"@evil.example', 0), ('two @', 'x@evil.example@shop.example', 6), ('a bracket', 'x@shop.example(.evil.example', 6),
                                  ('a line end', 'x@shop.example\n.evil.example', 6), ('a control character', 'x@shop.example\1', 6)):
        answer = run(TOOL, 'spf', '--ip=' + SHARED, '--mail-from=' + address, '--dns=' + ZONE)
        TAP.point('spf --mail-from with ' + name, [] if answer.status == status else ['status %d: %s' % (answer.status, answer.text())])


# ---- replays ---------------------------------------------------------------------------------------------------------------

TOP = received()
HEAD = header()
SIGNED = signature(HEAD, BODY, OWN)
OVER = signature(HEAD, BODY, OWN, h=b'From:From:Subject:Subject:Date:Date:To:X-None')


def signed_anew(head=HEAD, body=BODY, **more):
    return TOP + signature(head, body, OWN, **more) + head + b'\r\n' + body


def on_top(lines, by=SIGNED):
    return TOP + lines + by + HEAD + b'\r\n' + BODY


# words; the message; its verdict; a code that must be said
REPLAYS = (
    ('as it was', TOP + SIGNED + HEAD + b'\r\n' + BODY, 'pass', None), ('as it was, names signed once more than they stand', TOP + OVER + HEAD + b'\r\n' + BODY, 'pass', None),
    ('with another Subject on top', on_top(b'Subject: Pay\r\n'), 'pass', 'repeated-field'), ('with another Subject on top, signed once more', on_top(b'Subject: Pay\r\n', OVER), 'fail', 'repeated-field'),
    ('with another Subject below', TOP + SIGNED + HEAD + b'Subject: Pay\r\n\r\n' + BODY, 'fail', 'repeated-field'), ('with a field that was signed as absent', on_top(b'X-None: y\r\n', OVER), 'fail', 'dkim-header-changed'),
    ('with a Reply-To', on_top(b'Reply-To: joe@evil.example\r\n'), 'pass', None), ('with two Content-Types', on_top(b'Content-Type: text/html\r\nContent-Type: text/plain\r\n'), 'pass', 'repeated-field'),
    ('with another From on top', on_top(b'From: joe@evil.example\r\n'), 'permerror', 'multi-from'), ('with another From below', TOP + SIGNED + HEAD + b'From: joe@evil.example\r\n\r\n' + BODY, 'permerror', 'multi-from'),
    ('with another From of its domain', on_top(b'From: boss@shop.example\r\n'), 'pass', 'repeated-field'), ('the same, signed once more', on_top(b'From: boss@shop.example\r\n', OVER), 'fail', 'repeated-field'),
    ('with a From folded before its colon', on_top(b'From\r\n : joe@evil.example\r\n'), 'permerror', 'from-ambiguous'), ('with a From that has a NUL in its name', on_top(b'From\0: joe@evil.example\r\n'), 'permerror', 'nul-octets'),
    ('with a From behind a carriage return', on_top(b'X: y\rFrom: joe@evil.example\r\n'), 'permerror', 'lone-cr'), ('with a carriage return', on_top(b'X: y\rz\r\n'), 'pass', 'lone-cr'),
    ('with a From before everything', b'From: joe@evil.example\r\n' + TOP + SIGNED + HEAD + b'\r\n' + BODY, 'permerror', 'multi-from'), ('behind a byte order mark', b'\xef\xbb\xbfFrom: joe@evil.example\r\n' + TOP + SIGNED + HEAD + b'\r\n' + BODY, 'permerror', 'byte-order-mark'),
    ('behind a message of its own', b'From: joe@evil.example\r\nTo: x@y.example\r\n\r\n' + TOP + SIGNED + HEAD + b'\r\n' + BODY, 'fail', 'dkim-none'), ('behind blank lines', b'\r\n\r\n' + TOP + SIGNED + HEAD + b'\r\n' + BODY, 'pass', 'leading-text'),
    ('behind a line of an mbox', b'From joe@evil.example Wed Oct 14 08:21:37 2026\r\n' + TOP + SIGNED + HEAD + b'\r\n' + BODY, 'pass', None),
    ('without the line before the body', TOP + SIGNED + HEAD + BODY, 'fail', 'not-a-field'), ('with a blank in that line', TOP + SIGNED + HEAD + b' \r\n' + BODY, 'fail', None), ('with a carriage return for that line', TOP + SIGNED + HEAD + b'\r' + BODY, 'fail', None),
    ('with another message smuggled in behind LF.LF', TOP + SIGNED + HEAD + b'\r\n' + BODY + b'\n.\nFrom: joe@evil.example\n\nx\n', 'fail', 'saved-mixed-eol'), ('with another message behind CR.CR', TOP + SIGNED + HEAD + b'\r\n' + BODY + b'\r.\rFrom: joe@evil.example\r\rx\r', 'fail', 'dkim-body-changed'),
    ('with a line of the body quoted for an mbox', TOP + signature(HEAD, b'From x\r\n', OWN) + HEAD + b'\r\n>From x\r\n', 'fail', 'dkim-body-changed'),
    ('in LF', (TOP + SIGNED + HEAD + b'\r\n' + BODY).replace(b'\r\n', b'\n'), 'pass', 'saved-lf'), ('in CRCRLF', (TOP + SIGNED + HEAD + b'\r\n' + BODY).replace(b'\r\n', b'\r\r\n'), 'pass', 'saved-mixed-eol'),
    ('in CR', (TOP + SIGNED + HEAD + b'\r\n' + BODY).replace(b'\r\n', b'\r'), 'permerror', 'lone-cr'), ('without a body', (TOP + SIGNED + HEAD).rstrip(b'\r\n'), 'fail', 'headers-only'),
    # odd octets that were signed
    ('signed with a NUL in Subject', signed_anew(header(subject=b'a\0b')), 'pass', 'nul-octets'), ('signed with a NUL in From', signed_anew(header(b'Orders\0 <' + S + b'>')), 'permerror', 'nul-octets'), ('signed with a NUL in the body', signed_anew(body=BODY + b'a\0b\r\n'), 'pass', None),
    ('signed with a carriage return in the body', signed_anew(body=BODY + b'a\rb\r\n'), 'pass', None), ('signed with a line feed in the body', signed_anew(body=BODY + b'a\nb\r\n'), 'fail', 'saved-mixed-eol'),
    ('signed with octets of 8 bits', signed_anew(header(more=b'X: \xe9\xff\r\n'), h=b'From:X'), 'pass', None), ('signed with a line of 2000 octets', signed_anew(header(more=b'X: ' + b'y' * 2000 + b'\r\n'), h=b'From:X'), 'pass', None),
    ('signed with a fold of blanks', signed_anew(header(more=b'X: y\r\n \t \r\n z\r\n'), h=b'From:X'), 'pass', None), ('signed with a body line of 100000 octets', signed_anew(body=b'x' * 100000 + b'\r\n'), 'pass', None),
    ('signed with an empty body', signed_anew(body=b''), 'pass', None), ('signed with a body of line ends', signed_anew(body=b'\r\n' * 500), 'pass', None), ('signed with dots', signed_anew(body=b'.\r\n..\r\n'), 'pass', None),
)


def replays():
    reports = explain_all(TOOL, ZONE, [message for _, message, *_ in REPLAYS])
    for (name, _, verdict, code), (row, faults) in zip(REPLAYS, reports):
        if row['verdict'] != verdict:
            faults.append('%s, not %s: %s' % (row['verdict'], verdict, codes(row)))
        if code and code not in codes(row):
            faults.append('%s is not said: %s' % (code, codes(row)))
        TAP.point('a signed message ' + name, faults)
    for name, coding in (('UTF-16 with its mark', 'utf-16'), ('UTF-16', 'utf-16-le'), ('UTF-32', 'utf-32')):
        answer = run(TOOL, '--dns=' + ZONE, put('wide.eml', REPLAYS[0][1].decode().encode(coding)))
        TAP.point('a signed message in %s is refused' % name, [] if answer.status == 65 and b'UTF-' in answer.err else ['status %d: %s' % (answer.status, answer.err)])


# ---- bodies ----------------------------------------------------------------------------------------------------------------


def part(kind, body, more=b''):
    return b'Content-Type: ' + kind + b'\r\n' + more + b'\r\n' + body


def nested(depth, mark=b'b'):
    text = b''
    for i in range(depth):
        text += b'--%s%d\r\nContent-Type: multipart/mixed; boundary=%s%d\r\n\r\n' % (mark, i, mark, i + 1)
    return text + b'end\r\n'


INNER = SIGNED + HEAD + b'\r\n' + BODY
# words; Content-Type with what follows it; the body
BODIES = (
    ('a whole message of shop', b'message/rfc822', INNER), ('a part with it', b'multipart/mixed; boundary=b', b'--b\r\n' + part(b'message/rfc822', INNER) + b'\r\n--b--\r\n'),
    ('a multipart without a boundary', b'multipart/mixed', b'--b\r\n\r\nx\r\n--b--\r\n'), ('a boundary that never comes', b'multipart/mixed; boundary=b', b'x\r\n' * 50), ('no end', b'multipart/mixed; boundary=b', b'--b\r\n\r\nx'),
    ('a boundary of NUL octets', b'multipart/mixed; boundary="\0"', b'--\0\r\n\r\nx\r\n--\0--\r\n'), ('a boundary of blanks', b'multipart/mixed; boundary="  "', b'--  \r\n\r\nx\r\n--  --\r\n'), ('a boundary of 2000 octets', b'multipart/mixed; boundary=' + b'b' * 2000, b'--' + b'b' * 2000 + b'\r\n\r\nx\r\n'),
    ('one boundary for all depths', b'multipart/mixed; boundary=b', (b'--b\r\n' + part(b'multipart/mixed; boundary=b', b'')) * 200 + b'--b--\r\n'), ('boundaries that begin like others', b'multipart/mixed; boundary=b', b'--b\r\n' + part(b'multipart/mixed; boundary=bb', b'--bb\r\n\r\nx\r\n--bb--\r\n') + b'--b--\r\n'),
    ('parts 10000 deep', b'multipart/mixed; boundary=b0', nested(10000)), ('two boundaries named', b'multipart/mixed; boundary=a; boundary=b', b'--a\r\n\r\nx\r\n--b\r\n' + part(b'message/rfc822', INNER) + b'\r\n--a--\r\n--b--\r\n'),
    ('a boundary in pieces', b'multipart/mixed; boundary*1=b; boundary*0=a; boundary*99999999999=c', b'--ab\r\n\r\nx\r\n--ab--\r\n'), ('a boundary in another charset', b"multipart/mixed; boundary*=utf-16'en'%00b", b'--b\r\n\r\nx\r\n--b--\r\n'),
    ('a kind without a second half', b'multipart', b'--b\r\n\r\nx\r\n'), ('an unended quote', b'multipart/mixed; boundary="b', b'--b\r\n\r\nx\r\n--b--\r\n'), ('a kind of 8 bits', b'\xff/\xfe; \xfd=\xfc', b'x\r\n'), ('an unknown charset', b'text/plain; charset="\x1b[2J"', b'\xff\r\n'),
    ('base64 that ends in the middle', b'message/rfc822\r\nContent-Transfer-Encoding: base64', base64.encodebytes(INNER)[:-30]), ('base64 that is none', b'message/rfc822\r\nContent-Transfer-Encoding: base64', b'!!!!====' * 100),
    ('quoted-printable that is none', b'message/rfc822\r\nContent-Transfer-Encoding: quoted-printable', b'=\r\n=0\r\n=GG\r\nFrom: ' + V + b'=\r\n'), ('an unknown encoding', b'message/rfc822\r\nContent-Transfer-Encoding: x-unknown', INNER),
    ('uuencode', b'text/plain\r\nContent-Transfer-Encoding: x-uuencode', b'begin 644 x\r\n#86)C\r\n`\r\nend\r\n'), ('a piece of a message', b'message/partial; id=x; number=1; total=-1', INNER), ('a message that is elsewhere', b'message/external-body; access-type=local-file; name="/etc/passwd"', b'\r\n'),
    ('a delivery report without parts', b'multipart/report; report-type=delivery-status; boundary=b', b'--b--\r\n'),
    ('a delivery report of odd octets', b'multipart/report; report-type=delivery-status; boundary=b', b'--b\r\n' + part(b'message/delivery-status', b'Reporting-MTA: dns; \0\r\n\r\nStatus: 5.7.\x1b[2J\r\nDiagnostic-Code: smtp; \xff\xfe\r\n') + b'\r\n--b\r\n' + part(b'text/rfc822-headers', b'\0\r\n') + b'\r\n--b--\r\n'),
    ('a digest', b'multipart/digest; boundary=b', b'--b\r\n\r\n' + INNER + b'\r\n--b--\r\n'), ('messages in messages', b'message/rfc822', part(b'message/rfc822', b'') * 3000 + INNER),
)


def bodies():
    """What the body holds says nothing of the author; the attacker's own message passes with the same body."""
    for sender, verdict in ((S, 'fail'), (V, 'pass')):
        messages = [unsigned(received(), sender, b'MIME-Version: 1.0\r\nContent-Type: ' + kind + b'\r\n')[:-len(BODY)] + body for _, kind, body in BODIES]
        for (name, *_), (row, faults) in zip(BODIES, explain_all(TOOL, ZONE, messages)):
            if row['verdict'] != verdict or row['message']['from_domain'] != sender.decode().split('@')[1]:
                faults.append('%s for %s' % (row['verdict'], row['message']['from_domain']))
            TAP.point('%s with %s' % (sender.decode(), name), faults)


def main():
    for each in (authors, envelopes, senders_path, clients, options, replays, bodies):
        each()
    WORK.cleanup()
    return TAP.end()


sys.exit(main())
