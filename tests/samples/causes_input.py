# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Samples of the causes about the file and the author field: line ends, copies that were changed, From as people write it.
import re

from causes_kit import D, DEFAULT, M, Mail, Zone, both, hit, miss, plain, sender
from causes_path import ms_results, results
from forge import BODY, gmail, microsoft, stored

TRAILING = BODY.replace('15:00; the night', '15:00;  \r\nthe night')


def received(**more):
    """Signed by the sender's domain, Amazon's envelope: only DKIM can carry it. Gmail recorded a pass."""
    mail = Mail(own=D, **more)
    return stored(mail, gmail(mail, results(mail)))


def without_signature(text, d):
    """The message less its DKIM-Signature of d."""
    return re.sub(r'(?m)^DKIM-Signature:(?:.*\r\n[ \t])*.*\bd=%s;(?:.*\r\n[ \t])*.*\r\n' % re.escape(d), '', text, count=1)


def only_dkim():
    return sender(mail_from=False)


# ---- how the file was saved ------------------------------------------------------------------------------------------------------


def line_ends():
    text = both()[0]
    lf = text.replace('\r\n', '\n')
    code = 'saved-lf'
    hit(code, (lf, sender()))
    miss(code, (text, sender()))
    code = 'saved-mixed-eol'
    hit(code, (text.replace('\r\n', '\r\r\n'), sender()))
    hit(code, (received().replace('until 02:00.\r\n', 'until 02:00. \n'), only_dkim()), name='hit-changed', exit=5, risks=code)
    miss(code, (lf, sender()), notes='saved-lf')


def changed_copies():
    code = 'saved-changed'
    footer = '\r\nThis message came from outside mailbox.example.\r\n'
    hit(code, (received() + footer, only_dkim()), exit=5)
    miss(code, (plain(Mail(own=D)) + footer, only_dkim()), blocks='%s dkim-body-changed' % DEFAULT)
    # header.b chooses between signatures of one name; where it fits none of them, b= itself may be what was changed.
    recorded = received() + footer
    hit(code, (recorded.replace('header.i=@shop.example', 'header.i=@shop.example header.b=AbCdEfGh', 1), only_dkim()), name='hit-other-b', exit=5)
    miss('dns-changed-since', (recorded.replace('header.i=@shop.example', 'header.i=@other.example', 1), only_dkim()), name='miss-damage',
         blocks='%s dkim-body-changed' % DEFAULT, notes='saved-changed')
    hit(code, (without_signature(received(), D), only_dkim()), name='hit-lost', exit=5)
    miss(code, (without_signature(plain(Mail(own=D)), D), only_dkim()), name='miss-lost', blocks='%s dkim-only-amazonses' % DEFAULT)
    code = 'saved-redacted'
    hit(code, (received().replace('To: sam@mailbox.example', 'To: xxx@xxxxxxx.example'), only_dkim()), exit=5)
    miss(code, (received().replace('Subject: Your', 'Subject: [external] Your'), only_dkim()), exit=5, notes='saved-changed')
    code = 'saved-show-original-paste'
    pasted = '\r\n' + received(body=TRAILING).replace('15:00;  \r\n', '15:00;\r\n')
    hit(code, (pasted, only_dkim()), exit=5, risks=code)
    miss(code, ('From MAILER-DAEMON Wed Oct 14 08:21:41 2026\r\n' + received(body=TRAILING), only_dkim()))
    code = 'saved-outlook'
    mail = Mail(own=D)
    top = microsoft(mail, ms_results(mail)) + ['X-MS-Exchange-Organization-AuthAs: Anonymous', 'X-MS-Exchange-CrossTenant-Network-Message-Id: 5c0ffee5-0000-4000-8000-000000000001']
    hit(code, (stored(mail, top).replace('Dear guest,', '<p>Dear guest,</p>'), only_dkim()), exit=5)
    miss(code, (stored(mail, top), only_dkim()))


def headers_only():
    code = 'headers-only'
    head = both()[0].split('\r\n\r\n')[0] + '\r\n'
    hit(code, (head, sender()))
    # by the header alone the sender's signature cannot count, though it fits
    hit(code, (plain(Mail(own=D)).split('\r\n\r\n')[0] + '\r\n', only_dkim()), name='hit-signed', blocks=DEFAULT)
    miss(code, both(body=''))


# ---- the author field ---------------------------------------------------------------------------------------------------------------


def written(value, zone=None, **more):
    """Both mechanisms in the sender's name, and From as given."""
    return plain(Mail(value, own=D, envelope=M, **more)), zone or sender()


def authors():
    code = 'multi-from'
    two = 'Orders <orders@shop.example>, Lake <desk@lake.example>'
    hit(code, written(two, sender().host('lake.example')), exit=3, blocks=code)
    miss(code, written('Orders <orders@shop.example>, Desk <desk@shop.example>'))
    code = 'from-no-domain'
    hit(code, written('"orders@shop.example" <orders>'), exit=3, blocks=code)
    miss(code, written('orders@shop.example'))
    code = 'from-ambiguous'
    hit(code, written('Orders @ Shop <orders@shop.example>'))
    hit(code, written('<orders@shop.example> <desk@lake.example>', sender().host('lake.example')), name='hit-two', exit=3, blocks=code)
    miss(code, written('"Orders @ Shop" <orders@shop.example>'))
    code = 'display-name-only'
    hit(code, written('"billing@lake.example" <orders@shop.example>'))
    miss(code, written('"billing@shop.example" <billing@shop.example>'))


def unicode_domain():
    code = 'idn-from'
    ascii_name = 'xn--bcher-kva.example'
    zone = lambda: Zone().host(ascii_name).mail_from('bounce.' + ascii_name).easy_dkim(ascii_name)
    post = lambda domain: plain(Mail('Orders <orders@%s>' % domain, own=ascii_name, envelope='bounce.' + ascii_name))
    hit(code, (post('b\u00fccher.example'), zone()))
    miss(code, (post(ascii_name), zone()))


line_ends()
changed_copies()
headers_only()
authors()
unicode_domain()
