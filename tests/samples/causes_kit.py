# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# What all families of cause samples share: the list of cases, the usual sender, the usual ways a message is stored. A hit is a
# message that has the cause, a miss the same situation with the deciding fact on the other side. Which facts decide stands in
# `dmarctrace causes CODE`.
from forge import TOKEN, Mail, Zone, plain_host, public, stored

D = 'shop.example'     # the sender; M: its custom MAIL FROM domain
M = 'bounce.shop.example'
SES = 'v=spf1 include:amazonses.com ~all'
REJECT = 'v=DMARC1; p=reject'
TOKENS = (TOKEN, 'bcdefghijklmnopqrstuvwxyz234567a', 'cdefghijklmnopqrstuvwxyz234567ab')
THREE = ['--dkim-token=' + t for t in TOKENS]
AT_M = ['--ses-mail-from=' + M]
AMAZON = '7654zyxwvutsrqponmlkjihgfedcba32'
DEFAULT = 'ses-mailfrom-default'
ONLY = 'dkim-only-amazonses'

CASES = {}      # code -> name -> case


def case(code, name, post, blocks='', risks='', notes='', exit=None, args=(), files=None, command=None, fixes=(), unproved=None, certain=''):
    """post: (text of the message or None, zone). blocks and risks are the whole sets; notes must be there, others may. fixes:
    (name, type, value) of records that the cause must propose. unproved: why the message does not pass with what `fix` writes.
    certain: causes that nothing else may explain."""
    expect = {'exit': exit if exit is not None else (1 if blocks else 0), 'blocks': sorted(blocks.split()), 'risks': sorted(risks.split())}
    if notes:
        expect['notes'] = sorted(notes.split())
    if fixes:
        expect['fixes'] = [' '.join(fix) for fix in fixes]
    if unproved:
        expect['unproved'] = unproved
    if certain:
        expect['certain'] = sorted(certain.split())
    if command:
        expect['command'] = command
    assert name not in CASES.setdefault(code, {}), (code, name)
    CASES[code][name] = {'text': post[0], 'zone': post[1].text(), 'args': list(args), 'expect': expect, 'files': files or {}}


def hit(code, post, name='hit', **more):
    named = ' '.join(more.get(k, '') for k in ('blocks', 'risks', 'notes')).split()
    if code not in named:
        more['notes'] = (more.get('notes', '') + ' ' + code).strip()
    case(code, name, post, **more)


def miss(code, post, name='miss', **more):
    assert code not in ' '.join(more.get(k, '') for k in ('blocks', 'risks', 'notes')).split(), code
    case(code, name, post, **more)


# ---- the usual sender -----------------------------------------------------------------------------------------------------


def sender(policy=REJECT, spf=SES, dkim=True, mail_from=True):
    """The DNS of a sender who has done everything, or all but something."""
    zone = Zone().host(D, policy)
    if mail_from:
        zone.mail_from(M, spf=spf)
    return zone.easy_dkim(D) if dkim else zone


def plain(mail, **more):
    return stored(mail, plain_host(mail, **more))


def both(zone=None, **more):
    """Signed by the sender's domain and sent with its MAIL FROM domain."""
    return plain(Mail(own=D, envelope=M, **more)), zone or sender()


def by_spf(zone=None, **more):
    """MAIL FROM is the sender's, the only signature Amazon's."""
    return plain(Mail(envelope=M, **more)), zone or sender(dkim=False)


def by_dkim(zone=None, **more):
    """Signed by the sender's domain, MAIL FROM Amazon's."""
    return plain(Mail(own=D, **more)), zone or sender(mail_from=False)


def neither(zone=None, **more):
    """SES as it is by default."""
    return plain(Mail(**more)), zone or Zone().host(D)


def published(zone):
    """No message: what `domain` says of this DNS."""
    return None, zone


DOMAIN = 'domain ' + D


def own_key(text=None, key='own', selector='news2026', zone=None):
    """BYODKIM: a TXT at the selector."""
    return (zone or sender(dkim=False, mail_from=False)).txt('%s._domainkey.%s' % (selector, D), text or 'p=' + public(key))
