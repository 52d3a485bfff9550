#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# What `fix` prints is taken by the programs it is meant for: every zone output by the checkers of NSD and BIND, every Route 53 batch
# has the shape of the API, and no value that stands in DNS is lost. Usage: check-fixes.py TOOL SAMPLES. Prints TAP.
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
from dns_kit import Server
from tap import Tap, run

TOOL, SAMPLES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
TAP = Tap()
WORK = tempfile.TemporaryDirectory()
HEAD = '. 300 IN SOA ns.test. host.test. 1 3600 600 86400 300\n. 300 IN NS ns.test.\nns.test. 300 IN A 192.0.2.1\n'
CHECKERS = {'nsd-checkzone': ['nsd-checkzone', '.'], 'named-checkzone': ['named-checkzone', '-i', 'none', '.']}


def text_of(path):
    with open(path, encoding='utf-8', errors='surrogateescape') as file:
        return file.read()


def made(name, text):
    path = os.path.join(WORK.name, name)
    with open(path, 'w', encoding='utf-8', errors='surrogateescape') as file:
        file.write(text)
    return path


class Sample:
    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        args = os.path.join(folder, name + '.args')
        self.args = ['--dns=%s.zone' % name] + (text_of(args).split('\n')[:-1] if os.path.exists(args) else [])

    def title(self):
        return os.path.relpath(os.path.join(self.folder, self.name), SAMPLES)

    def fix(self, form):
        return run(TOOL, 'fix', '--format=' + form, *self.args, self.name + '.eml', cwd=self.folder)

    def zone(self):
        return text_of(os.path.join(self.folder, self.name + '.zone'))


def samples():
    causes = os.path.join(SAMPLES, 'causes')
    folders = [SAMPLES] + [os.path.join(causes, code) for code in sorted(os.listdir(causes))]
    for folder in folders:
        for file in sorted(os.listdir(folder)):
            name = file[:-5]
            if file.endswith('.zone') and os.path.exists(os.path.join(folder, name + '.eml')) and (folder == SAMPLES or name.startswith('hit')):
                yield Sample(folder, name)


# ---- zones -----------------------------------------------------------------------------------------------------------------


def path_of(program):
    return shutil.which(program, path=os.environ.get('PATH', '') + ':/usr/sbin:/sbin')


def refused(checker, text):
    """What the checker says against a root zone with these lines in it; empty is nothing."""
    command = CHECKERS[checker]
    path = made('zone-%d' % threading.get_ident(), HEAD + text)
    done = subprocess.run([path_of(command[0])] + command[1:] + [path], capture_output=True, text=True, timeout=60)
    return (done.stdout + done.stderr).strip() if done.returncode else ''


def records(text):
    """(name, type) of each record line that names its owner; enough for zones that programs wrote."""
    found = set()
    for line in text.split('\n'):
        match = re.match(r'([^\s;$]\S*)\.\s+(?:\d+\s+)?(?:IN\s+)?(A|AAAA|TXT|MX|CNAME|NS|PTR)\s', line)
        if match:
            found.add((match.group(1).lower(), match.group(2)))
    return found


def removed(text):
    return {(m.group(1).lower(), m.group(2)) for m in re.finditer(r'^;! remove (\S+)\. (\w+)', text, re.M)}


def alone_faults(before, after):
    """A CNAME stands alone at its name (RFC 1034 3.6.2)."""
    faults = []
    for name in {n for n, kind in after if kind == 'CNAME'}:
        others = {kind for n, kind in before | after if n == name} - {'CNAME'}
        if others:
            faults.append('%s: CNAME beside %s' % (name, ', '.join(sorted(others))))
    return faults


def zone_faults(sample, checkers):
    answer = sample.fix('zone')
    text = answer.text()
    faults = [] if answer.status <= 2 else ['status %d: %r' % (answer.status, answer.err)]
    for checker in checkers:
        said = refused(checker, text)
        faults += ['%s: %s' % (checker, said)] if said else []
    return faults + alone_faults(records(sample.zone()) - removed(text), records(text)), len(records(text))


# ---- batches ---------------------------------------------------------------------------------------------------------------


def character_strings(value):
    """The strings of a TXT value, octal escapes undone; None if it is no sequence of quoted strings."""
    if not re.fullmatch(r'"(?:[^"\\]|\\.)*"(?: "(?:[^"\\]|\\.)*")*', value):
        return None
    undo = lambda m: chr(int(m.group(1), 8)) if m.group(1) else m.group(2)
    return [re.sub(r'\\([0-7]{3})|\\(.)', undo, part) for part in re.findall(r'"((?:[^"\\]|\\.)*)"', value)]


def value_faults(kind, value):
    if kind == 'TXT':
        strings = character_strings(value)
        if strings is None:
            return ['TXT not quoted: %s' % value]
        return ['a TXT string of %d' % len(s) for s in strings if len(s) > 255] + (['TXT of %d characters' % len(value)] if len(value) > 4000 else [])
    pattern = {'MX': r'\d{1,5} \S+\.', 'CNAME': r'\S+\.'}.get(kind, r'\S+')
    return [] if re.fullmatch(pattern, value) and value.isascii() else ['%s value: %s' % (kind, value)]


def set_faults(change):
    faults = [] if sorted(change) == ['Action', 'ResourceRecordSet'] and change['Action'] in ('DELETE', 'UPSERT', 'CREATE') else ['change: %s' % change]
    rrset = change['ResourceRecordSet']
    if sorted(rrset) != ['Name', 'ResourceRecords', 'TTL', 'Type']:
        return faults + ['keys: %s' % sorted(rrset)]
    values = [r.get('Value') for r in rrset['ResourceRecords']]
    if not (isinstance(rrset['TTL'], int) and 0 <= rrset['TTL'] <= 2147483647):
        faults.append('TTL: %r' % rrset['TTL'])
    if not rrset['Name'].endswith('.') or len(rrset['Name']) > 1024 or rrset['Type'] not in ('A', 'AAAA', 'CNAME', 'MX', 'TXT'):
        faults.append('%s %s' % (rrset['Name'], rrset['Type']))
    if not values or len(set(values)) != len(values) or (rrset['Type'] == 'CNAME' and len(values) > 1):
        faults.append('values: %s' % values)
    return faults + [fault for value in values for fault in value_faults(rrset['Type'], value)]


def batch_faults(sample):
    answer = sample.fix('route53')
    batch = answer.json()
    faults = [] if answer.status <= 2 else ['status %d: %r' % (answer.status, answer.err)]
    faults += [] if sorted(batch) == ['Changes', 'Comment'] and len(batch['Comment']) <= 256 else ['batch: %s' % batch]
    faults += [fault for change in batch['Changes'] for fault in set_faults(change)]
    places = [(c['Action'], c['ResourceRecordSet']['Name'].rstrip('.').lower(), c['ResourceRecordSet']['Type']) for c in batch['Changes']]
    faults += ['two changes of one set: %s' % places] if len({p[1:] for p in places}) != len(places) else []
    gone, put = {p[1:] for p in places if p[0] == 'DELETE'}, {p[1:] for p in places if p[0] != 'DELETE'}
    return faults + alone_faults(records(sample.zone()) - gone, put)


def one_sample(sample, checkers):
    faults, lines = zone_faults(sample, checkers)
    named = lambda found: ['%s: %s' % (sample.title(), f) for f in found]
    return named(faults), named(batch_faults(sample) if lines else []), lines


def every_sample():
    checkers = [c for c in CHECKERS if path_of(CHECKERS[c][0])]
    of_zone, of_batch, count = [], [], 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for faults, of_route, lines in pool.map(lambda sample: one_sample(sample, checkers), samples()):
            of_zone, of_batch, count = of_zone + faults, of_batch + of_route, count + lines
    for checker in CHECKERS:
        if checker not in checkers:
            TAP.skip('%s takes the zone output of every sample' % checker, 'not installed')
            continue
        TAP.point('%s refuses what is wrong' % checker, [] if refused(checker, 'a.test. 300 IN CNAME b.test.\na.test. 300 IN TXT "x"\n') else ['it does not'])
        TAP.point('%s takes the zone output of every sample' % checker, [f for f in of_zone if checker in f] + ([] if count > 100 else ['only %d records' % count]))
    TAP.point('a CNAME of the zone output stands alone', [f for f in of_zone if 'checkzone' not in f])
    TAP.point('every batch has the shape of the API', of_batch)


# ---- nothing is lost -------------------------------------------------------------------------------------------------------


def batch_with(name, *lines):
    """The batch for a sample with more lines in its DNS."""
    zone = made('more.zone', text_of(os.path.join(SAMPLES, name + '.zone')) + '\n'.join(lines) + '\n')
    return run(TOOL, 'fix', '--format=route53', '--plan=2', '--dns=' + zone, os.path.join(SAMPLES, name + '.eml'))


def sets_of(answer):
    return {(c['ResourceRecordSet']['Name'], c['ResourceRecordSet']['Type']): [r['Value'] for r in c['ResourceRecordSet']['ResourceRecords']]
            for c in answer.json()['Changes']}


TXT_SET, MX_SET = ('bounce.shop.example.', 'TXT'), ('bounce.shop.example.', 'MX')


def unseen_sets():
    whole = sets_of(batch_with('ses-as-it-is'))
    TAP.point('the plan of this test changes both sets', [] if TXT_SET in whole and MX_SET in whole else [whole])
    elsewhere = sets_of(batch_with('ses-as-it-is', ';! status bounce.shop.example. TXT SERVFAIL'))
    TAP.point('a name that was seen to be free is preferred', [] if sorted({name for name, kind in elsewhere}) == ['mailfrom.shop.example.'] else [elsewhere])
    for status in ('SERVFAIL', 'TIMEOUT'):
        answer = batch_with('ses-as-it-is', *(';! status %s.shop.example. TXT %s' % (label, status) for label in ('bounce', 'mailfrom', 'ses')))
        have, faults = sets_of(answer), []
        faults += ['status %d' % answer.status] if answer.status != 75 else []
        faults += ['a set that was not seen: %s' % have] if TXT_SET in have or MX_SET not in have else []
        faults += ['standard error: %r' % answer.err] if b'bounce.shop.example TXT is left out' not in answer.err or answer.err.count(b'\n') != 1 else []
        faults += ['comment: %s' % answer.json()['Comment']] if 'LEFT OUT' not in answer.json()['Comment'] else []
        TAP.point('%s: what could not be seen is not replaced' % status, faults)
    absent = batch_with('ses-as-it-is', ';! status bounce.shop.example. TXT NXDOMAIN')
    TAP.point('NXDOMAIN: nothing stands there', [] if absent.status <= 2 and TXT_SET in sets_of(absent) else [absent.status, absent.err])
    zone = run(TOOL, 'fix', '--plan=2', '--dns=' + os.path.join(WORK.name, 'more.zone'), os.path.join(SAMPLES, 'ses-as-it-is.eml'))
    TAP.point('the zone output adds, so it leaves nothing out', [] if zone.status <= 2 and not zone.err else [zone.status, zone.err])


def foreign_values():
    octets = bytes(range(256))
    foreign = ['"verification=abc"', '"' + ''.join('\\%03d' % o for o in octets[:255]) + '"', '"one\\000two"', '"%s" "%s"' % ('a' * 255, 'b' * 255)]
    answer = batch_with('mail-from-without-spf', *('bounce.shop.example. TXT ' + value for value in foreign))
    have = sets_of(answer).get(TXT_SET, [])
    texts = [''.join(character_strings(value) or ['?']) for value in have]
    want = ['verification=abc', octets[:255].decode('latin-1'), 'one\0two', 'a' * 255 + 'b' * 255, 'v=spf1 include:amazonses.com ~all']
    TAP.point('foreign values stay in the set, every octet of them', ['missing: %r' % w for w in want if w not in texts] + (['more: %r' % texts] if len(texts) != len(want) else []))


# ---- a name server ---------------------------------------------------------------------------------------------------------


def live(sample, ttl, more=''):
    server = Server(sample.zone() + more, ttl)
    answer = run(TOOL, 'fix', '--format=route53', '--plan=%d' % (2 if more else 1), server.option(), os.path.join(sample.folder, sample.name + '.eml'))
    server.socket.close()
    return answer


def running_ttl():
    name = 'dkim-txt-instead-of-cname'
    answer = live(Sample(os.path.join(SAMPLES, 'causes', name), 'hit'), 17)
    gone = [c['ResourceRecordSet'] for c in answer.json()['Changes'] if c['Action'] == 'DELETE']
    faults = [] if [g['TTL'] for g in gone] == [17] and answer.status <= 2 else [answer.status, gone, answer.err]
    TAP.point('a deletion has the TTL that a name server shows', faults)
    TAP.point('and says that it may have been counted down', [] if b'DELETE must have the TTL' in answer.err and answer.err.count(b'\n') == 1 else [answer.err])
    answer = live(Sample(SAMPLES, 'mail-from-without-spf'), 17, 'bounce.shop.example. TXT "verification=abc"\n')
    ttls = [c['ResourceRecordSet']['TTL'] for c in answer.json()['Changes']]
    TAP.point('what was counted down does not become the TTL of a set', [] if ttls == [300] and len(sets_of(answer).get(TXT_SET, [])) == 2 and not answer.err else [answer.out, answer.err])
    higher = live(Sample(SAMPLES, 'mail-from-without-spf'), 7200, 'bounce.shop.example. TXT "verification=abc"\n')
    TAP.point('a higher one stays', [] if [c['ResourceRecordSet']['TTL'] for c in higher.json()['Changes']] == [7200] else [higher.out, higher.err])


def main():
    every_sample()
    running_ttl()
    unseen_sets()
    foreign_values()
    WORK.cleanup()
    return TAP.end()


sys.exit(main())
