import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Issued } from '../certificates.ts';
import { requireTool } from '../tool.ts';
import { freePort } from './free-port.ts';
import { innerScope, type Scope } from './scope.ts';
import { type Service, startProcess } from './service.ts';

const run = promisify(execFile);

export interface RabbitmqOptions {
  readonly port?: number;
  /** AMQP over TLS instead; `ca` is what it checks a client's certificate with, where it shows one. */
  readonly tls?: Issued & { readonly ca: string };
  /** Further lines of rabbitmq.conf, such as `default_pass = x`. */
  readonly config?: readonly string[];
}

export interface Rabbitmq extends Service {
  /** `rabbitmqctl`, such as `ctl('set_vm_memory_high_watermark', '0')`; takes about 2 s. */
  ctl(...args: readonly string[]): Promise<void>;
}

/**
 * A RabbitMQ of its own: user and password guest, no plugins, its data in a folder of its own. Takes about 5 s to start.
 *
 * Its name server (epmd) is its own as well: the machine's would outlive it, and be shared with strangers.
 */
export async function startRabbitmq(outer: Scope, options: RabbitmqOptions = {}): Promise<Rabbitmq> {
  const scope = innerScope(outer);
  const script = await serverScript();
  const epmd = await requireTool('epmd', 'erlang-base');
  const folder = await mkdtemp(join(tmpdir(), 'yunque-rabbitmq-'));
  const at = (name: string) => join(folder, name);
  scope.after(() => rm(folder, { recursive: true, force: true }));
  const port = options.port ?? (await freePort());
  const [distribution, names] = [await freePort(), await freePort()];
  await mkdir(at('home'));
  await mkdir(at('epmd'));
  await writeFile(at('plugins'), '[].\n');
  await writeFile(at('env.conf'), '');
  await writeFile(at('rabbitmq.conf'), `${configuration(port, options).join('\n')}\n`);
  const { PATH } = process.env;
  const env = {
    PATH,
    LANG: 'C.UTF-8',
    HOME: at('home'),
    ERL_EPMD_PORT: String(names),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `yunque-${port}@localhost`,
    RABBITMQ_CONF_ENV_FILE: at('env.conf'),
  };
  await startProcess(scope, {
    name: 'epmd',
    program: epmd,
    args: ['-port', String(names), '-address', '127.0.0.1', '-d'],
    data: at('epmd'),
    ready: /epmd running/,
  });
  const broker = await startProcess(scope, {
    name: 'RabbitMQ',
    program: script,
    // With input allowed the script becomes the broker instead of waiting for it: a signal then meets the broker.
    args: ['-noinput'],
    env: {
      ...env,
      RABBITMQ_ALLOW_INPUT: '1',
      RABBITMQ_DIST_PORT: String(distribution),
      RABBITMQ_MNESIA_BASE: at('data'),
      RABBITMQ_LOG_BASE: at('log'),
      RABBITMQ_PID_FILE: at('pid'),
      RABBITMQ_CONFIG_FILE: at('rabbitmq.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: at('plugins'),
    },
    cwd: folder,
    data: at('data'),
    ready: /Server startup complete/,
  });
  const scheme = options.tls === undefined ? 'amqp' : 'amqps';
  const ctl = async (...args: readonly string[]) => {
    await run(join(dirname(script), 'rabbitmqctl'), [...args], { env, cwd: folder });
  };
  return { host: '127.0.0.1', port, url: `${scheme}://guest:guest@127.0.0.1:${port}`, ...broker, ctl };
}

function configuration(port: number, { tls, config = [] }: RabbitmqOptions): readonly string[] {
  const listeners =
    tls === undefined
      ? [`listeners.tcp.1 = 127.0.0.1:${port}`]
      : [
          'listeners.tcp = none',
          `listeners.ssl.1 = 127.0.0.1:${port}`,
          `ssl_options.cacertfile = ${tls.ca}`,
          `ssl_options.certfile = ${tls.cert}`,
          `ssl_options.keyfile = ${tls.key}`,
          'ssl_options.verify = verify_peer',
          'ssl_options.fail_if_no_peer_cert = false',
        ];
  const small = ['vm_memory_high_watermark.absolute = 512MB', 'disk_free_limit.absolute = 10MB'];
  const log = ['log.file = false', 'log.console = true', 'log.console.level = info'];
  return [...listeners, ...small, ...log, ...config];
}

/** Debian's command on the PATH changes to another user first; what it then runs lies beside what it is a link to. */
async function serverScript(): Promise<string> {
  const onPath = await requireTool('rabbitmq-server', 'rabbitmq-server');
  return join(dirname(await realpath(onPath)), 'rabbitmq-server');
}
