import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { createAdminClient } from '../../../src/client/admin-client.ts';
import { ClientError } from '../../../src/client/client-error.ts';
import type { EventStreamItem } from '../../../src/client/events.ts';
import { readServerSentEvents } from '../../../src/client/server-sent-events.ts';
import { type Asked, refuse, startFakeAdmin } from './fake-admin.ts';

const event = (sequence: number, node = 'n1') =>
  `id: ${sequence}\ndata: ${JSON.stringify({ type: 'state', state: 'serving', reason: '', sequence, time: 1, node })}\n\n`;

async function collect(bytes: readonly Uint8Array[]) {
  async function* source() {
    yield* bytes;
  }
  return await Array.fromAsync(readServerSentEvents(source()));
}

describe('server-sent events', () => {
  it('are the same however the bytes are cut', async () => {
    const text = ': beat\r\nevent: a\r\ndata: 云\r\ndata: 雀\r\n\r\nid: 7\rdata:x\r\rdata\n\n: end\n\ndata: lost';
    const whole = await collect([Buffer.from(text)]);
    assert.deepEqual(whole, [
      { type: 'a', lastEventId: '', data: '云\n雀' },
      { type: 'message', lastEventId: '7', data: 'x' },
      { type: 'message', lastEventId: '7', data: '' },
    ]);
    const bytes = Buffer.from(text);
    for (let size = 1; size < 9; size++) {
      const parts = [];
      for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
      assert.deepEqual(await collect(parts), whole, `cut every ${size} bytes`);
    }
  });
});

describe('a server that sends no event’s end', () => {
  const endless = async (piece: string) => {
    let read = 0;
    async function* source() {
      for (; read < 200; read++) yield Buffer.from(piece);
    }
    await assert.rejects(Array.fromAsync(readServerSentEvents(source())), /longer than/);
    assert.ok(read < 30, `${read} MiB were read`);
  };

  it('is left before one line fills the memory', () => endless('x'.repeat(1024 * 1024)));
  it('is left before many lines do', () => endless(`data: ${'x'.repeat(1024 * 1024 - 7)}\n`));
});

describe('the event stream', () => {
  it('connects again after a loss, asks for the backlog once, and tells what was missed', async (t) => {
    let round = 0;
    const admin = await startFakeAdmin(t, {
      'GET /events': (_: Asked, response: ServerResponse) => {
        round++;
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        if (round === 1) response.end(event(1) + event(2) + event(9, 'n2'));
        else response.write(event(5) + event(6));
      },
    });
    const client = createAdminClient({ url: admin.url });
    t.after(() => client.close());
    const seen: EventStreamItem[] = [];
    for await (const item of client.events({ backlog: 10, retryMs: 1 })) {
      seen.push(item);
      if (item.type === 'event' && item.event.sequence === 6) break;
    }
    assert.deepEqual(
      seen.map((item) => (item.type === 'event' ? [item.event.sequence, item.missed] : item.type)),
      ['open', [1, 0], [2, 0], [9, 0], 'lost', 'open', [5, 2], [6, 0]],
    );
    assert.deepEqual(
      admin.asked.map(({ path }) => path),
      ['/events?backlog=10', '/events'],
    );
    assert.ok(seen.some((item) => item.type === 'open' && item.attempt === 1));
  });

  it('takes a sequence that fell back for a node that started anew', async (t) => {
    const admin = await startFakeAdmin(t, {
      'GET /events': (_: Asked, response: ServerResponse) => void response.write(event(8) + event(1) + event(2)),
    });
    const client = createAdminClient({ url: admin.url });
    t.after(() => client.close());
    const missed: number[] = [];
    for await (const item of client.events()) {
      if (item.type === 'event') missed.push(item.missed);
      if (missed.length === 3) break;
    }
    assert.deepEqual(missed, [0, 0, 0]);
  });

  it('tells no gaps of a filtered stream, and sends the filter', async (t) => {
    const admin = await startFakeAdmin(t, {
      'GET /events': (_: Asked, response: ServerResponse) => void response.write(event(1) + event(5)),
    });
    const client = createAdminClient({ url: admin.url });
    t.after(() => client.close());
    const missed: number[] = [];
    for await (const item of client.events({ types: ['connected', 'kicked'], system: 's' })) {
      if (item.type === 'event') missed.push(item.missed);
      if (missed.length === 2) break;
    }
    assert.deepEqual(missed, [0, 0]);
    assert.equal(admin.asked[0]!.path, '/events?system=s&type=connected%2Ckicked');
  });

  it('throws where the first connection fails', async () => {
    const client = createAdminClient({ socketPath: '/nonexistent.sock' });
    await assert.rejects(client.events().next(), (error) => error instanceof ClientError && error.exit === 5);
  });

  it('throws where it is denied later', async (t) => {
    let round = 0;
    const admin = await startFakeAdmin(t, {
      'GET /events': (_: Asked, response: ServerResponse) => {
        round++;
        if (round === 1) response.end(event(1));
        else refuse(response, 401, { code: 'unauthorized', message: 'no' });
      },
    });
    const client = createAdminClient({ url: admin.url });
    t.after(() => client.close());
    const all = Array.fromAsync(client.events({ retryMs: 1 }));
    await assert.rejects(all, (error) => error instanceof ClientError && error.kind === 'denied');
  });

  it('ends without an error when its signal fires, also while it waits to try again', async (t) => {
    const admin = await startFakeAdmin(t, {
      'GET /events': (_: Asked, response: ServerResponse) => response.end(event(1)),
    });
    const client = createAdminClient({ url: admin.url });
    t.after(() => client.close());
    const aborter = new AbortController();
    const types: string[] = [];
    for await (const { type } of client.events({ retryMs: 60_000, signal: aborter.signal })) {
      types.push(type);
      if (type === 'lost') queueMicrotask(() => aborter.abort());
    }
    assert.deepEqual(types, ['open', 'event', 'lost']);
  });

  it('ends without an error when its signal fires while it is open', async (t) => {
    const admin = await startFakeAdmin(t, {
      'GET /events': (_: Asked, response: ServerResponse) => void response.write(event(1)),
    });
    const client = createAdminClient({ url: admin.url });
    t.after(() => client.close());
    const aborter = new AbortController();
    const types: string[] = [];
    for await (const { type } of client.events({ signal: aborter.signal })) {
      types.push(type);
      if (type === 'event') queueMicrotask(() => aborter.abort());
    }
    assert.deepEqual(types, ['open', 'event']);
  });
});
