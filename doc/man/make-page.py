#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Makes a manual page (mdoc) from a template: make-page.py TOOL SOURCE_ROOT TEMPLATE OUTPUT. A line of the template that begins with "@" is
# replaced by what is written elsewhere already: options and usage (--help), causes (the catalogue), limits and columns (doc/*.txt), functions
# with their comments (include/dmarctrace), the sample program. options.txt adds what --help has no room for.
import json
import os
import re
import sys
import textwrap

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import command_help

TOOL, ROOT, TEMPLATE, OUTPUT = sys.argv[1:5]
HEADERS = ['error', 'message', 'resolver', 'evaluation', 'diagnosis', 'report']
ESCAPES = {'\\': '\\e', '-': '\\-', '`': '\\(ga', "'": '\\(aq', '~': '\\(ti', '^': '\\(ha'}


def read(*path):
    with open(os.path.join(ROOT, *path), encoding='utf-8') as file:
        return file.read()


def escape(text):
    return ''.join(ESCAPES.get(c, c) for c in text)


def line(text):
    """Plain text as one line of mdoc."""
    text = escape(text.strip())
    return '\\&' + text if text[:1] in '.' else text


def prose(text):
    """Plain text, a new line for each sentence."""
    return [line(part) for part in re.split(r'(?<=[A-Za-z0-9)\]`"][.:;?]) +(?=[A-Z`(])', ' '.join(text.split()))]


def quoted(text):
    """Plain text as one argument of a macro."""
    return '"%s"' % escape(text).replace('"', '\\(dq')


def sentence(text):
    text = text.strip()
    return text[:1].upper() + text[1:] + ('' if text.endswith('.') else '.')


def literal(text):
    return ['.Bd -literal -offset indent'] + [escape(row) if not row.startswith('.') else '\\&' + escape(row) for row in text.rstrip('\n').split('\n')] + ['.Ed']


# ---- commands and options ------------------------------------------------------------------------------------------------


def argument(text):
    """FILE... or IP[@PORT] as macro arguments."""
    text = re.sub(r'\.\.\.$', ' ...', text)
    return escape(text)


def option_macro(name, value=None, optional=False):
    if value is None:
        return 'Fl \\-' + escape(name)
    if optional:
        return 'Fl \\-%s Ns Op = Ns Ar %s' % (escape(name), argument(value))
    return 'Fl \\-%s Ns = Ns Ar %s' % (escape(name), argument(value))


def usage_word(word):
    repeats = '...' in word
    inner = word.replace('...', '').strip('[]')
    option = re.match(r'--([a-z-]+)=(.+)', inner)
    if option:
        macro = option_macro(option.group(1), option.group(2))
    else:
        macro = ('Cm ' if inner.islower() else 'Ar ') + (inner.lower() if inner == 'OPTIONS' else inner)
    macro += ' ...' if repeats else ''
    return ('.Op ' if word.startswith('[') else '.') + macro


def option_texts():
    """options.txt: "= NAME" or "= COMMAND NAME", then mdoc."""
    texts = {}
    for block in re.split(r'^= ', read('doc', 'man', 'options.txt'), flags=re.M)[1:]:
        head, _, body = block.partition('\n')
        texts[head.strip()] = [row for row in body.strip().split('\n') if row]
    return texts


def option_item(command, option, texts):
    letter = 'Fl %s , ' % option.letter if option.letter else ''
    item = ['.It ' + letter + option_macro(option.name, option.value, option.optional)]
    if option.words:
        first, others = option.words[0], option.words[1:]
        item += ['One of'] + ['.Cm %s ,' % escape(word) for word in [first] + others[:-1]] + ['.Cm %s ;' % escape(others[-1]), 'the first is the default.']
    else:
        item += prose(sentence(option.help))
    for key in (option.name, command + ' ' + option.name):
        item += texts.get(key, [])
    return item


class Page:
    def __init__(self):
        self.name = re.sub(r'\.\d\.in$', '', os.path.basename(TEMPLATE))
        self.command = self.name.partition('-')[2]

    def find(self):
        return next(c for c in command_help.commands(TOOL) if c.name == self.command)

    def options(self):
        texts, rows = option_texts(), ['.Bl -tag -width Ds']
        for option in command_help.options(TOOL, self.command):
            rows += option_item(self.command, option, texts)
        return rows + ['.El']

    def synopsis(self):
        return ['.Nm dmarctrace'] + [usage_word(word) for word in self.find().usage.split()]

    def describe(self):
        return ['.Nd ' + escape(re.sub(r' \(default: .*?\)', '', self.find().summary))]

    def commands(self):
        rows = ['.Bl -tag -width "summary"']
        for command in command_help.commands(TOOL):
            rows += ['.It Cm ' + command.name, line(sentence(command.summary)), 'See', '.Xr dmarctrace-%s 1 .' % command.name]
        return rows + ['.El']

    def see_also(self):
        """The other pages, in the order that mdoc asks for: sections, then names."""
        pages = [('dmarctrace', 1), ('dmarctrace-causes', 7), ('libdmarctrace', 3)]
        pages += [('dmarctrace-' + command.name, 1) for command in command_help.commands(TOOL)]
        own = (self.name, int(TEMPLATE[-4]))
        pages = sorted((page for page in pages if page != own), key=lambda page: (page[1], page[0]))
        return ['.Xr %s %d%s' % (name, section, ' ,' if index < len(pages) - 1 else '') for index, (name, section) in enumerate(pages)]

    # ---- what lies in tables

    def rows(self, name):
        return [row.split('\t') for row in read('doc', name).split('\n') if row and not row.startswith('#')]

    def limits(self):
        rows = ['.Bl -tag -width Ds']
        for name, text, _, _ in self.rows('limits.txt'):
            rows += ['.It ' + quoted(name)] + prose(sentence(text))
        return rows + ['.El']

    def columns(self):
        rows = ['.Bl -tag -width "recorded_verdict"']
        for name, text in self.rows('csv.txt'):
            rows += ['.It Li ' + escape(name)] + prose(sentence(text))
        return rows + ['.El']

    def causes(self):
        rows = []
        for cause in json.loads(command_help.output(TOOL, 'causes', '--format=json'))['causes']:
            rows += ['.Ss ' + escape(cause['code'])] + ['.Em %s .' % quoted(cause['title'].rstrip('.'))]
            rows += prose(sentence(cause['severity']))
            for head, key in (('What it is', 'explanation'), ('How it is recognised', 'recognised'), ('What to do', 'remedy'), ('See', 'reference')):
                if cause.get(key):
                    rows += ['.Pp', '.Sy %s :' % head] + prose(sentence(cause[key]))
        return rows


    # ---- the library

    def interface(self):
        rows = []
        for header in HEADERS:
            rows += header_rows(header)
        return rows

    def program(self):
        return literal(read('samples', 'library', 'why.c').split('*/\n', 1)[1])

    def version(self):
        return ['.Os "%s"' % command_help.output(TOOL, '--version').split('\n')[0]]


# ---- headers -------------------------------------------------------------------------------------------------------------


def comment_text(comment):
    return ' '.join(re.sub(r'^\s*\*\s?', '', row).strip() for row in comment.strip('/*').split('\n')).strip()


def statements(text):
    """Comments, and what stands between them up to ";" at the outermost level, in order."""
    at, depth, start = 0, 0, 0
    while at < len(text):
        if text.startswith('/*', at):
            end = text.index('*/', at) + 2
            if depth == 0 and not text[start:at].strip():
                yield 'comment', text[at:end], text[:at].endswith('\n')
                start = end
            at = end
            continue
        depth += {'{': 1, '(': 1, '}': -1, ')': -1}.get(text[at], 0)
        if text[at] == ';' and depth == 0:
            yield 'code', text[start:at + 1].strip(), True
            start = at + 1
        at += 1


def function_rows(code):
    """A prototype as Ft and Fo; anything else is none."""
    found = re.match(r'((?:const )?[\w ]+?[ *]+)(dt_\w+)\((.*)\)(?: G_GNUC.*)?;$', code)
    if not found or code.startswith('typedef'):
        return None
    result, name, arguments = found.groups()
    rows = ['.Ft "%s"' % result.strip(), '.Fo ' + name]
    return rows + ['.Fa "%s"' % part.strip() for part in arguments.split(',')] + ['.Fc']


def header_rows(name):
    text = read('include', 'dmarctrace', name + '.h')
    intro = comment_text(text[text.index('authors\n') + len('authors\n'):text.index('*/')])
    body = text.split('#pragma GCC visibility push(default)\n', 1)[1].split('#pragma GCC visibility pop', 1)[0]
    body = re.sub(r'^#.*(\\\n.*)*$|^G_DEFINE.*$|^/\* -{3,}.*$', '', body, flags=re.M)
    rows, pending, after_function = ['.Ss dmarctrace/%s.h' % name] + prose(intro), [], False
    for kind, content, starts_line in statements(body):
        if kind == 'comment':
            if after_function and not starts_line:
                rows += ['.Pp'] + prose(comment_text(content))
            elif not starts_line and rows[-1] == '.Ed':
                rows[-2] += ' ' + escape(content)
            else:
                rows += ['.Pp'] + pending if pending else []
                pending = prose(comment_text(content))
            continue
        function = function_rows(' '.join(re.sub(r'/\*.*?\*/', '', content, flags=re.S).split()))
        after_function = function is not None
        rows += ['.Pp'] + pending if pending else []
        if function:
            rows += ['.Pp'] + function
        elif rows[-1] == '.Ed':
            rows[-1:] = literal(content)[1:]
        else:
            rows += literal(content)
        pending = []
    return rows


def folded(rows):
    """Text in lines of at most 78 octets; macros and literal text stay as they are."""
    is_literal = False
    for row in rows:
        is_literal = row.startswith('.Bd -literal') or (is_literal and not row.startswith('.Ed'))
        if row.startswith('.') or is_literal:
            yield row
            continue
        for part in textwrap.wrap(row, 78, break_long_words=False, break_on_hyphens=False):
            yield '\\&' + part if part.startswith('.') else part


def main():
    page, out = Page(), []
    with open(TEMPLATE, encoding='utf-8') as file:
        for row in file.read().rstrip('\n').split('\n'):
            out += getattr(page, row[1:].replace('-', '_'))() if row.startswith('@') else [row]
    with open(OUTPUT, 'w', encoding='utf-8') as file:
        file.write('\n'.join(folded(out)) + '\n')


main()
