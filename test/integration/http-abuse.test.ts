import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startTestNode, type TestNode } from '../support/node.ts';

let node: TestNode;
before(async () => {
  node = await startTestNode();
});
after(() => node[Symbol.asyncDispose]());

/** Writes `head`, then `drip` again and again; the answer when the node has ended the connection. */
function talk(head: string, drip?: string, port = node.port): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1');
    const timer = drip === undefined ? undefined : setInterval(() => socket.write(drip), 100);
    let answer = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      answer += text;
    });
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      clearInterval(timer);
      resolve(answer);
    });
    if (head !== '') socket.write(head);
  });
}

const statusesOf = (answer: string) => [...answer.matchAll(/^HTTP\/1\.1 (\d+) /gm)].map(([, status]) => Number(status));

async function assertUnharmed(): Promise<void> {
  assert.equal((await fetch(`${node.url}/healthz`)).status, 200);
}

test('who sends no headers, or one byte of them after the other, is cut off after 5 s', async () => {
  const request = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n';
  const upgrade = `${request.replace('healthz', 'ws')}Connection: Upgrade\r\nUpgrade: websocket\r\n`;
  // Three times as long, for a machine with other things to do.
  const late = delay(15_000, undefined, { ref: false }).then(() => assert.fail('nobody was cut off'));
  const cutOff = Promise.all([talk(''), talk(request, 'X'), talk(upgrade, 'X: y\r\n')]);
  const answers = await Promise.race([cutOff, late]);
  for (const answer of answers) assert.deepEqual(statusesOf(answer).slice(0, 1), [408]);
  await assertUnharmed();
});

describe('headers beyond all measure', () => {
  const requests = {
    'two thousand of them': Array.from({ length: 2000 }, (_, n) => `X-${n}: ${n}\r\n`).join(''),
    'one of 20,000 bytes': `X: ${'x'.repeat(20_000)}\r\n`,
    'a name of 20,000 bytes': `${'X'.repeat(20_000)}: x\r\n`,
  };
  for (const [what, headers] of Object.entries(requests)) {
    for (const path of ['/healthz', '/api/send_to_system', '/admin/v1/stats', '/ws']) {
      test(`${what} are answered 431 on ${path}`, async () => {
        const answer = await talk(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
        assert.deepEqual(statusesOf(answer), [431]);
        await assertUnharmed();
      });
    }
  }

  for (const [setting, fit, many] of [
    ['4KiB', 3000, 5000],
    ['32KiB', 20_000, 40_000],
  ] as const) {
    test(`limits.headerBytes says how much that is: ${setting}`, async () => {
      await using other = await startTestNode({ set: [`limits.headerBytes=${setting}`] });
      const get = (bytes: number) => {
        const headers = `Host: localhost\r\nConnection: close\r\nX: ${'x'.repeat(bytes)}`;
        return talk(`GET /healthz HTTP/1.1\r\n${headers}\r\n\r\n`, undefined, other.port);
      };
      assert.deepEqual(statusesOf(await get(fit)), [200]);
      assert.deepEqual(statusesOf(await get(many)), [431]);
    });
  }

  test('a URL of 20,000 bytes is answered 431, one of 8,000 as any other', async () => {
    const get = (bytes: number) =>
      talk(`GET /${'x'.repeat(bytes)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    assert.deepEqual(statusesOf(await get(20_000)), [431]);
    assert.deepEqual(statusesOf(await get(8000)), [404]);
    await assertUnharmed();
  });
});

describe('a Content-Length that lies', () => {
  const post = (headers: string, body: string) => `POST /send HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n${body}`;

  test('about less than is sent: the rest is no request', async () => {
    const answer = await talk(post('Content-Length: 2', '{}{"receiver":"a"}'));
    assert.equal(statusesOf(answer).at(-1), 400);
    await assertUnharmed();
  });

  test('and a Transfer-Encoding beside it, two lengths, or none that is a number: 400, and nothing is sent', async () => {
    const before = (await node.admin.stats()).nodes[0]?.messagesInTotal;
    const smuggled = '0\r\n\r\nPOST /send/all HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}';
    for (const headers of [
      `Content-Length: ${smuggled.length}\r\nTransfer-Encoding: chunked`,
      'Content-Length: 2\r\nContent-Length: 4',
      'Content-Length: -1',
      'Content-Length: 0x10',
      'Transfer-Encoding: gzip, chunked, x',
    ]) {
      assert.deepEqual(statusesOf(await talk(post(headers, smuggled))), [400], headers);
    }
    assert.equal((await node.admin.stats()).nodes[0]?.messagesInTotal, before);
    await assertUnharmed();
  });
});

describe('JSON that is too much', () => {
  const families = ['/api/send_to_system', '/send/sendList'];
  const ask = async (path: string, body: string) =>
    (await fetch(node.url + path, { method: 'POST', body, headers: { SystemId: 'default' } })).status;

  test('an array of ten million is 413, and one that fits into a body is 400', async () => {
    for (const path of families) {
      const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nSystemId: default\r\nContent-Length: 20000003\r\n\r\n`;
      assert.deepEqual(statusesOf(await talk(`${head}[${'0,'.repeat(100_000)}`)), [413]);
      assert.equal(await ask(path, `[${'0,'.repeat(500_000)}0]`), 400);
    }
    await assertUnharmed();
  });

  test('a hundred thousand open brackets are 400, and fifty thousand keys that nobody knows are ignored', async () => {
    for (const path of families) {
      assert.equal(await ask(path, '['.repeat(100_000)), 400);
      assert.equal(await ask(path, '{"a":'.repeat(100_000)), 400);
    }
    const keys = Array.from({ length: 50_000 }, (_, n) => `"k${n}":0`).join();
    assert.equal(await ask('/api/send_to_system', `{${keys}}`), 200);
    await assertUnharmed();
  });
});
