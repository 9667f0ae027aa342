import assert from 'node:assert/strict';
import { connect } from 'node:http2';
import { describe, it } from 'node:test';
import { status } from '@grpc/grpc-js';
import type { KeyGrant } from '../../../../src/api/keys.ts';
import { MemoryKeys } from '../../../../src/store/memory-keys.ts';
import { openGrpcDoor, operatorKey, type Refused, type Row } from '../../../support/grpc-door.ts';

const hello: Row = { target: { everyone: {} }, push: { msg: 'hi' } };

async function codeOf(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => 'OK',
    ({ code }: Refused) => status[code] ?? String(code),
  );
}

async function withKeys(...grants: readonly KeyGrant[]) {
  const keys = new MemoryKeys();
  const made: string[] = [];
  for (const grant of grants) made.push((await keys.rotate(grant, { now: false, createdAt: Date.now() })).key);
  return { keys, made };
}

const keyOf = (system: string, role: 'read' | 'push' | 'admin'): KeyGrant => ({ owner: 'system', system, role });

describe('access to the push API over gRPC', () => {
  it('lets a trusted peer push until its system has a key, and then takes that of its system and role alone', async (t) => {
    const { keys, made } = await withKeys(keyOf('sys', 'push'), keyOf('sys', 'read'), keyOf('other', 'admin'));
    const [push = '', read = '', other = ''] = made;
    const door = await openGrpcDoor(t, { keys });
    const client = await door.client();
    const send = (metadata: Record<string, string>) => codeOf(client.call('Send', hello, metadata));
    assert.equal(await send({}), 'OK');
    assert.equal(await send({ systemid: 'sys' }), 'UNAUTHENTICATED');
    assert.equal(await send({ authorization: `Bearer ${push}` }), 'OK');
    assert.equal(await send({ 'x-api-key': push, systemid: 'sys' }), 'OK');
    assert.equal(await send({ 'x-api-key': push, systemid: 'other' }), 'PERMISSION_DENIED');
    assert.equal(await send({ 'x-api-key': other, systemid: 'sys' }), 'PERMISSION_DENIED');
    assert.equal(await send({ 'x-api-key': read }), 'PERMISSION_DENIED');
    assert.equal(await send({ 'x-api-key': `${push}x` }), 'UNAUTHENTICATED');
    assert.equal(await send({ 'x-api-key': '' }), 'UNAUTHENTICATED');
    assert.equal(await send({ authorization: `Bearer ${operatorKey}`, systemid: 'other' }), 'OK');
    assert.deepEqual(
      door.commands.map((command) => 'system' in command && command.system),
      ['default', 'sys', 'sys', 'other'],
    );
    assert.deepEqual(
      door.actors.map(({ by, remoteAddress }) => [by.kind, remoteAddress]),
      [
        ['trusted-peer', '127.0.0.1'],
        ['system-key', '127.0.0.1'],
        ['system-key', '127.0.0.1'],
        ['operator', '127.0.0.1'],
      ],
    );
    assert.equal(await codeOf(client.call('Online', { uids: ['ann'] }, { 'x-api-key': read })), 'OK');
    assert.equal(
      await codeOf(client.call('Kick', { target: hello['target'] }, { 'x-api-key': push })),
      'PERMISSION_DENIED',
    );
    assert.equal(await codeOf(client.call('Kick', { target: hello['target'] }, { 'x-api-key': other })), 'OK');
  });

  it('takes no longer a key that was rotated away', async (t) => {
    const { keys, made } = await withKeys(keyOf('sys', 'push'));
    const client = await (await openGrpcDoor(t, { keys })).client();
    const metadata = { 'x-api-key': made[0] ?? '' };
    assert.equal(await codeOf(client.call('Send', hello, metadata)), 'OK');
    await keys.rotate(keyOf('sys', 'push'), { now: true, createdAt: Date.now() });
    assert.equal(await codeOf(client.call('Send', hello, metadata)), 'UNAUTHENTICATED');
  });

  it('trusts no peer that was forwarded, that is a page, or that called it by another name', async (t) => {
    const door = await openGrpcDoor(t);
    const client = await door.client();
    const entries: readonly Readonly<Record<string, string>>[] = [
      { 'x-forwarded-for': '127.0.0.1' },
      { via: '1.1 proxy' },
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
    ];
    for (const entry of entries) {
      assert.equal(await codeOf(client.call('Send', hello, entry)), 'PERMISSION_DENIED', `${Object.keys(entry)}`);
    }
    assert.equal(await rawCode(door.port, { ':authority': 'evil.example' }), '7');
    assert.equal(await rawCode(door.port, { host: 'evil.example' }), '7');
    const strict = await (await openGrpcDoor(t, { trustLoopback: false })).client();
    const error: Refused = await strict.call('Send', hello).then(
      () => assert.fail(),
      (refused) => refused,
    );
    assert.match(error.details, /auth\.trustLoopback/);
    assert.deepEqual(door.commands, []);
  });

  it('takes the name of a system beyond ASCII as bytes, and never takes what it cannot read for nothing', async (t) => {
    const door = await openGrpcDoor(t);
    const client = await door.client();
    const named = async (name: Buffer) => codeOf(client.call('Send', hello, { 'systemid-bin': name }));
    assert.equal(await named(Buffer.from('店')), 'OK');
    assert.deepEqual(
      door.commands.map((command) => 'system' in command && command.system),
      ['店'],
    );
    assert.equal(await named(Buffer.from([0xff, 0xfe])), 'NOT_FOUND');
    assert.equal(await named(Buffer.from('nobody')), 'NOT_FOUND');
    const twice = { 'systemid-bin': Buffer.from('sys'), systemid: 'sys' };
    assert.equal(await codeOf(client.call('Send', hello, twice)), 'INVALID_ARGUMENT');
    // grpc-js would leave these out: the first would be pushed to `default`, the second judged without its key.
    assert.equal(await rawCode(door.port, { systemid: '店' }), '3');
    assert.equal(await rawCode(door.port, { 'x-api-key': 'kéy' }), '3');
    assert.equal(door.commands.length, 1);
    assert.equal(await rawCode(door.port, { 'yunque-unreadable': 'x' }), '0');
  });

  it('insists on a system where that is asked for, and takes nothing while it drains', async (t) => {
    let isDraining = false;
    const door = await openGrpcDoor(t, { systemsRequired: true, isDraining: () => isDraining });
    const client = await door.client();
    assert.equal(await codeOf(client.call('Send', hello)), 'INVALID_ARGUMENT');
    assert.equal(await codeOf(client.call('Send', hello, { systemid: 'sys' })), 'OK');
    isDraining = true;
    assert.equal(await codeOf(client.call('Send', hello, { systemid: 'sys' })), 'UNAVAILABLE');
    assert.deepEqual(door.refusals.at(-1), { error: 'going_away', what: '/yunque.v1.Push/Send' });
  });

  it('has no method of the nodes', async (t) => {
    const door = await openGrpcDoor(t);
    assert.equal(await rawCode(door.port, { ':path': '/yunque.rpc.Peers/Link' }), '12');
    assert.equal(await rawCode(door.port, { ':path': '/é\u0080%00' }), '12');
  });

  it('answers a retry that brings its idempotency key as the first, and refuses another request with it', async (t) => {
    const door = await openGrpcDoor(t);
    const client = await door.client();
    const metadata = { 'idempotency-key': 'k' };
    const [first, told] = await client.callWithTrailers('Send', hello, metadata);
    const [again, replayed] = await client.callWithTrailers('Send', hello, metadata);
    assert.deepEqual(again, first);
    assert.deepEqual([told.get('idempotency-replayed'), replayed.get('idempotency-replayed')], [[], ['true']]);
    assert.equal(door.commands.length, 1);
    assert.equal(await codeOf(client.call('Send', { ...hello, nodes: ['n'] }, metadata)), 'ALREADY_EXISTS');
    assert.equal(await codeOf(client.call('SendBatch', { items: [hello] }, metadata)), 'ALREADY_EXISTS');
    assert.equal(await codeOf(client.call('Send', hello, { 'idempotency-key': 'x'.repeat(256) })), 'INVALID_ARGUMENT');
    assert.equal(await codeOf(client.call('Send', hello, { ...metadata, systemid: 'sys' })), 'OK');
    assert.equal(door.commands.length, 2);
  });
});

/** `grpc-status` of a call whose headers are written by hand. */
async function rawCode(port: number, headers: Readonly<Record<string, string>>): Promise<string | undefined> {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    const request = session.request({
      ':method': 'POST',
      ':path': '/yunque.v1.Push/Send',
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    // A SendRequest of "hi" to everyone, in the frame of gRPC.
    request.end(Buffer.from('000000000a0a0232002a041a026869', 'hex'));
    return await new Promise((resolve, reject) => {
      const take = (found: Record<string, unknown>) => {
        if (found['grpc-status'] !== undefined) resolve(String(found['grpc-status']));
      };
      request.on('response', take).on('trailers', take).on('error', reject).resume();
      request.on('close', () => resolve(undefined));
    });
  } finally {
    session.close();
  }
}
