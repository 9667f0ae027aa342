import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { StartError } from '../../util/start-error.ts';

/** PEM texts. Both sides of a link show a certificate of the cluster's own authority, and take no other. */
export interface RpcTls {
  /** This node's, then those that lead to the authority. For the address the others dial: `cluster.advertise`. */
  readonly cert: string;
  readonly key: string;
  /** The authority of the cluster. */
  readonly ca: string;
}

/** Throws `StartError` (78) where the others could not take this node for one of theirs: it names the setting and what to do. */
export function checkRpcTls({ cert, key, ca }: RpcTls): void {
  const own = readCertificate('cert', cert);
  const authorities = certificatesIn(ca).map((pem) => readCertificate('ca', pem));
  if (authorities.length === 0) throw broken('ca', 'it holds no certificate', pemHint);
  if (!own.checkPrivateKey(readKey(key))) {
    throw broken(
      'key',
      'the key is not that of the first certificate of cluster.tls.cert',
      'name the key it was asked for with',
    );
  }
  const now = Date.now();
  for (const [part, certificate] of [['cert', own], ...authorities.map((each) => ['ca', each] as const)] as const) {
    const { validFromDate, validToDate } = certificate;
    if (validToDate.getTime() < now) {
      throw broken(part, `the certificate has expired on ${validToDate.toISOString()}`, 'renew it');
    }
    if (validFromDate.getTime() > now) {
      const words = `the certificate is valid from ${validFromDate.toISOString()} only`;
      throw broken(part, words, 'is the clock of this machine right?');
    }
  }
  const chain = certificatesIn(cert).map((pem) => readCertificate('cert', pem));
  if (!isIssuedBy(chain, authorities)) {
    const words = `the certificate was issued by ${oneLine(own.issuer)}, which is not the authority in cluster.tls.ca`;
    throw broken(
      'cert',
      words,
      'issue the certificates of all nodes by one authority, and give its certificate as cluster.tls.ca',
    );
  }
  try {
    createSecureContext({ cert, key, ca });
  } catch (error) {
    throw broken('cert', `it cannot be used: ${(error as Error).message}`, 'have a new certificate made', error);
  }
}

/** SHA-256 of the first certificate. */
export function certificateFingerprint(pem: string): string {
  return new X509Certificate(pem).fingerprint256;
}

const pemHint = 'it has to be PEM: -----BEGIN CERTIFICATE-----';

/** In plain words why a TLS connection to or from another node came to nothing; undefined where it is not for TLS. */
export function wordsOfTls(
  failure: string,
  direction: 'dialled' | 'accepted',
): { what: string; hint: string } | undefined {
  const other = direction === 'dialled' ? 'the other node' : 'who connected';
  const found = tlsFailures.find(([pattern]) => pattern.test(failure));
  if (found === undefined) return undefined;
  const [, what, hint] = found;
  return { what: what.replace('OTHER', other), hint };
}

const oneAuthority = 'issue the certificates of all nodes by one authority, and give its certificate as cluster.tls.ca';
const renew = 'renew it, put the new files in place and reload the node (SIGHUP)';

/** OpenSSL's words, both of what is found here and of what the other side found (alerts). */
const tlsFailures: readonly (readonly [pattern: RegExp, what: string, hint: string])[] = [
  [/alert.*unknown ca|alert number 48/i, 'OTHER does not know the authority of this certificate', oneAuthority],
  [/alert.*certificate expired|alert number 45/i, 'OTHER says that this certificate has expired', renew],
  [
    /alert.*(bad certificate|certificate required|certificate unknown)|alert number (42|46|116)/i,
    'OTHER does not take this certificate',
    oneAuthority,
  ],
  [/certificate has expired|CERT_HAS_EXPIRED/, 'the certificate of OTHER has expired', renew],
  [/not yet valid/, 'the certificate of OTHER is not valid yet', 'set the clocks of both machines right'],
  [
    /self.signed certificate|unable to (verify|get)|SELF_SIGNED|UNABLE_TO/,
    'the certificate of OTHER is of another authority',
    oneAuthority,
  ],
  [
    /altnames|ALTNAME/,
    'the certificate of OTHER is not for the address that was dialled',
    'issue it for that address (subjectAltName), or set cluster.advertise to a name it has',
  ],
  [/did not return a certificate/i, 'OTHER showed no certificate', 'set cluster.tls.cert, key and ca on all nodes'],
  [
    /wrong version number|http request|packet length too long|tlsv1 alert protocol version/i,
    'OTHER does not speak TLS',
    'set cluster.tls.cert, key and ca on all nodes, or on none',
  ],
];

function certificatesIn(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
}

/** The first, by way of the others. */
function isIssuedBy([own, ...between]: readonly X509Certificate[], authorities: readonly X509Certificate[]): boolean {
  if (own === undefined) return false;
  if (authorities.some((authority) => own.checkIssued(authority) && own.verify(authority.publicKey))) return true;
  const next = between.find((each) => own.checkIssued(each) && own.verify(each.publicKey));
  return next !== undefined && isIssuedBy([next, ...between.filter((each) => each !== next)], authorities);
}

function readCertificate(part: 'cert' | 'ca', pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw broken(part, 'it holds no certificate', pemHint, error);
  }
}

function readKey(pem: string) {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    const hint = 'it has to be a private key in PEM without a passphrase: -----BEGIN PRIVATE KEY-----';
    throw broken('key', 'it holds no private key', hint, error);
  }
}

function oneLine(name: string): string {
  return JSON.stringify(name.replaceAll('\n', ', '));
}

function broken(part: 'cert' | 'key' | 'ca', words: string, hint: string, cause?: unknown): StartError {
  return new StartError(words, { at: { key: `cluster.tls.${part}` }, hint, exitCode: 78, cause });
}
