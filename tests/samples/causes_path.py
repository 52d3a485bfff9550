# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Samples of the causes about the way a message took and what receivers wrote: lists, forwarding, ARC, bounces, results.
from causes_kit import AMAZON, D, DEFAULT, M, ONLY, Mail, Zone, both, by_spf, hit, miss, own_key, plain, public, sender
from forge import BODY, SIGNED, TIME, TOKEN, dkim_field, gmail, microsoft, stamp, stored

ALUMNI = ('203.0.113.77', 'mx.alumni.example')


def results(mail, dkim='dkim=pass header.i=@shop.example header.s=%s; ' % TOKEN, spf='pass', dmarc='pass'):
    return ('%sdkim=pass header.i=@amazonses.com header.s=%s; spf=%s (google.com: domain of %s designates %s as permitted sender) smtp.mailfrom=%s; '
            'dmarc=%s (p=REJECT sp=REJECT dis=NONE) header.from=shop.example' % (dkim, AMAZON, spf, mail.envelope, mail.ip, mail.envelope, dmarc))


def ms_results(mail, *, second=True, dmarc='pass', compauth='pass reason=100', own=True):
    text = 'spf=pass (sender IP is %s) smtp.mailfrom=%s; dkim=pass (signature was verified) header.d=%s' % (
        mail.ip, mail.envelope.split('@')[1], D if own else 'amazonses.com')
    if second and own:
        text += ';dkim=pass (signature was verified) header.d=amazonses.com'
    return text + ';dmarc=%s action=%s header.from=%s;compauth=%s' % (dmarc, 'none' if dmarc == 'pass' else 'oreject', D, compauth)


# ---- the way ------------------------------------------------------------------------------------------------------------------


def taken_by_alumni(mail):
    return 'Received: from %s (%s [%s])\r\n\tby mx.alumni.example (Postfix) with ESMTPS id 2Ab3\r\n\tfor <sam@alumni.example>; %s (UTC)' % (
        mail.helo, mail.helo, mail.ip, stamp(TIME + 1))


def forwarded(mail, by=plain, **more):
    return by(mail, ip=ALUMNI[0], helo=ALUMNI[1], envelope='SRS0=aBcD=7Q=%s=0100@alumni.example' % M, time=TIME + 9, **more)


def alumni(zone):
    return zone.txt('alumni.example', 'v=spf1 ip4:203.0.113.77 -all').txt('arc1._domainkey.alumni.example', 'v=DKIM1; k=rsa; p=' + public('alumni'))


def lists():
    code = 'list-or-forwarder'
    mail = Mail(own=D, envelope=M)
    mail.above = ['List-Id: Alumni news <news.alumni.example>', taken_by_alumni(mail)]
    hit(code, (forwarded(mail), alumni(sender())))
    # a gateway rewrote the body: what SES signed over the header still shows that SES had it; with that gone the marks are a claim
    for name, subject, certain in (('hit-body', 'Your booking', 'spf-forwarded list-or-forwarder'), ('hit-claim', 'Something else', '')):
        mail = Mail(own=D, envelope=M)
        mail.above = [taken_by_alumni(mail)]
        mail.body = BODY.replace('the night desk', 'https://scan.alumni.example/?u=desk')
        mail.core = [f if not f.startswith('Subject:') else 'Subject: ' + subject for f in mail.core]
        hit(code, (forwarded(mail), alumni(sender())), name=name, blocks='spf-forwarded dkim-body-changed', certain=certain)
    miss(code, both(fields=['List-Unsubscribe: <https://shop.example/leave/77>']))


def arc():
    code = 'arc-override'
    sealed = lambda: 'mx.alumni.example; spf=pass smtp.mailfrom=%s; dkim=pass header.d=amazonses.com; dmarc=fail header.from=%s' % (M, D)
    for make, broken in ((hit, False), (miss, True)):
        mail = Mail(envelope=M)
        mail.above = [taken_by_alumni(mail)]
        mail.seal(1, 'alumni.example', 'arc1', 'alumni', sealed())
        text = forwarded(mail)
        if broken:
            text = text.replace('ARC-Authentication-Results: i=1; mx.alumni.example; spf=pass', 'ARC-Authentication-Results: i=1; mx.alumni.example; spf=fail')
        make(code, (text, alumni(sender(dkim=False))), blocks='spf-forwarded ' + ONLY)
    mail = Mail(envelope=M)
    mail.above = [taken_by_alumni(mail)]
    text = stored(mail, microsoft(mail, 'spf=pass (sender IP is 203.0.113.77) smtp.mailfrom=alumni.example; dkim=pass (signature was verified) header.d=amazonses.com;'
                                  'dmarc=fail action=none header.from=shop.example;compauth=pass reason=130', ip=ALUMNI[0], helo=ALUMNI[1], envelope='x@alumni.example'))
    hit(code, (text, alumni(sender(dkim=False))), name='hit-receiver', blocks='spf-forwarded ' + ONLY)


def attached():
    code = 'forwarded-as-attachment'

    def post(inner):
        body = ('--=_outer\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nWhy was this in the spam folder?\r\n\r\n--=_outer\r\nContent-Type: message/rfc822\r\n\r\n'
                + inner + '\r\n--=_outer--\r\n')
        core = ['From: Sam <sam@mailbox.example>', 'To: help@desk.example', 'Subject: Fwd: Your booking', 'Message-ID: <41@mailbox.example>',
                'Date: ' + stamp(TIME + 600), 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="=_outer"']
        top = ['Return-Path: <sam@mailbox.example>',
               'Received: from out.mailbox.example (out.mailbox.example [203.0.113.50])\r\n\tby mx.desk.example (Postfix) with ESMTPS id 7Qw\r\n'
               '\tfor <help@desk.example>; %s' % stamp(TIME + 602),
               dkim_field(core, body, 'mailbox.example', 's1', 'other', SIGNED, TIME + 601)]
        zone = Zone().host('mailbox.example').txt('mailbox.example', 'v=spf1 ip4:203.0.113.50 -all').txt('s1._domainkey.mailbox.example', 'p=' + public('other'))
        return '\r\n'.join(top + core) + '\r\n\r\n' + body, zone.host(D)

    hit(code, post(plain(Mail())), notes='not-ses')
    miss(code, post('From: kim@mailbox.example\r\nTo: sam@mailbox.example\r\nSubject: Lunch\r\nDate: %s\r\n\r\nAt noon?\r\n' % stamp(TIME)), notes='not-ses')


# ---- bounces ------------------------------------------------------------------------------------------------------------------------


def bounce(status, text, before=''):
    """before: what the report says of other recipients."""
    mail = Mail()
    head = ['Return-Path: <>',
            'Received: from mx.mailbox.example (mx.mailbox.example [203.0.113.9])\r\n\tby mx.shop.example (Postfix) with ESMTPS id 9Z\r\n'
            '\tfor <desk@shop.example>; %s' % stamp(TIME + 60),
            'From: MAILER-DAEMON@mx.mailbox.example', 'To: orders@shop.example', 'Subject: Undelivered Mail Returned to Sender',
            'Message-ID: <9.8@mx.mailbox.example>', 'Date: ' + stamp(TIME + 59), 'MIME-Version: 1.0',
            'Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="=_b"']
    return '\r\n'.join(head) + ('\r\n\r\n--=_b\r\nContent-Type: text/plain\r\n\r\nThe message could not be delivered.\r\n\r\n--=_b\r\nContent-Type: message/delivery-status\r\n'
            '\r\nReporting-MTA: dns; mx.mailbox.example\r\n\r\n%sFinal-Recipient: rfc822; sam@mailbox.example\r\nAction: failed\r\nStatus: %s\r\n'
            'Diagnostic-Code: smtp; %s\r\n\r\n--=_b\r\nContent-Type: message/rfc822\r\n\r\n%s\r\n--=_b--\r\n' % (before, status, text, plain(mail)))


GMAIL_POLICY = "550-5.7.26 Unauthenticated email from shop.example is not accepted due to\r\n domain's DMARC policy."
GMAIL_NOBODY = '550-5.7.26 Your email has been blocked because the sender is unauthenticated.\r\n Gmail requires all senders to authenticate with either SPF or DKIM.'
MS_LEVEL = "550 5.7.515 Access denied, sending domain SHOP.EXAMPLE doesn't meet the\r\n required authentication level."


def bounces():
    blocks = {'blocks': '%s %s' % (DEFAULT, ONLY)}
    policy, nobody = 'bounce-dmarc-rejected', 'bounce-authentication-required'
    post = lambda status, text: (bounce(status, text), Zone().host(D))
    hit(policy, post('5.7.26', GMAIL_POLICY), **blocks)
    hit(policy, post('5.7.509', '550 5.7.509 Access denied, sending domain SHOP.EXAMPLE does not pass\r\n DMARC verification and has a DMARC policy of reject.'),
        name='hit-microsoft', **blocks)
    miss(policy, post('5.7.26', GMAIL_NOBODY), notes=nobody, **blocks)
    miss(policy, post('5.1.1', '550 5.1.1 <sam@mailbox.example>: Recipient address rejected: User unknown'), name='miss-unknown', **blocks)
    unknown = 'Final-Recipient: rfc822; kim@mailbox.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n'
    hit(policy, (bounce('5.7.26', GMAIL_POLICY, unknown), Zone().host(D)), name='hit-second', **blocks)
    mixed = bounce('5.7.26', GMAIL_POLICY).replace('multipart/report; report-type=delivery-status', 'multipart/mixed')
    hit(policy, (mixed, Zone().host(D)), name='hit-mixed', **blocks)
    hit(nobody, post('5.7.515', MS_LEVEL), **blocks)
    hit(nobody, post('5.7.26', GMAIL_NOBODY), name='hit-gmail', **blocks)
    miss(nobody, post('5.7.26', GMAIL_POLICY), notes=policy, **blocks)


# ---- what is on record -----------------------------------------------------------------------------------------------------------------


def recorded():
    mail = Mail(own=D, envelope=M)
    at_gmail = stored(mail, gmail(mail, results(mail)))
    code = 'no-result-recorded'
    hit(code, both())
    miss(code, (at_gmail, sender()))
    code = 'untrusted-ar'
    claim = 'Authentication-Results: mx.mailbox.example; spf=pass smtp.mailfrom=shop.example; dmarc=pass header.from=shop.example'
    hit(code, both(fields=[claim]), notes='no-result-recorded')
    miss(code, (at_gmail, sender()))
    code = 'dns-changed-since'
    other = Mail(envelope=M)
    then = results(other, dkim='', spf='softfail', dmarc='fail')
    hit(code, (stored(other, gmail(other, then)), sender(dkim=False)), risks=ONLY)
    now = results(other, dkim='')
    miss(code, (stored(other, gmail(other, now)), sender(dkim=False)), risks=ONLY)
    code = 'pass-one-mechanism'
    hit(code, by_spf(), risks=ONLY)
    miss(code, both())


def at_microsoft():
    mail = Mail(own=D, envelope=M)
    code = 'ms-single-dkim'
    hit(code, (stored(mail, microsoft(mail, ms_results(mail, second=False))), sender()))
    miss(code, (stored(mail, microsoft(mail, ms_results(mail))), sender()))
    code = 'ms-compauth-fail'
    mail = Mail()
    for make, word in ((hit, 'fail reason=000'), (miss, 'none reason=405')):
        top = microsoft(mail, ms_results(mail, own=False, dmarc='fail', compauth=word))
        make(code, (stored(mail, top), Zone().host(D)), blocks='%s %s' % (DEFAULT, ONLY))


# ---- who sent it ------------------------------------------------------------------------------------------------------------------------


def other_sender():
    code = 'not-ses'
    core = ['From: Orders <orders@shop.example>', 'To: sam@mailbox.example', 'Subject: Your booking', 'Message-ID: <7@shop.example>', 'Date: ' + stamp(TIME)]
    sign = dkim_field(core, BODY, D, 'news2026', 'own', SIGNED)
    top = ['Return-Path: <orders@shop.example>',
           'Received: from mail.shop.example (mail.shop.example [198.51.100.25])\r\n\tby mx.mailbox.example (Postfix) with ESMTPS id 5Tz\r\n'
           '\tfor <sam@mailbox.example>; %s (UTC)' % stamp(TIME + 1), sign]
    zone = own_key(zone=sender(dkim=False).txt(D, 'v=spf1 ip4:198.51.100.25 -all'))
    hit(code, ('\r\n'.join(top + core) + '\r\n\r\n' + BODY, zone))
    miss(code, both())
    code = 'ses-via-third-party'
    for make, selector in ((hit, 'resend'), (miss, 'resent')):
        mail = Mail(own=D, envelope='send.shop.example', selector=selector, keyname='own')
        make(code, (plain(mail), own_key(selector=selector, zone=Zone().host(D).mail_from('send.shop.example'))))


lists()
arc()
attached()
bounces()
recorded()
at_microsoft()
other_sender()
