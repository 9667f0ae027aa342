import assert from 'node:assert/strict';
import { chmod, copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readTlsPair, type TlsFiles } from '../../../src/app/tls-files.ts';
import { StartError } from '../../../src/util/start-error.ts';
import { type Authority, createAuthority, type Issued } from '../../support/certificates.ts';

let authority: Authority;
let good: Issued;
before(async () => {
  authority = await createAuthority();
  good = await authority.issue('good');
});
after(() => authority[Symbol.asyncDispose]());

const file = (name: string) => join(authority.folder, name);

function refuses(files: TlsFiles, message: RegExp, hint: RegExp): void {
  assert.throws(
    () => readTlsPair(files),
    (error) => {
      assert.ok(error instanceof StartError);
      assert.match(error.message, message);
      assert.match(error.hint ?? '', hint);
      assert.doesNotMatch(error.message, /error:\d/);
      assert.equal(error.exitCode, 78);
      return true;
    },
  );
}

test('a certificate with its key is taken, without a word', () => {
  assert.deepEqual(readTlsPair(good).warnings, []);
});

test('a missing file is named, with its setting', () => {
  refuses(
    { ...good, cert: '/nowhere/x.crt' },
    /^tls\.cert: cannot read \/nowhere\/x\.crt: there is no such file$/,
    /path/,
  );
  refuses({ ...good, key: authority.folder }, /^tls\.key: cannot read .*EISDIR/, /path/);
});

test('files that hold something else are told from those that hold nothing', async () => {
  await writeFile(file('text'), 'no PEM here\n');
  await writeFile(file('broken'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  refuses({ ...good, cert: file('text') }, /^tls\.cert: .*text holds no certificate: it holds no PEM block$/, /PEM/);
  refuses({ ...good, cert: file('broken') }, /^tls\.cert: .*broken holds no certificate/, /PEM/);
  refuses({ ...good, cert: good.key }, /^tls\.cert: .*good\.key holds no certificate/, /PEM/);
  refuses({ ...good, key: good.cert }, /^tls\.key: .*good\.crt holds no private key/, /BEGIN PRIVATE KEY/);
});

test('a key with a passphrase is refused with the way to take it off', async () => {
  await authority.openssl('pkey', '-in', good.key, '-aes256', '-passout', 'pass:secret', '-out', 'locked.key');
  refuses({ ...good, key: file('locked.key') }, /^tls\.key: .* is protected by a passphrase$/, /openssl pkey -in/);
});

test('a key of another certificate is refused, and a chain in the wrong order is told', async () => {
  const other = await authority.issue('other');
  refuses({ cert: good.cert, key: other.key }, /^tls\.key: .*other\.key is not that of the first/, /asked for with/);
  await writeFile(file('reversed'), (await readFile(authority.file, 'utf8')) + (await readFile(good.cert, 'utf8')));
  refuses(
    { cert: file('reversed'), key: good.key },
    /is not that of the first certificate/,
    /further down: put it first/,
  );
});

test('a key that OpenSSL takes for too weak is refused', async () => {
  const weak = ['-newkey', 'rsa:1024', '-nodes', '-days', '2', '-subj', '/CN=weak'];
  await authority.openssl('req', '-x509', ...weak, '-keyout', 'weak.key', '-out', 'weak.crt');
  refuses(
    { cert: file('weak.crt'), key: file('weak.key') },
    /^tls\.cert: .*weak\.crt cannot be used: .*too small/,
    /new/,
  );
});

test('an expired certificate is served, with a warning', async () => {
  const { warnings } = readTlsPair(await authority.issue('old', { days: -1 }));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /^tls\.cert: .*old\.crt has expired on 20\d\d-.*renew it$/);
});

test('a key that others can read is warned about', {
  skip: process.platform === 'win32' && 'no such rights there',
}, async () => {
  await copyFile(good.key, file('open.key'));
  await chmod(file('open.key'), 0o644);
  const { warnings } = readTlsPair({ ...good, key: file('open.key') });
  assert.deepEqual(warnings, [
    `tls.key: ${file('open.key')} can be read by other users; run: chmod o-rwx ${file('open.key')}`,
  ]);
});
