import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { settings as schema } from '../../src/config/schema.ts';
import { ensureBinary } from '../support/binary.ts';
import { eventually } from '../support/eventually.ts';
import { requireTool } from '../support/tool.ts';
import { adjusted, shipped, unitSettings } from '../support/unit-file.ts';
import { createYunque } from './cli-binary.ts';

const run = promisify(execFile);
const program = shipped('configs/supervisor/yunque.conf');

interface Supervised {
  readonly folder: string;
  readonly daemon: ChildProcess;
  ctl(...args: string[]): Promise<string>;
  /** What the node has written so far. */
  log(): Promise<string>;
}

/** A real supervisord with the shipped file, in which only paths, user and patience are the test's. */
async function supervise(t: TestContext, config: string): Promise<Supervised> {
  const supervisord = await requireTool('supervisord', 'supervisor');
  const supervisorctl = await requireTool('supervisorctl', 'supervisor');
  const binary = await ensureBinary();
  const folder = await mkdtemp(join(tmpdir(), 'yunque-supervisor-'));
  await mkdir(join(folder, 'data'), { mode: 0o700 });
  await writeFile(join(folder, 'config.yaml'), config);
  const file = join(folder, 'supervisord.conf');
  const main = `[unix_http_server]
file=${folder}/ctl.sock
[supervisord]
nodaemon=true
logfile=${folder}/supervisord.log
pidfile=${folder}/supervisord.pid
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://${folder}/ctl.sock
`;
  const ours = adjusted(program, {
    'command=/usr/local/bin/yunque serve --config /etc/yunque/config.yaml': `command=${binary} serve --config ${folder}/config.yaml`,
    'user=yunque': `user=${userInfo().username}`,
    'directory=/var/lib/yunque': `directory=${folder}/data`,
    'YUNQUE_DATA_DIR="/var/lib/yunque"': `YUNQUE_DATA_DIR="${folder}/data"`,
    'RUNTIME_DIRECTORY="/run/yunque"': `RUNTIME_DIRECTORY="${folder}/run"`,
    'HOME="/var/lib/yunque"': `HOME="${folder}/data"`,
    'startsecs=2': 'startsecs=1',
    'startretries=10': 'startretries=1',
    '/var/log/supervisor/yunque.log': `${folder}/yunque.log`,
  });
  await writeFile(file, main + ours);
  // Not the environment of the tests: a node refuses a YUNQUE_ variable that it does not know.
  const { PATH = '', HOME = '' } = process.env;
  const daemon = spawn(supervisord, ['-c', file], { stdio: 'ignore', env: { PATH, HOME } });
  const ended = once(daemon, 'exit');
  t.after(async () => {
    // It takes its children with it.
    daemon.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
  const ctl = async (...args: string[]) => {
    // Exits with 3 where a program does not run.
    const done = await run(supervisorctl, ['-c', file, ...args]).catch((error: { stdout: string }) => error);
    return done.stdout.trim();
  };
  const log = () => readFile(join(folder, 'yunque.log'), 'utf8').catch(() => '');
  return { folder, daemon, ctl, log };
}

describe('the supervisor file', { timeout: 120_000 }, () => {
  it('starts a node that is closed to loopback, starts it again after a crash, and drains it at stop', async (t) => {
    const { folder, ctl, log } = await supervise(t, 'port: 0\nhost: 127.0.0.1\n');
    const yunque = await createYunque(t);
    const env = { RUNTIME_DIRECTORY: join(folder, 'run') };
    const served = async () => [...(await log()).matchAll(/"port":(\d+),.*"msg":"serving"/g)].map(([, port]) => port);
    await eventually('it serves', async () => (await served()).length === 1).catch(async (error) => {
      throw new Error(`supervised node: ${await ctl('status')}\n${await log()}`, { cause: error });
    });

    await eventually('it runs', async () => (await ctl('status', 'yunque')).includes('RUNNING'));
    await ctl('signal', 'KILL', 'yunque');
    await eventually('it serves again', async () => (await served()).length === 2);
    await eventually('it runs again', async () => (await ctl('status', 'yunque')).includes('RUNNING'));

    const url = `http://127.0.0.1:${(await served())[1]}`;
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
    const body = '{"receiver":"alice","action":"chat"}';
    assert.equal((await fetch(`${url}/send`, { method: 'POST', body })).status, 403);
    assert.equal((await yunque.run(['send', '--all', 'hello'], { env })).code, 3);

    const client = yunque.start(['connect', `${url.replace('http', 'ws')}/ws`]);
    await client.says('clientId');
    assert.equal(await ctl('stop', 'yunque'), 'yunque: stopped');
    assert.match((await client.done).err, /closed 4001 going_away/);
    assert.match(await log(), /"msg":"stopped"/);
    assert.match(await ctl('status', 'yunque'), /STOPPED/);
  });

  it('gives up on a configuration that is wrong, which says why in the log', async (t) => {
    const { ctl, log } = await supervise(t, 'prot: 7001\n');
    await eventually('it said why', async () => (await log()).includes('did you mean "port"'));
    await eventually('it gave up', async () => (await ctl('status', 'yunque')).includes('FATAL'));
  });

  it('waits longer for the drain than it may take', () => {
    const settings = unitSettings(program);
    const hardLimitS = Number(/^(\d+)s$/.exec(schema['drain.hardLimit'].default)?.[1]);
    assert.ok(Number(settings.get('stopwaitsecs')?.[0]) > hardLimitS);
  });
});
