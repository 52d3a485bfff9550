#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Writes samples/*.eml and samples/*.zone anew: make-samples.py DIRECTORY. The messages are kept in the repository; this says how
# they came to be.
import os
import sys

from forge import BODY, TIME, TOKEN, Mail, Zone, dkim_field, gmail, plain_host, public, stamp, stored


def sample_ses_as_it_is():
    mail = Mail('Hotel by the Lake <desk@shop.example>', 'eu-west-1')
    top = gmail(mail, 'dkim=pass header.i=@amazonses.com header.s=7654zyxwvutsrqponmlkjihgfedcba32; spf=pass (google.com: domain of %s designates %s as '
                'permitted sender) smtp.mailfrom=%s; dmarc=fail (p=REJECT sp=REJECT dis=REJECT) header.from=shop.example' % (mail.envelope, mail.ip, mail.envelope))
    return stored(mail, top), Zone().host('shop.example')


def pass_results(mail, domain, policy='REJECT'):
    return ('dkim=pass header.i=@%s header.s=%s; dkim=pass header.i=@amazonses.com header.s=7654zyxwvutsrqponmlkjihgfedcba32; spf=pass (google.com: domain of %s '
            'designates %s as permitted sender) smtp.mailfrom=%s; dmarc=pass (p=%s sp=%s dis=NONE) header.from=%s' % (
                domain, TOKEN, mail.envelope, mail.ip, mail.envelope, policy, policy, domain))


def healthy(domain='shop.example', **more):
    mail = Mail('Orders <orders@%s>' % domain, own=domain, envelope='bounce.' + domain, **more)
    return mail, Zone().host(domain).mail_from('bounce.' + domain).easy_dkim(domain)


def sample_healthy():
    mail, zone = healthy()
    return stored(mail, gmail(mail, pass_results(mail, 'shop.example'))), zone


def sample_easy_dkim_missing():
    mail = Mail(envelope='bounce.shop.example')
    return stored(mail, plain_host(mail)), Zone().host('shop.example').mail_from('bounce.shop.example')


def sample_mail_from_without_spf():
    mail = Mail(envelope='bounce.shop.example')
    return stored(mail, plain_host(mail)), Zone().host('shop.example').mail_from('bounce.shop.example', spf=None)


def sample_strict_alignment():
    mail = Mail(envelope='bounce.shop.example')
    return stored(mail, plain_host(mail)), Zone().host('shop.example', 'v=DMARC1; p=quarantine; aspf=s').mail_from('bounce.shop.example')


def sample_forwarded():
    mail, zone = healthy()
    srs = 'SRS0=aBcD=7Q=bounce.shop.example=0100@alumni.example'
    mail.above = ['Received: from %s (%s [%s])\r\n\tby mx.alumni.example (Postfix) with ESMTPS id 2Ab3\r\n\tfor <sam@alumni.example>; %s (UTC)' % (
        mail.helo, mail.helo, mail.ip, stamp(TIME + 1))]
    zone.txt('alumni.example', 'v=spf1 ip4:203.0.113.77 -all')
    return stored(mail, plain_host(mail, ip='203.0.113.77', helo='mx.alumni.example', envelope=srs, time=TIME + 9)), zone


def sample_no_dmarc_record():
    mail = Mail(own='shop.example', envelope='bounce.shop.example')
    return stored(mail, plain_host(mail)), Zone().host('shop.example', None).mail_from('bounce.shop.example').easy_dkim('shop.example')


def sample_cname_missing():
    mail = Mail(own='shop.example')
    return stored(mail, plain_host(mail)), Zone().host('shop.example').ses_key()


def sample_two_spf_records():
    mail = Mail(envelope='bounce.shop.example')
    zone = Zone().host('shop.example').mail_from('bounce.shop.example').txt('bounce.shop.example', 'v=spf1 include:_spf.other.example ~all')
    return stored(mail, plain_host(mail)), zone.txt('_spf.other.example', 'v=spf1 ip4:192.0.2.0/24 ~all')


def sample_policy_misspelled():
    mail = Mail(own='shop.example', envelope='bounce.shop.example')
    zone = Zone().host('shop.example', 'v=DMARC1; p=monitor').mail_from('bounce.shop.example').easy_dkim('shop.example')
    return stored(mail, plain_host(mail)), zone


def sample_saved_copy_changed():
    mail = Mail(own='shop.example')
    text = stored(mail, gmail(mail, pass_results(mail, 'shop.example')))
    return text.replace('until 02:00.\r\n', 'until 02:00. \r\n'), Zone().host('shop.example').easy_dkim('shop.example')


def sample_key_gone():
    mail = Mail(own='shop.example')
    return stored(mail, gmail(mail, pass_results(mail, 'shop.example'))), Zone().host('shop.example')


def sample_forged_results():
    mail = Mail('Orders <orders@shop.example>', fields=['Authentication-Results: mx.mailbox.example; dkim=pass header.d=shop.example; spf=pass '
                                                         'smtp.mailfrom=shop.example; dmarc=pass header.from=shop.example'])
    return stored(mail, plain_host(mail)), Zone().host('shop.example')


def sample_listed():
    mail, zone = healthy()
    text = stored(mail, plain_host(mail, ip='203.0.113.9', helo='lists.club.example', envelope='talk-bounces@lists.club.example', time=TIME + 20))
    text = text.replace('Subject: Your', 'Subject: [talk] Your') + '-- \r\nTo leave this list write to talk-leave@lists.club.example\r\n'
    text = text.replace('To: sam@mailbox.example', 'To: sam@mailbox.example\r\nList-Id: Talk <talk.lists.club.example>\r\nList-Post: <mailto:talk@lists.club.example>')
    return text, zone.txt('lists.club.example', 'v=spf1 ip4:203.0.113.9 -all')


def sample_bounced():
    mail = Mail('Hotel by the Lake <desk@shop.example>')
    original = '\r\n'.join(mail.fields()) + '\r\n\r\n' + mail.body
    report = ['Return-Path: <>',
              'Received: from a9-46.smtp-out.amazonses.com (a9-46.smtp-out.amazonses.com [54.240.9.46])\r\n\tby mx.shop.example (Postfix) with ESMTPS id 9Z\r\n'
              '\tfor <desk@shop.example>; %s' % stamp(TIME + 60),
              'From: MAILER-DAEMON@amazonses.com', 'To: desk@shop.example', 'Subject: Delivery Status Notification (Failure)',
              'Message-ID: <0100-bounce@email.amazonses.com>', 'Date: ' + stamp(TIME + 59), 'MIME-Version: 1.0',
              'Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="=_bounce"']
    text = '\r\n'.join(report) + ('\r\n\r\n--=_bounce\r\nContent-Type: text/plain\r\n\r\nAn error occurred while trying to deliver the mail to:\r\nsam@mailbox.example\r\n'
           '\r\n--=_bounce\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a9-46.smtp-out.amazonses.com\r\n\r\n'
           'Final-Recipient: rfc822; sam@mailbox.example\r\nAction: failed\r\nStatus: 5.7.26\r\nDiagnostic-Code: smtp; 550-5.7.26 Unauthenticated email from '
           'shop.example is not accepted due to\r\n domain\'s DMARC policy.\r\n\r\n--=_bounce\r\nContent-Type: message/rfc822\r\n\r\n')
    return text + original + '\r\n--=_bounce--\r\n', Zone().host('shop.example')


def main():
    for name, make in sorted(globals().items()):
        if not name.startswith('sample_'):
            continue
        text, zone = make()
        base = os.path.join(sys.argv[1], name[7:].replace('_', '-'))
        with open(base + '.eml', 'wb') as out:
            out.write(text.encode('utf-8', 'surrogateescape'))
        with open(base + '.zone', 'w', encoding='utf-8') as out:
            out.write(zone.text())


main()
