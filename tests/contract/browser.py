# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Headless Chromium for tests, spoken to over a pipe (Chrome DevTools Protocol, --remote-debugging-pipe): no further package needed.
import base64
import json
import os
import shutil
import subprocess
import tempfile

NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome']
LIMIT = 120


def find():
    """The path of a Chromium, or None."""
    return os.environ.get('CHROMIUM') or next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One page. events: what the browser said unasked, as (method, params)."""

    def __init__(self, path):
        self.events, self.serial, self.rest = [], 0, b''
        self.folder = tempfile.mkdtemp()
        here_in, there_out = os.pipe()
        there_in, here_out = os.pipe()
        self.reader, self.writer = os.fdopen(here_in, 'rb', 0), os.fdopen(here_out, 'wb', 0)

        def wire():  # Chromium reads from 3 and writes to 4
            low, high = os.dup2(there_in, 60), os.dup2(there_out, 61)
            os.dup2(low, 3)
            os.dup2(high, 4)

        self.process = subprocess.Popen(
            [path, '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars', '--no-first-run',
             '--disable-background-networking', '--disable-extensions', '--user-data-dir=' + self.folder, '--remote-debugging-pipe'],
            preexec_fn=wire, pass_fds=(3, 4), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(there_in)
        os.close(there_out)
        self.session = None
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network'):
            self.call(domain + '.enable')

    def receive(self):
        while b'\0' not in self.rest:
            octets = self.reader.read(65536)
            if not octets:
                raise RuntimeError('the browser went away')
            self.rest += octets
        message, self.rest = self.rest.split(b'\0', 1)
        return json.loads(message)

    def call(self, method, **params):
        self.serial += 1
        message = {'id': self.serial, 'method': method, 'params': params}
        if self.session:
            message['sessionId'] = self.session
        self.writer.write(json.dumps(message).encode() + b'\0')
        while True:
            answer = self.receive()
            if answer.get('id') == self.serial:
                if 'error' in answer:
                    raise RuntimeError('%s: %s' % (method, answer['error']))
                return answer['result']
            if 'method' in answer:
                self.events.append((answer['method'], answer['params']))

    def wait(self, method):
        while not any(name == method for name, _ in self.events):
            message = self.receive()
            if 'method' in message:
                self.events.append((message['method'], message['params']))

    def open(self, path, width, dark=False, media=''):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
        self.call('Emulation.setEmulatedMedia', media=media,
                  features=[{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])
        self.events = []
        self.call('Page.navigate', url='file://' + path)
        self.wait('Page.loadEventFired')

    def value(self, script):
        answer = self.call('Runtime.evaluate', expression=script, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in answer:
            raise RuntimeError(str(answer['exceptionDetails'])[:500])
        return answer['result'].get('value')

    def faults(self):
        """Errors of the console, uncaught exceptions, requests beyond the page itself."""
        found = []
        for method, params in self.events:
            if method == 'Log.entryAdded' and params['entry']['level'] in ('error', 'warning'):
                found.append(params['entry']['text'])
            elif method == 'Runtime.exceptionThrown':
                found.append(params['exceptionDetails']['text'])
            elif method == 'Runtime.consoleAPICalled':
                found.append('console: ' + str(params.get('args'))[:200])
            elif method == 'Network.requestWillBeSent' and params.get('type') != 'Document':
                found.append('asks for ' + params['request']['url'])
            elif method == 'Page.javascriptDialogOpening':
                found.append('a dialog opens')
        return found

    def shoot(self, path, height=None):
        """A picture of the whole page as PNG."""
        size = self.call('Page.getLayoutMetrics')['cssContentSize']
        clip = {'x': 0, 'y': 0, 'width': size['width'], 'height': min(size['height'], height or size['height']), 'scale': 1}
        data = self.call('Page.captureScreenshot', format='png', captureBeyondViewport=True, clip=clip)['data']
        with open(path, 'wb') as file:
            file.write(base64.b64decode(data))

    def close(self):
        try:
            self.session = None
            self.call('Browser.close')
        except (RuntimeError, OSError):
            pass
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.close()
        self.writer.close()
        shutil.rmtree(self.folder, ignore_errors=True)
