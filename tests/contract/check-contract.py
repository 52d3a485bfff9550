#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# The command as scripts see it: options, first mistakes, exit statuses, the keys of its outputs. check-contract.py TOOL SAMPLES.
# What a cause says is checked by tests/samples; here it is only the outside.
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
from tap import Tap, run

TOOL, SAMPLES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
TAP = Tap()
TMP = tempfile.mkdtemp()


def sample(name):
    return os.path.join(SAMPLES, name)


def dns(name):
    return '--dns=' + sample(name + '.zone')


def eml(name):
    return sample(name + '.eml')


def content(name):
    with open(eml(name), 'rb') as file:
        return file.read()


def made(name, data):
    """A file of this run."""
    path = os.path.join(TMP, name)
    with open(path, 'wb') as file:
        file.write(data if isinstance(data, bytes) else data.encode())
    return path


def call(*args, **more):
    return run(TOOL, *args, cwd=TMP, **more)


def lines(octets):
    return octets.decode('utf-8', 'replace').split('\n')[:-1]


def status_faults(answer, status):
    return [] if answer.status == status else ['status %d, not %d: %s' % (answer.status, status, answer.err.decode('utf-8', 'replace'))]


def remedy_faults(answer, status, *words):
    """One line on standard error with these words, nothing on standard output."""
    said = lines(answer.err)
    faults = status_faults(answer, status)
    if len(said) != 1 or not said[0].startswith('dmarctrace: '):
        faults.append('not one line: %r' % answer.err)
    faults += ['%r is not in %r' % (word, said) for word in words if not any(word.lower() in line.lower() for line in said)]
    return faults + (['standard output: %r' % answer.out[:200]] if answer.out else [])


def refuses(name, args, status, *words, **more):
    TAP.point(name, remedy_faults(call(*args, **more), status, *words))


def exits(name, args, status, **more):
    TAP.point(name, status_faults(call(*args, **more), status))


def same(name, one, other):
    TAP.point(name, [] if one == other else ['%r' % (one,), '%r' % (other,)])


# ---- options ----------------------------------------------------------------------------------------------------------------


def options():
    ses = sample('ses-as-it-is.eml')
    refuses('an unknown option is named', ['explain', '--verbos', ses], 64, '--verbos')
    refuses('an unknown letter is named', ['-x', ses], 64, '-x')
    refuses('an option of another command is unknown', ['domain', '--attached=1', 'shop.example'], 64, '--attached')
    refuses('a value that is missing', ['--ip'], 64, '--ip')
    refuses('a value that none was asked for', ['--probe=yes', ses], 64, '--probe')
    for option, value in (('--format', 'xml'), ('--color', 'blue'), ('--ip', '300.1.2.3'), ('--at', 'yesterday'), ('--timeout', 'soon'),
                          ('--attached', '0'), ('--dns-server', 'no address')):
        refuses('%s takes no %s' % (option, value), [option + '=' + value, ses], 64, option)
    refuses('--plan takes no 0', ['fix', '--plan=0', ses], 64, '--plan')
    refuses('a format of another command', ['domain', '--format=authres', 'shop.example'], 64, 'authres')
    with_sign = call('--format=json', dns('healthy'), eml('healthy'))
    apart = call('--format', 'json', '--dns', sample('healthy.zone'), eml('healthy'))
    same('--name value is --name=value', without_times(with_sign.json()), without_times(apart.json()))
    named = call('explain', '--format=json', dns('healthy'), eml('healthy'))
    same('explain may be left out', without_times(with_sign.json()), without_times(named.json()))
    exits('options may stand behind files', [eml('healthy'), dns('healthy')], 0)
    dashed = made('-healthy.eml', content('healthy'))
    exits('after -- everything is a file', [dns('healthy'), '--', os.path.basename(dashed)], 0)


def help_and_version():
    version = call('--version')
    TAP.point('--version names the libraries', status_faults(version, 0) + [
        '%s is not named' % word for word in ('dmarctrace ', 'GMime', 'libopendkim', 'libspf2', 'DNS library', 'public suffix list') if word not in version.text()])
    commands = re.findall(r'^  (?:dmarctrace )?\[?(explain|fix|domain|spf|dmarc|causes)\b', call('--help').text(), re.M)
    TAP.point('--help lists the commands', [] if {'explain', 'fix', 'domain', 'spf', 'dmarc', 'causes'} <= set(commands) else ['only %s' % commands])
    for command in ('explain', 'fix', 'domain', 'spf', 'dmarc', 'causes'):
        answer = call(command, '--help')
        TAP.point(command + ' --help', status_faults(answer, 0) + ([] if b'--' in answer.out and not answer.err else ['no help']))


# ---- first mistakes -----------------------------------------------------------------------------------------------------------

SNS = '{"Type": "Notification", "MessageId": "x", "Message": "{}"}'
S3 = '{"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": "b"}, "object": {"key": "k"}}}]}'


def first_mistakes():
    refuses('a directory', [TMP], 65, 'directory', 'batch')
    refuses('an Outlook .msg', [made('m.msg', b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' + bytes(600))], 65, '.eml')
    refuses('a web page', [made('m.html', '<!DOCTYPE html><html><body>From: x</body></html>')], 65, 'html')
    refuses('a PDF', [made('m.pdf', '%PDF-1.7\n')], 65, 'pdf')
    refuses('UTF-16 text', [made('u16.eml', content('healthy').decode().encode('utf-16'))], 65, 'utf-16')
    refuses('an SNS notification', [made('sns.json', SNS)], 65, 'sns')
    refuses('an S3 notification', [made('s3.json', S3)], 65, 's3')
    refuses('what get-email-identity printed', [made('identity.json', '{"DkimAttributes": {"Tokens": []}}')], 65, '--ses-identity')
    refuses('a file that is not there', [os.path.join(TMP, 'gone.eml')], 66, 'gone.eml')
    refuses('an argument that is a domain', ['shop.example'], 66, 'domain shop.example')
    refuses('nothing at all', ['-'], 65, stdin=b'')
    refuses('an empty file', [made('empty.eml', '')], 65, 'empty.eml')
    refuses('octets that are no message', [made('noise.eml', bytes(range(128, 256)) * 8)], 65, 'noise.eml')
    refuses('fix of two messages', ['fix', dns('healthy'), eml('healthy'), eml('healthy')], 64, 'one message')
    refuses('an attached message that is not there', [dns('healthy'), '--attached=3', eml('healthy')], 65, 'attached')
    refuses('domain without a domain', ['domain'], 64, 'domain')
    refuses('domain of a file', ['domain', dns('healthy'), './mail/x y'], 64, 'domain')
    refuses('spf without an address', ['spf', '--mail-from=a@shop.example'], 64, '--ip')
    refuses('dmarc of a result that is none', ['dmarc', '--from=shop.example', '--spf=good:shop.example'], 64, '--spf')
    refuses('causes of a code that is none', ['causes', 'dkim-out-of-luck'], 64, 'dkim-out-of-luck')


def zones():
    bad = made('bad.zone', '$TTL 300\nshop.example. A 198.51.100.20\nshop.example. TXT "no end\n')
    refuses('a zone that does not parse: file and line', ['--dns=' + bad, eml('healthy')], 65, 'bad.zone:3')
    refuses('$INCLUDE is refused', ['--dns=' + made('inc.zone', '$INCLUDE other\n'), eml('healthy')], 65, 'inc.zone:1', '$INCLUDE')
    refuses('$GENERATE is refused', ['--dns=' + made('gen.zone', '$GENERATE 1-2 a$ A 192.0.2.$\n'), eml('healthy')], 65, 'gen.zone:1', '$GENERATE')
    refuses('a zone that is not there', ['--dns=gone.zone', eml('healthy')], 66, 'gone.zone')
    refuses('an --assume that does not parse', [dns('healthy'), '--assume=' + bad, eml('healthy')], 65, 'bad.zone:3')
    refuses('an identity that is no JSON', [dns('healthy'), '--ses-identity=' + made('no.json', 'none'), eml('healthy')], 65, 'no.json')
    refuses('a snapshot where no file can be made', [dns('healthy'), '-q', '--save-dns=/nowhere/at/all', eml('healthy')], 73, '/nowhere/at/all')


# ---- exit statuses --------------------------------------------------------------------------------------------------------------


def statuses():
    with open(sample('expect.json'), encoding='utf-8') as file:
        for name, expect in json.load(file).items():
            answer = call('-q', dns(name), eml(name))
            TAP.point('-q %s says nothing but its status' % name, status_faults(answer, expect['exit']) + (['said something'] if answer.out or answer.err else []))
    zone = made('worst.zone', '$TTL 300\n' + '\n'.join(sorted({line for name in ('healthy', 'no-dmarc-record', 'ses-as-it-is')
                for line in open(sample(name + '.zone'), encoding='utf-8').read().split('\n')[1:] if '_dmarc' not in line})) + '\n')
    record = made('record.zone', '_dmarc.shop.example. TXT "v=DMARC1; p=reject"\n')
    of = lambda *names: ['-q', '--dns=' + zone, '--assume=' + record] + [eml(n) for n in names]
    exits('several messages: all pass', of('healthy', 'healthy'), 0)
    exits('several messages: fail is worse than pass', of('ses-as-it-is', 'healthy'), 1)
    exits('several messages: the worst counts wherever it stands', of('healthy', 'ses-as-it-is', 'healthy'), 1)
    exits('several messages: none is worse than pass', ['-q', dns('no-dmarc-record'), eml('healthy'), eml('no-dmarc-record')], 2)
    mixed = call('--format=json', dns('healthy'), eml('healthy'), 'gone.eml', eml('healthy'))
    TAP.point('a file that is not there does not stop the rest', status_faults(mixed, 66) + (
        [] if [('error' in o) for o in objects(mixed.text())] == [False, True, False] else ['not three objects: %s' % mixed.text()[:200]]))
    exits('fix: nothing to fix', ['fix', dns('healthy'), eml('healthy')], 1)
    exits('fix: complete', ['fix', dns('no-dmarc-record'), eml('no-dmarc-record')], 0)
    exits('fix: values that only SES knows', ['fix', dns('ses-as-it-is'), eml('ses-as-it-is')], 2)
    exits('fix --plan beyond the last', ['fix', '--plan=3', dns('no-dmarc-record'), eml('no-dmarc-record')], 64)


SPF_ZONE = '''$TTL 300
pass.example. TXT "v=spf1 ip4:192.0.2.1 -all"
soft.example. TXT "v=spf1 ~all"
neutral.example. TXT "v=spf1 ?all"
broken.example. TXT "v=spf1 ip4:1.2.3 -all"
;! status slow.example. TXT TIMEOUT
'''


def spf_and_dmarc():
    zone = '--dns=' + made('spf.zone', SPF_ZONE)
    for name, ip, status in (('pass', '192.0.2.1', 0), ('pass', '192.0.2.2', 1), ('soft', '192.0.2.1', 2), ('neutral', '192.0.2.1', 3), ('broken', '192.0.2.1', 4),
                             ('slow', '192.0.2.1', 5), ('gone', '192.0.2.1', 6)):
        exits('spf: status %d' % status, ['spf', zone, '--ip=' + ip, '--mail-from=a@%s.example' % name], status)
    exits('spf: the null sender is judged by HELO', ['spf', zone, '--ip=192.0.2.1', '--mail-from=', '--helo=pass.example'], 0)
    zone = '--dns=' + made('dmarc.zone', '_dmarc.shop.example. TXT "v=DMARC1; p=reject"\nshop.example. A 192.0.2.1\n;! status _dmarc.slow.example. TXT SERVFAIL\n')
    dmarc = lambda name, args, status: exits('dmarc: ' + name, ['dmarc', zone] + args, status)
    dmarc('pass by SPF', ['--from=shop.example', '--spf=pass:bounce.shop.example'], 0)
    dmarc('pass by the second signature', ['--from=shop.example', '--dkim=pass:amazonses.com', '--dkim=pass:shop.example'], 0)
    dmarc('fail', ['--from=shop.example', '--spf=pass:amazonses.com', '--dkim=fail:shop.example'], 1)
    dmarc('none', ['--from=lake.example', '--spf=pass:lake.example'], 2)
    dmarc('two author domains are no question', ['--from=shop.example', '--from=lake.example'], 3)
    dmarc('temperror', ['--from=slow.example'], 4)


def header_alone():
    half = os.path.join(SAMPLES, 'causes', 'headers-only', 'hit-signed')
    shown = ' '.join(call('--dns=' + half + '.zone', half + '.eml').text().split())
    TAP.point('a signature that fits the header is told of where the body is missing', [shown] * ('The header is as shop.example signed it.' not in shown))


def domains():
    healthy = ['domain', dns('healthy'), '--ses-mail-from=bounce.shop.example', '--dkim-token=abcdefghijklmnopqrstuvwxyz234567']
    exits('domain: all well', healthy + ['shop.example'], 0)
    facts = call(*healthy, 'shop.example').text()
    TAP.point('domain: a label and what it tells are apart', ['no %r' % x for x in ('  MAIL FROM  bounce.shop.example: ok', '  Easy DKIM  abcdefg') if x not in facts])
    blocked = ' '.join(call('domain', dns('no-dmarc-record'), 'shop.example').text().split())
    TAP.point('domain: a proof speaks of no message that was given',
              ['wrong words'] * ('computed for a message that SES sends' not in blocked or 'this very message' in blocked))
    exits('domain: something blocks', ['domain', dns('no-dmarc-record'), 'shop.example'], 1)
    exits('domain: one of the two legs is wrong', ['domain', dns('mail-from-without-spf'), '--ses-mail-from=bounce.shop.example',
                                                   '--dkim-token=abcdefghijklmnopqrstuvwxyz234567', 'shop.example'], 1)
    one = made('one.zone', open(sample('healthy.zone'), encoding='utf-8').read() + ';! status bounce2.shop.example. ANY NXDOMAIN\n')
    exits('domain: only risks', ['domain', '--dns=' + one, '--ses-mail-from=bounce2.shop.example', '--dkim-token=abcdefghijklmnopqrstuvwxyz234567', 'shop.example'], 2)
    exits('domain: the rest cannot be seen', ['domain', dns('healthy'), 'shop.example'], 3)
    exits('domain: 1 before 3', ['domain', dns('healthy'), 'shop.example', 'lake.example'], 1)


# ---- the keys of the outputs -------------------------------------------------------------------------------------------------------

KEYS = {
    '': 'schema tool file position evaluated_at as_of verdict recorded_verdict reproducible warnings message ses recorded spf dkim arc dmarc agreement '
        'causes plan bounce attached dns',
    'as_of': 'time source',
    'message': 'from from_domain return_path null_sender message_id date subject size line_endings has_body hops',
    'message.from[]': 'address domain display_name',
    'message.hops[]': 'index from_helo from_ptr from_ip by with tls date delay line boundary',
    'ses': 'via_ses region sent_at third_party own_ip hop markers',
    'ses.markers[]': 'header value line',
    'recorded[]': 'authserv_id header line trusted trusted_by results',
    'recorded[].results[]': 'method result reason comment properties',
    'spf': 'result identity domain ip helo mail_from source record mechanism via lookups void_lookups trace explanation libspf2_result libspf2_difference '
           'aligned alignment org_domain',
    'spf.source': 'ip mail_from helo',
    'spf.trace[]': 'depth domain term outcome note',
    'dkim[]': 'index line d s a c i h t x l result reason detail body_hash signature key aligned alignment org_domain damage',
    'dkim[].key': 'type bits testing revoked cname',
    'arc': 'result sets',
    'arc.sets[]': 'instance cv d s results',
    'dmarc': 'result standard from_domain org_domain policy_domain record policy applied_tag disposition adkim aspf testing queries errors rfc7489 standards_agree',
    'dmarc.errors[]': 'tag text',
    'dmarc.rfc7489': 'result org_domain policy_domain policy pct disposition',
    'agreement[]': 'method domain recorded evaluated agrees explanation',
    'causes[]': 'code severity certainty checks explains title explanation evidence fixes proof proof_absent',
    'causes[].evidence[]': 'kind ref text',
    'causes[].fixes[]': 'step where action name type value text command',
    'causes[].proof': 'result spf_aligned dkim_aligned assumes',
    'plan[]': 'causes result spf_aligned dkim_aligned assumes',
    'bounce': 'reporting_mta recipient status diagnostic original',
    'attached[]': 'index subject from_domain',
    'dns[]': 'name type status answers cname ttl dnssec source server',
}
WORDS = {
    'verdict': 'pass fail none permerror temperror', 'as_of.source': 'option boundary date now', 'message.line_endings': 'crlf lf mixed',
    'recorded[].trusted_by': 'above-boundary own-id option', 'recorded[].header': 'Authentication-Results Received-SPF ARC-Authentication-Results',
    'spf.result': 'pass fail softfail neutral none permerror temperror', 'spf.identity': 'mailfrom helo', 'spf.alignment': 'identical organizational none',
    'dkim[].result': 'pass fail neutral permerror temperror policy', 'dkim[].body_hash': 'ok mismatch untested', 'dkim[].signature': 'ok mismatch untested',
    'dkim[].alignment': 'identical organizational none', 'arc.result': 'none pass fail', 'dmarc.policy': 'none quarantine reject', 'dmarc.applied_tag': 'p sp np',
    'causes[].severity': 'blocks risk note', 'causes[].certainty': 'certain possible', 'causes[].evidence[].kind': 'header dns rule computed',
    'causes[].fixes[].where': 'dns ses sender receiver file', 'causes[].fixes[].action': 'publish replace remove set resend',
    'dns[].status': 'ok nodata nxdomain servfail timeout unknown', 'dns[].source': 'zone snapshot live cache assumed', 'dns[].dnssec': 'secure insecure bogus',
    'dkim[].reason': 'ok body-changed header-changed body-and-header-changed no-key key-multiple key-unreachable key-syntax key-revoked key-too-small '
                     'key-type-mismatch key-service-mismatch key-hash-not-allowed algorithm-not-supported expired future wrong-key identity-mismatch '
                     'from-not-signed signature-syntax version canonicalization query-method too-many beyond-limits no-body-to-test',
}


def found_at(value, path):
    """All values at a path such as causes[].fixes[]."""
    values = [value]
    for part in path.split('.') if path else []:
        values = [v.get(part.rstrip('[]')) for v in values if isinstance(v, dict)]
        if part.endswith('[]'):
            values = [x for v in values if isinstance(v, list) for x in v]
    return [v for v in values if v is not None]


def key_faults(report):
    faults = []
    for path, keys in KEYS.items():
        for value in found_at(report, path):
            missing = [key for key in keys.split() if key not in value]
            if missing:
                faults.append('%s: without %s' % (path or 'output', missing))
                break
    for path, words in WORDS.items():
        faults += ['%s: %r' % (path, v) for v in found_at(report, path) if v not in words.split()]
    return faults


def objects(text):
    decoder, found, at = json.JSONDecoder(), [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        found.append(value)
    return found


def without_times(report, *more):
    """The report without what two runs may differ in."""
    if isinstance(report, list):
        return [without_times(r, *more) for r in report]
    if isinstance(report, dict):
        return {k: without_times(v, *more) for k, v in report.items() if k not in ('evaluated_at',) + more}
    return report


def outputs():
    for name in ('healthy', 'ses-as-it-is', 'forwarded', 'bounced', 'saved-copy-changed'):
        report = call('--format=json', dns(name), eml(name)).json()
        TAP.point('all keys and only known words: ' + name, key_faults(report))
        if name == 'healthy':
            healthy = report
    one_line = call('--format=ndjson', dns('healthy'), eml('healthy'), eml('healthy'))
    TAP.point('ndjson is one object a line', [] if len(lines(one_line.out)) == 2 and [without_times(json.loads(l)) for l in lines(one_line.out)] ==
              [without_times(healthy)] * 2 else ['%d lines' % len(lines(one_line.out))])
    two = objects(call('--format=json', dns('healthy'), eml('healthy'), eml('healthy')).text())
    same('json is one object for each message', len(two), 2)
    for form in ('json', 'ndjson'):
        error = call('--format=' + form, 'gone.eml')
        value = error.json()
        TAP.point('%s: an error is an object' % form, status_faults(error, 66) + ([] if set(value) == {'schema', 'tool', 'file', 'error'} and value['error']['exit'] == 66
                  and value['file'] == 'gone.eml' and value['error']['text'] else ['%s' % value]))
    TAP.point('spf: its keys', missing_keys(call('spf', '--format=json', '--dns=' + os.path.join(TMP, 'spf.zone'), '--ip=192.0.2.1', '--mail-from=a@pass.example').json(),
              'schema tool spf dns', 'spf', KEYS['spf'].replace('source ', '')))
    report = call('dmarc', '--format=json', '--dns=' + os.path.join(TMP, 'dmarc.zone'), '--from=shop.example', '--spf=pass:shop.example', '--dkim=none:').json()
    TAP.point('dmarc: its keys', missing_keys(report, 'schema tool dmarc alignment dns', 'dmarc', KEYS['dmarc']) + [
        'alignment without %s' % k for a in report['alignment'] for k in 'method domain result aligned alignment org_domain'.split() if k not in a])
    report = call('domain', '--format=json', dns('healthy'), '--ses-mail-from=bounce.shop.example', '--dkim-token=abcdefghijklmnopqrstuvwxyz234567', 'shop.example').json()
    TAP.point('domain: its keys', missing_keys(report, 'schema tool domain mail_from dkim dmarc causes plan unseen dns', 'mail_from', 'name mx spf status') + [
        'dkim without %s' % k for d in report['dkim'] for k in 'token name cname status'.split() if k not in d])
    catalogue = call('causes', '--format=json').json()
    TAP.point('causes: code, severity, title of each', ['%s' % c for c in catalogue['causes'] if not all(c.get(k) for k in ('code', 'severity', 'title', 'explanation'))])
    one = call('causes', '--format=json', 'dkim-none').json()
    same('causes CODE is that one', [c['code'] for c in one['causes']], ['dkim-none'])
    header_only()


def missing_keys(report, keys, inner, inner_keys):
    return ['without %s' % k for k in keys.split() if k not in report] + ['%s without %s' % (inner, k) for k in inner_keys.split() if k not in report[inner]]


def header_only():
    answer = call('--format=authres', '--write-id=mx.test.example', dns('healthy'), eml('healthy'))
    text = re.sub(r'\r?\n[ \t]+', ' ', answer.text()).strip()
    wanted = [r'^Authentication-Results: mx\.test\.example;', r'spf=pass [^;]*smtp\.mailfrom=', r'dkim=pass [^;]*header\.d=shop\.example', r'header\.s=abcdef', r'header\.b=',
              r'dkim=pass [^;]*header\.d=amazonses\.com', r'dmarc=pass [^;]*header\.from=shop\.example', r'policy\.dmarc=reject']
    TAP.point('authres is a field of RFC 8601', ['%s is not in %s' % (w, text) for w in wanted if not re.search(w, text)])
    path = made('again.eml', answer.out.rstrip(b'\r\n') + b'\r\n' + content('healthy'))
    read = call('--format=json', dns('healthy'), '--authserv-id=mx.test.example', path).json()['recorded'][0]
    same('authres reads itself', (read['authserv_id'], read['trusted_by'], [r['method'] for r in read['results']]), ('mx.test.example', 'above-boundary', ['spf', 'dkim', 'dkim', 'dmarc']))


# ---- ways in -----------------------------------------------------------------------------------------------------------------------


def inputs():
    plain = call('--format=json', dns('healthy'), eml('healthy')).json()
    size = plain['message']['size']

    def reads(name, answer):
        report = answer.json()
        faults = status_faults(answer, 0)
        if [d['result'] for d in report['dkim']] != ['pass', 'pass'] or report['spf']['result'] != 'pass':
            faults.append('dkim %s, spf %s' % ([d['detail'] for d in report['dkim']], report['spf']['result']))
        TAP.point(name, faults)
        return report

    data = content('healthy')
    stdin = reads('standard input', call('--format=json', dns('healthy'), stdin=data))
    same('standard input is the same report', without_times(stdin, 'file'), without_times(plain, 'file'))
    reads('- is standard input', call('--format=json', dns('healthy'), '-', stdin=data))
    reads('gzip', call('--format=json', dns('healthy'), made('h.eml.gz', gzip.compress(data))))
    reads('gzip on standard input', call('--format=json', dns('healthy'), stdin=gzip.compress(data)))
    emlx = b'%d\n%s<?xml version="1.0"?>\n<plist version="1.0"><dict/></plist>\n' % (len(data), data)
    reads('.emlx', call('--format=json', dns('healthy'), made('h.emlx', emlx)))
    mbox = reads('an mbox From_ line', call('--format=json', dns('healthy'), made('h.mbox', b'From MAILER-DAEMON Wed Oct 14 08:21:39 2026\r\n' + data)))
    same('the From_ line is no part of the message', [mbox['message'][k] for k in ('message_id', 'subject')], [plain['message'][k] for k in ('message_id', 'subject')])
    reads('LF line ends', call('--format=json', dns('healthy'), made('lf.eml', data.replace(b'\r\n', b'\n'))))
    same('size is that of the message', size, len(data))
    outer = (b'From: Kim <kim@mailbox.example>\r\nTo: help@desk.example\r\nSubject: Fwd\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n'
             b'--x\r\nContent-Type: message/rfc822\r\n\r\n' + content('ses-as-it-is') + b'\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n' + data + b'\r\n--x--\r\n')
    path = made('outer.eml', outer)
    listed = call('--format=json', dns('healthy'), path).json()
    same('attached messages are listed', [(a['index'], a['from_domain']) for a in listed['attached']], [(1, 'shop.example'), (2, 'shop.example')])
    reads('--attached=2 is that one', call('--format=json', dns('healthy'), '--attached=2', path))


def recordings():
    for name in ('healthy', 'ses-as-it-is', 'forwarded', 'no-dmarc-record', 'two-spf-records', 'key-gone'):
        snapshot = os.path.join(TMP, name + '.snapshot')
        first = call('--format=json', dns(name), '--save-dns=' + snapshot, eml(name)).json()
        again = call('--format=json', '--dns=' + snapshot, eml(name)).json()
        leave = ('file', 'source', 'ttl', 'server')
        same('a snapshot gives the same report: ' + name, without_times(again, *leave), without_times(first, *leave))
        TAP.point('a snapshot says so: ' + name, ['%s' % d for d in again['dns'] if d['source'] not in ('snapshot', 'cache')])
    with open(os.path.join(TMP, 'healthy.snapshot'), encoding='utf-8') as file:
        text = file.read()
    TAP.point('a snapshot is dated', [] if re.search(r'^;! snapshot \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ', text, re.M) else [text[:200]])
    cut = made('cut.snapshot', '\n'.join(line for line in text.split('\n') if '_dmarc.' not in line))
    report = call('--format=json', '--dns=' + cut, eml('healthy')).json()
    same('what a snapshot has no answer to is a temporary error', (report['verdict'], {d['status'] for d in report['dns'] if d['name'].startswith('_dmarc.shop')}),
         ('temperror', {'unknown'}))
    record = made('fix.zone', '_dmarc.shop.example. TXT "v=DMARC1; p=none"\n')
    exits('--assume lays a record over the zone', [dns('no-dmarc-record'), '--assume=' + record, eml('no-dmarc-record')], 0)
    gone = made('gone.zone', ';! remove _dmarc.shop.example. TXT\n')
    exits('--assume takes a record away', [dns('healthy'), '--assume=' + gone, eml('healthy')], 2)
    assumed = call('--format=json', dns('no-dmarc-record'), '--assume=' + record, eml('no-dmarc-record')).json()
    same('an assumed answer says so', {d['source'] for d in assumed['dns'] if d['name'] == '_dmarc.shop.example'}, {'assumed'})


def streams():
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([TOOL, '--format=json', dns('healthy'), eml('healthy')], stdout=writer, stderr=subprocess.PIPE, timeout=60)
    os.close(writer)
    TAP.point('a reader that went away', [] if done.returncode == 74 and not done.stderr else ['status %d, %r' % (done.returncode, done.stderr)])
    with open('/dev/full', 'wb') as full:
        done = subprocess.run([TOOL, dns('healthy'), eml('healthy')], stdout=full, stderr=subprocess.PIPE, timeout=60)
    TAP.point('a full disk is status 74', [] if done.returncode == 74 and len(lines(done.stderr)) == 1 else ['status %d, %r' % (done.returncode, done.stderr)])
    coloured = call('--color=always', dns('ses-as-it-is'), eml('ses-as-it-is')).out
    TAP.point('--color=always colours, a pipe does not', [] if b'\x1b[' in coloured and b'\x1b' not in call(dns('ses-as-it-is'), eml('ses-as-it-is')).out else ['no'])
    hostile = made('hostile.eml', content('healthy').replace(b'Subject: Your', b'Subject: \x1b[31mYour\xe2\x80\xae').replace(b'From: Orders', b'From: \x1b]0;x\x07 Orders'))
    text = call('-v', dns('healthy'), hostile).text()
    TAP.point('escapes of the message stay in the message', [] if '\x1b' not in text and '\u202e' not in text and '\x07' not in text else ['they came out'])


def fix_formats():
    zone = call('fix', dns('no-dmarc-record'), eml('no-dmarc-record')).text()
    TAP.point('fix: zone is master-file lines', [] if re.search(r'^_dmarc\.shop\.example\. \d+ IN TXT "v=DMARC1; p=none"$', zone, re.M) else [zone])
    batch = call('fix', '--format=route53', dns('no-dmarc-record'), eml('no-dmarc-record'))
    change = batch.json()['Changes'][0]
    same('fix: route53 is a change batch', (change['Action'], change['ResourceRecordSet']['Name'].rstrip('.'), change['ResourceRecordSet']['ResourceRecords']),
         ('UPSERT', '_dmarc.shop.example', [{'Value': '"v=DMARC1; p=none"'}]))
    aws = call('fix', '--format=aws', dns('ses-as-it-is'), eml('ses-as-it-is')).text()
    commands = [line for line in aws.split('\n') if line.startswith('aws ')]
    TAP.point('fix: aws looks before it sets', [] if commands and ' get-' in commands[0] else [aws])
    script = made('fix.sh', aws)
    TAP.point('fix: aws is a shell script', [] if subprocess.run(['sh', '-n', script], capture_output=True).returncode == 0 else [aws])


def main():
    try:
        for part in (options, help_and_version, first_mistakes, zones, statuses, spf_and_dmarc, header_alone, domains, outputs, inputs, recordings, streams, fix_formats):
            try:
                part()
            except Exception as error:
                TAP.point('%s ends' % part.__name__, ['%s: %s' % (type(error).__name__, error)])
    finally:
        shutil.rmtree(TMP)
    return TAP.end()


sys.exit(main())
