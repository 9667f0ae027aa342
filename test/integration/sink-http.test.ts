import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import type { Sink } from '../../src/egress/sink.ts';
import { createHttpSink } from '../../src/egress/sinks/http.ts';
import { skipValue, walkArray } from '../../src/util/raw-json.ts';
import { eventually } from '../support/eventually.ts';
import { type Asked, type Handler, json, startServer } from '../support/local-server.ts';
import { type Arrived, testSink } from '../support/sink-suite.ts';

const secret = 'a secret of thirty-two bytes and more';

function elementsOf(text: string): string[] {
  const elements: string[] = [];
  walkArray(text, 10, (at, levels) => {
    const end = skipValue(text, at, levels);
    elements.push(text.slice(at, end));
    return end;
  });
  return elements;
}

/** What the events of a real batch have in themselves, the suite's records have not: their ids. */
function knowingIds(sink: Sink, ids: Map<string, string>): Sink {
  return Object.assign(Object.create(sink) as Sink, {
    send(records: Parameters<Sink['send']>[0]) {
      for (const { body, id } of records) ids.set(body, id);
      return sink.send(records);
    },
    close: () => sink.close(),
    onState: (listener: () => void) => sink.onState(listener),
  });
}

testSink('http', async (t) => {
  const arrived: Arrived[] = [];
  const ids = new Map<string, string>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bodies = elementsOf(Buffer.concat(chunks).toString());
    const [only] = bodies;
    if (bodies.length === 1) assert.equal(request.headers['x-yunque-id'], ids.get(only ?? ''));
    for (const body of bodies) arrived.push({ body, id: ids.get(body) ?? 'unknown' });
    response.writeHead(204).end();
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const goAway = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  t.after(async () => {
    if (server.listening) await goAway();
  });
  return {
    open: () => knowingIds(createHttpSink({ url: `http://127.0.0.1:${port}/events`, secret, timeoutMs: 5000 }), ids),
    arrived: () => arrived,
    goAway,
    comeBack: () => listen(port),
  };
});

async function sinkTo(t: TestContext, handle: Handler, timeoutMs = 5000) {
  const server = await startServer(t, handle);
  const sink = createHttpSink({ url: `${server.url}events`, secret, timeoutMs });
  t.after(() => sink.close());
  return { server, sink };
}

const record = (id: string) => ({ key: 'u', id, body: `{"id":"${id}","n": 1.0}` });

describe('a sink over HTTP', () => {
  test('posts one JSON array, signed, with the same id for the same records and another for others', async (t) => {
    const { server, sink } = await sinkTo(t, json({}));
    await sink.send([record('a'), record('b')]);
    await sink.send([record('a'), record('b')]);
    await sink.send([record('a'), record('b'), record('c')]);
    await sink.send([record('a')]);
    const [first, again, more, single] = server.asked as [Asked, Asked, Asked, Asked];
    assert.deepEqual(
      [first.method, first.url, first.body],
      ['POST', '/events', '[{"id":"a","n": 1.0},{"id":"b","n": 1.0}]'],
    );
    const at = String(first.headers['x-yunque-timestamp']);
    const expected = createHmac('sha256', secret).update(`${at}.${first.body}`).digest('hex');
    assert.equal(first.headers['x-yunque-signature'], expected);
    const [id, ...others] = [first, again, more, single].map(({ headers }) => headers['x-yunque-id']);
    assert.match(String(id), /^[0-9a-f]{32}$/);
    assert.equal(others[0], id);
    assert.notEqual(others[1], id);
    assert.equal(others[2], 'a');
  });

  for (const status of [307, 400, 500, 503]) {
    test(`that is answered ${status} has not sent, and says so; it asks once`, async (t) => {
      const { server, sink } = await sinkTo(t, (_, response) => response.writeHead(status, { location: '/x' }).end());
      const told: string[] = [];
      sink.onState(() => told.push(sink.status.state));
      await assert.rejects(sink.send([record('a')]), {
        message: new RegExp(`^127.0.0.1:\\d+: it answered ${status}$`),
      });
      assert.equal(server.asked.length, 1);
      assert.equal(sink.status.failure?.includes(`answered ${status}`), true);
      server.handle = json({}, 201);
      await sink.send([record('a')]);
      assert.deepEqual(told, ['failing', 'ready']);
    });
  }

  test('waits for an answer no longer than its time', async (t) => {
    const { sink } = await sinkTo(t, () => {}, 50);
    await assert.rejects(sink.send([record('a')]), /no answer in time/);
  });

  test('that is closed ends what is under way', async (t) => {
    const { server, sink } = await sinkTo(t, () => {});
    const sent = sink.send([record('a')]);
    await eventually('it is asked', () => server.asked.length === 1);
    await Promise.all([sink.close(), assert.rejects(sent, /closed before it answered/)]);
    assert.equal(sink.status.state, 'closed');
  });
});
