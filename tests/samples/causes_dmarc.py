# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Samples of the causes in the DMARC record: where it stands, how it is written, what it asks for.
from causes_kit import AT_M, D, DEFAULT, DOMAIN, M, ONLY, REJECT, THREE, Mail, Zone, both, by_spf, hit, miss, neither, plain, published, sender
from forge import microsoft, stored

AT = '_dmarc.' + D


def with_record(*texts):
    zone = sender(None)
    for text in texts:
        zone.txt(AT, text)
    return zone


# code, records with the fault, its severity, records without it, what is proposed; both mechanisms are aligned throughout
MONITOR = 'v=DMARC1; p=none'
RUA = 'rua=mailto:reports@shop.example'
ROWS = [
    ('dmarc-none', [], 'blocks', [REJECT], MONITOR),
    ('dmarc-multiple', [REJECT, 'v=DMARC1; p=none'], 'blocks', [REJECT, 'site-proof=1234'], None),
    ('dmarc-version-syntax', ['v=dmarc1; p=reject'], 'blocks', ['v = DMARC1 ; p = reject'], REJECT),
    ('dmarc-p-missing', ['v=DMARC1; adkim=r'], 'blocks', ['v=DMARC1; p=none; adkim=r'], 'v=DMARC1; p=none; adkim=r'),
    ('dmarc-p-invalid', ['v=DMARC1; p=monitor'], 'blocks', ['v=DMARC1; p=NONE'], MONITOR),
    ('dmarc-separator', ['v=DMARC1, p=reject, ' + RUA], 'blocks', ['v=DMARC1;p=reject;' + RUA], 'v=DMARC1; p=reject; ' + RUA),
    ('dmarc-rua-external', ['v=DMARC1; p=reject; rua=mailto:shop@reports.example'], 'risks', ['v=DMARC1; p=reject; rua=mailto:shop@reports.shop.example'],
     None),
    ('dmarc-rua-syntax', ['v=DMARC1; p=reject; rua=reports@shop.example'], 'risks', ['v=DMARC1; p=reject; ' + RUA], 'v=DMARC1; p=reject; ' + RUA),
    ('dmarc-pct-t', ['v=DMARC1; p=reject; pct=50'], 'note', ['v=DMARC1; p=reject; pct=100'], None),
    ('dmarc-p-none-stage', ['v=DMARC1; p=none'], 'note', ['v=DMARC1; p=quarantine'], None),
]


def rows():
    for code, wrong, kind, right, proposed in ROWS:
        more = {kind: code} if kind != 'note' else {}
        if proposed:
            more['fixes'] = [(AT, 'TXT', proposed)]
        hit(code, both(with_record(*wrong)), exit=2 if kind == 'blocks' else 0, **more)
        miss(code, both(with_record(*right)))
    hit('dmarc-p-missing', both(with_record('v=DMARC1; ' + RUA)), name='hit-counts', risks='dmarc-p-missing')
    hit('dmarc-p-invalid', both(with_record('v=DMARC1; p=monitor; ' + RUA)), name='hit-counts', risks='dmarc-p-invalid')
    hit('dmarc-pct-t', both(with_record('v=DMARC1; p=reject; t=y')), name='hit-testing')
    hit('dmarc-separator', both(with_record('v=DMARC1; p=reject; adkim=r, aspf=r')), name='hit-behind-p', risks='dmarc-separator')
    for name, address in (('slashes', 'mailto://reports@shop.example'), ('scheme', 'malto:reports@shop.example'), ('twice', 'mailto:mailto:reports@shop.example')):
        hit('dmarc-rua-syntax', both(with_record('v=DMARC1; p=reject; rua=' + address)), name='hit-' + name, risks='dmarc-rua-syntax',
            fixes=[(AT, 'TXT', 'v=DMARC1; p=reject; ' + RUA)])
    hit('dmarc-rua-syntax', both(with_record('v=DMARC1; p=reject; rua=')), name='hit-empty', risks='dmarc-rua-syntax', fixes=[(AT, 'TXT', 'v=DMARC1; p=reject')])
    miss('dmarc-rua-syntax', both(with_record('v=DMARC1; p=reject; rua=https://shop.example/dmarc, mailto:reports@shop.example!10m')), name='miss-other-scheme')
    zone = with_record('v=DMARC1; p=reject; rua=mailto:shop@reports.example').txt('%s._report._dmarc.reports.example' % D, 'v=DMARC1')
    miss('dmarc-rua-external', both(zone), name='miss-agreed')
    miss('dmarc-none', (plain(Mail('News <letter@news.shop.example>', own=D, envelope=M)), sender().add('news.shop.example', 'A', '198.51.100.21')), name='miss-above')


def of_domain():
    code = 'dmarc-none'
    hit(code, published(sender(None)), name='hit-domain', command=DOMAIN, args=AT_M, exit=1, blocks=code)
    miss(code, published(sender()), name='miss-domain', command=DOMAIN, args=AT_M + THREE[:1])
    code = 'dmarc-rua-external'
    zone = sender('v=DMARC1; p=reject; rua=mailto:shop@reports.example')
    hit(code, published(zone), name='hit-domain', command=DOMAIN, args=AT_M + THREE[:1], exit=2, risks=code)


def elsewhere():
    code = 'dmarc-wrong-name'
    hit(code, both(sender(None).txt(D, REJECT)), exit=2, blocks=code, fixes=[(AT, 'TXT', REJECT)])
    miss(code, both(sender().txt(D, REJECT)))
    code = 'dmarc-wildcard-txt'
    hit(code, both(sender(None).txt('*.' + D, 'v=spf1 -all')), exit=2, blocks=code)
    miss(code, both(sender().txt('*.' + D, 'v=spf1 -all')))
    code = 'dmarc-cname-vendor'
    pointed = lambda: sender(None).add(AT, 'CNAME', 'shop-example.reports.example.')
    hit(code, both(pointed()), exit=2, blocks=code)
    miss(code, both(pointed().txt('shop-example.reports.example', REJECT)))


def temporary():
    code = 'dmarc-temperror'
    hit(code, both(sender(None).line(';! status %s. TXT SERVFAIL' % AT)), exit=4, blocks=code)
    miss(code, both(sender().line(';! status _dmarc.%s. TXT SERVFAIL' % M)))


def microsoft_words():
    code = 'dmarc-permerror-ms'
    two = with_record(REJECT, 'v=DMARC1; p=none')
    for make, word in ((hit, 'permerror'), (miss, 'none')):
        mail = Mail(own=D, envelope=M)
        top = microsoft(mail, 'spf=pass (sender IP is %s) smtp.mailfrom=%s; dkim=pass (signature was verified) header.d=%s;dkim=pass (signature was verified) '
                        'header.d=amazonses.com;dmarc=%s action=none header.from=%s;compauth=pass reason=109' % (mail.ip, M, D, word, D))
        make(code, (stored(mail, top), two), exit=2, blocks='dmarc-multiple')


def below():
    news = lambda policy: sender(policy).add('news.shop.example', 'A', '198.51.100.21')
    mail = lambda: plain(Mail('News <letter@news.shop.example>', own=D, envelope=M))
    code = 'dmarc-sp-np'
    hit(code, (mail(), news('v=DMARC1; p=reject; sp=none')))
    miss(code, (mail(), news('v=DMARC1; p=reject; sp=reject')))
    code = 'dmarc-psl-vs-walk'
    only_below = lambda: news(None).txt('_dmarc.news.shop.example', REJECT)
    hit(code, (mail(), only_below()), blocks=code, fixes=[(AT, 'TXT', MONITOR)])
    miss(code, (mail(), only_below().txt(AT, REJECT)))
    code = 'dmarc-psd-n-split'
    at_m = lambda text: sender(dkim=False).txt('_dmarc.' + M, text)
    hit(code, by_spf(at_m('v=DMARC1; p=none; psd=n')), blocks='%s %s' % (code, ONLY), fixes=[('_dmarc.' + M, 'TXT', MONITOR)])
    miss(code, by_spf(at_m('v=DMARC1; p=none; psd=u')), risks=ONLY)


def policy():
    code = 'dmarc-policy-quarantine-reject'
    hit(code, neither(Zone().host(D, 'v=DMARC1; p=quarantine')), blocks='%s %s' % (DEFAULT, ONLY))
    miss(code, neither(Zone().host(D, 'v=DMARC1; p=none')), blocks='%s %s' % (DEFAULT, ONLY))


rows()
of_domain()
elsewhere()
temporary()
microsoft_words()
below()
policy()
