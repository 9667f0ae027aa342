import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type OperatorDoorOptions, openOperatorDoor } from '../../../src/app/operator-door.ts';
import { StartError } from '../../../src/util/start-error.ts';

const mode = (path: string) => statSync(path).mode & 0o777;

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'yq-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function open(t: TestContext, more: Partial<OperatorDoorOptions> = {}) {
  const admitted: Socket[] = [];
  const door = await openOperatorDoor({
    directories: [join(folderFor(t), 'run'), tmpdir()],
    port: 666,
    host: '127.0.0.1',
    key: undefined,
    group: undefined,
    handlers: () => ({ request: (_, response) => void response.end('operator'), upgrade: () => {} }),
    admit: (socket) => admitted.push(socket),
    ...more,
  });
  t.after(() => door.close());
  return { ...door, admitted };
}

async function ask(socketPath: string): Promise<string> {
  const asked = request({ socketPath, agent: false });
  asked.end();
  const [response] = await once(asked, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}

describe('the operator’s door', () => {
  test('is a socket only its owner reaches, in a folder only its owner enters', async (t) => {
    const door = await open(t);
    const socket = door.socketFile ?? '';
    assert.equal(basename(socket), '666.sock');
    assert.deepEqual([mode(join(socket, '..')), mode(socket)], [0o700, 0o600]);
    assert.equal(await ask(socket), 'operator');
    assert.equal(door.admitted.length, 1);
  });

  test('leaves the process’s own file mode as it was', async (t) => {
    const before = process.umask();
    await open(t);
    assert.equal(process.umask(), before);
  });

  test('writes a random key beside the socket, for its owner alone, another at each start', async (t) => {
    const folder = join(folderFor(t), 'run');
    const first = await open(t, { directories: [folder, tmpdir()] });
    assert.ok(first.keyFile);
    assert.equal(mode(first.keyFile), 0o600);
    assert.equal(readFileSync(first.keyFile, 'utf8'), `${first.key}\n`);
    assert.match(first.key, /^[\w-]{43}$/);
    await first.close();
    const second = await open(t, { directories: [folder] });
    assert.notEqual(second.key, first.key);
  });

  test('replaces a key file of whatever permissions instead of writing into it', async (t) => {
    const folder = join(folderFor(t), 'run');
    mkdirSync(folder);
    writeFileSync(join(folder, '666.key'), 'planted');
    chmodSync(join(folder, '666.key'), 0o666);
    const door = await open(t, { directories: [folder] });
    assert.equal(mode(door.keyFile ?? ''), 0o600);
    assert.equal(readFileSync(door.keyFile ?? '', 'utf8').trim(), door.key);
  });

  test('writes no key that was configured', async (t) => {
    const door = await open(t, { key: 'configured-key-123' });
    assert.deepEqual([door.key, door.keyFile], ['configured-key-123', undefined]);
    assert.equal(existsSync(join(door.socketFile ?? '', '..', '666.key')), false);
  });

  test('takes the place of a dead node’s socket', async (t) => {
    const folder = join(folderFor(t), 'run');
    mkdirSync(folder);
    writeFileSync(join(folder, '666.sock'), '');
    const door = await open(t, { directories: [folder] });
    assert.equal(await ask(door.socketFile ?? ''), 'operator');
  });

  test('leaves no file behind when it closes, and closes twice', async (t) => {
    const door = await open(t);
    await door.close();
    await door.close();
    assert.equal(existsSync(door.socketFile ?? ''), false);
    assert.equal(existsSync(door.keyFile ?? ''), false);
  });
});

describe('its place', () => {
  test('is the next folder where one cannot be made', async (t) => {
    const folder = folderFor(t);
    writeFileSync(join(folder, 'file'), '');
    const door = await open(t, { directories: [join(folder, 'file', 'run'), folder] });
    assert.equal(door.socketFile, join(folder, '666.sock'));
  });

  test('is closed to others where they could write to it', async (t) => {
    const folder = join(folderFor(t), 'open');
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    await open(t, { directories: [folder, tmpdir()] });
    assert.equal(mode(folder), 0o700);
  });

  test('is the next folder where one is somebody else’s', {
    skip: process.getuid?.() === 0 ? false : 'only root can make a folder for somebody else',
  }, async (t) => {
    const folder = folderFor(t);
    const [foreign, own] = [join(folder, 'foreign'), join(folder, 'own')];
    mkdirSync(foreign);
    mkdirSync(own);
    chownSync(foreign, 65534, 65534);
    const door = await open(t, { directories: [foreign, own] });
    assert.equal(door.socketFile, join(own, '666.sock'));
  });

  test('is the next folder where another node answers on the same port', async (t) => {
    const folder = folderFor(t);
    const [shared, own] = [join(folder, 'shared'), join(folder, 'own')];
    mkdirSync(own);
    const first = await open(t, { directories: [shared, own] });
    const second = await open(t, { directories: [shared, own] });
    assert.equal(second.socketFile, join(own, '666.sock'));
    assert.equal(await ask(first.socketFile ?? ''), 'operator');
    assert.equal(readFileSync(first.keyFile ?? '', 'utf8').trim(), first.key);
  });

  test('may be too deep for a socket: then there is only the key', async (t) => {
    const folder = join(folderFor(t), 'x'.repeat(100));
    mkdirSync(folder);
    const door = await open(t, { directories: [folder] });
    assert.equal(door.socketFile, undefined);
    assert.equal(readFileSync(door.keyFile ?? '', 'utf8').trim(), door.key);
    assert.equal(readFileSync(join(folder, '666.host'), 'utf8'), '127.0.0.1\n');
    await door.close();
    assert.deepEqual(readdirSync(folder), []);
  });
});

test('a group that does not exist is the configuration’s fault: exit 78', async (t) => {
  await assert.rejects(open(t, { group: 'no-such-group-here' }), (error) => {
    return error instanceof StartError && error.exitCode === 78 && error.at?.key === 'operator.group';
  });
});

test('a group’s members get to the socket, and not to the key', {
  skip: process.getuid?.() === 0 ? false : 'only root may give files away',
}, async (t) => {
  const group = readFileSync('/etc/group', 'utf8').split('\n')[1]?.split(':') ?? [];
  const door = await open(t, { group: group[0] ?? '' });
  const folder = join(door.socketFile ?? '', '..');
  assert.deepEqual([mode(folder), mode(door.socketFile ?? ''), mode(door.keyFile ?? '')], [0o750, 0o660, 0o600]);
  assert.deepEqual([statSync(folder).gid, statSync(door.socketFile ?? '').gid], [Number(group[2]), Number(group[2])]);
});
