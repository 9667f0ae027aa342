import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { createHook, type HookOptions } from '../../../src/egress/hook.ts';
import { eventually } from '../../support/eventually.ts';
import { type Handler, json, startServer } from '../../support/local-server.ts';

const secret = 'a secret of thirty-two bytes and more';

async function hookTo(t: TestContext, handle: Handler, more: Partial<HookOptions> = {}) {
  const server = await startServer(t, handle);
  const hook = createHook({
    url: `${server.url}hook`,
    secret,
    timeoutMs: 5000,
    pause: { firstMs: 1, mostMs: 2 },
    ...more,
  });
  t.after(() => hook.close());
  return { hook, server };
}

const silent: Handler = () => {};
const status =
  (code: number, body = ''): Handler =>
  (_, response) =>
    response.writeHead(code).end(body);
const kinds = async (answers: readonly Promise<{ readonly is: string }>[]) =>
  (await Promise.all(answers)).map(({ is }) => is);

/** Handles the first request with the first, and so on; the last one has all others. */
function oneAfterTheOther(...handlers: Handler[]): Handler {
  let at = 0;
  return (asked, response) => handlers[Math.min(at++, handlers.length - 1)]?.(asked, response);
}

describe('a hook', () => {
  test('is posted the body, signed over time and body, with the id of the question', async (t) => {
    const { hook, server } = await hookTo(t, json({ code: 200 }));
    assert.deepEqual(await hook.ask('id-1', '{"key":"é"}'), { is: 'answer', status: 200, text: '{"code":200}' });
    const [asked] = server.asked;
    assert.ok(asked);
    assert.deepEqual([asked.method, asked.url, asked.body], ['POST', '/hook', '{"key":"é"}']);
    const { 'x-yunque-id': id, 'x-yunque-timestamp': at, 'x-yunque-signature': signature } = asked.headers;
    assert.deepEqual([id, asked.headers['content-type']], ['id-1', 'application/json']);
    assert.ok(Math.abs(Number(at) - Date.now() / 1000) < 60);
    const expected = createHmac('sha256', Buffer.from(secret)).update(`${at}.`).update(asked.body).digest('hex');
    assert.equal(signature, expected);
  });

  for (const code of [502, 503, 504]) {
    test(`that answers ${code} is asked again with the same id, and signed anew`, async (t) => {
      const { hook, server } = await hookTo(t, oneAfterTheOther(status(code), status(code), json({})));
      assert.deepEqual((await hook.ask('same', '{}')).is, 'answer');
      assert.deepEqual(
        server.asked.map(({ headers }) => headers['x-yunque-id']),
        ['same', 'same', 'same'],
      );
      assert.deepEqual([hook.figures.retries, hook.figures.answered, hook.figures.failed], [2, 1, 0]);
    });
  }

  test('that closes without a word is asked again; after its last try it is down', async (t) => {
    const cut: Handler = (_, response) => void response.socket?.destroy();
    const { hook, server } = await hookTo(t, oneAfterTheOther(cut, json({}), cut));
    assert.equal((await hook.ask('a', '{}')).is, 'answer');
    const answer = await hook.ask('b', '{}');
    assert.equal(answer.is, 'down');
    assert.ok(server.asked.filter(({ headers }) => headers['x-yunque-id'] === 'b').length >= 3);
  });

  test('that is not there is down, and says so in words', async (t) => {
    const closed = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    const { hook } = await hookTo(t, silent, { url: `http://127.0.0.1:${port}/`, retries: 1 });
    assert.deepEqual(await hook.ask('a', '{}'), { is: 'down', reason: `127.0.0.1:${port}: ECONNREFUSED` });
  });

  for (const code of [200, 204, 307, 400, 404, 500]) {
    test(`that answers ${code} is asked once: it is its own answer`, async (t) => {
      const { hook, server } = await hookTo(t, status(code, code === 204 ? '' : 'text'));
      const text = code === 204 ? '' : 'text';
      assert.deepEqual(await hook.ask('a', '{}'), { is: 'answer', status: code, text });
      assert.equal(server.asked.length, 1);
      assert.deepEqual(hook.status, { state: 'ready', failure: undefined });
    });
  }

  test('is waited for no longer than its time, tries and pauses together', async (t) => {
    const { hook } = await hookTo(t, silent, { timeoutMs: 60 });
    const started = performance.now();
    assert.deepEqual((await hook.ask('a', '{}')).is, 'late');
    assert.ok(performance.now() - started < 3000);
  });

  test('may answer with 64 KiB and not with a byte more', async (t) => {
    const text =
      (length: number): Handler =>
      (_, response) =>
        response.end('x'.repeat(length));
    const { hook, server } = await hookTo(t, oneAfterTheOther(text(65_536), text(65_537)));
    assert.deepEqual(await kinds([hook.ask('a', '{}')]), ['answer']);
    assert.deepEqual(await hook.ask('b', '{}'), { is: 'broken', reason: 'the answer is longer than 65536 bytes' });
    assert.equal(server.asked.length, 2, 'what was answered is not asked again');
  });

  test('whose answer ends in the middle has given none that can be used, and is not asked again', async (t) => {
    const half: Handler = (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setImmediate(() => response.socket?.destroy());
    };
    const { hook, server } = await hookTo(t, half);
    assert.equal((await hook.ask('a', '{}')).is, 'broken');
    assert.equal(server.asked.length, 1);
  });

  test('is asked so many questions at once, and the others wait their turn; too many are refused', async (t) => {
    const held: (() => void)[] = [];
    const hold: Handler = (_, response) => void held.push(() => response.end('{}'));
    const { hook, server } = await hookTo(t, hold, { concurrency: 2, waiting: 1 });
    const answers = [hook.ask('1', '{}'), hook.ask('2', '{}'), hook.ask('3', '{}')];
    assert.deepEqual((await hook.ask('4', '{}')).is, 'busy');
    await eventually('two are asked', () => held.length === 2);
    assert.deepEqual([server.asked.length, hook.figures.waiting, hook.figures.refused], [2, 3, 1]);
    held[0]?.();
    await eventually('the third is asked', () => held.length === 3);
    for (const go of held) go();
    assert.deepEqual(await kinds(answers), ['answer', 'answer', 'answer']);
  });

  test('that fails is left alone for a while and tried again: open, half-open with one question, closed', async (t) => {
    const { hook, server } = await hookTo(t, status(503), {
      retries: 0,
      breaker: { inARow: 3, firstOpenMs: 40, mostOpenMs: 40 },
    });
    const states: string[] = [];
    hook.onState(() => states.push(hook.status.state));
    for (let at = 0; at < 3; at++) assert.equal((await hook.ask(`${at}`, '{}')).is, 'down');
    assert.deepEqual(await hook.ask('4', '{}'), { is: 'open', reason: 'it answered 503' });
    assert.deepEqual(hook.status, { state: 'failing', failure: 'it answered 503' });
    assert.equal(server.asked.length, 3);
    const held: (() => void)[] = [];
    server.handle = (_, response) => void held.push(() => response.end('{}'));
    const answers: Promise<{ readonly is: string }>[] = [];
    await eventually('one question goes through', () => {
      if (held.length === 0) answers.push(hook.ask('again', '{}'));
      return held.length > 0;
    });
    assert.equal((await hook.ask('5', '{}')).is, 'open');
    assert.equal(held.length, 1);
    held[0]?.();
    assert.equal((await kinds(answers)).filter((is) => is === 'answer').length, 1);
    server.handle = json({});
    assert.deepEqual(await kinds([hook.ask('6', '{}'), hook.ask('7', '{}')]), ['answer', 'answer']);
    assert.deepEqual(
      [hook.status.state, hook.figures.opened, states[0], states.at(-1)],
      ['ready', 1, 'failing', 'ready'],
    );
  });

  test('that does not answer in time is one that fails', async (t) => {
    const { hook } = await hookTo(t, silent, { timeoutMs: 30, breaker: { inARow: 2 } });
    assert.deepEqual(await kinds([hook.ask('1', '{}')]), ['late']);
    assert.deepEqual(await kinds([hook.ask('2', '{}')]), ['late']);
    assert.deepEqual(await kinds([hook.ask('3', '{}')]), ['open']);
  });

  test('that is left alone keeps nobody waiting for a turn', async (t) => {
    const pause = { firstMs: 400, mostMs: 400 };
    const { hook, server } = await hookTo(t, status(503), {
      concurrency: 1,
      retries: 1,
      pause,
      breaker: { inARow: 1 },
    });
    let isAnswered = false;
    const first = hook.ask('1', '{}').then(() => {
      isAnswered = true;
    });
    await eventually('the breaker is open', () => hook.status.state === 'failing');
    assert.deepEqual([await kinds([hook.ask('2', '{}')]), isAnswered], [['open'], false]);
    await first;
    assert.equal(server.asked.length, 1);
  });

  test('is not shut by what it answers itself, 500 included', async (t) => {
    const { hook } = await hookTo(t, status(500), { breaker: { inARow: 2 } });
    for (let at = 0; at < 5; at++) assert.equal((await hook.ask(`${at}`, '{}')).is, 'answer');
    assert.equal(hook.status.state, 'ready');
  });

  test('that is closed ends what is under way, and is asked nothing more', async (t) => {
    const { hook, server } = await hookTo(t, silent, { concurrency: 1 });
    const answers = [hook.ask('1', '{}'), hook.ask('2', '{}')];
    await eventually('it is asked', () => server.asked.length === 1);
    await hook.close();
    assert.deepEqual(await kinds([...answers, hook.ask('3', '{}')]), ['closed', 'closed', 'closed']);
    assert.deepEqual([hook.status.state, hook.figures.waiting], ['closed', 0]);
  });
});
