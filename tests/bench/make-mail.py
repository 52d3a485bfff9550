#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Mail for the benchmarks: SES-shaped, some 18 KB, two RSA signatures. make-mail.py DIRECTORY [COUNT [DOMAINS]] writes
# DIRECTORY/cur/*, DIRECTORY/zone and DIRECTORY/keys.
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
import forge  # noqa: E402


def main():
    out, count, domains = sys.argv[1], int((sys.argv + ['', '1'])[2] or 1), int(sys.argv[3]) if len(sys.argv) > 3 else 1
    os.makedirs(os.path.join(out, 'cur'), exist_ok=True)
    rng = random.Random(18)
    zone = forge.Zone(ses=False)
    zone.txt('amazonses.com', forge.SES_SPF)
    big = forge.public('own')
    zone.txt(forge.SES_SELECTOR + '._domainkey.amazonses.com', 'p=' + big)
    zone.ses_key()
    keys = ['%s._domainkey.amazonses.com p=%s' % (forge.SES_SELECTOR, big)]
    for n in range(domains):
        domain = 'shop%d.example' % n
        zone.host(domain).mail_from('bounce.' + domain)
        zone.add('%s._domainkey.%s' % (forge.TOKEN, domain), 'CNAME', '%s.dkim.amazonses.com.' % forge.TOKEN)
        keys.append('%s._domainkey.%s p=%s' % (forge.TOKEN, domain, big))
    for n in range(count):
        domain = 'shop%d.example' % (n % domains)
        size = int(rng.lognormvariate(0, 0.4) * 17000) if count > 1 else 17000
        words = ''
        while len(words) < size:
            words += ' '.join('%x' % rng.getrandbits(24) for _ in range(10)) + '\r\n'
        mail = forge.Mail('Orders <orders@%s>' % domain, own=domain, envelope='bounce.' + domain, body=words, ses_key='own', time=forge.TIME + n)
        text = forge.stored(mail, forge.plain_host(mail, time=forge.TIME + n + 2))
        with open(os.path.join(out, 'cur', '%06d.eml:2,S' % n if count > 1 else 'message.eml'), 'wb') as f:
            f.write(text.encode())
    open(os.path.join(out, 'zone'), 'w').write(zone.text())
    open(os.path.join(out, 'keys'), 'w').write('\n'.join(keys) + '\n')


main()
