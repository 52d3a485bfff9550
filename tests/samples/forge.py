# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# The workshop behind samples/: messages as SES sends them and receivers store them, signed with keys of this project, and the
# DNS that goes with them. Needs python3 and the openssl command. All names are reserved ones; addresses of SES are public facts.
import base64
import functools
import hashlib
import os
import re
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SES_SPF = ('v=spf1 ip4:199.255.192.0/22 ip4:199.127.232.0/22 ip4:54.240.0.0/18 ip4:69.169.224.0/20 ip4:23.249.208.0/20 '
           'ip4:23.251.224.0/19 ip4:76.223.176.0/20 ip4:54.240.64.0/18 ip4:76.223.128.0/19 ip4:216.221.160.0/19 '
           'ip4:206.55.144.0/20 ip4:24.110.64.0/18 -all')
TOKEN = 'abcdefghijklmnopqrstuvwxyz234567'      # an Easy DKIM selector has this form
SES_SELECTOR = '7654zyxwvutsrqponmlkjihgfedcba32'
TIME = 1791966097                                # 2026-10-14 08:21:37 UTC
REGIONS = {'us-east-1': ('0100', 'amazonses.com', 'email.amazonses.com', 'smtp-out.amazonses.com', '54.240.9.46', 'a9-46'),
           'eu-west-1': ('0102', 'eu-west-1.amazonses.com', 'eu-west-1.amazonses.com', 'smtp-out.eu-west-1.amazonses.com', '54.240.3.21', 'a3-21'),
           'eu-south-1': ('0111', 'eu-south-1.amazonses.com', 'eu-south-1.amazonses.com', 'smtp-out.eu-south-1.amazonses.com', '23.251.240.7', 'e240-7'),
           'eu-central-1': ('0107', 'eu-central-1.amazonses.com', 'eu-central-1.amazonses.com', 'smtp-out.eu-central-1.amazonses.com', '69.169.227.12', 'b227-12')}

# ---- DKIM ---------------------------------------------------------------------------------------------------------------


def key(name):
    return os.path.join(HERE, 'keys', name + '.pem')


@functools.lru_cache(maxsize=None)
def public(name):
    out = subprocess.run(['openssl', 'pkey', '-in', key(name), '-pubout', '-outform', 'DER'], capture_output=True, check=True).stdout
    return base64.b64encode(out).decode()


def relaxed(field):
    name, value = field.split(':', 1)
    return name.strip().lower() + ':' + re.sub(r'[ \t]+', ' ', re.sub(r'\r\n', '', value)).strip() + '\r\n'


def simple_body(body):
    return re.sub(r'(\r\n)*$', '', body) + '\r\n'


def sign_bytes(data, name):
    with tempfile.NamedTemporaryFile() as f:
        f.write(data)
        f.flush()
        return subprocess.run(['openssl', 'dgst', '-sha256', '-sign', key(name), f.name], capture_output=True, check=True).stdout


def fold(text, width=72):
    return '\r\n\t'.join(text[i:i + width] for i in range(0, len(text), width))


def dkim_field(fields, body, d, s, keyname, names, t=TIME, extra='', header='DKIM-Signature', first='v=1; '):
    """A signature as SES makes it: relaxed/simple, rsa-sha256, no oversigning."""
    bh = base64.b64encode(hashlib.sha256(simple_body(body).encode('utf-8', 'surrogateescape')).digest()).decode()
    have = [n for n in names if any(f.split(':')[0].lower() == n.lower() for f in fields)]
    head = '%s: %sa=rsa-sha256; q=dns/txt; c=relaxed/simple;\r\n\ts=%s; d=%s; t=%d;%s\r\n\th=%s;\r\n\tbh=%s;\r\n\tb=' % (
        header, first, s, d, t, (' ' + extra) if extra else '', ':'.join(have), bh)
    data = ''
    for n in have:
        match = [f for f in fields if f.split(':')[0].lower() == n.lower()]
        data += relaxed(match[-1])
    data += relaxed(head)[:-2]
    sig = base64.b64encode(sign_bytes(data.encode('utf-8', 'surrogateescape'), keyname)).decode()
    return head + fold(sig)


# ---- the message as SES sends it --------------------------------------------------------------------------------------------
SIGNED = ['From', 'To', 'Cc', 'Subject', 'Date', 'Message-ID', 'MIME-Version', 'Content-Type', 'Content-Transfer-Encoding', 'Reply-To',
          'List-Unsubscribe']
BODY = ('Dear guest,\r\n\r\nwe are looking forward to your stay from 3 to 6 December.\r\nCheck-in starts at 15:00; the night desk is open\r\n'
        'until 02:00.\r\n\r\nThe hotel by the lake\r\n')


class Mail:
    """What SES hands to the receiver, field by field. Change what you like before stored() is called."""

    def __init__(self, sender='Orders <orders@shop.example>', region='us-east-1', own=None, body=BODY, subject='Your booking',
                 envelope=None, fields=(), keyname='own', selector=TOKEN, signed=SIGNED, time=TIME, ses_signature=True, ses_key='amazonses',
                 message_id_local=None, feedback=True, own_host=None, extra='', encoding='7bit', kind='text/plain; charset=UTF-8'):
        code, default, id_domain, out, ip, host = REGIONS[region]
        self.region, self.ip, self.helo = region, ip, '%s.%s' % (host, out)
        ses_domain = 'amazonses.com'
        if own_host:        # (address, name): the customer's own addresses
            self.ip, self.helo = own_host
            ip, id_domain, ses_domain = own_host[0], region + '.messagingfabric.com', 'messagingfabric.com'
        local = message_id_local or '%s%012x-5c0ffee5-1234-4321-abcd-00000000beef-000000' % (code, time * 1000)
        self.envelope = local + '@' + (envelope or default)
        self.body = body
        self.core = ['From: ' + sender, 'To: sam@mailbox.example', 'Subject: ' + subject, 'Message-ID: <%s@%s>' % (local, id_domain),
                     'Date: ' + stamp(time), 'MIME-Version: 1.0', 'Content-Type: ' + kind,
                     'Content-Transfer-Encoding: ' + encoding] + list(fields)
        if feedback:
            self.core += ['Feedback-ID: ::1.%s.c2FtcGxlIHNhbXBsZSBzYW1wbGUgc2FtcGxlIQ==:AmazonSES' % region,
                          'X-SES-Outgoing: 2026.10.14-' + ip]
        self.signatures = []
        for d in ([own] if isinstance(own, str) else own or []):
            self.signatures.append(dkim_field(self.core, body, d, selector, keyname, signed, time, extra))
        if ses_signature:
            self.signatures.append(dkim_field(self.core, body, ses_domain, SES_SELECTOR, ses_key, signed + ['Feedback-ID'], time))
        self.above = []     # what was put on top on the way to the boundary

    def fields(self):
        return self.above + self.signatures + self.core

    def sign_first(self, d, selector, keyname, names):
        """A signature that the application made before SES put in its own Date and Message-ID."""
        before = [f if f.split(':')[0] not in ('Date', 'Message-ID') else f.split(':')[0] + ': as the application wrote it' for f in self.core]
        self.signatures.append(dkim_field(before, self.body, d, selector, keyname, names, TIME - 2))

    def seal(self, instance, d, selector, keyname, results, cv='none'):
        """One ARC set over the message as it stands (RFC 8617 5.1)."""
        above = [f for f in self.above if f.startswith('ARC-')]
        results = 'ARC-Authentication-Results: i=%d; %s' % (instance, results)
        message = dkim_field(self.above + self.signatures + self.core, self.body, d, selector, keyname, SIGNED + ['DKIM-Signature'], TIME + 3,
                             header='ARC-Message-Signature', first='i=%d; ' % instance)
        head = 'ARC-Seal: i=%d; a=rsa-sha256; t=%d; cv=%s;\r\n\td=%s; s=%s;\r\n\tb=' % (instance, TIME + 3, cv, d, selector)
        data = ''.join(relaxed(f) for f in list(reversed(above)) + [results, message]) + relaxed(head)[:-2]
        self.above = [head + fold(base64.b64encode(sign_bytes(data.encode(), keyname)).decode()), message, results] + self.above


def stamp(time, offset='+0000'):
    import datetime
    return datetime.datetime.fromtimestamp(time, datetime.timezone.utc).strftime('%a, %d %b %Y %H:%M:%S ') + offset


# ---- receivers --------------------------------------------------------------------------------------------------------------


def gmail(mail, results, ip=None, helo=None, envelope=None, time=TIME + 2):
    """results: what stands behind 'mx.google.com;'. Gmail writes its results below its own Received."""
    ip, helo, envelope = ip or mail.ip, helo or mail.helo, mail.envelope if envelope is None else envelope
    return ['Delivered-To: sam@mailbox.example',
            'Received: by 2002:a05:6402:3590:b0:5c0:1:2:3 with SMTP id k16csp111111edc;\r\n        %s' % stamp(time + 1),
            'Return-Path: <%s>' % envelope,
            'Received: from %s (%s. [%s])\r\n        by mx.google.com with ESMTPS id a1si111111lfd.11.2026.10.14.01.21.39\r\n'
            '        for <sam@mailbox.example>\r\n        (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128);\r\n        %s' % (helo, helo, ip, stamp(time)),
            'Received-SPF: %s (google.com: domain of %s designates %s as permitted sender) client-ip=%s;' % (
                re.search(r'spf=(\w+)', results).group(1) if 'spf=' in results else 'none', envelope, ip, ip),
            'Authentication-Results: mx.google.com;\r\n       ' + ';\r\n       '.join(r.strip() for r in results.split(';'))]


def plain_host(mail, ip=None, helo=None, by='mx.mailbox.example', envelope=None, time=TIME + 2):
    """A host that records nothing."""
    return ['Return-Path: <%s>' % (mail.envelope if envelope is None else envelope),
            'Received: from %s (%s [%s])\r\n\tby %s (Postfix) with ESMTPS id 4XyZ12\r\n\tfor <sam@mailbox.example>; %s (UTC)' % (
                helo or mail.helo, helo or mail.helo, ip or mail.ip, by, stamp(time))]


def microsoft(mail, results, spf='Pass', ip=None, helo=None, envelope=None, time=TIME + 2):
    """results: without an id, as it stands behind 'Authentication-Results:'. Exchange Online writes them above its own Received."""
    ip, helo, envelope = ip or mail.ip, helo or mail.helo, mail.envelope if envelope is None else envelope
    domain = envelope.split('@')[-1]
    return ['Received: from AM0PR01CA0001.eurprd01.prod.outlook.com (2603:10a6:208:1::1)\r\n by DB7PR01MB0002.eurprd01.prod.outlook.com (2603:10a6:10:2::2) with Microsoft SMTP\r\n'
            ' Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.1.1; %s' % stamp(time + 2),
            'Authentication-Results: ' + ';\r\n '.join(r.strip() for r in results.split(';')),
            'Received-SPF: %s (protection.outlook.com: domain of %s\r\n designates %s as permitted sender)\r\n receiver=protection.outlook.com; client-ip=%s;\r\n helo=%s; pr=C' % (
                spf, domain, ip, ip, helo),
            'Received: from %s (%s) by\r\n AM0PEPF00000001.mail.protection.outlook.com (10.167.16.1) with Microsoft SMTP\r\n'
            ' Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.1.2 via\r\n Frontend Transport; %s' % (helo, ip, stamp(time)),
            'Return-Path: ' + envelope]


def stored(mail, top):
    return '\r\n'.join(top + mail.fields()) + '\r\n\r\n' + mail.body


# ---- DNS --------------------------------------------------------------------------------------------------------------------


def quote(text):
    """As a master file has it: octets outside printable ASCII as \\DDD, strings of at most 255."""
    text = text.replace('\\', '\\\\').replace('"', '\\"')
    text = ''.join(c if ' ' <= c <= '~' else ''.join('\\%03d' % b for b in c.encode()) for c in text)
    return ' '.join('"%s"' % text[i:i + 200] for i in range(0, max(len(text), 1), 200))


class Zone:
    def __init__(self, ses=True, regions=('eu-west-1', 'eu-central-1')):
        self.lines = ['$TTL 300']
        if ses:
            self.txt('amazonses.com', SES_SPF)
            for region in regions:
                self.txt(REGIONS[region][1], 'v=spf1 include:amazonses.com -all')
            self.txt(SES_SELECTOR + '._domainkey.amazonses.com', 'p=' + public('amazonses'))

    def add(self, name, kind, value):
        self.lines.append('%s. %s %s' % (name, kind, value))
        return self

    def txt(self, name, text):
        return self.add(name, 'TXT', quote(text))

    def host(self, domain, policy='v=DMARC1; p=reject'):
        """A sender's domain with a web host and, unless policy is None, a DMARC record."""
        self.add(domain, 'A', '198.51.100.20')
        return self.txt('_dmarc.' + domain, policy) if policy else self

    def mail_from(self, name, region='us-east-1', spf='v=spf1 include:amazonses.com ~all'):
        self.add(name, 'MX', '10 feedback-smtp.%s.amazonses.com.' % region)
        return self.txt(name, spf) if spf else self

    def easy_dkim(self, domain, token=TOKEN, keyname='own', zone='dkim.amazonses.com'):
        self.add('%s._domainkey.%s' % (token, domain), 'CNAME', '%s.%s.' % (token, zone))
        return self.ses_key(token, keyname, zone)

    def ses_key(self, token=TOKEN, keyname='own', zone='dkim.amazonses.com'):
        return self.txt('%s.%s' % (token, zone), 'p=' + public(keyname))

    def line(self, text):
        self.lines.append(text)
        return self

    def text(self):
        return '\n'.join(self.lines) + '\n'
