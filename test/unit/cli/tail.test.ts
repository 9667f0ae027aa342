import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import type { TailCopy, TailItem } from '../../../src/api/tail.ts';
import { copyLine } from '../../../src/cli/tail/copy-line.ts';
import { widthOf } from '../../../src/util/text-width.ts';
import { startFakeAdmin } from '../client/fake-admin.ts';
import { cli, startCli, until } from './run-cli.ts';

const copy: TailCopy = {
  ...{ type: 'copy', time: new Date(2026, 2, 1, 14, 3, 22, 120).getTime(), node: 'n1', system: 'default' },
  ...{ direction: 'out', door: 'http', messageId: '1', target: { to: 'groups', groups: ['room'] }, kind: 'push' },
  ...{ bytes: 13, body: '{"msg":"云雀"}', isRedacted: false, isCut: false, matched: 3, delivered: 2, dropped: {} },
};
const lost: TailItem = { type: 'lost', node: 'n2', count: 7, why: 'reader' };

/** Sends these items to whoever asks, and keeps the stream open unless `ends`. */
const sends =
  (items: readonly TailItem[], ends = false) =>
  (_asked: unknown, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': tail\n\n');
    for (const item of items) response.write(`event: ${item.type}\ndata: ${JSON.stringify(item)}\n\n`);
    if (ends) response.end();
  };

test('a line of a copy is made in no time, whatever a client has sent', () => {
  // A second of a processor and more where the time grows with the square of it.
  const body = `${' '.repeat(200_000)}x`;
  assert.ok(copyLine({ ...copy, body }, { width: undefined, systems: false }).endsWith('  x'));
  const lines = copyLine({ ...copy, body: '{\r\n  "a": 1,\n\n  "b": 2\n}' }, { width: undefined, systems: false });
  assert.ok(lines.endsWith(' { "a": 1, "b": 2 }'), lines);
});

describe('yunque tail', () => {
  test('asks for what its options say, and ends after --count copies with 0', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /tail': sends([copy, copy, copy]) });
    const flags = ['--uid', 'alice', '--direction', 'out', '--sample', '1/10', '--rate', '30/m', '--redact'];
    const { exit, out } = await cli(['tail', '-s', admin.url, '-S', 'shop', ...flags, '--count', '2'], {
      env: { YUNQUE_KEY: 'k' },
    });
    assert.equal(exit, 0);
    const lines = out.trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line) as object),
      [copy, copy].map((each) => ({ schema: 'yunque.tail/1', ...each })),
      'a pipe gets JSON lines',
    );
    const asked = new URLSearchParams(admin.asked[0]?.path.replace(/^.*\?/, ''));
    assert.deepEqual(Object.fromEntries(asked), {
      ...{ uid: 'alice', direction: 'out', sample: '0.1', perSecond: '0.5', redact: 'true', system: 'shop' },
    });
  });

  for (const [share, value] of [
    ['0.25', '0.25'],
    ['10%', '0.1'],
    ['1', '1'],
  ] as const) {
    test(`takes ${share} as a sample`, async (t) => {
      const admin = await startFakeAdmin(t, { 'GET /tail': sends([copy]) });
      await cli(['tail', '-s', admin.url, '--sample', share, '--count', '1'], { env: { YUNQUE_KEY: 'k' } });
      assert.match(admin.asked[0]?.path ?? '', new RegExp(`sample=${value}$`));
    });
  }

  test('refuses what is no sample, rate or format', async () => {
    for (const wrong of ['--sample=0', '--sample=2', '--sample=1/0', '--rate=0', '--rate=20000', '--direction=up']) {
      assert.equal((await cli(['tail', wrong])).exit, 2, wrong);
    }
    const { exit, err } = await cli(['tail', '-s', 'http://127.0.0.1:1', '-o', 'csv'], { env: { YUNQUE_KEY: 'k' } });
    assert.deepEqual([exit, /not as csv/.test(err)], [2, true]);
  });

  test('exits with 3 where less came than was asked for in --duration, and else with 0', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /tail': sends([copy]) });
    const run = async (...flags: string[]) =>
      (await cli(['tail', '-s', admin.url, '--duration', '150ms', ...flags], { env: { YUNQUE_KEY: 'k' } })).exit;
    assert.equal(await run(), 0);
    assert.equal(await run('--count', '2'), 3);
    admin.answers['GET /tail'] = sends([]);
    assert.equal(await run(), 3);
  });

  test('says on standard error what was left out, and in JSON on a line of its own', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /tail': sends([lost, copy]) });
    const asText = await cli(['tail', '-s', admin.url, '--count', '1', '-o', 'table'], { env: { YUNQUE_KEY: 'k' } });
    assert.match(asText.err, /^7 not copied on n2: they came faster than they were read$/m);
    assert.equal(asText.out.split('\n').length, 2);
    const asJson = await cli(['tail', '-s', admin.url, '--count', '1', '--json'], { env: { YUNQUE_KEY: 'k' } });
    assert.deepEqual(JSON.parse(asJson.out.split('\n')[0] ?? ''), { schema: 'yunque.tail/1', ...lost });
    assert.equal(asJson.err, '');
  });

  test('opens a stream that breaks again, and ends with 130 after Ctrl-C', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /tail': sends([copy], true) });
    const running = startCli(['tail', '-s', admin.url, '-o', 'plain'], { env: { YUNQUE_KEY: 'k' } });
    await until(() => running.out().split('\n').length > 2);
    running.interrupt();
    const { exit, out, err } = await running.done;
    assert.equal(exit, 130);
    assert.match(err, /ended the tail; trying again\n.* answers again/);
    const values = out.split('\n')[0]?.split('\t');
    assert.deepEqual(values?.slice(1), [
      ...['n1', 'default', 'out', 'http', '#room', 'push', '13', '3', '2', '{"msg":"云雀"}'],
    ]);
  });

  test('says once that a key that may only read sees no values', async (t) => {
    const hidden = { ...copy, isRedacted: true };
    const admin = await startFakeAdmin(t, { 'GET /tail': sends([hidden, hidden]) });
    const { err } = await cli(['tail', '-s', admin.url, '--count', '2'], { env: { YUNQUE_KEY: 'k' } });
    assert.equal(err.match(/may only read/g)?.length, 1);
  });

  test('is a table on a terminal, cut to its width', async (t) => {
    const admin = await startFakeAdmin(t, { 'GET /tail': sends([copy]) });
    const { out } = await cli(['tail', '-s', admin.url, '--count', '1'], { env: { YUNQUE_KEY: 'k' }, terminal: 80 });
    assert.equal(out, '14:03:22 → http   #room            push      13 B     2/3 {"msg":"云雀"}\n');
    // As under `script`, `expect` or `docker run -t` with no window.
    const unsized = await cli(['tail', '-s', admin.url, '--count', '1'], { env: { YUNQUE_KEY: 'k' }, terminal: 0 });
    assert.equal(unsized.out, out);
  });
});

describe('a line', () => {
  /** Without a width: as in a pipe. */
  const line = (more: Partial<TailCopy>, width?: number) => copyLine({ ...copy, ...more }, { width, systems: true });

  test('is never wider than the terminal, whatever characters are in it', () => {
    const body = `{"msg":"${'云雀'.repeat(100)}"}`;
    for (const width of [20, 79, 80, 81, 140]) assert.ok(widthOf(line({ body }, width)) <= width);
    assert.equal(widthOf(line({ body }, 80)) >= 79, true);
    assert.match(line({ body }), /云雀"}$/);
  });

  test('shows what a terminal would obey, and stays one line', () => {
    const evil = line({ body: '{\n  "a": "\u001b[2J\u202e"\n}', kind: 'k\u0007', system: 'a\nb' });
    assert.match(evil, /\{ "a": "\\u001b\[2J\\u202e" \}$/);
    assert.doesNotMatch(evil, /[\p{Cc}\u202e]/u);
  });

  test('names who it is for, or who sent it', () => {
    const who = (more: Partial<TailCopy>) => line(more).slice(24, 52).trimEnd();
    const names = (length: number) => Array.from({ length }, (_, n) => `u${n}`);
    assert.equal(who({ target: { to: 'system' }, system: 'shop' }), 'shop/all');
    assert.equal(who({ target: { to: 'users', uids: names(2) } }), 'u0,u1');
    assert.equal(who({ target: { to: 'users', uids: names(10) }, targets: 25 }), 'u0 +24');
    assert.equal(who({ target: { to: 'device', uid: 'u', deviceId: 'd' } }), 'u@d');
    assert.equal(who({ target: { to: 'connections', ids: ['12'] } }), 'client 12');
    const { target: _, ...sent } = copy;
    const asked = { ...sent, direction: 'in', cid: '12' } as const;
    assert.match(copyLine(asked, { width: 80, systems: true }), /^14:03:22 ← http {3}client 12 /);
    assert.match(copyLine({ ...asked, uid: 'alice' }, { width: 80, systems: true }), /^14:03:22 ← http {3}alice /);
  });
});
