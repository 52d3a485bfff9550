#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Runs dmarctrace over everything in samples/ and compares with what is expected there: check-samples.py TOOL SAMPLES.
# Besides the causes it checks what holds for every report: evidence, fixes, proofs that come true, a clean text.
import concurrent.futures
import json
import os
import re
import sys
import tempfile

from tap import Tap, run, text_faults

TOOL, SAMPLES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])


def expectations(path):
    with open(path, encoding='utf-8') as file:
        return json.load(file)


class Sample:
    """One message (or one `domain` call) with its DNS, its options and what is expected."""

    def __init__(self, folder, name, expect, code=None):
        self.folder, self.name, self.expect, self.code = folder, name, expect, code
        self.args = ['--dns=%s.zone' % name]
        if os.path.exists(os.path.join(folder, name + '.args')):
            with open(os.path.join(folder, name + '.args'), encoding='utf-8') as file:
                self.args += file.read().split('\n')[:-1]
        self.command = expect.get('command', 'explain').split()

    def title(self):
        return os.path.relpath(os.path.join(self.folder, self.name), SAMPLES)

    def is_domain(self):
        return self.command[0] == 'domain'

    def call(self, command, *more):
        last = self.command[1:] if self.is_domain() else [self.name + '.eml']
        return run(TOOL, command, *self.args, *more, *last, cwd=self.folder)


def samples():
    found = [Sample(SAMPLES, name, expect) for name, expect in sorted(expectations(os.path.join(SAMPLES, 'expect.json')).items())]
    receivers = os.path.join(SAMPLES, 'receivers')
    found += [Sample(receivers, name, expect) for name, expect in sorted(expectations(os.path.join(receivers, 'expect.json')).items())]
    causes = os.path.join(SAMPLES, 'causes')
    for code in sorted(os.listdir(causes)):
        folder = os.path.join(causes, code)
        for name, expect in sorted(expectations(os.path.join(folder, 'expect.json')).items()):
            found.append(Sample(folder, name, expect, code))
    return found


# ---- one report ------------------------------------------------------------------------------------------------------------


def of_severity(report, severity):
    return sorted(c['code'] for c in report['causes'] if c['severity'] == severity)


def cause_faults(sample, report):
    expect, faults = sample.expect, []
    every = [c['code'] for c in report['causes']]
    for key, severity in (('blocks', 'blocks'), ('risks', 'risk')):
        have = of_severity(report, severity)
        if key in expect and have != expect[key]:
            faults.append('%s: expected %s, came %s' % (key, expect[key], have))
    for code in expect.get('notes', []):
        if code not in of_severity(report, 'note'):
            faults.append('note %s is missing among %s' % (code, every))
    if sample.code and sample.name.startswith('miss') and sample.code in every:
        faults.append('%s must not appear' % sample.code)
    if 'verdict' in expect and report.get('verdict') != expect['verdict']:
        faults.append('verdict: expected %s, came %s' % (expect['verdict'], report.get('verdict')))
    for cause in report['causes']:
        if cause['code'] in expect.get('certain', []) and cause['certainty'] != 'certain':
            faults.append('%s is only %s' % (cause['code'], cause['certainty']))
    for wanted in expect.get('fixes', []):
        have = [' '.join((f['name'] or '', f['type'] or '', f['value'] or '')) for c in report['causes'] if c['code'] == sample.code for f in c['fixes']
                if f['action'] in ('publish', 'replace')]
        if wanted not in have:
            faults.append('fix %s not among %s' % (wanted, have))
    if len(set(every)) != len(every):
        faults.append('a cause is named twice: %s' % every)
    return faults


def receiver_faults(expect, report):
    """What is believed of the receiver's results, and what SPF was judged by."""
    if 'believed' not in expect:
        return []
    methods = sorted({result['method'] for field in report['recorded'] if field['trusted'] for result in field['results']} & {'spf', 'dkim', 'dmarc'})
    have = {'believed': methods, 'recorded_verdict': report['recorded_verdict'], 'ip': report['spf']['ip'], 'envelope_domain': report['spf']['domain']}
    return ['%s: expected %s, came %s' % (key, expect[key], value) for key, value in have.items() if expect[key] != value]


def promise_faults(report):
    """What holds for every report, whatever it is about."""
    faults = []
    for cause in report['causes']:
        code = cause['code']
        if cause['certainty'] == 'certain' and not cause['evidence']:
            faults.append('%s is certain without evidence' % code)
        if cause['severity'] == 'blocks' and not cause['fixes'] and not cause['proof_absent']:
            faults.append('%s blocks, and has neither a fix nor a reason' % code)
        if cause['proof'] and cause['proof_absent']:
            faults.append('%s has a proof and a reason for having none' % code)
        if cause['certainty'] == 'possible' and cause['severity'] == 'blocks' and not cause['checks']:
            faults.append('%s is possible, and no check tells it apart' % code)
        steps = [fix['step'] for fix in cause['fixes']]
        if steps != sorted(steps):
            faults.append('%s: the steps are out of order: %s' % (code, steps))
        for word in re.findall(r'\{\w+\}', json.dumps([cause['title'], cause['explanation'], cause['fixes']])):
            faults.append('%s: %s was left in the text' % (code, word))
    order = {'blocks': 0, 'risk': 1, 'note': 2}
    ranks = [order[c['severity']] for c in report['causes']]
    if ranks != sorted(ranks):
        faults.append('causes out of order: %s' % ranks)
    if len(report['plan']) > 3:
        faults.append('more than three plans')
    return faults


def with_fixes(sample, directory, number, *more):
    """The report with what `fix` writes laid over the zone; None where it holds values that only SES or a key's owner knows."""
    answer = sample.call('fix', '--format=zone', '--plan=%d' % number)
    if 'Fill in:' in answer.text():
        return None
    path = os.path.join(directory, '%s.%d.fix' % (sample.title().replace('/', '.'), number))
    with open(path, 'wb') as out:
        out.write(answer.out)
    after = sample.call('explain', '--format=json', '--assume=' + path, *more)
    return after.json() if after.status <= 5 else {'verdict': after.err.decode('utf-8', 'replace'), 'causes': []}


def plan_faults(sample, report, directory):
    """A plan's records, laid over the zone, must give what it says. It may suppose a new envelope domain: then that is given too."""
    faults = []
    for number, plan in enumerate(report['plan'], 1):
        new = [re.match(r'SES uses (\S+) as envelope domain', text) for text in plan['assumes']]
        if None in new:
            continue
        after = with_fixes(sample, directory, number, *['--mail-from=new@' + match.group(1) for match in new])
        if after and after['verdict'] != plan['result']:
            faults.append('plan %d %s promises %s, its fixes give %s' % (number, plan['causes'], plan['result'], after['verdict']))
    return faults


def risk_faults(sample, report, directory):
    """A message that passes gets the fixes of its risks: it passes with them too, and what DNS alone can mend is gone."""
    if report['verdict'] != 'pass' or not of_severity(report, 'risk'):
        return []
    after = with_fixes(sample, directory, 1)
    if not after:
        return []
    mended = [c['code'] for c in report['causes'] if c['severity'] == 'risk' and c['fixes'] and all(f['where'] == 'dns' and f['name'] for f in c['fixes'])]
    left = [code for code in mended if code in of_severity(after, 'risk') + of_severity(after, 'blocks')]
    if 'unproved' in sample.expect:
        return []
    return ['with its fixes it gives %s' % after['verdict']] * (after['verdict'] != 'pass') + ['still there with its fix: %s' % code for code in left]


def judge(sample, directory):
    answer = sample.call(sample.command[0], '--format=json')
    if answer.status >= 64:
        return ['exit %d: %s' % (answer.status, answer.err.decode('utf-8', 'replace'))]
    report = answer.json()
    faults = [] if answer.status == sample.expect['exit'] else ['exit: expected %d, came %d' % (sample.expect['exit'], answer.status)]
    faults += cause_faults(sample, report) + receiver_faults(sample.expect, report) + promise_faults(report)
    if not sample.is_domain():
        faults += plan_faults(sample, report, directory) + risk_faults(sample, report, directory)
    for more in [[]] if sample.name.startswith('miss') else [[], ['-v']]:
        text = sample.call(sample.command[0], '--format=text', *more)
        if text.status != answer.status:
            faults.append('text exits with %d, JSON with %d' % (text.status, answer.status))
        faults += text_faults(text.text())
    return faults


def judge_safely(sample, directory):
    try:
        return judge(sample, directory)
    except Exception as error:      # a crash of the command, output that is no JSON
        return ['%s: %s' % (type(error).__name__, error)]


# ---- all of them --------------------------------------------------------------------------------------------------------------


def catalogue_faults():
    listed = sorted(c['code'] for c in run(TOOL, 'causes', '--format=json').json()['causes'])
    folders = sorted(os.listdir(os.path.join(SAMPLES, 'causes')))
    return ['only in the catalogue: %s' % c for c in listed if c not in folders] + ['only in samples/causes: %s' % c for c in folders if c not in listed]


def folder_faults(found):
    faults = []
    for code in sorted({s.code for s in found if s.code}):
        names = [s.name for s in found if s.code == code]
        for wanted in ('hit', 'miss'):
            if not any(n.startswith(wanted) for n in names):
                faults.append('%s has no %s' % (code, wanted))
        for sample in (s for s in found if s.code == code and s.name.startswith('hit')):
            if code not in sample.expect['blocks'] + sample.expect['risks'] + sample.expect.get('notes', []):
                faults.append('%s expects something else' % sample.title())
    listed = {s.name for s in found if s.folder == SAMPLES}
    here = {n[:-4] for n in os.listdir(SAMPLES) if n.endswith('.eml')}
    return faults + ['samples/%s is in only one of folder and expect.json' % n for n in sorted(listed ^ here)]


def main():
    tap, found = Tap(), samples()
    tap.point('the catalogue and samples/causes hold the same codes', catalogue_faults())
    tap.point('every cause has a hit and a near miss', folder_faults(found))
    with tempfile.TemporaryDirectory() as directory, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for sample, faults in zip(found, pool.map(lambda s: judge_safely(s, directory), found)):
            tap.point(sample.title(), faults)
    return tap.end()


sys.exit(main())
