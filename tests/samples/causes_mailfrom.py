# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Samples of the causes about the envelope sender: which domain it is, how it is set up, whether it aligns.
from causes_kit import AT_M, D, DEFAULT, DOMAIN, M, ONLY, REJECT, SES, Mail, Zone, both, by_dkim, by_spf, hit, miss, neither, plain, published, sender
from forge import TIME, stamp


RECORDS = [(M, 'MX', '10 feedback-smtp.us-east-1.amazonses.com'), (M, 'TXT', SES)]


def default_envelope():
    code = 'ses-mailfrom-default'
    hit(code, neither(), blocks='%s %s' % (DEFAULT, ONLY), fixes=RECORDS)
    hit(code, by_dkim(), name='hit-signed')
    # the website's wildcard gives every name an address, so none of them is taken
    hit(code, neither(Zone().host(D).add('*.' + D, 'A', '198.51.100.20')), name='hit-wildcard', blocks='%s %s' % (DEFAULT, ONLY), fixes=RECORDS)
    zone = Zone().host(D).mail_from('amazonses.com.shop.example')
    miss(code, (plain(Mail(envelope='amazonses.com.shop.example')), zone), risks=ONLY)


def fallback():
    code = 'ses-mailfrom-fallback'
    hit(code, neither(Zone().host(D).txt(M, SES)), args=AT_M, blocks='%s %s' % (code, ONLY), fixes=RECORDS[:1])
    miss(code, neither(sender(dkim=False)), args=AT_M, blocks='%s %s' % (DEFAULT, ONLY), notes='ses-mailfrom-pending-then')


def fallback_of_domain():
    code = 'ses-mailfrom-fallback'
    hit(code, published(Zone().host(D).txt(M, SES)), name='hit-domain', command=DOMAIN, args=AT_M, exit=1, blocks=code)
    miss(code, published(sender(dkim=False)), name='miss-domain', command=DOMAIN, args=AT_M, exit=3)


def mx_multiple():
    code = 'ses-mailfrom-mx-multiple'
    zone = sender().add(M, 'MX', '20 feedback-smtp.eu-west-1.amazonses.com.')
    hit(code, by_dkim(zone), args=AT_M, risks=code)
    miss(code, by_dkim(sender()), args=AT_M, notes=DEFAULT)


def mx_nonses():
    code = 'ses-mailfrom-mx-nonses'
    own = Zone().host(D).add(M, 'MX', '10 mx.shop.example.').add('mx.shop.example', 'A', '198.51.100.25').txt(M, SES)
    hit(code, neither(own), args=AT_M, blocks='%s %s' % (code, ONLY))
    other = Zone().host(D).add(M, 'MX', '10 feedback-smtp.eu-west-1.amazonses.com.').txt(M, SES)
    miss(code, neither(other), args=AT_M, blocks='%s %s' % (DEFAULT, ONLY))


def mx_other_region():
    code = 'ses-mailfrom-mx-otherregion'
    hit(code, both(Zone().host(D).mail_from(M, 'eu-west-1').easy_dkim(D)))
    miss(code, both(Zone().host(D).mail_from(M, 'us-east-1').easy_dkim(D)))


IDENTITY = '''{
  "IdentityType": "DOMAIN",
  "VerifiedForSendingStatus": true,
  "DkimAttributes": { "SigningEnabled": true, "Status": "SUCCESS", "Tokens": [], "SigningAttributesOrigin": "AWS_SES" },
  "MailFromAttributes": { "MailFromDomain": "bounce.shop.example", "MailFromDomainStatus": "%s", "BehaviorOnMxFailure": "USE_DEFAULT_VALUE" }
}
'''


def pending_then():
    code = 'ses-mailfrom-pending-then'
    hit(code, neither(sender(dkim=False)), args=AT_M, blocks='%s %s' % (DEFAULT, ONLY))
    hit(code, by_dkim(sender()), name='hit-status', args=['--ses-identity=hit-status.json'], files={'hit-status.json': IDENTITY % 'PENDING'}, notes=DEFAULT)
    miss(code, neither(sender(dkim=False)), blocks='%s %s' % (DEFAULT, ONLY))


def align_strict():
    code = 'spf-align-strict'
    hit(code, by_spf(sender('v=DMARC1; p=reject; aspf=s', dkim=False)), blocks='%s %s' % (code, ONLY), fixes=[('_dmarc.' + D, 'TXT', REJECT)])
    hit(code, both(sender('v=DMARC1; p=reject; aspf=s')), name='hit-signed')
    miss(code, by_spf(sender('v=DMARC1; p=reject; aspf=r', dkim=False)), risks=ONLY)


def other_domain():
    code = 'spf-other-domain'
    zone = Zone().host(D).mail_from('bounce.agency.example')
    hit(code, (plain(Mail(envelope='bounce.agency.example')), zone), blocks='%s %s' % (code, ONLY), fixes=RECORDS)
    zone = Zone().host(D).mail_from('bounce.agency.shop.example')
    miss(code, (plain(Mail(envelope='bounce.agency.shop.example')), zone), risks=ONLY)


def helo_only():
    code = 'spf-helo-only'
    zone = sender(dkim=False).txt('a9-46.smtp-out.amazonses.com', 'v=spf1 include:amazonses.com -all')
    hit(code, (plain(Mail(envelope=M), envelope=''), zone), blocks='%s %s' % (code, ONLY))
    miss(code, by_spf(zone), risks=ONLY)


def forwarded():
    code = 'spf-forwarded'

    def through(mail, zone, ip):
        mail.above = ['Received: from %s (%s [%s])\r\n\tby mx.alumni.example (Postfix) with ESMTPS id 2Ab3\r\n\tfor <sam@alumni.example>; %s (UTC)' % (
            mail.helo, mail.helo, mail.ip, stamp(TIME + 1))]
        text = plain(mail, ip=ip, helo='mx.alumni.example', envelope='SRS0=aBcD=7Q=%s=0100@alumni.example' % M, time=TIME + 9)
        return text, zone.txt('alumni.example', 'v=spf1 ip4:203.0.113.77 -all')

    hit(code, through(Mail(envelope=M), sender(dkim=False), '203.0.113.77'), blocks='%s %s' % (code, ONLY))
    hit(code, through(Mail(own=D, envelope=M), sender(), '203.0.113.77'), name='hit-signed')
    miss(code, by_spf(), risks=ONLY)


def root_include():
    code = 'spf-root-include-unused'
    hit(code, both(sender().txt(D, SES)))
    zone = sender().txt(D, SES)
    miss(code, (plain(Mail(own=D, envelope=D)), zone))
    miss(code, both(sender().txt(D, 'v=spf1 ip4:198.51.100.20 -all')), name='miss-without')


default_envelope()
fallback()
fallback_of_domain()
mx_multiple()
mx_nonses()
mx_other_region()
pending_then()
align_strict()
other_domain()
helo_only()
forwarded()
root_include()
