#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# HTML reports: check-html.py TOOL SAMPLES. Well formed, self-contained, saying what the JSON says, deaf to markup in messages; and,
# where a Chromium is installed, without errors, overflow or faint text at three widths, light and dark.
import base64
import concurrent.futures
import hashlib
import html.parser
import json
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
import browser
from tap import Tap, run, sample_messages, sample_options

TOOL, SAMPLES = (os.path.abspath(path) for path in sys.argv[1:3])
TAP = Tap()
TMP = tempfile.mkdtemp()
VOID = {'meta', 'br', 'hr', 'input', 'link', 'img', 'rect', 'path', 'circle', 'line'}
KNOWN = set('html head meta title style body a header main footer article section aside nav h1 h2 h3 h4 p dl dt dd div span ul ol li code pre '
            'table caption thead tbody tr th td details summary mark strong bdi svg desc text rect path circle line g'.split())


class Page(html.parser.HTMLParser):
    """What stands in a page, and what is wrong with it."""

    def __init__(self, text, known=KNOWN):
        super().__init__(convert_charrefs=True)
        self.known, self.stack, self.faults, self.ids, self.refs, self.levels = known, [], [], set(), [], []
        self.words, self.style, self.scripts, self.policy, self.title = [], '', [], '', ''
        self.feed(text)
        self.close()
        if self.stack:
            self.faults.append('left open: %s' % self.stack)
        self.faults += ['no element has the id %s' % ref for ref in self.refs if ref not in self.ids]
        self.faults += ['h%d follows h%d' % (b, a) for a, b in zip(self.levels, self.levels[1:]) if b > a + 1]
        if self.levels.count(1) != 1:
            self.faults.append('%d h1' % self.levels.count(1))
        self.faults += ['control character %r' % c for c in set(text) if c != '\n' and (ord(c) < 32 or 127 <= ord(c) < 160)]

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        if tag not in self.known:
            self.faults.append('element <%s>' % tag)
        if len(set(names)) != len(names):
            self.faults.append('<%s> has an attribute twice' % tag)
        for name, value in attrs:
            self.attribute(tag, name, value or '')
        if tag == 'meta' and dict(attrs).get('http-equiv') == 'Content-Security-Policy':
            self.policy = dict(attrs)['content']
        if re.fullmatch('h[1-6]', tag):
            self.levels.append(int(tag[1]))
        if tag not in VOID:
            self.stack.append(tag)

    def attribute(self, tag, name, value):
        if name.startswith('on') or name in ('style', 'src', 'srcset', 'action', 'data', 'xlink:href'):
            self.faults.append('<%s %s=%s>' % (tag, name, value))
        if name == 'href' and not re.fullmatch('#[a-z0-9-]+', value):
            self.faults.append('link to %s' % value)
        if name == 'id':
            if value in self.ids:
                self.faults.append('id %s twice' % value)
            self.ids.add(value)
        if name in ('aria-labelledby', 'aria-describedby', 'for'):
            self.refs += value.split()
        if name == 'href' and value.startswith('#'):
            self.refs.append(value[1:])

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.stack or self.stack[-1] != tag:
            self.faults.append('</%s> inside %s' % (tag, self.stack[-3:]))
        else:
            self.stack.pop()

    def handle_data(self, data):
        if self.stack and self.stack[-1] == 'style':
            self.style += data
        elif self.stack and self.stack[-1] == 'script':
            self.scripts.append(data)
        else:
            self.words.append(data)

    def handle_comment(self, data):
        self.faults.append('comment %r' % data)

    def text(self):
        return ' '.join(''.join(self.words).split())


def digest(text):
    return "'sha256-%s'" % base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def policy_faults(page):
    rules = dict(rule.strip().partition(' ')[::2] for rule in page.policy.split(';') if rule.strip())
    faults = []
    if rules.get('default-src') != "'none'":
        faults.append('policy: %s' % page.policy)
    if rules.get('style-src') != digest(page.style):
        faults.append('the policy has not the hash of the style')
    if rules.get('script-src') != (' '.join(map(digest, page.scripts)) or None):
        faults.append('the policy has not the hash of the script: %s' % page.policy)
    if re.search(r'url\(|@import|https?:', page.style):
        faults.append('the style points outside')
    return faults


def page_faults(text, known=KNOWN):
    page = Page(text, known)
    return page.faults + policy_faults(page)


# ---- samples ---------------------------------------------------------------------------------------------------------------


def missing_content(page, report):
    """What the JSON says and the page does not."""
    text = page.text()

    def need(what):
        if what and ' '.join(what.split()) not in text:
            yield 'not in the page: %s' % what

    yield from need('dmarc=' + report['verdict'])
    for cause in report['causes']:
        for what in [cause['code'], cause['title'], cause['explanation']] + cause['checks']:
            yield from need(what)
        for fix in cause['fixes']:
            for what in (fix['command'], fix['name'], fix['text'] and fix['text'].rstrip('.:')):
                yield from need(what)
            if fix['name']:
                yield from need(fix['value'])
    for plan in report['plan']:
        yield from need(' + '.join(plan['causes']))
        for supposed in plan['assumes']:
            yield from need(supposed)


def sample_faults(path):
    where = os.path.dirname(path)
    said = run(TOOL, 'explain', '--format=json', *sample_options(path), path, cwd=where)
    shown = run(TOOL, 'explain', '--format=html', *sample_options(path), path, cwd=where)
    report, text = json.loads(said.out.decode('utf-8')), shown.out.decode('utf-8')
    faults = page_faults(text)
    if 'error' in report:
        faults += [] if 'not read' in text else ['the error is not shown']
    else:
        faults += list(missing_content(Page(text), report))
    if said.status != shown.status:
        faults.append('status %d, with JSON %d' % (shown.status, said.status))
    return faults


def over_samples():
    paths, faults = list(sample_messages(SAMPLES)), []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, found in zip(paths, pool.map(sample_faults, paths)):
            faults += ['%s: %s' % (os.path.relpath(path, SAMPLES), fault) for fault in found]
    TAP.point('%d samples: well formed, self-contained, with all that the JSON says' % len(paths), faults)


# ---- hostile messages ------------------------------------------------------------------------------------------------------

EVIL = ['<script>alert(1)</script>', '"><img src=x onerror=alert(2)>', "'><svg onload=alert(3)>", '</style><script>alert(4)</script>',
        '</title><b>bold</b>', '<!-- <a href=javascript:alert(5)>', ']]><iframe src=//evil.example>', '&lt;i&gt; &#60;u&#62; &amp;lt;',
        '\u202egnp.exe\u2066', 'data:text/html,<p>', '%s%n%u', '<' * 500]


def hostile(evil, many=1):
    """A message with evil in every place that a report may show."""
    plain = evil.replace('"', '').replace('\\', '')
    lines = ['Return-Path: <a%s@bounce.shop.example>' % plain.replace('>', '').replace('<', '').replace(' ', '')]
    lines += ['Received: from %s ([203.0.113.%d]) by %s.example with %s id x;\r\n\tWed, 14 Oct 2026 08:%02d:39 +0000' %
              (plain, i % 250, 'mx' + str(i) + plain, plain, 59 - i % 60) for i in range(many)]
    lines += ['Authentication-Results: %s.example; spf=pass (%s) smtp.mailfrom="%s"; dkim=pass reason="%s" header.d=%s; dmarc=fail %s'
              % (plain, plain, plain, plain, plain, plain),
              'Received-SPF: fail (%s) client-ip=203.0.113.1; envelope-from="%s"; helo=%s;' % (plain, plain, plain)]
    lines += ['DKIM-Signature: v=1; a=%s; c=%s; d=%s; s=%s; i=@%s; h=from:%s; bh=AAAA; b=AAAA' % ((plain,) * 6)] * many
    lines += ['From: "%s" <%s@shop.example>' % (plain, 'desk'), 'Subject: %s' % evil, 'Message-ID: <%s@email.amazonses.com>' % plain,
              'Feedback-ID: %s' % plain, 'X-SES-Outgoing: %s' % plain, 'Date: Wed, 14 Oct 2026 08:21:37 +0000', '', evil, '']
    return '\r\n'.join(lines).encode('utf-8')


def zone(evil):
    text = evil.encode('utf-8').decode('latin-1').replace('\\', '').replace('"', '')
    text = ''.join(c if ' ' <= c <= '~' else '\\%03d' % ord(c) for c in text)[:80]
    return ('$TTL 60\nshop.example. TXT "v=spf1 include:%.60s.example -all"\n_dmarc.shop.example. TXT "v=DMARC1; p=reject; %s; rua=mailto:%s"\n'
            'bounce.shop.example. TXT "v=spf1 exp=%s %s -all"\n*._domainkey.shop.example. TXT "v=DKIM1; k=%s; p=%s"\n'
            % ('x', text, text, 'x', 'ip4:203.0.113.0/33', text, text))


def write(name, data):
    path = os.path.join(TMP, name)
    with open(path, 'wb') as file:
        file.write(data if isinstance(data, bytes) else data.encode('utf-8'))
    return path


def hostile_pages():
    """Pages that each hold one evil text; their paths."""
    pages = []
    for index, evil in enumerate(EVIL):
        zone_path = write('%d.zone' % index, zone(evil))
        name = '%02d%s.eml' % (index, evil.replace('/', '_').replace('\0', '')[:40])
        shown = run(TOOL, 'explain', '--format=html', '--dns=' + zone_path, write(name, hostile(evil)), '/nonexistent/' + evil[:60])
        text = shown.out.decode('utf-8')
        faults = page_faults(text) if text else [shown.err.decode('utf-8', 'replace')]
        visible = ' '.join(''.join('\ufffd' if c in '\u202e\u2066' else c for c in evil).split())
        if visible not in Page(text).text():
            faults.append('the subject is not shown as it stands: %r' % visible)
        TAP.point('markup in a message stays text: %s' % ascii(evil[:40]), faults)
        pages.append(write('%d.html' % index, text))
    return pages


# ---- in a browser ----------------------------------------------------------------------------------------------------------

OPEN_ALL = 'document.querySelectorAll("details").forEach(fold => fold.open = true)'
ALIEN = 'document.querySelectorAll("article script,main script,img,iframe,object,embed,link,video,audio,form,svg[onload],b,i,u").length'
WIDER = '''(() => {
  const wide = document.documentElement.clientWidth, found = [];
  if (document.documentElement.scrollWidth > wide) found.push("the page is " + document.documentElement.scrollWidth + " wide");
  for (const node of document.querySelectorAll("body *")) {
    if (node.closest(".scroll *") || node.closest(".skip,caption,thead")) continue;
    const box = node.getBoundingClientRect();
    if (box.width && box.right > wide + 1) found.push(node.tagName + "." + node.getAttribute("class") + " ends at " + box.right);
  }
  return found.slice(0, 5);
})()'''
FAINT = '''(() => {
  const parse = color => (color.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const light = c => { const s = c.slice(0, 3).map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
                       return .2126 * s[0] + .7152 * s[1] + .0722 * s[2]; };
  const ground = node => { for (; node; node = node.parentElement) { const c = parse(getComputedStyle(node).backgroundColor);
                           if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  const under = node => { const box = node.getBBox(), boxes = [...node.ownerSVGElement.querySelectorAll("rect")].filter(rect => { const r = rect.getBBox();
                          return r.x <= box.x && r.y <= box.y && r.x + r.width >= box.x + 1 && r.y + r.height >= box.y + box.height; });
                          return boxes.length ? parse(getComputedStyle(boxes.pop()).fill) : ground(node.ownerSVGElement); };
  const found = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || node.closest("script,style,title,desc")) continue;
    const inside = node.closest("text"), style = getComputedStyle(node);
    const a = light(parse(inside ? style.fill : style.color)), b = light(inside ? under(inside) : ground(node));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) found.add(node.tagName + "." + node.getAttribute("class") + " " + ratio.toFixed(2));
  }
  return [...found].slice(0, 5);
})()'''
UNFOLDED = '''[...document.querySelectorAll("details:not([open])")].filter(fold =>
  !fold.querySelector(":scope > :not(summary)").checkVisibility()).length'''


def in_browser(pages, window):
    faults = {'overflow': [], 'errors': [], 'contrast': [], 'alien': [], 'print': []}
    for path in pages:
        for width in (360, 800, 1400):
            for dark in (False, True):
                where = '%s at %d, %s: ' % (os.path.basename(path), width, 'dark' if dark else 'light')
                window.open(path, width, dark)
                closed = window.value(WIDER)
                window.value(OPEN_ALL)
                faults['overflow'] += [where + what for what in closed + window.value(WIDER)]
                faults['contrast'] += [where + what for what in window.value(FAINT)]
                faults['errors'] += [where + what for what in window.faults()]
        faults['alien'] += ['%s: %d elements' % (path, count) for count in [window.value(ALIEN)] if count]
        window.open(path, 800, media='print')
        faults['print'] += ['%s: %d folds stay closed' % (path, count) for count in [window.value(UNFOLDED)] if count]
    return faults


def search_faults(window, page):
    window.open(page, 1400)
    got = window.value(SEARCH)
    good = 0 < got['some'] < got['all'] == got['back'] and got['right'] and got['up'] and got['down'] and got['aria'] == 'descending'
    return ([] if good else [str(got)]) + window.faults()


def browser_points(pages, summary_page):
    titles = {'overflow': 'nothing is wider than 360, 800 and 1400 pixels, folded or not', 'contrast': 'text has a contrast of 4.5, light and dark',
              'errors': 'no error, no request, no dialog', 'alien': 'no element comes from a message', 'print': 'on paper everything is unfolded',
              'search': 'the tables of a summary are searched and sorted'}
    path = browser.find()
    if not path:
        for title in titles.values():
            TAP.skip('in a browser: ' + title, 'no Chromium is installed')
        return
    window = browser.Browser(path)
    try:
        faults = in_browser(pages + [summary_page], window)
        faults['search'] = search_faults(window, summary_page)
    finally:
        window.close()
    for key, title in titles.items():
        TAP.point('in a browser: ' + title, faults[key])


def several():
    """One page for several messages, one of them unreadable."""
    names = ['healthy', 'ses-as-it-is', 'listed', 'bounced', 'saved-copy-changed', 'two-spf-records']
    shown = run(TOOL, 'explain', '--format=html', '--dns=' + os.path.join(SAMPLES, 'ses-as-it-is.zone'),
                *[os.path.join(SAMPLES, name + '.eml') for name in names], '/nonexistent')
    text = shown.out.decode('utf-8')
    faults = page_faults(text)
    for index in range(1, len(names) + 2):
        faults += [] if 'href="#m%d"' % index in text else ['message %d is not in the index' % index]
    faults += ['%d documents' % text.count('<!DOCTYPE') for _ in [0] if text.count('<!DOCTYPE') != 1]
    faults += ['status %d' % shown.status for _ in [0] if shown.status != 66]
    TAP.point('several messages make one page with an index; an unreadable one has its place in it', faults)
    return write('several.html', text)


def big():
    """Long names and many hops."""
    label = 'a' * 63
    data = hostile('.'.join([label] * 3), 60)
    text = run(TOOL, 'explain', '--format=html', '--dns=' + os.devnull, write('big.eml', data)).out.decode('utf-8')
    TAP.point('long names and many hops', page_faults(text))
    return write('big.html', text)


# ---- summaries -------------------------------------------------------------------------------------------------------------


def ndjson_lines():
    """All samples and the hostile messages, a line each, under names that try markup too."""
    lines = []
    for path in sample_messages(SAMPLES):
        lines.append(run(TOOL, 'explain', '--format=ndjson', *sample_options(path), path, cwd=os.path.dirname(path)).out)
    for index, evil in enumerate(EVIL):
        path = write('sum%d.eml' % index, hostile(evil))
        value = run(TOOL, 'explain', '--format=json', '--dns=' + write('sum.zone', zone(evil)), path).json()
        value.update(file=evil, recorded_verdict=evil)
        value['message'].update(from_domain=evil, message_id=evil, date=evil)
        value['dmarc'].update(from_domain=evil, org_domain=evil)
        value['spf'].update(domain=evil)
        value['causes'].append(dict(value['causes'][0] if value['causes'] else {}, code=evil, title=evil, severity='blocks'))
        lines.append(json.dumps(value).encode() + b'\n')
    error = {'schema': 1, 'tool': 'dmarctrace 0.1.0', 'file': EVIL[0], 'error': {'exit': 65, 'text': EVIL[1]}}
    return lines + [json.dumps(error).encode() + b'\n']


def summary(name, lines):
    text = run(TOOL, 'summary', '--format=html', stdin=b''.join(lines)).out.decode('utf-8')
    return text, write(name, text)


def summaries():
    lines = [line for line in ndjson_lines() if line.count(b'\n') == 1]
    text, path = summary('summary.html', lines)
    page = Page(text, KNOWN | {'script'})
    faults = page_faults(text, KNOWN | {'script'})
    faults += [] if page.scripts and len(page.scripts) == 1 else ['%d scripts' % len(page.scripts)]
    TAP.point('a summary is well formed and self-contained, with one script that its policy names', faults)
    text_of = page.text()
    TAP.point('a summary shows markup of messages as text', ['not shown: %s' % ascii(evil[:40]) for evil in EVIL[:7]
                                                            if ' '.join(evil.split()) not in text_of])
    TAP.point('a summary does not depend on the order of its lines', [] if summary('other.html', lines[::-1])[0] == text else ['it does'])
    empty, _ = summary('empty.html', [])
    TAP.point('a summary of nothing is a page', page_faults(empty, KNOWN | {'script'}))
    folder = os.path.join(TMP, 'mails')
    os.mkdir(folder)
    for name in ('healthy', 'listed', 'ses-as-it-is', 'saved-copy-changed'):
        with open(os.path.join(SAMPLES, name + '.eml'), 'rb') as file:
            write(os.path.join('mails', name + '.eml'), file.read())
    args = ['batch', '--damage-search', '--dns=' + os.path.join(SAMPLES, 'healthy.zone')]
    direct = run(TOOL, *args, '--format=html', folder).out
    merged = run(TOOL, 'summary', '--format=html', stdin=run(TOOL, *args, '--format=ndjson', folder).out).out
    TAP.point('batch --format=html is the summary of its NDJSON', [] if direct == merged and direct else ['%d and %d octets' % (len(direct), len(merged))])
    return path


SEARCH = '''(() => {
  const table = [...document.querySelectorAll("table.data")].pop(), field = table.previousElementSibling.querySelector("input");
  const shown = () => [...table.tBodies[0].rows].filter(row => !row.hidden), all = shown().length;
  field.value = "healthy"; field.dispatchEvent(new Event("input"));
  const some = shown().length, right = shown().every(row => row.textContent.includes("healthy"));
  field.value = ""; field.dispatchEvent(new Event("input"));
  const head = table.tHead.rows[0].cells[4], names = () => shown().map(row => row.cells[4].textContent);
  head.querySelector("button").click();
  const up = names(), sorted = [...up].sort((a, b) => a.localeCompare(b));
  head.querySelector("button").click();
  return {all, some, right, back: shown().length, up: JSON.stringify(up) === JSON.stringify(sorted),
          down: JSON.stringify(names()) === JSON.stringify(sorted.reverse()), aria: head.getAttribute("aria-sort")};
})()'''


def main():
    over_samples()
    pages = hostile_pages()
    summary_page = summaries()
    browser_points([several(), big()] + pages[:8], summary_page)
    return TAP.end()


sys.exit(main())
