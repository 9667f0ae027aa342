import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { StartError, together } from '../util/start-error.ts';

/** Paths of PEM files. */
export interface TlsFiles {
  /** The server's own certificate first, then those that lead to its authority. */
  readonly cert: string;
  readonly key: string;
}

/** A certificate and the key that belongs to it. */
export interface TlsPair {
  /** PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** SHA-256 of the server's own certificate, as `X509Certificate` spells it. */
  readonly fingerprint: string;
  /** What works and is unwise. */
  readonly warnings: readonly string[];
}

/** Reads both files and proves that TLS can be served with them. Throws `StartError` that names file, reason and remedy, for both at once. */
export function readTlsPair(files: TlsFiles): TlsPair {
  const [[cert, certificate], [key, privateKey]] = together<[[string, X509Certificate], [string, KeyObject]]>([
    () => readCertificate(files.cert),
    () => readPrivateKey(files.key),
  ]);
  if (!certificate.checkPrivateKey(privateKey)) throw mismatch(files, cert, privateKey);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    // Such as a key that is too short for the security level of OpenSSL, or a broken certificate further down.
    throw broken('tls.cert', `${files.cert} cannot be used: ${wordsOf(error)}`, 'have a new certificate made', error);
  }
  const warnings = [...validityWarnings(files.cert, certificate), ...readabilityWarnings(files.key)];
  return { cert, key, fingerprint: certificate.fingerprint256, warnings };
}

/** Of `tls.cert` and `tls.key`, which the configuration has checked to be both there or neither. */
export function tlsFilesOf({ cert, key }: { cert: string | undefined; key: string | undefined }): TlsFiles | undefined {
  return cert === undefined || key === undefined ? undefined : { cert, key };
}

function readPem(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isDenied = code === 'EACCES' || code === 'EPERM';
    const reason = code === 'ENOENT' ? 'there is no such file' : isDenied ? 'permission denied for this user' : code;
    const hint = isDenied
      ? `let the node's user read it: chown it to that user, with mode 0600`
      : 'correct the path; a relative one begins where the node was started';
    throw broken(setting, `cannot read ${file}: ${reason}`, hint, error);
  }
}

function readCertificate(file: string): [pem: string, certificate: X509Certificate] {
  const pem = readPem('tls.cert', file);
  try {
    if (!pem.includes('-----BEGIN')) throw new Error('it holds no PEM block');
    return [pem, new X509Certificate(pem)];
  } catch (error) {
    const hint = 'it has to be PEM, the server’s certificate first, then those of the authorities between';
    throw broken('tls.cert', `${file} holds no certificate: ${wordsOf(error)}`, hint, error);
  }
}

function readPrivateKey(file: string): [pem: string, key: KeyObject] {
  const pem = readPem('tls.key', file);
  try {
    return [pem, createPrivateKey(pem)];
  } catch (error) {
    if (pem.includes('ENCRYPTED')) {
      const hint = `take the passphrase off, and keep the file to the node’s user: openssl pkey -in ${file} -out NEW`;
      throw broken('tls.key', `${file} is protected by a passphrase`, hint, error);
    }
    const hint = 'it has to be a private key in PEM: -----BEGIN PRIVATE KEY-----';
    throw broken('tls.key', `${file} holds no private key: ${wordsOf(error)}`, hint, error);
  }
}

function mismatch(files: TlsFiles, pem: string, key: KeyObject): StartError {
  const others = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g)?.slice(1) ?? [];
  const message = `the key in ${files.key} is not that of the first certificate in ${files.cert}`;
  const isFurtherDown = others.some((other) => isKeyOf(other, key));
  return broken(
    'tls.key',
    message,
    isFurtherDown
      ? 'its certificate stands further down: put it first, before those of the authorities'
      : 'name the key that the certificate was asked for with',
  );
}

function isKeyOf(certificate: string, key: KeyObject): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(key);
  } catch {
    return false;
  }
}

function validityWarnings(file: string, { validFromDate, validToDate }: X509Certificate): string[] {
  const now = Date.now();
  if (validToDate.getTime() < now) {
    return [`tls.cert: ${file} has expired on ${validToDate.toISOString()}; clients will refuse it: renew it`];
  }
  if (validFromDate.getTime() > now) {
    return [`tls.cert: ${file} is valid from ${validFromDate.toISOString()} only; is the clock of this machine right?`];
  }
  return [];
}

function readabilityWarnings(file: string): string[] {
  const isReadable = process.platform !== 'win32' && (statSync(file).mode & 0o004) !== 0;
  return isReadable ? [`tls.key: ${file} can be read by other users; run: chmod o-rwx ${file}`] : [];
}

function broken(setting: string, message: string, hint: string, cause?: unknown): StartError {
  return new StartError(message, { at: { key: setting }, hint, exitCode: 78, cause });
}

/** OpenSSL's words without its numbers: `error:0480006C:PEM routines::no start line` is `no start line`. */
function wordsOf(error: unknown): string {
  return (error as Error).message.replace(/^error:[^:]*:[^:]*:[^:]*:/, '');
}
