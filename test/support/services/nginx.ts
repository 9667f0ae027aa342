import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool } from '../tool.ts';
import { freePort, isFree } from './free-port.ts';
import { innerScope, type Scope } from './scope.ts';
import { type Service, startProcess } from './service.ts';

/** What its configuration has to name: the port it listens on, and a folder for its logs. */
export interface NginxPlace {
  readonly port: number;
  readonly logs: string;
}

export interface Nginx extends Service {
  /** One of its logs, or '' where there is none. */
  log(name: string): Promise<string>;
  /** All that it wrote anywhere. */
  everyLog(): Promise<string>;
}

/** A real nginx of one process with this inside its `http`. `url` is `http:`. */
export async function startNginx(outer: Scope, http: (at: NginxPlace) => string): Promise<Nginx> {
  const scope = innerScope(outer);
  const program = await requireTool('nginx', 'nginx');
  const folder = await mkdtemp(join(tmpdir(), 'yunque-nginx-'));
  scope.after(() => rm(folder, { recursive: true, force: true }));
  const [port, logs, work] = [await freePort(), join(folder, 'logs'), join(folder, 'work')];
  await mkdir(logs);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => {
    return `${name}_temp_path ${work}/${name};`;
  });
  const file = join(folder, 'nginx.conf');
  // Without a master there is one process to stop: its workers would outlive a master that is killed.
  await writeFile(
    file,
    `daemon off; master_process off; pid ${work}/pid; error_log ${logs}/main.log;
events { worker_connections 256; }
http {
access_log off;
${temporary.join('\n')}
${http({ port, logs })}
}
`,
  );
  const running = await startProcess(scope, {
    name: 'nginx',
    program,
    args: ['-p', folder, '-e', join(logs, 'start.log'), '-c', file],
    data: work,
    prepare: async () => void (await mkdir(work, { recursive: true })),
    ready: async () => !(await isFree(port)),
  });
  const log = (name: string) => readFile(join(logs, name), 'utf8').catch(() => '');
  return {
    host: '127.0.0.1',
    port,
    url: `http://127.0.0.1:${port}`,
    ...running,
    log,
    everyLog: async () => (await Promise.all((await readdir(logs)).map(log))).join(''),
  };
}
