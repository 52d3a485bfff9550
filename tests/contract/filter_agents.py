# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dmarctrace authors
#
# Mail programs that call the filter by the recipes in samples/: procmail, maildrop, Dovecot's LDA with Pigeonhole. Each delivers into
# maildirs below a folder of its own; what stands there afterwards is what was delivered.
import os
import shutil
import subprocess

BIN = '/usr/local/bin:/usr/bin:/bin'
NOBODY = 65534
LIMIT = 60


def write(path, text, mode=0o644):
    with open(path, 'w') as file:
        file.write(text)
    os.chmod(path, mode)


class Agent:
    """Home: a folder for it alone; bin: where the command dmarctrace is looked up."""
    programs = ()
    environment = {}

    def __init__(self, home, bin_folder, samples):
        self.home, self.bin, self.samples = home, bin_folder, samples
        shutil.rmtree(home, ignore_errors=True)
        os.makedirs(home)
        self.prepare()

    @classmethod
    def missing(cls):
        """Why it cannot be had; None."""
        gone = [program for program in cls.programs if not shutil.which(program, path=BIN + ':/usr/sbin:/usr/lib/dovecot')]
        return '%s is not installed' % ', '.join(gone) if gone else None

    def recipe(self, name):
        with open(os.path.join(self.samples, name)) as file:
            text = file.read()
        assert BIN in text or name == 'mailfilter' or name.endswith('sieve')
        return text.replace('PATH=' + BIN, 'PATH=%s:%s' % (self.bin, BIN))

    def deliver(self, message, environment=None):
        """The exit status of the agent."""
        done = subprocess.run(self.command(), input=message, capture_output=True, timeout=LIMIT, cwd=self.home,
                              env=dict(os.environ, HOME=self.home, USER='nobody', **(environment or {})))
        return done.returncode

    def start(self, environment=None):
        return subprocess.Popen(self.command(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.home,
                                env=dict(os.environ, HOME=self.home, USER='nobody', **(environment or {})))

    def delivered(self):
        """[(path below home, octets)], taken away."""
        found = []
        for folder, _, names in os.walk(self.home):
            if os.path.basename(folder) in ('new', 'cur'):
                for name in names:
                    path = os.path.join(folder, name)
                    with open(path, 'rb') as file:
                        found.append((os.path.relpath(path, self.home), file.read()))
                    os.unlink(path)
        return found


class Procmail(Agent):
    name, programs = 'procmail', ('procmail',)

    def prepare(self):
        write(os.path.join(self.home, 'procmailrc'), self.recipe('procmailrc'))
        write(os.path.join(self.home, 'plain'), '')
        self.rc = 'procmailrc'

    def command(self):
        return ['procmail', 'MAILDIR=' + self.home, 'DEFAULT=' + self.home + '/inbox/', 'LOGFILE=' + self.home + '/log',
                os.path.join(self.home, self.rc)]

    def plain(self):
        self.rc = 'plain'


class Maildrop(Agent):
    name, programs = 'maildrop', ('maildrop', 'maildirmake.maildrop')

    def prepare(self):
        for folder in ('Maildir', 'Maildir/.dmarc-fail'):
            subprocess.run(['maildirmake.maildrop', os.path.join(self.home, folder)], check=True)
        head = 'HOME="%s"\nDEFAULT="%s/Maildir"\nPATH="%s:%s"\n' % (self.home, self.home, self.bin, BIN)
        write(os.path.join(self.home, 'mailfilter'), head + self.recipe('mailfilter'), 0o600)
        write(os.path.join(self.home, 'plain'), head, 0o600)
        self.rc = 'mailfilter'

    def command(self):
        return ['maildrop', os.path.join(self.home, self.rc)]

    def plain(self):
        self.rc = 'plain'


class Dovecot(Agent):
    name, programs = 'dovecot-lda', ('dovecot', 'dovecot-lda', 'sievec')

    @classmethod
    def missing(cls):
        if os.geteuid() != 0:
            return 'only root can become another user'
        if not os.path.exists('/usr/lib/dovecot/modules/sieve/lib90_sieve_extprograms_plugin.so'):
            return 'Pigeonhole is not installed'
        return super().missing()

    def prepare(self):
        programs = os.path.join(self.home, 'sieve-filter')
        os.makedirs(programs)
        write(os.path.join(programs, 'dmarctrace'), self.recipe('sieve-filter'), 0o755)
        with open(os.path.join(self.samples, 'dovecot-dmarctrace.conf')) as file:
            plugin = file.read().replace('/etc/dovecot/sieve-filter', programs)
        write(os.path.join(self.home, 'with.sieve'), self.recipe('dmarctrace.sieve'))
        write(os.path.join(self.home, 'plain.sieve'), 'keep;\n')
        for name in ('with', 'plain'):
            text = ('base_dir = %(h)s/run\nlog_path = %(h)s/log\nmail_location = maildir:%(h)s/Maildir\nprotocols =\nssl = no\n'
                    'postmaster_address = postmaster@example.com\nprotocol lda {\n  mail_plugins = sieve\n}\n'
                    'plugin {\n  sieve = file:%(h)s/%(n)s.sieve\n}\n' % {'h': self.home, 'n': name}) + plugin
            write(os.path.join(self.home, name + '.conf'), text)
        for folder, folders, names in os.walk(self.home):
            for each in [folder] + [os.path.join(folder, name) for name in folders + names]:
                os.chown(each, NOBODY, NOBODY)
        self.rc = 'with.conf'

    def command(self):
        return ['setpriv', '--reuid=%d' % NOBODY, '--regid=%d' % NOBODY, '--clear-groups', '/usr/lib/dovecot/dovecot-lda',
                '-c', os.path.join(self.home, self.rc), '-e']

    def plain(self):
        self.rc = 'plain.conf'


AGENTS = (Procmail, Maildrop, Dovecot)
