#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Every odd form of a DKIM signature and of its key, by a signer who owns the key: whether it counts, and the reason that is named.
# check-signatures.py TOOL. The message is the same everywhere, so a pass says that the form alone was judged. The kinds are those that
# the test corpora of other verifiers know; beside each refused form stands the allowed one next to it.
import base64
import hashlib
import os
import random
import sys

from spoof_kit import BODY, TAGS, TIME, WORK, Key, der, explain_all, header, integer, key_info, put, received, relaxed_body, signature, zone_lines
from tap import Tap

TOOL = os.path.abspath(sys.argv[1])
TAP = Tap()
OWN, OTHER = Key.read('own'), Key.read('other')
HEAD = header()
HASH = hashlib.sha256(relaxed_body(BODY)).digest()
B64 = base64.b64encode(HASH)
SIZE = len(BODY)


def form(old, new):
    return dict(tags=TAGS.replace(old, new, 1))


def with_tag(text):
    return form(b'; t=', b'; ' + text + b'; t=')


def limited(text, length=None):
    """l= as text; the hash is that of so many octets."""
    return dict(tags=TAGS.replace(b'; h=', b'; l=' + text + b'; h='), length=length)


def changed(change):
    return dict(show=lambda b: base64.b64encode(change(base64.b64decode(b))))


SYNTAX, OK = 'signature-syntax', 'ok'
# words; how the signature is made; the reason
FORMS = (
    ('as usual', {}, OK),
    # the list
    ('; at the end', dict(tail=b';'), OK), ('; and a blank at the end', dict(tail=b'; '), OK), ('two ; at the end', dict(tail=b';;'), SYNTAX), ('an empty tag', form(b'; t=', b'; ; t='), SYNTAX),
    ('an unknown tag', with_tag(b'xyz=1'), OK), ('an unknown tag without value', with_tag(b'xyz='), OK), ('an unknown tag twice', with_tag(b'xyz=; xyz='), SYNTAX), ('a tag that begins with a digit', with_tag(b'1x=2'), SYNTAX),
    ('a tag with an underline', with_tag(b'x_1=2'), OK), ('a tag with a hyphen', with_tag(b'x-1=2'), SYNTAX), ('no =', with_tag(b'foo'), SYNTAX), ('a= twice', with_tag(b'a=rsa-sha256'), SYNTAX), ('h= twice', with_tag(b'h=Subject'), SYNTAX),
    ('bh= twice', with_tag(b'bh=' + B64), SYNTAX), ('b= twice', with_tag(b'b=AAAA'), SYNTAX), ('D= beside d=', with_tag(b'D=evil.example'), OK), ('blanks around =', form(b'c=', b'c \t=\r\n '), OK), ('a name in small letters', dict(name=b'dkim-signature'), OK),
    ('a blank behind the name', dict(name=b'DKIM-Signature '), OK), ('b= in the middle', dict(tail=b'; x_1=y'), OK), ('octets of 8 bits', with_tag(b'n=\xe9'), SYNTAX), ('a NUL', with_tag(b'n=a\0b'), SYNTAX),
    # v=
    ('v=1 at the end', dict(tags=TAGS.replace(b'v=1; ', b'').replace(b' b=', b' v=1; b=')), OK), ('blanks around v=', form(b'v=1', b'v = 1 '), OK), ('V=1', form(b'v=1', b'V=1'), SYNTAX), ('no v=', form(b'v=1; ', b''), SYNTAX),
    ('v= without value', form(b'v=1', b'v='), SYNTAX), ('v=2', form(b'v=1', b'v=2'), 'version'), ('v=01', form(b'v=1', b'v=01'), 'version'), ('v=1.0', form(b'v=1', b'v=1.0'), 'version'), ('v=0.5', form(b'v=1', b'v=0.5'), 'version'),
    # a=, c=, q=
    ('a= in capitals', form(b'%(a)s', b'RSA-SHA256'), OK), ('a=rsa-sha1', dict(a=b'rsa-sha1'), 'algorithm-not-supported'), ('a=rsa-sha512', form(b'%(a)s', b'rsa-sha512'), 'algorithm-not-supported'), ('a=dsa-sha256', form(b'%(a)s', b'dsa-sha256'), 'algorithm-not-supported'),
    ('a=rsa', form(b'%(a)s', b'rsa'), 'algorithm-not-supported'), ('a= of another kind of key', form(b'%(a)s', b'ed25519-sha256'), 'key-type-mismatch'), ('a= without value', form(b'%(a)s', b''), SYNTAX), ('no a=', form(b'a=%(a)s; ', b''), SYNTAX),
    ('c=simple', dict(c=b'simple'), OK), ('c=relaxed', dict(c=b'relaxed'), OK), ('c=simple/relaxed', dict(c=b'simple/relaxed'), OK), ('no c=', dict(c=b'simple', tags=TAGS.replace(b'c=%(c)s; ', b'')), OK), ('c= in capitals', form(b'%(c)s', b'Relaxed/RELAXED'), OK),
    ('c=nowsp', form(b'%(c)s', b'nowsp'), 'canonicalization'), ('c= without value', form(b'%(c)s', b''), 'canonicalization'), ('c=/', form(b'%(c)s', b'/'), 'canonicalization'), ('c=relaxed/', form(b'%(c)s', b'relaxed/'), 'canonicalization'),
    ('c= of three', form(b'%(c)s', b'relaxed/relaxed/relaxed'), 'canonicalization'), ('q=dns/txt', with_tag(b'q=dns/txt'), OK), ('q=dns', with_tag(b'q=dns'), OK), ('q= with one that is known', with_tag(b'q=http : dns/txt'), OK), ('q=http', with_tag(b'q=http'), 'query-method'),
    ('q=dns/txt/x', with_tag(b'q=dns/txt/x'), 'query-method'), ('q= without value', with_tag(b'q='), 'query-method'), ('z= of rubbish', with_tag(b'z=From:=20x|:|=|=zz'), OK), ('z= of 8 bits', with_tag(b'z=\xff\xfe'), SYNTAX),
    # h=
    ('h=from only', dict(h=b'from'), OK), ('h= in capitals', dict(h=b'FROM:SUBJECT'), OK), ('h= with blanks and folds', dict(h=b' From :\r\n\tTo : Subject '), OK), ('h= with names twice', dict(h=b'From:From:Subject:Subject'), OK), ('h= of absent fields', dict(h=b'From:X-None:Y'), OK),
    ('h= with an empty name', dict(h=b'from::to'), OK), ('h= with itself', dict(h=b'From:DKIM-Signature'), OK), ('h= without From', dict(h=b'To:Subject'), 'from-not-signed'), ('h= with X-From', dict(h=b'X-From:To'), 'from-not-signed'), ('h= parted by bars', dict(h=b'From|To'), 'from-not-signed'),
    ('h= without value', dict(h=b''), SYNTAX), ('h=:', dict(h=b':'), SYNTAX), ('no h=', form(b'h=%(h)s; ', b''), SYNTAX), ('h= of 8 bits', dict(h=b'From:X\xe9'), SYNTAX), ('h= of 5000 octets', dict(h=b'From' + b':X-None' * 700), 'beyond-limits'), ('h= of 4000 octets', dict(h=b'From' + b':X-None' * 570), OK),
    # i=
    ('i= of d=', with_tag(b'i=@shop.example'), OK), ('i= in capitals', with_tag(b'i=@SHOP.Example'), OK), ('i= of a subdomain', with_tag(b'i=joe@a.shop.example'), OK), ('i= with another address in it', with_tag(b'i=joe@evil.example@shop.example'), OK),
    ('i= of another domain', with_tag(b'i=@evil.example'), 'identity-mismatch'), ('i= of the parent', with_tag(b'i=@example'), 'identity-mismatch'), ('i= of a name that ends alike', with_tag(b'i=@eshop.example'), 'identity-mismatch'),
    ('i= with d= for its local part', with_tag(b'i=joe@shop.example@evil.example'), 'identity-mismatch'), ('i= with a coded NUL', with_tag(b'i=@evil.example=00.shop.example'), 'identity-mismatch'), ('i= without @', with_tag(b'i=shop.example'), SYNTAX), ('i= without value', with_tag(b'i='), SYNTAX),
    # t=, x=
    ('t=0', dict(t=0), OK), ('t= ahead by 299 s', dict(t=TIME + 2 + 299), OK), ('t= ahead by 301 s', dict(t=TIME + 2 + 301), 'future'), ('t= of 12 digits', dict(t=999999999999), 'future'), ('t= of 13 digits', dict(t=1234567890123), SYNTAX), ('t=-1', dict(t=-1), SYNTAX), ('t=0x10', form(b'%(t)d', b'0x10'), SYNTAX),
    ('t=+10', form(b'%(t)d', b'+10'), SYNTAX), ('t= without value', form(b'%(t)d', b''), SYNTAX), ('x= to come', with_tag(b'x=%d' % (TIME + 1000)), OK), ('x= of the moment', with_tag(b'x=%d' % (TIME + 2)), OK), ('x= that is over', with_tag(b'x=%d' % (TIME + 1)), 'expired'), ('x= as t=', with_tag(b'x=%d' % TIME), 'expired'),
    ('x= before t=', with_tag(b'x=5'), 'expired'), ('x= of 12 digits', with_tag(b'x=999999999999'), OK), ('x= of 13 digits', with_tag(b'x=9999999999999'), SYNTAX), ('x=-5', with_tag(b'x=-5'), SYNTAX),
    # bh=, b=
    ('bh= with folds', form(b'%(bh)s', b'\r\n\t%(bh)s\r\n '), OK), ('bh= without padding', dict(bh=B64.rstrip(b'=')), OK), ('bh= of another body', dict(bh=base64.b64encode(b'x' * 32)), 'body-changed'), ('bh= too short', dict(bh=b'AAAA'), SYNTAX), ('bh= too long', dict(bh=base64.b64encode(b'x' * 64)), SYNTAX),
    ('bh= that is no base64', dict(bh=b'!' + B64[1:]), SYNTAX), ('bh= for URLs', dict(bh=base64.urlsafe_b64encode(b'\xfb\xff' * 16)), SYNTAX), ('bh= without value', dict(bh=b''), SYNTAX), ('no bh=', form(b'bh=%(bh)s; ', b''), SYNTAX), ('bh= cut to 20 octets', dict(bh=base64.b64encode(HASH[:20])), SYNTAX),
    ('b= folded', dict(show=lambda b: b'\r\n '.join(b[i:i + 40] for i in range(0, len(b), 40))), OK), ('b= with blanks', dict(show=lambda b: b' '.join(b[i:i + 3] for i in range(0, len(b), 3))), OK), ('b= without padding', dict(show=lambda b: b.rstrip(b'=')), OK), ('b= without value', dict(show=lambda b: b''), SYNTAX),
    ('b= cut short', dict(show=lambda b: b[:40]), 'header-changed'), ('b= that is no base64', dict(show=lambda b: b'!' + b), SYNTAX), ('b= with more behind it', dict(show=lambda b: b + b'AAAA'), SYNTAX), ('b= of zeros', changed(lambda b: bytes(len(b))), 'header-changed'), ('b=1', changed(lambda b: bytes(len(b) - 1) + b'\1'), 'header-changed'),
    ('b= as the modulus', changed(lambda b: OWN.n.to_bytes(OWN.size, 'big')), 'header-changed'), ('b= with the modulus added', changed(lambda b: (int.from_bytes(b, 'big') + OWN.n).to_bytes(OWN.size + 1, 'big')), 'header-changed'), ('b= with a zero in front', changed(lambda b: b'\0' + b), 'header-changed'),
    ('b= taken from the modulus', changed(lambda b: (OWN.n - int.from_bytes(b, 'big')).to_bytes(OWN.size, 'big')), 'header-changed'),
    # l=
    ('l= of the whole', limited(b'%d' % SIZE), OK), ('l= with zeros in front', limited(b'000%d' % SIZE), OK), ('l= of half', limited(b'10', 10), OK), ('l=0', limited(b'0', 0), OK), ('l= of half and the hash of all', limited(b'10'), 'body-changed'), ('l= of one more', limited(b'%d' % (SIZE + 1)), 'body-changed'),
    ('l= of 2^32 more', limited(b'%d' % (2 ** 32 + SIZE)), 'body-changed'), ('l= of 2^64 more', limited(b'%d' % (2 ** 64 + SIZE)), 'body-changed'), ('l= of 76 digits', limited(b'9' * 76), 'body-changed'), ('l= of 77 digits', limited(b'9' * 77), SYNTAX), ('l=-1', limited(b'-1'), SYNTAX), ('l= without value', limited(b''), SYNTAX),
    # d=, s=
    ('d= in capitals', dict(d=b'SHOP.Example'), OK), ('d= with a final dot', dict(d=b'shop.example.'), SYNTAX), ('d= with a dot in front', dict(d=b'.shop.example'), SYNTAX), ('d= with a NUL', dict(d=b'shop.example\0.evil.example'), SYNTAX), ('d= with a control character', dict(d=b'shop.example\1'), SYNTAX),
    ('d= with a quote', dict(d=b"shop.example'a.evil.example"), SYNTAX), ('d= with a bracket', dict(d=b'shop.example(.evil.example'), SYNTAX), ('d= with a closing bracket', dict(d=b'shop.example).evil.example'), SYNTAX), ('d= in quotes', dict(d=b'"shop.example"'), SYNTAX), ('d= with a backslash', dict(d=b'shop\\.example'), SYNTAX),
    ('d= with an escaped NUL', dict(d=b'shop.example\\000.evil.example'), SYNTAX), ('d= as an address', dict(d=b'x@shop.example'), SYNTAX), ('d= of two', dict(d=b'shop.example,evil.example'), SYNTAX), ('d= with a colon', dict(d=b'shop.example:evil.example'), SYNTAX), ('d= as a wildcard', dict(d=b'*.example'), SYNTAX),
    ('d= as an address literal', dict(d=b'[203.0.113.66]'), SYNTAX), ('d= of 8 bits', dict(d=b'sh\xf6p.example'), SYNTAX), ('d= in UTF-8', dict(d='sh\u00f6p.example'.encode()), 'no-key'), ('d= of the parent', dict(d=b'example'), 'no-key'), ('d= of a subdomain', dict(d=b'a.shop.example'), 'no-key'),
    ('d= that is too long', dict(d=b'a.' * 126 + b'b'), 'no-key'), ('s= in capitals', dict(s=b'OWN'), OK), ('s= with a NUL', dict(s=b'own\0'), SYNTAX), ('s= that brings its own domain', dict(s=b'own._domainkey.shop.example\0'), SYNTAX), ('s= with a #', dict(s=b'own._domainkey.shop.example#'), SYNTAX), ('s= with two dots', dict(s=b'own..x'), SYNTAX),
    ('s= with a dot in front', dict(s=b'.own'), SYNTAX), ('s= with a bracket', dict(s=b'own(x)'), SYNTAX), ('s= of 64 octets', dict(s=b'a' * 64), SYNTAX), ('s= of 63 octets', dict(s=b'a' * 63), 'no-key'), ('s= without value', dict(s=b''), SYNTAX), ('s= of another domain', dict(s=b'e._domainkey.evil.example'), 'no-key'),
)
WHO = {'signature-syntax': 'permerror', 'ok': 'pass', 'body-changed': 'fail', 'header-changed': 'fail', 'beyond-limits': 'neutral', 'key-too-small': 'policy'}


def judged(name, row, faults, reason, result=None):
    one = row['dkim'][0]
    if one['reason'] != reason:
        faults.append('%s, not %s: %s' % (one['reason'], reason, one['detail']))
    if one['result'] != (result or WHO.get(reason, 'permerror')):
        faults.append('the result is %s' % one['result'])
    if (row['verdict'] == 'pass') != (reason == 'ok'):
        faults.append('dmarc=%s' % row['verdict'])
    if not one['detail']:
        faults.append('nothing is said of it')
    TAP.point(name, faults)


def forms():
    zone = put('forms.zone', zone_lines('_dmarc.shop.example', 'TXT', 'v=DMARC1; p=reject') + zone_lines('own._domainkey.shop.example', 'TXT', 'p=' + OWN.record))
    messages = [received() + signature(HEAD, BODY, OWN, **how) + HEAD + b'\r\n' + BODY for _, how, _ in FORMS]
    for (name, how, reason), (row, faults) in zip(FORMS, explain_all(TOOL, zone, messages)):
        judged('a signature with ' + name, row, faults, reason, 'policy' if how.get('a') == b'rsa-sha1' else None)


# ---- keys ------------------------------------------------------------------------------------------------------------------


class Fixed:
    """Signs everything with the same octets."""

    def __init__(self, octets):
        self.octets = octets

    def sign(self, data, info=None):
        return self.octets


def p_of(octets):
    return 'p=' + base64.b64encode(octets).decode()


RSA_ID = bytes.fromhex('300d06092a864886f70d0101010500')
GOOD, BAD = 'p=' + OWN.record, 'p=' + OTHER.record
INFO = key_info(OWN.n, OWN.e)
BITS = der(0x30, integer(OWN.n), integer(OWN.e))
ED = dict(by=Fixed(b'\1' + bytes(63)), a=b'ed25519-sha256')
NO_KEY, KEY_SYNTAX = 'no-key', 'key-syntax'
CHANCE = random.Random(8)


def own_key(bits, e=65537):
    made = Key.made(bits, e, CHANCE)
    return ['p=' + made.record], dict(by=made)


# words; the records; how it is signed; the reason
KEYS = (
    # the record
    ('as usual', [GOOD], {}, OK), ('v= in front', ['v=DKIM1; ' + GOOD], {}, OK), ('v=DKIM2', ['v=DKIM2; ' + GOOD], {}, NO_KEY), ('v=dkim1', ['v=dkim1; ' + GOOD], {}, NO_KEY), ('k= in capitals', ['k=RSA; ' + GOOD], {}, OK), ('k=dsa', ['k=dsa; ' + GOOD], {}, 'key-type-mismatch'),
    ('h=sha1:sha256', ['h=sha1:sha256; ' + GOOD], {}, OK), ('h=sha1', ['h=sha1; ' + GOOD], {}, 'key-hash-not-allowed'), ('h=md5', ['h=md5; ' + GOOD], {}, 'key-hash-not-allowed'), ('h= without value', ['h=; ' + GOOD], {}, 'key-hash-not-allowed'), ('h=sha256 and a signature of sha1', ['h=sha256; ' + GOOD], dict(a=b'rsa-sha1'), 'key-hash-not-allowed'),
    ('s=*', ['s=*; ' + GOOD], {}, OK), ('s=tlsrpt:email', ['s=tlsrpt : email; ' + GOOD], {}, OK), ('s=other', ['s=other; ' + GOOD], {}, 'key-service-mismatch'), ('s= without value', ['s=; ' + GOOD], {}, 'key-service-mismatch'), ('t=y', ['t=y; ' + GOOD], {}, OK),
    ('t=s', ['t=s; ' + GOOD], with_tag(b'i=@shop.example'), OK), ('t=s and i= of a subdomain', ['t=s; ' + GOOD], with_tag(b'i=@a.shop.example'), 'identity-mismatch'), ('t=y:s and i= of a subdomain', ['t=y : s; ' + GOOD], with_tag(b'i=@a.shop.example'), 'identity-mismatch'), ('t=y and i= of a subdomain', ['t=y; ' + GOOD], with_tag(b'i=@a.shop.example'), OK),
    ('g= without value', ['g=; ' + GOOD], {}, OK), ('g=other', ['g=other; ' + GOOD], {}, OK), ('an unknown tag', ['zz=1; ' + GOOD], {}, OK), ('a note', ['n=hello; ' + GOOD], {}, OK), ('P=', ['P=' + OWN.record], {}, KEY_SYNTAX), ('no p=', ['k=rsa'], {}, KEY_SYNTAX), ('p= without value', ['p='], {}, 'key-revoked'), ('p= of blanks', ['p=  ;'], {}, 'key-revoked'),
    ('p= with blanks in it', ['p=' + ' '.join(OWN.record[i:i + 30] for i in range(0, len(OWN.record), 30))], {}, OK), ('p= without padding', [GOOD.rstrip('=')], {}, OK), ('p= in quotes', ['p="' + OWN.record + '"'], {}, KEY_SYNTAX), ('more behind p=', [GOOD + '!'], {}, KEY_SYNTAX), ('p= twice', [BAD + '; ' + GOOD], {}, KEY_SYNTAX),
    ('an empty tag', [GOOD + ';;'], {}, KEY_SYNTAX), ('no =', ['foo; ' + GOOD], {}, KEY_SYNTAX), ('a NUL', [GOOD + '\0'], {}, KEY_SYNTAX), ('octets of 8 bits', [b'n=\xe9; ' + GOOD.encode()], {}, KEY_SYNTAX), ('HTML', ['<html>'], {}, KEY_SYNTAX), ('blanks', [' '], {}, KEY_SYNTAX),
    ('an SPF record beside it', [GOOD, 'v=spf1 -all'], {}, OK), ('two records', [GOOD, BAD], {}, 'key-multiple'), ('the same with v=', [GOOD, 'v=DKIM1; ' + GOOD], {}, 'key-multiple'), ('another text beside it', [GOOD, 'hello'], {}, 'key-multiple'), ('an empty text beside it', [GOOD, ''], {}, 'key-multiple'), ('fifty records', ['n=%d; ' % i + GOOD for i in range(50)], {}, 'key-multiple'),
    ('no record', [], {}, NO_KEY), ('a key of another', [BAD], {}, 'header-changed'),
    # RSA
    ('1024 bits', *own_key(1024), OK), ('1023 bits', *own_key(1023), 'key-too-small'), ('512 bits', *own_key(512), 'key-too-small'), ('exponent 3', *own_key(1024, 3), OK), ('an exponent of 1000 bits', *own_key(1024, 1 << 999 | 1), OK),
    ('exponent 1', [p_of(key_info(OWN.n, 1))], dict(by=Key(OWN.p, OWN.q, 1, 1)), KEY_SYNTAX), ('exponent 0', [p_of(key_info(OWN.n, 0))], {}, KEY_SYNTAX), ('an even exponent', [p_of(key_info(OWN.n, 65536))], {}, KEY_SYNTAX), ('an even modulus', [p_of(key_info(OWN.n - 1, 3))], {}, KEY_SYNTAX), ('modulus 0', [p_of(key_info(0, 3))], {}, KEY_SYNTAX),
    ('modulus 1', [p_of(key_info(1, 3))], dict(by=Fixed(b'\0')), 'key-too-small'), ('an exponent above the modulus', [p_of(key_info(1 << 1023 | 1, 1 << 2000 | 1))], {}, 'header-changed'), ('16384 bits', [p_of(key_info(1 << 16383 | 1, 65537))], dict(by=Fixed(b'\1' * 2048)), 'beyond-limits'), ('a negative modulus', [p_of(der(0x30, RSA_ID, der(3, b'\0', der(0x30, der(2, b'\xff' + b'\x80' * 127), integer(3)))))], {}, KEY_SYNTAX),
    ('more behind its structure', [p_of(INFO + b'\0\0')], {}, OK), ('a third number', [p_of(der(0x30, RSA_ID, der(3, b'\0', der(0x30, integer(OWN.n), integer(OWN.e), integer(7)))))], {}, KEY_SYNTAX), ('its end cut off', [p_of(INFO[:-5])], {}, KEY_SYNTAX), ('a length of 4 GB', [p_of(b'\x30\x84\xff\xff\xff\xff' + INFO[4:])], {}, KEY_SYNTAX),
    ('unused bits', [p_of(der(0x30, RSA_ID, der(3, b'\7', BITS)))], {}, KEY_SYNTAX), ('the name of RSA-PSS', [p_of(der(0x30, bytes.fromhex('300d06092a864886f70d01010a0500'), der(3, b'\0', BITS)))], {}, KEY_SYNTAX), ('no frame around its numbers', [p_of(BITS)], {}, KEY_SYNTAX), ('an empty sequence', [p_of(b'\x30\0')], {}, KEY_SYNTAX), ('one octet', [p_of(b'\x30')], {}, KEY_SYNTAX),
    ('sequences in sequences', [p_of(b'\x30\x80' * 400)], {}, KEY_SYNTAX), ('a key of a curve', [p_of(bytes.fromhex('3059301306072a8648ce3d020106082a8648ce3d030107034200') + b'\4' + b'\1' * 64)], {}, KEY_SYNTAX),
    # Ed25519
    ('31 octets of Ed25519', ['k=ed25519; ' + p_of(b'\1' * 31)], ED, KEY_SYNTAX), ('33 octets of Ed25519', ['k=ed25519; ' + p_of(b'\1' * 33)], ED, KEY_SYNTAX), ('Ed25519 in a frame', ['k=ed25519; ' + p_of(bytes.fromhex('302a300506032b6570032100') + b'\1' * 32)], ED, KEY_SYNTAX), ('no Ed25519', ['k=ed25519; p='], ED, 'key-revoked'),
    ('32 octets that are no point', ['k=ed25519; ' + p_of(b'\2' + bytes(31))], ED, 'header-changed'), ('Ed25519 for a signature of RSA', ['k=ed25519; ' + p_of(b'\1' * 32)], {}, 'key-type-mismatch'), ('RSA for a signature of Ed25519', [GOOD], ED, 'key-type-mismatch'),
)


def keys():
    lines, messages = [zone_lines('_dmarc.shop.example', 'TXT', 'v=DMARC1; p=reject')], []
    for number, (_, records, how, _) in enumerate(KEYS):
        selector = 'k%d' % number
        lines += [zone_lines(selector + '._domainkey.shop.example', 'TXT', record) for record in records]
        more = dict(how)
        messages.append(received() + signature(HEAD, BODY, more.pop('by', OWN), s=selector.encode(), **more) + HEAD + b'\r\n' + BODY)
    zone = put('keys.zone', ''.join(lines))
    for (name, _, _, reason), (row, faults) in zip(KEYS, explain_all(TOOL, zone, messages)):
        judged('a key with ' + name, row, faults, reason)


def main():
    forms()
    keys()
    WORK.cleanup()
    return TAP.end()


sys.exit(main())
