import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Command, Execute } from '../../../src/api/command.ts';
import { Probe } from '../../../src/app/probe.ts';
import { MemoryBus } from '../../../src/bus/engines/memory.ts';
import { eventually } from '../../support/eventually.ts';

/** A probe before a server that does with it what a node would, unless told otherwise. */
async function startProbe(
  t: TestContext,
  more: { execute?: (command: Command) => Promise<unknown>; accept?: (go: () => void) => void; greet?: boolean } = {},
) {
  const sockets: WebSocket[] = [];
  const requests: IncomingMessage[] = [];
  const changes: (string | undefined)[] = [];
  const server = createServer();
  const upgrades = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    requests.push(request);
    socket.on('error', () => {});
    const go = () =>
      upgrades.handleUpgrade(request, socket, head, (ws) => {
        sockets.push(ws);
        if (more.greet !== false) ws.send('{"code":0,"msg":"success","data":{"clientId":"x"}}');
      });
    if (more.accept === undefined) go();
    else more.accept(go);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const execute = async (command: Command) => {
    if (more.execute !== undefined) return more.execute(command);
    if (command.type === 'push' && command.message.kind === 'push') {
      for (const ws of sockets) ws.send(JSON.stringify({ msg: command.message.msg }));
    }
    return {};
  };
  const probe = new Probe({
    execute: execute as Execute,
    bus: new MemoryBus(),
    intervalMs: 10,
    newMessageId: () => '0123456789abcdef',
    onChange: (failure) => changes.push(failure),
  });
  t.after(async () => {
    await probe.stop();
    for (const ws of sockets) ws.terminate();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const open = () => sockets.filter(({ readyState }) => readyState === 1).length;
  return {
    probe,
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`,
    requests,
    changes,
    sockets,
    open,
  };
}

describe('the probe', () => {
  test('has failed until its first message is back, and says once that it is', async (t) => {
    const { probe, url, changes } = await startProbe(t);
    assert.notEqual(probe.failure, undefined);
    await probe.start(url);
    assert.equal(probe.failure, undefined);
    assert.ok((probe.lastMs ?? -1) >= 0);
    assert.deepEqual(changes, [undefined]);
  });

  test('is recognised by a secret that nobody else can name', async (t) => {
    const { probe, url, requests } = await startProbe(t);
    await probe.start(url);
    const [own] = requests;
    assert.ok(own);
    assert.equal(probe.systemOf(own), '$probe');
    for (const headers of [{}, { 'x-yunque-probe': '' }, { 'x-yunque-probe': 'guess' }]) {
      assert.equal(probe.systemOf({ headers } as unknown as IncomingMessage), undefined);
    }
  });

  test('fails when what it sends cannot be delivered, says why, and is no fault of the process', async (t) => {
    const { probe, url, changes } = await startProbe(t, { execute: () => Promise.reject(new Error('no encoder')) });
    await probe.start(url);
    assert.match(probe.failure ?? '', /no encoder/);
    assert.equal(probe.lastMs, undefined);
    assert.deepEqual(changes, [probe.failure], 'a first round that fails is said');
  });

  test('recovers over a new connection after its own was cut, and reports both', async (t) => {
    let lost = false;
    const { probe, url, changes, sockets } = await startProbe(t, {
      execute: async (command) => {
        if (lost) throw new Error('lost');
        if (command.type === 'push' && command.message.kind === 'push') {
          sockets.at(-1)?.send(JSON.stringify({ msg: command.message.msg }));
        }
        return {};
      },
    });
    await probe.start(url);
    lost = true;
    await eventually('it failed', () => probe.failure !== undefined);
    lost = false;
    await eventually('it recovered', () => probe.failure === undefined);
    assert.equal(changes.length, 3);
    assert.match(changes[1] ?? '', /lost/);
  });

  test('leaves no connection behind that was accepted too late', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const late: (() => void)[] = [];
    const { probe, url, open, sockets } = await startProbe(t, { accept: (go) => late.push(go) });
    const first = probe.start(url);
    await new Promise<void>((resolve) => {
      const look = () => (late.length > 0 ? resolve() : setImmediate(look));
      look();
    });
    t.mock.timers.tick(2000);
    await first;
    t.mock.timers.reset();
    assert.match(probe.failure ?? '', /not within 2000 ms/);
    for (const go of late) go();
    await eventually('what was accepted has gone', () => sockets.length > 0 && open() === 0);
  });

  test('ends its connection when it is stopped, and starts no other', async (t) => {
    const { probe, url, open, requests } = await startProbe(t);
    await probe.start(url);
    await probe.stop();
    await eventually('it has gone', () => open() === 0);
    const { length } = requests;
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(requests.length, length);
  });
});
