import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { SendPreview } from '../../../src/api/preview.ts';
import type { Receipt } from '../../../src/api/receipt.ts';
import { type Asked, type FakeAdmin, refuse, startFakeAdmin } from '../client/fake-admin.ts';
import { cli, type RunOptions, startCli, until } from './run-cli.ts';

const receipt: Receipt = {
  messageId: '5b4646dd8328f4b1',
  matched: 1,
  delivered: 1,
  queued: 0,
  stored: 0,
  dropped: {},
  missingNodes: [],
};

const preview: SendPreview = { matched: 2, nodes: { n1: 2 }, dialects: { json: 2 }, missingNodes: [] };

/** `asked`: without the questions how many it would reach. */
async function startAdmin(t: TestContext, answers: Record<string, unknown>): Promise<FakeAdmin> {
  const admin = await startFakeAdmin(t, { 'POST /send/preview': preview, ...answers });
  return Object.defineProperty({ ...admin }, 'asked', {
    get: () => admin.asked.filter(({ path }) => path !== '/send/preview'),
  });
}

const answering = (t: TestContext, more: Partial<Receipt> = {}) =>
  startAdmin(t, { 'POST /send': { ...receipt, ...more } });

const send = (admin: FakeAdmin, args: readonly string[], options: RunOptions = {}) =>
  cli(['send', '-s', admin.url, ...args], options);

describe('whom a message is sent to', () => {
  for (const [flags, target] of [
    [['--uid', 'alice'], { to: 'users', uids: ['alice'] }],
    [['--uid', 'alice,bob', '--uid', '张三'], { to: 'users', uids: ['alice', 'bob', '张三'] }],
    [['--client', '17', '--client', 'aGk='], { to: 'connections', ids: ['17', 'aGk='] }],
    [['--device', 'org/alice/phone'], { to: 'device', uid: 'org/alice', deviceId: 'phone' }],
    [['--group', 'a,b'], { to: 'groups', groups: ['a', 'b'] }],
    [['--all'], { to: 'system' }],
  ] as const) {
    it(`${flags.join(' ')} is ${JSON.stringify(target)}`, async (t) => {
      const admin = await answering(t);
      assert.equal((await send(admin, [...flags, 'hi'])).exit, 0);
      assert.deepEqual(JSON.parse(admin.asked[0]!.body), { target, push: { data: 'hi' } });
    });
  }

  for (const flags of [[], ['--uid', 'a', '--all'], ['--device', 'alice'], ['--device', '/x'], ['--device', 'a/']]) {
    it(`"${flags.join(' ')}" is refused before anything is sent`, async (t) => {
      const admin = await answering(t);
      assert.equal((await send(admin, [...flags, 'hi'])).exit, 2);
      assert.equal(admin.asked.length, 0);
    });
  }

  it('names the system and who is left out', async (t) => {
    const admin = await answering(t);
    await send(admin, ['--all', '-S', 'shop', '--exclude', 'bob,client:17', 'hi']);
    const { system, exclude } = JSON.parse(admin.asked[0]!.body);
    assert.deepEqual({ system, exclude }, { system: 'shop', exclude: { uids: ['bob'], ids: ['17'] } });
  });
});

describe('what is sent', () => {
  for (const [args, expected] of [
    [['hello'], '"push":{"data":"hello"}'],
    [['{"a": 1.0, "b":12345678901234567890}'], '"push":{"data":{"a": 1.0, "b":12345678901234567890}}'],
    [['42'], '"push":{"data":42}'],
    [['{broken'], '"push":{"data":"{broken"}'],
    [['@@home'], '"push":{"data":"@home"}'],
    [
      ['--code', '-7', '--msg', 'm', '--from', 'bob', 'x'],
      '"push":{"sendUserId":"bob","code":-7,"msg":"m","data":"x"}',
    ],
    [['--msg', 'only'], '"push":{"msg":"only"}'],
    [['--', '--json'], '"push":{"data":"--json"}'],
    [['--action', 'order', 'text'], '"message":{"action":"order","content":{"content":"text"}}'],
    [
      [
        '--id',
        '9223372036854775807',
        '--from',
        'b',
        '--title',
        't',
        '--content',
        'k=a=b',
        '--extra',
        'e=',
        '--content',
        'l=2',
      ],
      '"message":{"id":"9223372036854775807","sender":"b","title":"t","extra":{"e":""},"content":{"k":"a=b","l":"2"}}',
    ],
  ] as const) {
    it(`${args.join(' ')} is ${expected}`, async (t) => {
      const admin = await answering(t);
      const { exit, err } = await send(admin, ['--uid', 'a', ...args]);
      assert.equal(exit, 0, err);
      assert.equal(admin.asked[0]!.body, `{"target":{"to":"users","uids":["a"]},${expected}}`);
    });
  }

  it('comes from a file or from standard input, without its last line end', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'yunque-send-'));
    t.after(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'body'), 'two\nlines\n');
    const admin = await answering(t);
    await send(admin, ['--all', `@${join(folder, 'body')}`]);
    await send(admin, ['--all', '-'], { stdin: '云雀\r\n' });
    assert.deepEqual(
      admin.asked.map(({ body }) => JSON.parse(body).push.data),
      ['two\nlines', '云雀'],
    );
  });

  for (const [args, message] of [
    [[], /nothing to send[\s\S]*@file/],
    [['--action', 'a', '--code', '1', 'x'], /MessageProto/],
    [['@/nonexistent/file'], /^error: cannot send \/nonexistent\/file: there is no such file\nhint: .*@@/],
    [['@/'], /^error: cannot send \/: EISDIR[^\n]*\n$/],
    [['--id', '9223372036854775808', 'x'], /64 bits/],
    [['--content', 'nokey', 'x'], /key=value/],
    [['--stdin', 'x'], /one thing only/],
    [['--key-file', '-', '-'], /one thing only/],
  ] as const) {
    it(`${args.join(' ') || 'no body'} is refused before anything is sent`, async (t) => {
      const admin = await answering(t);
      const { exit, err } = await send(admin, ['--all', ...args], { stdin: 'text' });
      assert.equal(exit, 2);
      assert.match(err, message);
      assert.equal(admin.asked.length, 0);
    });
  }
});

describe('the receipt of a send', () => {
  it('is printed as lines, or with --json as one object with its schema', async (t) => {
    const admin = await answering(t, { matched: 3, delivered: 2, dropped: { slow_consumer: 1 }, offline: ['bob'] });
    const lines = await send(admin, ['--uid', 'alice,bob', 'hi']);
    assert.equal(
      lines.out,
      'message    5b4646dd8328f4b1\nmatched    3\ndelivered  2\ndropped    1 slow_consumer\noffline    bob\n',
    );
    const json = await send(admin, ['--uid', 'alice,bob', 'hi', '--json']);
    assert.match(json.out, /"matched":3,"delivered":2/);
    assert.equal(JSON.parse(json.out).schema, 'yunque.receipt/1');
    assert.equal(JSON.parse(json.out).messageId, receipt.messageId);
  });

  for (const [more, flags, exit] of [
    [{}, [], 0],
    [{ matched: 0, delivered: 0, offline: ['a'] }, [], 3],
    [{ matched: 0, delivered: 0, offline: ['a'] }, ['--allow-offline'], 0],
    [{ matched: 2, delivered: 1, dropped: { closing: 1 } }, [], 7],
    [{ missingNodes: ['n2'] }, [], 7],
    [{ matched: 0, delivered: 0, missingNodes: ['n2'] }, ['--allow-offline'], 7],
    [{ matched: 1, offline: ['bob'] }, [], 7],
    [{ matched: 1, unknown: ['nope'] }, [], 7],
    [{ matched: 1, offline: ['bob'] }, ['--allow-offline'], 0],
    [{ matched: 1, unknown: ['nope'] }, ['--allow-offline'], 0],
    [{ matched: 1, offline: [], unknown: [] }, [], 0],
  ] as const) {
    it(`${JSON.stringify(more)} ${flags.join('')} exits with ${exit}`, async (t) => {
      const admin = await answering(t, more);
      const ran = await send(admin, ['--all', 'hi', ...flags]);
      assert.equal(ran.exit, exit);
      assert.match(ran.out, /message {4}5b46/);
    });
  }

  it('is not printed where the node refused, and the exit code is the error table’s', async (t) => {
    const admin = await startAdmin(t, {
      'POST /send': (_: Asked, response: never) =>
        refuse(response, 404, { code: 'unknown_system', message: 'no such system' }),
    });
    assert.deepEqual(await send(admin, ['--all', 'x']), { exit: 1, out: '', err: 'error: no such system\n' });
  });
});

describe('many messages', () => {
  it('--stdin sends every line in order, and prints the sum', async (t) => {
    const admin = await answering(t, { matched: 2, delivered: 2 });
    const { exit, out } = await send(admin, ['--all', '--stdin', '--json'], { stdin: 'a\n\n{"b":1}\nc' });
    assert.equal(exit, 0);
    assert.deepEqual(
      admin.asked.map(({ body }) => JSON.parse(body).push.data),
      ['a', { b: 1 }, 'c'],
    );
    const { schema, sent, failed, matched, delivered } = JSON.parse(out);
    assert.deepEqual([schema, sent, failed, matched, delivered], ['yunque.send-summary/1', 3, 0, 6, 6]);
  });

  it('-o ndjson prints each receipt instead', async (t) => {
    const admin = await answering(t);
    const { out } = await send(admin, ['--all', '--count', '3', 'x', '-o', 'ndjson']);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ schema }) => schema),
      Array(3).fill('yunque.receipt/1'),
    );
  });

  it('a refused line is told with its number and passed over: exit 7', async (t) => {
    let count = 0;
    const admin = await startAdmin(t, {
      'POST /send': (_: Asked, response: never) => {
        count++;
        return count === 2 ? void refuse(response, 413, { code: 'payload_too_large', message: 'too large' }) : receipt;
      },
    });
    const { exit, out, err } = await send(admin, ['--all', '--stdin', '--json'], { stdin: 'a\nb\nc\n' });
    assert.equal(exit, 7);
    assert.match(err, /^error: 2: too large\n/);
    assert.deepEqual([JSON.parse(out).sent, JSON.parse(out).failed], [2, 1]);
  });

  it('all lines refused is that refusal', async (t) => {
    const admin = await startAdmin(t, {
      'POST /send': (_: Asked, response: never) =>
        refuse(response, 413, { code: 'payload_too_large', message: 'too large' }),
    });
    assert.equal((await send(admin, ['--all', '--stdin'], { stdin: 'a\nb\n' })).exit, 2);
  });

  it('a line that is not UTF-8 is told, counted as failed and not sent', async (t) => {
    const admin = await answering(t);
    const running = startCli(['send', '-s', admin.url, '--all', '--stdin', '--json']);
    running.stdin.end(Buffer.concat([Buffer.from('云雀\n'), Buffer.from([0xff, 0xfe, 0x0a]), Buffer.from('b\n')]));
    const { exit, out, err } = await running.done;
    assert.equal(exit, 7);
    assert.match(err, /^error: 2: it is not UTF-8 text\n/);
    assert.deepEqual([JSON.parse(out).sent, JSON.parse(out).failed], [2, 1]);
    assert.deepEqual(
      admin.asked.map(({ body }) => JSON.parse(body).push.data),
      ['云雀', 'b'],
    );
  });

  it('their sum for people has a number of what was dropped, and who was not there', async (t) => {
    const admin = await answering(t, { offline: ['bob'] });
    const ran = await send(admin, ['--uid', 'alice,bob', '--count', '2', 'x']);
    assert.equal(ran.exit, 7);
    assert.match(ran.out, /^dropped +0\nnot there +bob$/m);
    assert.match((await send(admin, ['--all', '--count', '2', 'x', '--allow-offline'])).out, /^dropped +0$/m);
  });

  it('csv of a receipt has the same columns always', async (t) => {
    const admin = await answering(t);
    const header = async (more: Partial<Receipt>) => {
      admin.answers['POST /send'] = { ...receipt, ...more };
      return (await send(admin, ['--all', 'x', '-o', 'csv'])).out.split('\r\n')[0];
    };
    const names = 'messageId,matched,delivered,queued,stored,dropped,missingNodes,offline,unknown';
    assert.deepEqual([await header({}), await header({ offline: ['bob'] })], [names, names]);
  });

  it('nobody matched by any line is 3', async (t) => {
    const admin = await answering(t, { matched: 0, delivered: 0 });
    assert.equal((await send(admin, ['--all', '--count', '2', 'x'])).exit, 3);
  });

  it('a node that goes away ends it with the sum so far', async (t) => {
    let count = 0;
    const admin = await startAdmin(t, {
      'POST /send': (_: Asked, response: { socket: { destroy(): void } }) =>
        ++count < 3 ? receipt : void response.socket.destroy(),
    });
    const { exit, out } = await send(admin, ['--all', '--count', '9', 'x', '--json']);
    assert.equal(exit, 7);
    assert.deepEqual([JSON.parse(out).sent, JSON.parse(out).failed], [2, 1]);
    assert.equal(admin.asked.length, 3);
  });

  it('Ctrl-C prints the sum so far and exits with 130', async (t) => {
    const admin = await answering(t);
    const running = startCli(['send', '-s', admin.url, '--all', '--stdin', '--json']);
    running.stdin.write('a\nb\n');
    await until(() => admin.asked.length === 2);
    running.interrupt();
    const { exit, out } = await running.done;
    assert.equal(exit, 130);
    assert.ok(JSON.parse(out).sent >= 1);
  });
});

describe('group send', () => {
  it('sends to the members with the same flags', async (t) => {
    const admin = await answering(t);
    const { exit } = await cli(['group', 'send', 'room1', 'hi', '--code', '5', '-s', admin.url]);
    assert.equal(exit, 0);
    assert.deepEqual(JSON.parse(admin.asked[0]!.body), {
      target: { to: 'groups', groups: ['room1'] },
      push: { code: 5, data: 'hi' },
    });
  });
});
