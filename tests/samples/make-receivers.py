#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Writes samples/receivers anew: make-receivers.py DIRECTORY. The same healthy message as different receivers store it: where
# they write their results, how these look, which of them can be believed. Addresses and identifiers are invented.
import json
import os
import sys

from causes_kit import AMAZON, D, M, Mail, sender
from forge import TIME, TOKEN, gmail, microsoft, stamp, stored

RECEIVERS = {}


def receiver(dmarc='pass', believed='dkim dmarc spf', args=(), envelope_domain=M):
    """dmarc: what is believed of DMARC; believed: the methods that believed fields tell of."""
    def keep(make):
        RECEIVERS[make.__name__.replace('_', '-')] = (make, {'recorded_verdict': dmarc, 'believed': believed.split(), 'envelope_domain': envelope_domain}, list(args))
        return make
    return keep


def taken(mail, by, form='postfix', time=TIME + 2):
    """The Received of the host that took the message from SES."""
    if form == 'exim':
        return ('Received: from %s ([%s]:35012 helo=%s)\r\n\tby %s with esmtps  (TLS1.3) tls TLS_AES_256_GCM_SHA384\r\n\t(Exim 4.97)\r\n'
                '\tid 1tAbCd-000000-00\r\n\tfor sam@mailbox.example;\r\n\t%s' % (mail.helo, mail.ip, mail.helo, by, stamp(time)))
    return 'Received: from %s (%s [%s])\r\n\tby %s (Postfix) with ESMTPS id 4XyZ12\r\n\tfor <sam@mailbox.example>; %s (UTC)' % (
        mail.helo, mail.helo, mail.ip, by, stamp(time))


def returned(mail):
    return 'Return-Path: <%s>' % mail.envelope


def results(id, *clauses):
    return 'Authentication-Results: ' + ';\r\n\t'.join(([id] if id else []) + list(clauses))


@receiver()
def google(mail):
    return gmail(mail, 'dkim=pass header.i=@%s header.s=%s; dkim=pass header.i=@amazonses.com header.s=%s; spf=pass (google.com: domain of %s designates %s as '
                 'permitted sender) smtp.mailfrom=%s; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=%s' % (D, TOKEN, AMAZON, mail.envelope, mail.ip, mail.envelope, D))


@receiver()
def microsoft_365(mail):
    return microsoft(mail, 'spf=pass (sender IP is %s) smtp.mailfrom=%s; dkim=pass (signature was verified) header.d=%s;dkim=pass (signature was verified) '
                     'header.d=amazonses.com;dmarc=pass action=none header.from=%s;compauth=pass reason=100' % (mail.ip, M, D, D))


@receiver()
def yahoo(mail):
    host = 'atlas-production.v2-mail-prod1-ir2.omega.yahoo.com'
    return ['X-Apparently-To: sam@mailbox.example; ' + stamp(TIME + 3), returned(mail),
            'Received: from 127.0.0.1\r\n by %s pod-id NONE with HTTPS; %s' % (host, stamp(TIME + 3)),
            'X-Originating-Ip: [%s]' % mail.ip,
            'Received-SPF: pass (domain of %s designates %s as permitted sender)' % (M, mail.ip),
            results(host, 'dkim=pass header.i=@%s header.s=%s' % (D, TOKEN), 'dkim=pass header.i=@amazonses.com header.s=' + AMAZON, 'spf=pass smtp.mailfrom=' + M,
                    'dmarc=pass(p=REJECT,sp=REJECT) header.from=%s;' % D),
            'Received: from %s (EHLO %s)\r\n by 10.217.135.1 with SMTPs\r\n (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256);\r\n %s' % (mail.ip, mail.helo, stamp(TIME + 2))]


@receiver()
def icloud(mail):
    return ['Received: from p00-icloudmta-asmtp-us-central-1k-100-percent-3 by p121-mailgateway-smtp-1 (mailgateway 2630B1) with SMTP id 11; %s' % stamp(TIME + 4),
            'X-Apple-MoveToFolder: INBOX', returned(mail),
            'Received: from %s (%s [%s])\r\n\tby p00-icloudmta-asmtp-us-central-1k-100-percent-3 (Postfix) with ESMTPS id 3AA\r\n\tfor <sam@mailbox.example>; %s (UTC)' % (
                mail.helo, mail.helo, mail.ip, stamp(TIME + 2)),
            results('bimi.icloud.com', 'bimi=skipped reason="insufficient dmarc"'),
            'X-DMARC-Info: pass=pass; dmarc-policy=reject; s=r0; d=r0; pdomain=%s' % D,
            results('dmarc.icloud.com', 'dmarc=pass header.from=%s' % D),
            results('dkim-verifier.icloud.com', 'dkim=pass (2048-bit key) header.d=%s header.i=@%s header.b=aBcDeFgH' % (D, D)),
            results('dkim-verifier.icloud.com', 'dkim=pass (1024-bit key) header.d=amazonses.com header.i=@amazonses.com header.b=iJkLmNoP'),
            results('spf.icloud.com', 'spf=pass (spf.icloud.com: domain of %s designates %s as permitted sender) smtp.mailfrom=%s' % (mail.envelope, mail.ip, mail.envelope)),
            'Received-SPF: pass (spf.icloud.com: domain of %s designates %s as permitted sender)\r\n receiver=spf.icloud.com; client-ip=%s;\r\n helo=%s; envelope-from=%s' % (
                mail.envelope, mail.ip, mail.ip, mail.helo, mail.envelope)]


@receiver()
def proton(mail):
    host = 'mailin012.protonmail.ch'
    return [returned(mail),
            results(host, 'dkim=pass (Good 2048 bit rsa-sha256 signature) header.d=%s header.a=rsa-sha256' % D),
            results(host, 'dmarc=pass (p=reject dis=none) header.from=%s' % D),
            results(host, 'spf=pass smtp.mailfrom=' + M),
            results(host, 'arc=none smtp.remote-ip=' + mail.ip),
            results(host, 'dkim=pass (2048-bit key) header.d=%s header.i=@%s header.b="aBcDeFgH"' % (D, D), 'dkim=pass (1024-bit key) header.d=amazonses.com '
                    'header.i=@amazonses.com header.b="iJkLmNoP"'),
            taken(mail, host)]


@receiver()
def fastmail(mail):
    host = 'mx3.messagingengine.com'
    return ['Received: from phl-compute-01.internal (phl-compute-01.internal [10.202.2.1])\r\n\tby sloti1 (Cyrus 3.11) with LMTPA; %s' % stamp(TIME + 3),
            'Received: from phl-mx-03.messagingengine.com ([10.202.2.2])\r\n  by phl-compute-01.internal (LMTPProxy); %s' % stamp(TIME + 3),
            results(host, 'x-csa=none', 'bimi=none (No BIMI records found)', 'arc=none (no signatures found)',
                    'dkim=pass (2048-bit rsa key sha256) header.d=%s header.i=@%s header.b=aBcDeFgH header.a=rsa-sha256 header.s=%s x-bits=2048' % (D, D, TOKEN),
                    'dkim=pass (1024-bit rsa key sha256) header.d=amazonses.com header.i=@amazonses.com header.b=iJkLmNoP header.a=rsa-sha256 header.s=%s x-bits=1024' % AMAZON,
                    'dmarc=pass policy.published-domain-policy=reject policy.applied-disposition=none policy.evaluated-disposition=none '
                    '(p=reject,d=none,d.eval=none) policy.policy-from=p header.from=%s' % D,
                    'iprev=pass smtp.remote-ip=%s (%s)' % (mail.ip, mail.helo), 'spf=pass smtp.mailfrom=%s smtp.helo=%s' % (mail.envelope, mail.helo)),
            'Received: from %s (%s [%s])\r\n\tby phl-mx-03.messagingengine.com (Postfix) with ESMTPS id 5Aa\r\n\tfor <sam@mailbox.example>; %s (UTC)' % (
                mail.helo, mail.helo, mail.ip, stamp(TIME + 2))]


@receiver()
def opendkim(mail):
    host = 'mx.mailbox.example'
    return [returned(mail),
            results(host, 'dmarc=pass (p=reject dis=none) header.from=%s' % D),
            results(host, 'dkim=pass (2048-bit key; unprotected) header.d=%s header.i=@%s header.a=rsa-sha256 header.s=%s header.b="aBcDeFgH"' % (D, D, TOKEN),
                    'dkim=pass (1024-bit key; unprotected) header.d=amazonses.com header.i=@amazonses.com header.a=rsa-sha256 header.s=%s header.b="iJkLmNoP"' % AMAZON,
                    'dkim-atps=neutral'),
            results(host, 'spf=pass (sender SPF authorized) smtp.mailfrom=%s (client-ip=%s; helo=%s; envelope-from=%s; receiver=mailbox.example)' % (
                M, mail.ip, mail.helo, mail.envelope)),
            taken(mail, host)]


@receiver()
def rspamd(mail):
    host = 'mx.mailbox.example'
    return [returned(mail), taken(mail, host),
            results(host, 'dkim=pass header.d=%s header.s=%s header.b=aBcDeFgH' % (D, TOKEN), 'dkim=pass header.d=amazonses.com header.s=%s header.b=iJkLmNoP' % AMAZON,
                    'dmarc=pass (policy=reject) header.from=%s' % D,
                    'spf=pass (mx.mailbox.example: domain of %s designates %s as permitted sender) smtp.mailfrom=%s' % (mail.envelope, mail.ip, mail.envelope))]


@receiver()
def exim(mail):
    host = 'mx.mailbox.example'
    return [returned(mail), 'Delivery-date: ' + stamp(TIME + 3),
            results(host, 'iprev=pass (%s) smtp.remote-ip=%s' % (mail.helo, mail.ip), 'spf=pass smtp.mailfrom=' + M,
                    'dkim=pass header.d=%s header.s=%s header.a=rsa-sha256' % (D, TOKEN), 'dmarc=pass header.from=%s' % D),
            taken(mail, host, 'exim')]


@receiver()
def ses_inbound(mail):
    return [returned(mail),
            'Received: from %s (%s [%s])\r\n by inbound-smtp.eu-west-1.amazonaws.com with SMTP id 0a1b2c3d4e\r\n for sam@mailbox.example;\r\n %s' % (
                mail.helo, mail.helo, mail.ip, stamp(TIME + 2)),
            'X-SES-Spam-Verdict: PASS', 'X-SES-Virus-Verdict: PASS',
            'Received-SPF: pass (spfCheck: domain of amazonses.com designates %s as permitted sender) client-ip=%s; envelope-from=%s; helo=%s;' % (
                mail.ip, mail.ip, mail.envelope, mail.helo),
            results('amazonses.com', 'spf=pass (spfCheck: domain of amazonses.com designates %s as permitted sender) client-ip=%s' % (mail.ip, mail.ip),
                    'envelope-from=%s' % mail.envelope, 'helo=%s' % mail.helo, 'dkim=pass header.i=@%s' % D, 'dkim=pass header.i=@amazonses.com', 'dmarc=pass header.from=%s;' % D),
            'X-SES-RECEIPT: AEFBQUFBQUFBQUFB', 'X-SES-DKIM-SIGNATURE: a=rsa-sha256; q=dns/txt; b=abcd; c=relaxed/simple; s=x; d=amazonses.com; t=1; v=1; bh=abcd; h=From:To']


@receiver()
def yandex(mail):
    host = 'mail-nwsmtp-mxfront-production-main-1.vla.yp-c.yandex.net'
    return ['Received: from %s (%s [10.0.0.1])\r\n\tby notsolitesrv-1.vla.yp-c.yandex.net with LMTP id 1;\r\n\t%s' % (host, host, stamp(TIME + 3)),
            'Received: from %s (%s [%s])\r\n\tby %s (mxfront/Yandex) with ESMTPS id 2;\r\n\t%s' % (mail.helo, mail.helo, mail.ip, host, stamp(TIME + 2)),
            results(host, 'spf=pass (%s: domain of %s designates %s as permitted sender, rule=[ip4:54.240.0.0/18]) smtp.mail=%s' % (host, M, mail.ip, mail.envelope),
                    'dkim=pass header.i=@%s' % D, 'dmarc=pass header.from=%s' % D),
            'X-Yandex-Spam: 1', returned(mail)]


@receiver(dmarc=None, believed='')
def mail_ru(mail):
    return [returned(mail), taken(mail, 'mxs.mail.ru', 'exim')]


@receiver(args=['--authserv-id=mxs.mail.ru'])
def mail_ru_by_option(mail):
    return mail_ru(mail)


@receiver(dmarc=None, believed='dkim')
def gmx(mail):
    return [returned(mail),
            results(' gmx.net', 'dkim=pass header.i=@%s' % D), results(' gmx.net', 'dkim=pass header.i=@amazonses.com'),
            'Received: from %s ([%s]) by mx-ha.gmx.net (mxgmx016 [212.227.15.9])\r\n with ESMTPS (Nemesis) id 1MAbCd for <sam@mailbox.example>; %s' % (
                mail.helo, mail.ip, stamp(TIME + 2))]


@receiver(dmarc=None, believed='', envelope_domain=None)
def qq(mail):
    # keeps no Return-Path
    return ['X-QQ-FEAT: aaaa', 'X-QQ-ORGSender: ' + mail.envelope, 'Received: from %s (unknown [%s])\r\n\tby newmx1.qq.com (NewMX) with SMTP id 3\r\n\tfor <sam@mailbox.example>; %s' % (
        mail.helo, mail.ip, stamp(TIME + 2))]


@receiver(dmarc=None, believed='')
def nothing_recorded(mail):
    return [returned(mail), taken(mail, 'mx.mailbox.example')]


# written below the sender's own fields, where anyone could have put it
BELOW = {name: results('mxs.mail.ru', 'spf=pass (mx1.mail.ru: domain of %s designates 54.240.9.46 as permitted sender) smtp.mailfrom=x@%s smtp.helo=a9-46.smtp-out.amazonses.com' % (M, M),
                       'dkim=pass header.d=%s' % D, 'dmarc=pass header.from=orders@%s' % D) for name in ('mail-ru', 'mail-ru-by-option')}


def main():
    expect = {}
    for name, (make, wanted, args) in RECEIVERS.items():
        mail = Mail(own=D, envelope=M, fields=[BELOW[name]] if name in BELOW else [])
        base = os.path.join(sys.argv[1], name)
        with open(base + '.eml', 'wb') as out:
            out.write(stored(mail, make(mail)).encode())
        with open(base + '.zone', 'w', encoding='utf-8') as out:
            out.write(sender().text())
        if args:
            with open(base + '.args', 'w', encoding='utf-8') as out:
                out.write('\n'.join(args) + '\n')
        expect[name] = dict({'exit': 0, 'verdict': 'pass', 'blocks': [], 'risks': [], 'ip': mail.ip}, **wanted)
    with open(os.path.join(sys.argv[1], 'expect.json'), 'w', encoding='utf-8') as out:
        out.write(json.dumps(expect, indent=1) + '\n')


main()
