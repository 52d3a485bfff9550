# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Samples of the causes in the SPF record of the envelope domain. The message is the same throughout, only DNS differs.
from causes_kit import AMAZON, AT_M, D, DOMAIN, M, ONLY, SES, Mail, both, by_spf, hit, miss, plain, published, sender
from forge import public


def record(*texts):
    """The sender's zone with these SPF records at the MAIL FROM domain."""
    zone = sender(dkim=False, spf=None)
    for text in texts:
        zone.txt(M, text)
    return zone


# code, record that has the fault, record that has not, what is proposed instead of the first
ELSEWHERE = {'_spf.other.example': 'v=spf1 ip4:192.0.2.0/24 ~all', 'spf.shop.example': SES}
ROWS = [
    ('spf-no-ses-include', 'v=spf1 include:_spf.other.example ~all', 'v=spf1 include:spf.shop.example ~all',
     'v=spf1 include:_spf.other.example include:amazonses.com ~all'),
    ('spf-include-after-all', 'v=spf1 ~all include:amazonses.com', SES, SES),
    ('spf-include-typo', 'v=spf1 include:amazonse.com ~all', 'v=spf1 include:AmazonSES.com ~all', SES),
    ('spf-include-tail-dot-or-quotes', 'v=spf1 include:\u201camazonses.com\u201d ~all', 'v=spf1 include:amazonses.com. ~all', SES),
    ('spf-redirect-with-all', 'v=spf1 redirect=amazonses.com ~all', 'v=spf1 redirect=amazonses.com', SES),
    ('spf-flattened-stale', 'v=spf1 ip4:199.255.192.0/22 ip4:199.127.232.0/22 ~all', 'v=spf1 ip4:199.255.192.0/22 ip4:54.240.0.0/18 ~all', SES),
    ('spf-void-limit', 'v=spf1 a:a.gone.example a:b.gone.example a:c.gone.example include:amazonses.com ~all',
     'v=spf1 a:a.gone.example a:b.gone.example include:amazonses.com ~all', SES),
]


def rows():
    for code, wrong, right, proposed in ROWS:
        fixed = [(M, 'TXT', proposed)]
        for make, text, more in ((hit, wrong, {'blocks': '%s %s' % (code, ONLY), 'fixes': fixed}), (miss, right, {'risks': ONLY})):
            zone = record(text)
            for name, answer in ELSEWHERE.items():
                if name in text:
                    zone.txt(name, answer)
            make(code, by_spf(zone), **more)
    code = 'spf-include-tail-dot-or-quotes'
    hit(code, by_spf(record('\u201cv=spf1 include:amazonses.com ~all\u201d')), name='hit-around', blocks='%s %s' % (code, ONLY))
    hit('spf-include-typo', by_spf(record('v=spf1 includes:amazonses.com ~all')), name='hit-word', blocks='spf-include-typo ' + ONLY)
    hit('spf-include-typo', by_spf(record('v=spf1 ?include:amazonses.com -all')), name='hit-sign', blocks='spf-include-typo ' + ONLY,
        fixes=[(M, 'TXT', 'v=spf1 include:amazonses.com -all')])
    hit('spf-include-after-all', by_spf(record('v=spf1 ~all ?include:amazonses.com')), name='hit-sign', blocks='spf-include-after-all ' + ONLY,
        fixes=[(M, 'TXT', SES)])


def none():
    code = 'spf-mailfrom-none'
    hit(code, by_spf(record()), blocks='%s %s' % (code, ONLY), fixes=[(M, 'TXT', SES)])
    miss(code, by_spf(record('site-proof=1234', SES)), risks=ONLY)
    hit(code, published(record()), name='hit-domain', command=DOMAIN, args=AT_M, exit=1, blocks=code)
    code = 'spf-root-only'
    hit(code, by_spf(record().txt(D, SES)), blocks='%s %s' % (code, ONLY), fixes=[(M, 'TXT', SES)])
    miss(code, by_spf(record().txt(D, 'v=spf1 ip4:198.51.100.20 ~all')), blocks='spf-mailfrom-none ' + ONLY)


def multiple():
    code = 'spf-multiple'
    hit(code, by_spf(record(SES, 'v=spf1 ip4:198.51.100.20 ~all')), blocks='%s %s' % (code, ONLY),
        fixes=[(M, 'TXT', 'v=spf1 include:amazonses.com ip4:198.51.100.20 ~all')])
    miss(code, by_spf(record(SES, 'spf2.0/pra ip4:198.51.100.20 ~all')), risks=ONLY)


def lookups(count):
    zone = record('v=spf1 %s include:amazonses.com ~all' % ' '.join('include:s%d.other.example' % i for i in range(count)))
    for i in range(count):
        zone.txt('s%d.other.example' % i, 'v=spf1 ip4:192.0.2.%d -all' % i)
    return zone


def limit():
    code = 'spf-lookup-limit'
    hit(code, by_spf(lookups(10)), blocks='%s %s' % (code, ONLY))
    miss(code, by_spf(lookups(9)), risks=ONLY)


def all_terms():
    code = 'spf-plus-all'
    hit(code, both(sender(spf='v=spf1 include:amazonses.com +all')), risks=code, fixes=[(M, 'TXT', SES)])
    miss(code, both(sender(spf='v=spf1 include:amazonses.com ?all')))
    code = 'spf-tilde-vs-dash'
    hit(code, both(sender(spf='v=spf1 ip4:198.51.100.20 -all')), risks='spf-no-ses-include')
    miss(code, both(sender(spf='v=spf1 ip4:198.51.100.20 ?all')), risks='spf-no-ses-include')


OWN_HOST = ('203.0.113.40', 'out1.shop.example')


def own_addresses():
    code = 'spf-byoip-not-covered'

    def post(spf, own_host=OWN_HOST):
        zone = sender(spf=spf).txt('%s._domainkey.messagingfabric.com' % AMAZON, 'p=' + public('amazonses'))
        return plain(Mail(own=D, envelope=M, own_host=own_host)), zone

    hit(code, post(SES), risks=code, fixes=[(M, 'TXT', 'v=spf1 include:amazonses.com ip4:203.0.113.40 ~all')])
    miss(code, post('v=spf1 include:amazonses.com ip4:203.0.113.0/24 ~all'))
    code = 'ses-byoip'
    hit(code, post('v=spf1 include:amazonses.com ip4:203.0.113.0/24 ~all'))
    miss(code, both(sender(spf='v=spf1 include:amazonses.com ip4:203.0.113.0/24 ~all')))


def temporary():
    code = 'spf-temperror'
    zone = record().line(';! status %s. TXT SERVFAIL' % M)
    hit(code, by_spf(zone), exit=4, blocks='%s %s' % (code, ONLY))
    zone = record('v=spf1 include:amazonses.com include:slow.example ~all').line(';! status slow.example. TXT SERVFAIL')
    miss(code, by_spf(zone), risks=ONLY)


rows()
none()
multiple()
limit()
all_terms()
own_addresses()
temporary()
