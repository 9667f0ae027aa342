import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requireTool } from './tool.ts';

const run = promisify(execFile);

export interface IssueOptions {
  /** Of the certificate; default `DNS:localhost,IP:127.0.0.1`. */
  readonly names?: string;
  /** Days it is valid; -1: it has expired. Default 2. */
  readonly days?: number;
}

/** Paths of PEM files. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority that nobody else knows, in a folder that goes when it is disposed of. */
export interface Authority extends AsyncDisposable {
  readonly folder: string;
  /** Its own certificate. */
  readonly file: string;
  issue(name: string, options?: IssueOptions): Promise<Issued>;
  openssl(...args: readonly string[]): Promise<void>;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export async function createAuthority(): Promise<Authority> {
  const program = await requireTool('openssl', 'openssl');
  const folder = await mkdtemp(join(tmpdir(), 'yunque-certificates-'));
  const at = (name: string) => join(folder, name);
  const openssl = async (...args: readonly string[]) => void (await run(program, args, { cwd: folder }));
  await openssl('req', '-x509', ...newKey, '-days', '2', '-subj', '/CN=test', '-keyout', 'ca.key', '-out', 'ca.crt');
  return {
    folder,
    file: at('ca.crt'),
    openssl,
    async issue(name, { names = 'DNS:localhost,IP:127.0.0.1', days = 2 } = {}) {
      const [cert, key, request, extensions] = [`${name}.crt`, `${name}.key`, `${name}.csr`, `${name}.ext`];
      await openssl('req', '-new', ...newKey, '-subj', `/CN=${name}`, '-keyout', key, '-out', request);
      await writeFile(at(extensions), `subjectAltName=${names}\n`);
      const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', extensions];
      await openssl('x509', '-req', '-in', request, ...by, '-days', String(days), '-out', cert);
      return { cert: at(cert), key: at(key) };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
