# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Samples of the causes about signatures: who signed, whether the selector leads to a key, whether key and message fit.
from causes_kit import (AMAZON, AT_M, D, DEFAULT, DOMAIN, M, ONLY, SES, THREE, TOKENS, Mail, Zone, both, by_spf, hit, miss, neither, own_key, plain,
                        public, published, sender)
from forge import SES_SELECTOR, SIGNED, TIME, TOKEN, dkim_field, gmail, stored

S = '%s._domainkey.%s' % (TOKEN, D)
BYO = 'news2026'


def gmail_results(mail, dkim='dkim=pass header.i=@shop.example header.s=%s' % TOKEN, dmarc='pass'):
    return gmail(mail, '%s; dkim=pass header.i=@amazonses.com header.s=%s; spf=pass (google.com: domain of %s designates %s as permitted sender) '
                 'smtp.mailfrom=%s; dmarc=%s (p=REJECT sp=REJECT dis=NONE) header.from=shop.example' % (dkim, AMAZON, mail.envelope, mail.ip, mail.envelope, dmarc))


def zone_without_dkim():
    return sender(dkim=False, mail_from=False)


# ---- who signed --------------------------------------------------------------------------------------------------------------


def only_amazonses():
    code = 'dkim-only-amazonses'
    hit(code, by_spf(), risks=code)
    hit(code, neither(), name='hit-alone', blocks='%s %s' % (DEFAULT, code))
    zone = Zone().host(D).easy_dkim('mail.shop.example')
    miss(code, (plain(Mail(own='mail.shop.example')), zone))
    # beside it a signature that can never count: the application's, which SES broke, or somebody else's without a key
    zone = lambda: Zone().host(D).txt('app2026._domainkey.' + D, 'p=' + public('other'))
    hit(code, (presigned(SIGNED), zone()), name='hit-presigned', blocks='%s %s' % (DEFAULT, code), notes='dkim-presigned-overwritten')
    miss(code, (presigned(['From', 'To', 'Subject']), zone()), name='miss-presigned')
    mail = Mail()
    mail.signatures.append(dkim_field(mail.core, mail.body, 'service.example', 's1', 'other', SIGNED))
    hit(code, (plain(mail), Zone().host(D)), name='hit-service', blocks='%s %s' % (DEFAULT, code))
    zone = Zone().host(D).txt('s1._domainkey.service.example', 'p=' + public('other'))
    miss(code, (plain(mail), zone), name='miss-service', blocks='%s dkim-other-domain' % DEFAULT)


def presigned(names):
    mail = Mail()
    mail.sign_first(D, 'app2026', 'other', names)
    return plain(mail)


IDENTITY = '''{
  "IdentityType": "%s",
  "VerifiedForSendingStatus": true,
  "DkimAttributes": { "SigningEnabled": %s, "Status": "SUCCESS", "Tokens": ["%s", "%s", "%s"], "SigningAttributesOrigin": "AWS_SES",
    "SigningHostedZone": "dkim.amazonses.com" },
  "MailFromAttributes": { "BehaviorOnMxFailure": "USE_DEFAULT_VALUE" }
}
'''


def three_tokens(zone=None, count=3):
    zone = zone or sender(dkim=False)
    for i, token in enumerate(TOKENS[:count]):
        zone.easy_dkim(D, token, 'own' if i == 0 else 'other')
    return zone


def not_signed():
    code = 'dkim-address-identity'
    hit(code, by_spf(three_tokens()), args=THREE, risks=ONLY)
    off = IDENTITY % (('EMAIL_ADDRESS', 'false') + TOKENS)
    hit(code, by_spf(three_tokens()), name='hit-address', args=['--ses-identity=hit-address.json'], files={'hit-address.json': off}, risks=ONLY)
    off = IDENTITY % (('DOMAIN', 'false') + TOKENS)
    miss(code, by_spf(three_tokens()), args=['--ses-identity=miss.json'], files={'miss.json': off}, risks=ONLY)
    code = 'dkim-region-not-set-up'
    zone = three_tokens(Zone().host(D).mail_from(M, 'eu-west-1'))
    hit(code, by_spf(zone, region='eu-west-1'), args=THREE + ['--dkim-token-region=us-east-1'], risks=ONLY)
    miss(code, by_spf(zone, region='eu-west-1'), args=THREE + ['--dkim-token-region=eu-west-1'], risks=ONLY, notes='dkim-address-identity')


def freemail():
    code = 'dkim-freemail-from'
    zone = Zone().txt('_dmarc.gmail.com', 'v=DMARC1; p=none; sp=quarantine').add('gmail.com', 'MX', '5 gmail-smtp-in.l.google.com.')
    hit(code, (plain(Mail('The Shop <the-shop@gmail.com>')), zone), blocks=code)
    zone = Zone().host(D).add('gmail.com.shop.example', 'A', '198.51.100.21')
    miss(code, (plain(Mail('The Shop <the-shop@gmail.com.shop.example>')), zone), blocks='%s %s' % (DEFAULT, ONLY))


def other_domain():
    code = 'dkim-other-domain'
    hit(code, (plain(Mail(own='agency.example')), Zone().host(D).easy_dkim('agency.example')), blocks='%s %s' % (DEFAULT, code))
    miss(code, (plain(Mail(own='agency.shop.example')), Zone().host(D).easy_dkim('agency.shop.example')))


def none():
    code = 'dkim-none'
    hit(code, by_spf(ses_signature=False), risks=code)
    miss(code, by_spf(), risks=ONLY)


def strict():
    code = 'dkim-align-strict'
    for make, mode, more in ((hit, 's', {'blocks': '%s %s' % (DEFAULT, code)}), (miss, 'r', {})):
        zone = Zone().host(D, 'v=DMARC1; p=reject; adkim=' + mode).easy_dkim(D).add('news.shop.example', 'A', '198.51.100.21')
        make(code, (plain(Mail('News <letter@news.shop.example>', own=D)), zone), **more)


# ---- the way to the key ---------------------------------------------------------------------------------------------------------

SIGNED_OK = Mail(own=D)


COMMON = 'dkim.amazonses.com'


def by_selector(zone, signed=None):
    """A message that is signed by Easy DKIM, on this DNS."""
    return plain(signed or SIGNED_OK), zone


def cnames():
    broken = lambda code, zone=COMMON: {'blocks': '%s %s' % (DEFAULT, code), 'fixes': [(S, 'CNAME', '%s.%s' % (TOKEN, zone))]}
    base = zone_without_dkim
    right = lambda zone: zone.add(S, 'CNAME', TOKEN + '.dkim.amazonses.com.')
    code = 'dkim-cname-missing'
    hit(code, by_selector(base().ses_key()), **broken(code))
    hit(code, by_spf(), name='hit-unsigned', args=THREE[:1], risks=code)
    miss(code, by_selector(right(base().ses_key())))
    hit(code, published(sender(dkim=False)), name='hit-domain', command=DOMAIN, args=THREE + AT_M, exit=2, risks=code)
    miss(code, published(three_tokens()), name='miss-domain', command=DOMAIN, args=THREE + AT_M)
    code = 'dkim-cname-doubled'
    doubled = lambda: base().ses_key().add('%s.%s' % (S, D), 'CNAME', TOKEN + '.dkim.amazonses.com.')
    hit(code, by_selector(doubled()), **broken(code))
    miss(code, by_selector(right(doubled())))
    code = 'dkim-cname-wrong-zone'
    regional = 'dkim.eu-south-1.amazonses.com'
    south = Mail(own=D, region='eu-south-1')
    zone = lambda: Zone(regions=['eu-south-1']).host(D).ses_key(zone=regional)
    hit(code, by_selector(right(zone()), signed=south), **broken(code, regional))
    miss(code, by_selector(zone().add(S, 'CNAME', '%s.%s.' % (TOKEN, regional)), signed=south))
    code = 'dkim-cname-wrong-target'
    hit(code, by_selector(base().ses_key().add(S, 'CNAME', TOKEN + '.dkim.amazonses.com.shop.example.')), **broken(code))
    hit(code, by_selector(base().ses_key().ses_key(TOKENS[1], 'other').add(S, 'CNAME', TOKENS[1] + '.dkim.amazonses.com.')), name='hit-token', **broken(code))
    miss(code, by_selector(right(base().ses_key())))
    code = 'dkim-cname-proxied-or-flattened'
    hit(code, by_selector(base().ses_key().add(S, 'A', '203.0.113.200')), **broken(code))
    miss(code, by_selector(base().ses_key().add(S, 'A', '203.0.113.200').txt(S, 'p=' + public('own'))), notes='dkim-txt-instead-of-cname')
    code = 'dkim-underscore-stripped'
    stripped = lambda: base().ses_key().add('%s.domainkey.%s' % (TOKEN, D), 'CNAME', TOKEN + '.dkim.amazonses.com.')
    hit(code, by_selector(stripped()), **broken(code))
    miss(code, by_selector(right(stripped())))


def partial():
    code = 'dkim-partial-cnames'
    hit(code, both(three_tokens(count=2).ses_key(TOKENS[2], 'other')), args=THREE, risks=code,
        fixes=[('%s._domainkey.%s' % (TOKENS[2], D), 'CNAME', '%s.%s' % (TOKENS[2], COMMON))])
    miss(code, both(three_tokens()), args=THREE)


def txt():
    code = 'dkim-txt-instead-of-cname'
    copied = lambda: zone_without_dkim().txt(S, 'p=' + public('own'))
    hit(code, by_selector(copied().ses_key(keyname='other')), risks=code, unproved='this message was signed with the key that SES has replaced since',
        fixes=[(S, 'CNAME', '%s.%s' % (TOKEN, COMMON))])
    hit(code, by_selector(copied().ses_key()), name='hit-live')
    hit(code, by_selector(zone_without_dkim().txt(S, 'p=' + public('other')).ses_key()), name='hit-stale', blocks='%s %s' % (DEFAULT, code))
    hit(code, by_selector(copied().txt(S, 'p=' + public('other')).ses_key()), name='hit-several', blocks='%s %s' % (DEFAULT, code),
        fixes=[(S, 'CNAME', '%s.%s' % (TOKEN, COMMON))])
    miss(code, by_selector(zone_without_dkim().easy_dkim(D)))


def transient():
    code = 'dkim-timeout'
    blocks = lambda code: '%s %s' % (DEFAULT, code)
    hit(code, by_selector(zone_without_dkim().line(';! status %s. ANY TIMEOUT' % S)), exit=4, blocks=blocks(code))
    zone = Zone(ses=False).host(D).mail_from(M).easy_dkim(D).txt('amazonses.com', SES)
    zone.lines[-1] = Zone().lines[1]
    miss(code, both(zone.line(';! status %s._domainkey.amazonses.com. ANY TIMEOUT' % SES_SELECTOR)))
    code = 'dkim-servfail-cname'
    zone = zone_without_dkim().easy_dkim(D).line(';! status %s. TXT SERVFAIL' % S)
    hit(code, by_selector(zone), exit=4, blocks=blocks(code))
    miss(code, by_selector(zone_without_dkim().line(';! status %s. ANY SERVFAIL' % S)), exit=4, blocks=blocks('dkim-timeout'))


# ---- the key ---------------------------------------------------------------------------------------------------------------------


def revoked_and_rotated():
    code = 'dkim-key-revoked'
    revoked = lambda: zone_without_dkim().add(S, 'CNAME', TOKEN + '.dkim.amazonses.com.').txt(TOKEN + '.dkim.amazonses.com', 'p=')
    hit(code, by_selector(revoked()), blocks='%s %s' % (DEFAULT, code))
    recorded = stored(SIGNED_OK, gmail_results(SIGNED_OK))
    miss(code, (recorded, revoked()), exit=5, notes='dkim-key-rotated')
    code = 'dkim-key-rotated'
    hit(code, (recorded, zone_without_dkim()), exit=5)
    claimed = plain(Mail(own=D, fields=['Authentication-Results: mx.google.com; dkim=pass header.i=@shop.example header.s=' + TOKEN]))
    miss(code, (claimed, zone_without_dkim()), blocks='%s dkim-cname-missing' % DEFAULT, notes='untrusted-ar')


def wrapped(text):
    return '-----BEGIN PUBLIC KEY-----' + text + '-----END PUBLIC KEY-----'


def own_keys():
    blocks = lambda code: '%s %s' % (DEFAULT, code)
    signed = lambda keyname='own', **more: plain(Mail(own=D, selector=BYO, keyname=keyname, **more))
    code = 'dkim-byo-key-missing'
    hit(code, (signed(), zone_without_dkim()), blocks=blocks(code))
    miss(code, (signed(), own_key()))
    code = 'dkim-byo-mismatch'
    hit(code, (signed(), own_key(key='other')), blocks=blocks(code))
    miss(code, (signed(subject='Your booking').replace('Subject: Your', 'Subject: [ext] Your'), own_key()), blocks=blocks('dkim-header-changed'))
    code = 'dkim-byo-key-syntax'
    hit(code, (signed(), own_key('v=DKIM1; k=rsa; p=' + wrapped(public('own')))), blocks=blocks(code),
        fixes=[('%s._domainkey.%s' % (BYO, D), 'TXT', 'v=DKIM1; k=rsa; p=' + public('own'))])
    spaced = public('own')
    miss(code, (signed(), own_key('v=DKIM1; k=rsa; p=%s %s' % (spaced[:100], spaced[100:]))))
    for name, text in (('hit-bare', public('own')), ('hit-frame', wrapped(public('own')))):
        hit(code, (signed(), own_key(text)), name=name, blocks=blocks(code),
            fixes=[('%s._domainkey.%s' % (BYO, D), 'TXT', 'v=DKIM1; k=rsa; p=' + public('own'))])
    hit(code, (signed(), own_key('v=dkim1; k=rsa; p=' + public('own'))), name='hit-version', blocks=blocks(code),
        fixes=[('%s._domainkey.%s' % (BYO, D), 'TXT', 'v=DKIM1; k=rsa; p=' + public('own'))])
    miss(code, (signed(), own_key('site-proof=' + public('own')[:40])), name='miss-other-text', blocks=blocks('dkim-byo-key-missing'))
    code = 'dkim-key-small'
    hit(code, (signed('small'), own_key(key='small')), blocks=blocks(code))
    miss(code, (signed('medium'), own_key(key='medium')), notes='dkim-1024-note')
    code = 'dkim-1024-note'
    hit(code, (signed('medium'), own_key(key='medium')))
    miss(code, (signed(), own_key()))


# ---- the message -------------------------------------------------------------------------------------------------------------------


def changed():
    blocks = lambda code: '%s %s' % (DEFAULT, code)
    zone = lambda: sender(mail_from=False)
    code = 'dkim-body-changed'
    footer = 'Scanned by the gateway of mailbox.example\r\n'
    hit(code, (plain(SIGNED_OK) + footer, zone()), blocks=blocks(code))
    miss(code, (stored(SIGNED_OK, gmail_results(SIGNED_OK)) + footer, zone()), exit=5, notes='saved-changed')
    code = 'dkim-header-changed'
    hit(code, (plain(SIGNED_OK).replace('Subject: Your', 'Subject: [ext] Your'), zone()), blocks=blocks(code))
    miss(code, (plain(SIGNED_OK).replace('Subject: Your', 'X-Spam-Level: none\r\nSubject:   Your'), zone()))
    code = 'dkim-one-of-two-fails'
    hit(code, (plain(SIGNED_OK).replace('Feedback-ID: ::1', 'Feedback-ID: list7::1'), zone()))
    miss(code, (plain(SIGNED_OK).replace('X-SES-Outgoing: 2026.10.14', 'X-SES-Outgoing: 2026.10.15'), zone()))
    code = 'dkim-presigned-overwritten'
    for make, names in ((hit, SIGNED), (miss, ['From', 'To', 'Subject'])):
        mail = Mail(own=D, envelope=M)
        mail.sign_first(D, 'app2026', 'other', names)
        make(code, (plain(mail), own_key(key='other', selector='app2026', zone=sender())))


def expired():
    code = 'dkim-expired-or-future'
    for make, until, more in ((hit, TIME + 1, {'blocks': '%s %s' % (DEFAULT, code)}), (miss, TIME + 3600, {})):
        make(code, (plain(Mail(own=D, selector=BYO, extra='x=%d;' % until), time=TIME + 60), own_key()), **more)
    backwards = plain(Mail(own=D, selector=BYO, extra='x=%d;' % (TIME - 60)), time=TIME + 60)
    hit(code, (backwards, own_key()), name='hit-backwards', blocks='%s %s' % (DEFAULT, code))
    ahead = Mail()
    ahead.signatures.insert(0, dkim_field(ahead.core, ahead.body, D, BYO, 'own', SIGNED, TIME + 7200))
    hit(code, (plain(ahead), own_key()), name='hit-future', blocks='%s %s' % (DEFAULT, code))


only_amazonses()
not_signed()
freemail()
other_domain()
none()
strict()
cnames()
partial()
txt()
transient()
revoked_and_rotated()
own_keys()
changed()
expired()
