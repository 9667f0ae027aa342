import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Issued } from '../certificates.ts';
import { requireTool } from '../tool.ts';
import { freePort } from './free-port.ts';
import type { Scope } from './scope.ts';
import { type Service, startProcess } from './service.ts';

export interface RedisOptions {
  readonly port?: number;
  /** Of the user `default`. */
  readonly password?: string;
  /** Lines as after `ACL SETUSER`: `bob on >secret ~* &* +@all`. */
  readonly users?: readonly string[];
  /** TLS on its port instead of plain TCP; `ca` is what clients' certificates are checked with, where they show one. */
  readonly tls?: Issued & { readonly ca: string };
  /** Every write is on disk before it is answered, and there after a restart. Default: nothing is kept. */
  readonly persistent?: boolean;
  /** Further words of its command line, such as `--maxmemory 10mb`. */
  readonly args?: readonly string[];
}

/** A Redis of its own. `url` has the password, and is `rediss:` with TLS. */
export async function startRedis(scope: Scope, options: RedisOptions = {}): Promise<Service> {
  const program = await requireTool('redis-server', 'redis-server');
  const data = await mkdtemp(join(tmpdir(), 'yunque-redis-'));
  const port = options.port ?? (await freePort());
  const running = await startProcess(scope, {
    name: 'Redis',
    program,
    args: [
      ...listening(port, options),
      '--dir',
      data,
      ...keeping(options),
      ...access(options),
      ...(options.args ?? []),
    ],
    data,
    prepare: async () => void (await mkdir(data, { recursive: true })),
    ready: /ready to accept connections/i,
  });
  const password = options.password === undefined ? '' : `:${encodeURIComponent(options.password)}@`;
  const scheme = options.tls === undefined ? 'redis' : 'rediss';
  return { host: '127.0.0.1', port, url: `${scheme}://${password}127.0.0.1:${port}`, ...running };
}

function listening(port: number, { tls }: RedisOptions): readonly string[] {
  const bind = ['--bind', '127.0.0.1', '--protected-mode', 'no'];
  if (tls === undefined) return [...bind, '--port', String(port)];
  const files = ['--tls-cert-file', tls.cert, '--tls-key-file', tls.key, '--tls-ca-cert-file', tls.ca];
  return [...bind, '--port', '0', '--tls-port', String(port), ...files, '--tls-auth-clients', 'optional'];
}

function keeping({ persistent = false }: RedisOptions): readonly string[] {
  const appending = persistent ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
  return ['--save', '', ...appending];
}

function access({ password, users = [] }: RedisOptions): readonly string[] {
  const required = password === undefined ? [] : ['--requirepass', password];
  return [...required, ...users.flatMap((user) => ['--user', ...user.split(' ')])];
}
