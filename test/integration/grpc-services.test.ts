import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { credentials, Metadata, status } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';
import descriptor, { type IFileDescriptorProto } from 'protobufjs/ext/descriptor.js';
import { fileDescriptors } from '../../src/wire/proto/descriptors.js';
import { createAuthority } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { openGrpcDoor, type PushClient, type Refused, type Row } from '../support/grpc-door.ts';
import { requireTool } from '../support/tool.ts';

const protoFolder = join(import.meta.dirname, '../../src/wire/proto');
const hello: Row = { target: { everyone: {} }, push: { msg: 'hi' } };
const health = 'health.proto:grpc.health.v1.Health';
const reflection = 'reflection.proto:grpc.reflection.v1.ServerReflection';

interface Calls extends NodeJS.EventEmitter {
  write(request: Row): void;
  end(): void;
  cancel(): void;
}

function reflect(client: PushClient, requests: readonly Row[]): Promise<Row[]> {
  const open = client.raw['ServerReflectionInfo'] as unknown as (metadata: Metadata) => Calls;
  const call = open.call(client.raw, new Metadata());
  const answers: Row[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Row[]>();
  call.on('data', (answer: Row) => answers.push(answer));
  call.on('error', reject).on('end', () => resolve(answers));
  for (const request of requests) call.write(request);
  call.end();
  return promise;
}

const partOf = (answer: Row | undefined, name: string) => (answer?.[name] ?? {}) as Row;

test('reflection lists our services alone, and gives files that describe them', async (t) => {
  const client = await (await openGrpcDoor(t)).client(undefined, reflection);
  const [list, bySymbol, byMethod, byName, unknown, peers, extension] = await reflect(client, [
    { list_services: '*' },
    { file_containing_symbol: 'yunque.v1.Push' },
    { file_containing_symbol: 'grpc.health.v1.HealthCheckResponse.ServingStatus' },
    { file_by_filename: 'push.proto' },
    { file_containing_symbol: 'yunque.v1.Nothing' },
    { file_containing_symbol: 'yunque.rpc.Peers' },
    { all_extension_numbers_of_type: 'yunque.v1.Receipt' },
  ]);
  assert.deepEqual(partOf(list, 'list_services_response')['service'], [
    { name: 'yunque.v1.Push' },
    { name: 'grpc.health.v1.Health' },
    { name: 'grpc.reflection.v1.ServerReflection' },
  ]);
  const fileIn = (answer: Row | undefined) =>
    (partOf(answer, 'file_descriptor_response')['file_descriptor_proto'] as Buffer[])[0] ?? Buffer.alloc(0);
  assert.deepEqual(fileIn(bySymbol), fileIn(byName));
  const set = descriptor.FileDescriptorSet.encode({
    file: [fileIn(bySymbol), fileIn(byMethod)].map((bytes) => descriptor.FileDescriptorProto.decode(bytes)),
  }).finish();
  const loaded = loadFileDescriptorSetFromBuffer(Buffer.from(set));
  assert.deepEqual(Object.keys(loaded['yunque.v1.Push'] ?? {}), [
    ...['Send', 'SendBatch', 'SendStream', 'Join', 'Leave', 'Kick', 'Online'],
  ]);
  assert.deepEqual(Object.keys(loaded['grpc.health.v1.Health'] ?? {}), ['Check', 'Watch']);
  for (const answer of [unknown, peers, extension]) {
    assert.equal(partOf(answer, 'error_response')['error_code'], status.NOT_FOUND);
  }
});

test('reflection is for those who may read', async (t) => {
  const client = await (await openGrpcDoor(t, { trustLoopback: false })).client(undefined, reflection);
  await assert.rejects(
    reflect(client, [{ list_services: '*' }]),
    ({ code }: Refused) => code === status.PERMISSION_DENIED,
  );
});

test('the descriptors are those that protoc makes of the same files', async (t) => {
  const protoc = await requireTool('protoc', 'protobuf-compiler');
  const folder = await mkdtemp(join(tmpdir(), 'yunque-descriptors-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(fileDescriptors)) {
    const out = join(folder, 'set');
    await promisify(execFile)(protoc, [`--proto_path=${protoFolder}`, `--descriptor_set_out=${out}`, name]);
    const { file } = descriptor.FileDescriptorSet.decode(await readFile(out)) as unknown as {
      file: IFileDescriptorProto[];
    };
    const ours = descriptor.FileDescriptorProto.decode(Buffer.from(text, 'base64'));
    assert.deepEqual(plain(ours), plain(file[0]), name);
  }
});

/** Without the JSON names, which everybody makes for himself, and in one order: that of entries of maps is the compiler's. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) {
    const all = value.map(plain);
    return all.every((each) => (each as Row | null)?.['name'] !== undefined)
      ? all.sort((one, other) => (String((one as Row)['name']) < String((other as Row)['name']) ? -1 : 1))
      : all;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, each]) => name !== 'jsonName' && !(Array.isArray(each) && each.length === 0))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, each]) => [name, plain(each)]),
  );
}

test('health follows readiness and the drain, for everybody, and tells who watches', async (t) => {
  let ready = true;
  let isDraining = false;
  const door = await openGrpcDoor(t, {
    trustLoopback: false,
    readiness: () => ({ ready }),
    isDraining: () => isDraining,
  });
  const client = await door.client(undefined, health);
  const check = async (service: string) => (await client.call('Check', { service }))['status'];
  assert.deepEqual([await check(''), await check('yunque.v1.Push')], ['SERVING', 'SERVING']);
  await assert.rejects(check('yunque.rpc.Peers'), ({ code }: Refused) => code === status.NOT_FOUND);
  const open = client.raw['Watch'] as unknown as (request: Row) => Calls;
  const watch = open.call(client.raw, { service: '' });
  const told: unknown[] = [];
  watch.on('data', (answer: Row) => told.push(answer['status'])).on('error', () => {});
  await eventually('it is told at once', () => told.length === 1);
  ready = false;
  await eventually('it is told of the change', () => told.length === 2);
  assert.equal(await check(''), 'NOT_SERVING');
  ready = true;
  await eventually('it is told of the next', () => told.length === 3);
  isDraining = true;
  assert.equal(await check(''), 'NOT_SERVING');
  await eventually('it is told of the drain', () => told.length === 4);
  assert.deepEqual(told, ['SERVING', 'NOT_SERVING', 'SERVING', 'NOT_SERVING']);
  await door.ingress.close(1000);
});

test('speaks TLS with the certificate in force, and nothing else', async (t) => {
  await using authority = await createAuthority();
  const read = async (name: string) => {
    const { cert, key } = await authority.issue(name);
    return { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') };
  };
  const door = await openGrpcDoor(t, { tls: await read('first') });
  const roots = await readFile(authority.file);
  const shown: string[] = [];
  const channel = () =>
    credentials.createSsl(roots, null, null, {
      checkServerIdentity: (_name, { subject }) => void shown.push(String(subject.CN)),
    });
  await (await door.client(channel())).call('Send', hello);
  door.ingress.changeCertificate(await read('second'));
  await (await door.client(channel())).call('Send', hello);
  assert.deepEqual(shown, ['first', 'second']);
  const plainClient = await door.client();
  await assert.rejects(plainClient.call('Send', hello), ({ code }: Refused) => code === status.UNAVAILABLE);
  assert.equal(door.commands.length, 2);
});

test('of strangers the oldest connection goes where there are too many; who was let in stays', async (t) => {
  const door = await openGrpcDoor(t);
  const client = await door.client();
  await client.call('Send', hello);
  const sockets = Array.from({ length: 140 }, () =>
    connect(door.port, '127.0.0.1')
      .on('error', () => {})
      .resume(),
  );
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  await Promise.all(sockets.slice(0, 12).map((socket) => once(socket, 'close')));
  await client.call('Send', hello);
  assert.equal(door.commands.length, 2);
  assert.equal(sockets.filter(({ closed }) => !closed).length, 128);
});

test('a call under way ends before the door does, and one that does not is cut', async (t) => {
  const gate = Promise.withResolvers<void>();
  const execute = async () => {
    await gate.promise;
    return { messageId: 'm', matched: 0, delivered: 0, queued: 0, dropped: {}, missingNodes: [] };
  };
  const door = await openGrpcDoor(t, { execute: execute as never });
  const client = await door.client();
  const first = client.call('Send', hello);
  await eventually('it is under way', () => door.commands.length === 1);
  const closed = door.ingress.close(5000);
  gate.resolve();
  assert.equal((await first)['message_id'], 'm');
  await closed;
  const stuck = await openGrpcDoor(t, { execute: () => new Promise(() => {}) });
  const cut = (await stuck.client()).call('Send', hello);
  cut.catch(() => {});
  await eventually('it is under way', () => stuck.commands.length === 1);
  await stuck.ingress.close(50);
  await assert.rejects(cut, ({ code }: Refused) => code === status.UNAVAILABLE || code === status.CANCELLED);
});
