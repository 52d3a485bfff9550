// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The dmarctrace authors
//
// mailauth as a library, for run.sh: SPF, DKIM, ARC and DMARC of every message named on standard input, DNS from a zone file as
// make-mail.py writes it. Usage: node mailauth.js ZONE < LIST, with NODE_PATH where mailauth is installed.
const fs = require('fs');
const { authenticate } = require('mailauth');

function readZone(path) {
    const zone = new Map();
    for (const line of fs.readFileSync(path, 'utf8').split('\n')) {
        const found = line.match(/^(\S+?)\.\s+(TXT|CNAME|MX|A)\s+(.*)$/);
        if (!found)
            continue;
        const [, name, type, data] = found;
        const texts = [...data.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((text) => text[1].replace(/\\(.)/g, '$1'));
        const value = type === 'TXT' ? [texts.join('')] : type === 'MX' ? { priority: Number(data.split(' ')[0]), exchange: data.split(' ')[1] } : data.replace(/\.$/, '');
        const key = `${name.toLowerCase()} ${type}`;
        zone.set(key, (zone.get(key) || []).concat([value]));
    }
    return zone;
}

function resolverOf(zone) {
    return async (name, type) => {
        let at = name.toLowerCase().replace(/\.$/, '');
        for (let hops = 0; hops < 8; hops++) {
            if (zone.has(`${at} ${type}`))
                return zone.get(`${at} ${type}`);
            if (!zone.has(`${at} CNAME`))
                break;
            at = zone.get(`${at} CNAME`)[0].toLowerCase();
        }
        throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    };
}

async function main() {
    const resolver = resolverOf(readZone(process.argv[2]));
    const files = fs.readFileSync(0, 'utf8').split('\n').filter(Boolean);
    let passes = 0;
    for (const file of files) {
        const message = fs.readFileSync(file);
        const sender = message.toString('latin1', 0, 400).match(/Return-Path: <(.*?)>/)[1];
        const { dmarc } = await authenticate(message, { ip: '54.240.9.46', helo: 'a9-46.smtp-out.amazonses.com', sender, mta: 'bench', resolver });
        passes += dmarc && dmarc.status.result === 'pass' ? 1 : 0;
    }
    console.log(`${passes} of ${files.length} pass`);
}

main();
