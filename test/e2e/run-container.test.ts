import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { loadConfig } from '../../src/config/load-config.ts';
import { settings as schema } from '../../src/config/schema.ts';
import { ensureBinary } from '../support/binary.ts';
import { requireTool } from '../support/tool.ts';
import { shipped, variables } from '../support/unit-file.ts';
import { createYunque, type Yunque } from './cli-binary.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const paths = { data: '/var/lib/yunque', run: '/run/yunque' };
const seconds = (text: string) => Number(/^(\d+)s$/.exec(text)?.[1]);

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** Continued lines are one, comments are left out. No engine is asked: there is none where these tests run. */
function readDockerfile(): readonly Instruction[] {
  const text = shipped('configs/docker/Dockerfile')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, ' ');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name, rest] = /^([A-Z]+) +(\S.*)$/.exec(line) ?? [];
      assert.ok(name !== undefined && rest !== undefined, `not an instruction: ${line}`);
      return { name, rest };
    });
}

/** A node of another user in folders that a container would give it. Nothing of it is left after the test. */
interface Contained {
  readonly yunque: Yunque;
  readonly data: string;
  readonly run: string;
  readonly config: string;
}

/** The two folders, and a place for a configuration, where every user may look. */
async function contained(t: TestContext): Promise<Contained> {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-container-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  const [data, runtime] = [join(folder, 'data'), join(folder, 'run')];
  for (const directory of [data, runtime]) await mkdir(directory);
  return { yunque: await createYunque(t), data, run: runtime, config: join(folder, 'config.yaml') };
}

/** Another user, where we may become one. */
const asUser = (id: number) => (process.getuid?.() === 0 ? { uid: id, gid: id } : {});

describe('the Dockerfile', { timeout: 120_000 }, () => {
  const file = readDockerfile();
  const all = (name: string) => file.filter((line) => line.name === name).map(({ rest }) => rest);
  const only = (name: string): string => {
    assert.equal(all(name).length, 1, name);
    return all(name)[0] as string;
  };
  const env = variables(all('ENV').flatMap((rest) => rest.split(/ +/)));

  it('begins with a slim Debian, has known instructions only, and a user that is not root', () => {
    assert.match(file[0]?.name === 'FROM' ? file[0].rest : '', /^debian:\d+-slim$/);
    const known = 'FROM RUN COPY ENV USER WORKDIR VOLUME EXPOSE STOPSIGNAL HEALTHCHECK ENTRYPOINT CMD'.split(' ');
    for (const { name } of file) assert.ok(known.includes(name), name);
    assert.match(only('USER'), /^[1-9]\d*:[1-9]\d*$/);
    assert.equal(only('STOPSIGNAL'), 'SIGTERM');
    const at = (name: string) => file.findIndex((line) => line.name === name);
    assert.ok(at('RUN') < at('USER'), 'users are made by root');
  });

  it('copies what the build makes, and no ignore rule hides it', async () => {
    await ensureBinary();
    const shown = shipped('configs/docker/Dockerfile.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'));
    for (const rest of all('COPY')) {
      const [source = '', destination] = rest.split(/ +/).filter((word) => !word.startsWith('--'));
      const folder = await readdir(join(root, source, '..'));
      assert.ok(folder.includes(source.split('/').at(-1) ?? ''), source);
      assert.ok(shown.includes(`!${source}`), source);
      assert.equal(destination, '/usr/local/bin/yunque');
    }
  });

  it('runs shell that a shell can read', async () => {
    const sh = await requireTool('sh', 'dash');
    for (const script of [...all('RUN'), only('HEALTHCHECK').replace(/^.*?CMD /, '')]) {
      await run(sh, ['-n', '-c', script]);
    }
  });

  it('starts, as its user in its folders, a node that its health check finds, and that stops with its signal', async (t) => {
    const place = await contained(t);
    const id = Number(only('USER').split(':')[0]);
    assert.deepEqual([env['YUNQUE_DATA_DIR'], env['RUNTIME_DIRECTORY']], [paths.data, paths.run]);
    for (const directory of [place.data, place.run]) {
      assert.match(only('RUN'), new RegExp(`install -d -o yunque -g yunque -m 0700 ${paths.data} ${paths.run}`));
      await chmod(directory, 0o700);
      if (process.getuid?.() === 0) await chown(directory, id, id);
    }
    const options = {
      ...asUser(id),
      cwd: place.data,
      env: { ...env, YUNQUE_DATA_DIR: place.data, RUNTIME_DIRECTORY: place.run, XDG_RUNTIME_DIR: '', HOME: place.data },
    };
    const [command, port, ...more] = JSON.parse(only('CMD')) as string[];
    assert.deepEqual([JSON.parse(only('ENTRYPOINT')), command, more], [['yunque'], 'serve', []]);
    assert.equal(only('EXPOSE'), port);
    const node = place.yunque.start(['serve', '0'], options);
    await node.says('"msg":"serving"');

    const [, script = ''] = /CMD (.*)$/.exec(only('HEALTHCHECK')) ?? [];
    const check = async () => {
      const health = script.replace(/^yunque /, `${await ensureBinary()} `);
      const { PATH } = process.env;
      return await run('sh', ['-c', health], { ...options, env: { PATH, ...options.env } }).then(
        () => 0,
        ({ code }) => code,
      );
    };
    assert.equal(await check(), 0);
    const url = `http://127.0.0.1:${/"port":(\d+)/.exec(node.out())?.[1]}`;
    assert.equal((await fetch(`${url}/send`, { method: 'POST', body: '{"receiver":"a","action":"b"}' })).status, 403);
    node.process.kill(only('STOPSIGNAL') as NodeJS.Signals);
    assert.equal((await node.done).code, 0);
    assert.equal(await check(), 1);
  });
});

type Fields = Record<string, unknown>;
/** What lies below, one name or index after the other; undefined where there is none. */
const at = (from: unknown, ...path: (string | number)[]): unknown => {
  return path.reduce((value, name) => (value as Fields | undefined)?.[name], from);
};

describe('the Kubernetes example', { timeout: 120_000 }, () => {
  const documents = parseAllDocuments(shipped('configs/kubernetes/yunque.yaml'));
  const resources = [...documents].map((document) => ('toJS' in document ? document.toJS() : undefined) as Fields);
  const kind = (name: string, called = 'yunque'): Fields => {
    const found = resources.filter(
      (resource) => at(resource, 'kind') === name && at(resource, 'metadata', 'name') === called,
    );
    assert.equal(found.length, 1, name);
    return found[0] as Fields;
  };
  const pod = () => at(kind('StatefulSet'), 'spec', 'template', 'spec') as Fields;
  const container = () => at(pod(), 'containers', 0) as Fields;
  const configuration = () => at(kind('ConfigMap'), 'data', 'config.yaml') as string;
  const environment = () => {
    const entries = at(container(), 'env') as { name: string; value: string }[];
    return Object.fromEntries(entries.map(({ name, value }) => [name, value]));
  };

  it('is YAML without a mistake, each resource with version, kind and name', () => {
    for (const document of documents) assert.deepEqual('errors' in document && document.errors, []);
    for (const resource of resources) {
      assert.match(String(at(resource, 'apiVersion')), /^([a-z0-9.]+\/)?v1$/);
      assert.match(String(at(resource, 'metadata', 'name')), /^yunque(-internal)?$/);
    }
    assert.deepEqual(resources.map((resource) => at(resource, 'kind')).sort(), [
      'ConfigMap',
      'Ingress',
      'Service',
      'Service',
      'StatefulSet',
    ]);
  });

  it('asks for readiness and life where the node answers them, and waits longer than the drain', () => {
    const get = (probe: string) => at(container(), probe, 'httpGet');
    assert.deepEqual(get('readinessProbe'), { path: '/readyz', port: 'internal' });
    assert.deepEqual(get('livenessProbe'), { path: '/healthz', port: 'internal' });
    assert.deepEqual(get('startupProbe'), { path: '/healthz', port: 'internal' });
    const { config } = loadConfigText(configuration());
    assert.ok(Number(at(pod(), 'terminationGracePeriodSeconds')) * 1000 > config.drain.hardLimitMs);
    assert.ok(config.drain.durationMs < config.drain.hardLimitMs);
    assert.deepEqual(at(container(), 'ports'), [
      { name: 'http', containerPort: config.port },
      { name: 'internal', containerPort: config.internal.listen?.port },
    ]);
  });

  it('selects its own pods, and mounts only volumes that there are', () => {
    const labels = at(kind('StatefulSet'), 'spec', 'template', 'metadata', 'labels');
    assert.deepEqual(at(kind('StatefulSet'), 'spec', 'selector', 'matchLabels'), labels);
    for (const [name, port] of [
      ['yunque', 'http'],
      ['yunque-internal', 'internal'],
    ] as const) {
      assert.deepEqual(at(kind('Service', name), 'spec', 'selector'), labels);
      assert.equal(at(kind('Service', name), 'spec', 'ports', 0, 'targetPort'), port);
    }
    assert.equal(at(kind('StatefulSet'), 'spec', 'serviceName'), 'yunque');
    const volumes = [
      ...(at(pod(), 'volumes') as Fields[]).map(({ name }) => name),
      ...(at(kind('StatefulSet'), 'spec', 'volumeClaimTemplates') as Fields[]).map((one) =>
        at(one, 'metadata', 'name'),
      ),
    ];
    for (const { name } of at(container(), 'volumeMounts') as Fields[]) assert.ok(volumes.includes(name), String(name));
  });

  it('lets the world reach paths of WebSocket only, word for word', () => {
    const rules = at(kind('Ingress'), 'spec', 'rules', 0, 'http', 'paths') as Fields[];
    for (const rule of rules) {
      assert.ok(Object.keys(schema.paths.default).includes(String(rule['path'])), String(rule['path']));
      assert.equal(rule['pathType'], 'Exact');
      assert.deepEqual(rule['backend'], { service: { name: 'yunque', port: { name: 'http' } } });
    }
    const timeout = Number(
      at(kind('Ingress'), 'metadata', 'annotations', 'nginx.ingress.kubernetes.io/proxy-read-timeout'),
    );
    assert.ok(timeout > seconds(schema['heartbeat.protobuf.timeout'].default));
  });

  it('runs a node as a user that is not root, on volumes that belong to root', async (t) => {
    const place = await contained(t);
    const id = Number(at(pod(), 'securityContext', 'runAsUser'));
    assert.deepEqual([id, at(pod(), 'securityContext', 'fsGroup')], [10001, 10001]);
    assert.equal(at(container(), 'securityContext', 'readOnlyRootFilesystem'), true);
    for (const directory of [place.data, place.run]) {
      if (process.getuid?.() === 0) await chown(directory, 0, id);
      await chmod(directory, 0o2777);
    }
    await writeFile(place.config, configuration());
    await chmod(place.config, 0o644);
    const keyFile = join(place.config, '../key');
    const key = 'not-a-key-that-anybody-knows-0123456789';
    await writeFile(keyFile, key, { mode: 0o440 });
    if (process.getuid?.() === 0) await chown(keyFile, 0, id);
    const given = environment();
    const env = {
      YUNQUE_DATA_DIR: given['YUNQUE_DATA_DIR']?.replace(paths.data, place.data) ?? '',
      RUNTIME_DIRECTORY: given['RUNTIME_DIRECTORY']?.replace(paths.run, place.run) ?? '',
      YUNQUE_OPERATOR_KEY_FILE: keyFile,
      YUNQUE_INTERNAL_LISTEN: '127.0.0.1:0',
      // As Kubernetes sets them for a service of this name where service links are on.
      YUNQUE_SERVICE_HOST: '10.96.0.1',
      YUNQUE_PORT: 'tcp://10.96.0.1:80',
      XDG_RUNTIME_DIR: '',
      HOME: '/',
    };
    const args = at(container(), 'args') as string[];
    assert.deepEqual(args, ['serve', '--config', '/etc/yunque/config.yaml']);
    const options = { ...asUser(id), cwd: '/', env };
    const node = place.yunque.start(['serve', '0', '--config', place.config], options);
    await node.says('"msg":"serving"');
    assert.doesNotMatch(node.out(), /"level":40/);
    const outside = `http://127.0.0.1:${/"port":(\d+)/.exec(node.out())?.[1]}`;
    const url = /"internal":"([^"]+)"/.exec(node.out())?.[1];
    const push = { method: 'POST', body: '{"receiver":"a","action":"b"}' };
    const withKey = { ...push, headers: { Authorization: `Bearer ${key}` } };
    assert.equal((await fetch(`${outside}/send`, withKey)).status, 404);
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
    assert.equal((await fetch(`${url}/send`, push)).status, 403);
    assert.equal((await fetch(`${url}/send`, withKey)).status, 200);
    // As `kubectl exec` would: same user, same environment.
    const stats = await place.yunque.run(['stats'], options);
    assert.equal(stats.code, 0, stats.err);
    assert.ok((await readdir(env.RUNTIME_DIRECTORY)).some((name) => name.endsWith('.sock')));
    node.process.kill('SIGTERM');
    assert.equal((await node.done).code, 0);
  });

  function loadConfigText(text: string) {
    const readFile = () => ({ outcome: 'read', text, readableByOthers: false }) as const;
    return loadConfig({ flags: { config: 'config.yaml' }, env: {}, cwd: '/', readFile });
  }
});
