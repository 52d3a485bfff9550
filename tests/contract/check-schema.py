#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Every JSON output against the schemas in doc/schema: check-schema.py TOOL SAMPLES SCHEMAS.
# Also the other way round: a key that is written but not described is a fault, and so is a schema that takes a broken object.
import concurrent.futures
import copy
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'samples'))
from tap import Tap, run, sample_messages, sample_options

TOOL, SAMPLES, SCHEMAS = (os.path.abspath(path) for path in sys.argv[1:4])
NAMES = ['explain', 'spf', 'dmarc', 'domain', 'error']
TAP = Tap()

try:
    import jsonschema
except ImportError:
    print('1..0 # SKIP python3-jsonschema is not installed')
    sys.exit(0)


# ---- schemas ---------------------------------------------------------------------------------------------------------------


def load(name):
    with open(os.path.join(SCHEMAS, name + '.schema.json'), encoding='utf-8') as file:
        return json.load(file)


FILES = {name: load(name) for name in NAMES + ['common']}
STORE = {schema['$id']: schema for schema in FILES.values()}


def validator(name):
    """With the parts in common.schema.json at hand: by registry (jsonschema 4.18 on) or by resolver (Debian 12)."""
    schema, checker = FILES[name], jsonschema.FormatChecker()
    try:
        from referencing import Registry, Resource
        registry = Registry().with_resources([(uri, Resource.from_contents(part)) for uri, part in STORE.items()])
        return jsonschema.Draft202012Validator(schema, registry=registry, format_checker=checker)
    except ImportError:
        resolver = jsonschema.RefResolver(schema['$id'], schema, store=STORE)
        return jsonschema.Draft202012Validator(schema, resolver=resolver, format_checker=checker)


VALIDATORS = {name: validator(name) for name in NAMES}


def faults_of(name, value):
    return ['%s: %s' % ('/'.join(str(part) for part in error.absolute_path), error.message[:300])
            for error in validator(name).iter_errors(value)][:5]  # its own each: the resolver of Debian 12 is no friend of threads


def resolve(schema, base):
    while '$ref' in schema:
        file, _, pointer = schema['$ref'].partition('#')
        base = STORE[base['$id'].rsplit('/', 1)[0] + '/' + file] if file else base
        schema = base
        for part in pointer.strip('/').split('/'):
            schema = schema[part]
    return schema, base


def undescribed(value, schema, base, path=''):
    """Keys of value that the schema does not name."""
    schema, base = resolve(schema, base)
    for choice in schema.get('anyOf', []):
        if choice.get('type') != 'null' and value is not None:
            yield from undescribed(value, choice, base, path)
    if isinstance(value, dict):
        known, rest = schema.get('properties', {}), schema.get('additionalProperties')
        for key, inner in value.items():
            if key in known:
                yield from undescribed(inner, known[key], base, path + '/' + key)
            elif not isinstance(rest, dict) and 'anyOf' not in schema:
                yield path + '/' + key
    if isinstance(value, list) and 'items' in schema:
        for inner in value:
            yield from undescribed(inner, schema['items'], base, path + '/*')


def all_faults(name, value):
    return faults_of(name, value) + ['not in the schema: ' + key for key in sorted(set(undescribed(value, FILES[name], FILES[name])))]


# ---- outputs ---------------------------------------------------------------------------------------------------------------


def explained(path, form):
    answer = run(TOOL, 'explain', '--format=' + form, *sample_options(path), path, cwd=os.path.dirname(path))
    text = answer.out.decode('utf-8')
    lines = ['one line a message: %d' % text.count('\n')] if form == 'ndjson' and text.count('\n') != 1 else []
    if not text:
        return None, ['no output, status %d: %s' % (answer.status, answer.err.decode('utf-8', 'replace'))]
    value = json.loads(text)
    return value, lines + all_faults('error' if 'error' in value else 'explain', value)


def over_samples(form):
    paths, values, faults = list(sample_messages(SAMPLES)), [], []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, (value, found) in zip(paths, pool.map(lambda path: explained(path, form), paths)):
            values.append(value)
            faults += ['%s: %s' % (os.path.relpath(path, SAMPLES), fault) for fault in found]
    TAP.point('explain --format=%s: %d samples fit the schema' % (form, len(paths)), faults)
    return values


def one(title, name, *args, **more):
    answer = run(TOOL, *args, **more)
    try:
        value = json.loads(answer.out.decode('utf-8'))
    except ValueError as error:
        TAP.point(title, ['%s: %r %r' % (error, answer.out[:200], answer.err)])
        return None
    TAP.point(title, all_faults(name, value))
    return value


# ---- schemas that bite -----------------------------------------------------------------------------------------------------


def paths_of(value, path=()):
    """Every place of an object, lists by their first entry."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield path + (key,)
            yield from paths_of(inner, path + (key,))
    elif isinstance(value, list) and value:
        yield from paths_of(value[0], path + (0,))


def is_free(path):
    """Contract keys that may be added to: properties of a recorded result, and keys beyond the contract."""
    return 'properties' in path or path[-1] in ('detail', 'replaces', 'optional', 'to_fill_in') or str(path[-1]).endswith('_unicode')


def broken(value):
    """Copies of value, each with one key missing or of a type that it never has."""
    for path in paths_of(value):
        if is_free(path):
            continue
        for change in ('remove', 'retype'):
            other = copy.deepcopy(value)
            place = other
            for part in path[:-1]:
                place = place[part]
            if change == 'remove':
                del place[path[-1]]
            else:
                place[path[-1]] = {'other': 1} if not isinstance(place[path[-1]], dict) else 'other'
            yield '%s %s' % (change, '/'.join(str(part) for part in path)), other


def bites(name, value):
    if value is None:
        return
    slack = [what for what, other in broken(value) if VALIDATORS[name].is_valid(other)]
    TAP.point('the schema of %s refuses an object with a key missing or of another type' % name, slack)


# ---- the claims ------------------------------------------------------------------------------------------------------------


def zone(name):
    return '--dns=' + os.path.join(SAMPLES, name + '.zone')


def spf_and_dmarc():
    value = one('spf: a pass', 'spf', 'spf', '--format=json', zone('healthy'), '--ip=54.240.9.46', '--mail-from=a@bounce.shop.example')
    bites('spf', value)
    one('spf: no record', 'spf', 'spf', '--format=json', zone('healthy'), '--ip=54.240.9.46', '--mail-from=a@nowhere.example')
    one('spf: the null sender', 'spf', 'spf', '--format=json', zone('healthy'), '--ip=192.0.2.1', '--mail-from=', '--helo=mail.example')
    value = one('dmarc: a pass', 'dmarc', 'dmarc', '--format=json', zone('healthy'), '--from=shop.example', '--spf=pass:bounce.shop.example',
                '--dkim=fail:amazonses.com')
    bites('dmarc', value)
    one('dmarc: several authors', 'dmarc', 'dmarc', '--format=json', zone('healthy'), '--from=shop.example', '--from=other.example')
    one('dmarc: no record', 'dmarc', 'dmarc', '--format=json', zone('healthy'), '--from=nowhere.example', '--dkim=pass:nowhere.example')


def domains():
    value = one('domain: with a token and a MAIL FROM domain', 'domain', 'domain', '--format=json', zone('healthy'),
                '--ses-mail-from=bounce.shop.example', '--dkim-token=abcdefghijklmnopqrstuvwxyz234567', 'shop.example')
    bites('domain', value)
    one('domain: nothing published', 'domain', 'domain', '--format=json', zone('healthy'), 'nowhere.example')
    one('domain: an international name', 'domain', 'domain', '--format=json', zone('healthy'), 'bücher.example')


def batches():
    """batch: a line a message, one with its place in an mbox, one that cannot be read."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(SAMPLES, 'healthy.eml'), 'rb') as file:
            message = file.read().replace(b'\r\n', b'\n')
        for name, data in (('box', b''.join(b'From a@b Wed Oct 14 08:21:37 2026\n' + message + b'\n' for _ in range(3))), ('no.eml', b'')):
            with open(os.path.join(folder, name), 'wb') as file:
                file.write(data)
        lines = run(TOOL, 'batch', '--format=ndjson', zone('healthy'), folder).out.decode('utf-8').splitlines()
    values = [json.loads(line) for line in lines]
    faults = [fault for value in values for fault in all_faults('error' if 'error' in value else 'explain', value)]
    places = [value['position'] and value['position']['index'] for value in values if 'error' not in value]
    faults += [] if places == [0, 1, 2] and len(values) == 4 else ['places %s in %d lines' % (places, len(values))]
    TAP.point('batch --format=ndjson: an mbox and an empty file fit the schemas', faults)


def errors():
    with tempfile.NamedTemporaryFile(suffix='.eml') as empty:
        value = one('explain --format=json: an empty file is an error object', 'error', 'explain', '--format=json', zone('healthy'), empty.name)
        bites('error', value)
        one('explain --format=ndjson: an empty file is an error object', 'error', 'explain', '--format=ndjson', zone('healthy'), empty.name)
    one('explain --format=json: no such file', 'error', 'explain', '--format=json', zone('healthy'), '/nonexistent/\t.eml')


def main():
    for name in FILES:
        try:
            jsonschema.Draft202012Validator.check_schema(FILES[name])
            TAP.point('%s.schema.json is a JSON Schema of 2020-12' % name, [])
        except jsonschema.SchemaError as error:
            TAP.point('%s.schema.json is a JSON Schema of 2020-12' % name, [error.message])
    values = over_samples('json')
    lines = over_samples('ndjson')
    strip = lambda value: value and {key: inner for key, inner in value.items() if key != 'evaluated_at'}
    TAP.point('json and ndjson hold the same', [str(a and a['file']) for a, b in zip(values, lines) if strip(a) != strip(b)])
    fullest = max((value for value in values if value and 'error' not in value), key=lambda value: len(set(paths_of(value))))
    bites('explain', fullest)
    spf_and_dmarc()
    domains()
    batches()
    errors()
    return TAP.end()


sys.exit(main())
