import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { startTestNode } from '../../support/node.ts';
import { pick, pickOf } from '../../support/random.ts';
import { createAddresses, exchange, stackTrace } from '../exchange.ts';
import { makeJson, mutate } from '../mutate.ts';
import { openResidents } from '../residents.ts';
import type { OpenTarget, Random, Target } from '../target.ts';

const message = { id: 748, action: 'chat', content: { text: 'hello', nested: [1.5] }, receiver: 'alice', extra: {} };
const push = { sendUserId: 'u', code: 7, msg: 'hi', data: { price: 1.0 } };
const target = { to: 'users', uids: ['alice', 'bob'] };

const requests: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ['POST', '/api/register', { systemId: 'shop' }],
  ['POST', '/api/send_to_client', { clientId: '1', ...push }],
  ['POST', '/api/send_to_clients', { clientIds: ['1', '2'], ...push }],
  ['POST', '/api/send_to_group', { groupName: 'hall', ...push }],
  ['POST', '/api/send_to_system', push],
  ['POST', '/api/bind_to_group', { clientId: '1', groupName: 'hall', userId: 'u', extend: '{}' }],
  ['POST', '/api/unbind_from_group', { clientId: '1', groupName: 'hall' }],
  ['POST', '/api/get_online_list', { groupName: 'hall' }],
  ['POST', '/api/is_online', { userId: 'alice' }],
  ['POST', '/api/close_client', { clientId: '1' }],
  ['POST', '/send', message],
  ['POST', '/send/all', message],
  ['POST', '/send/toUids', { message, uids: ['alice', 'nobody'] }],
  ['POST', '/send/sendList', [message, message]],
  ['GET', '/getOnlineUser?uid=alice&limit=2&cursor=WyIxIiwiYSIsImIiXQ'],
  ['POST', '/getOnlineUser', { uid: 'alice', limit: 2 }],
  ['POST', '/room/join', { room: 'hall', uids: ['alice'] }],
  ['POST', '/room/leave', { room: 'hall', cids: ['1'] }],
  ['POST', '/login/register', { username: 'alice', password: 'secret' }],
  ['POST', '/login', { username: 'alice', password: 'secret' }],
  ['GET', '/login/getUserinfo?token=abc'],
  ['POST', '/api/message/send?sender=0&receiver=alice&action=2&content=x&extra=%E4%BA%91'],
  ['POST', '/api/message/send', { sender: '0', receiver: 'alice', action: '2' }],
  ['GET', '/admin/v1/version'],
  ['GET', '/admin/v1/stats'],
  ['GET', '/admin/v1/openapi.json'],
  ['POST', '/admin/v1/send', { target, push }],
  ['POST', '/admin/v1/send', { target: { to: 'groups', groups: ['hall'] }, message, exclude: { uids: ['bob'] } }],
  ['POST', '/admin/v1/send/preview', { target: { to: 'users', uids: ['alice', 'nobody'] } }],
  ['GET', '/admin/v1/connections?where=uid%3Dalice&where=queueBytes%3E1&sort=cid&limit=3'],
  ['GET', '/admin/v1/connections?where=remoteAddress~127&descending=true&cursor=WyIxIiwiYSIsImIiXQ'],
  ['GET', '/admin/v1/connections/1?system=default'],
  ['DELETE', '/admin/v1/connections/1?reason=x'],
  ['GET', '/admin/v1/users?search=a'],
  ['GET', '/admin/v1/users/alice'],
  ['DELETE', '/admin/v1/users/alice?reason=%E4%BA%91'],
  ['POST', '/admin/v1/users/online', { uids: ['alice', 'nobody'] }],
  ['GET', '/admin/v1/groups'],
  ['GET', '/admin/v1/groups/hall/members?limit=1'],
  ['POST', '/admin/v1/groups/hall/join', { uids: ['alice'], userId: 'u', extend: 'e' }],
  ['POST', '/admin/v1/groups/hall/leave', { uids: ['alice'] }],
  ['DELETE', '/admin/v1/groups/hall'],
  ['POST', '/admin/v1/systems', { system: 'shop' }],
  ['DELETE', '/admin/v1/systems/shop'],
  ['GET', '/admin/v1/events?type=connected,disconnected&backlog=10'],
  ['GET', '/healthz'],
  ['GET', '/readyz'],
  ['GET', '/metrics'],
];

const methods = [
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'CONNECT',
  'PRI',
  'QUERY',
] as const;
const paths = requests.map(([, path]) => Buffer.from(path));
const bodies = requests.flatMap(([, , body]) => (body === undefined ? [] : [Buffer.from(JSON.stringify(body))]));
const names = [...new Set(requests.flatMap(([, , body]) => Object.keys(body ?? {})).concat('to', 'uids', 'ids'))];
const oddHeaders = [
  ...['Content-Type: application/json', 'Content-Type: multipart/form-data; boundary=', 'Content-Encoding: gzip'],
  ...['Expect: 100-continue', 'Expect: 200-ok', 'Transfer-Encoding: chunked', 'Transfer-Encoding: gzip, chunked'],
  ...['Content-Length: 5', 'Content-Length: -1', 'Content-Length: 99999999', 'Connection: close', 'Host: evil.example'],
  ...['X-Forwarded-For: 1.2.3.4', 'Origin: http://evil.example', 'Sec-Fetch-Site: cross-site', 'Range: bytes=0-'],
  ...['Upgrade: websocket', 'Upgrade: h2c', 'Authorization: Basic YTpi', 'Authorization: Bearer', 'Accept-Version: 2'],
  ...['SystemId: shop', 'SystemId: $probe', 'SystemId: __proto__', 'systemid: default', ' folded: x', 'Cookie: a=b'],
  ...[
    'X-HTTP-Method-Override: DELETE',
    'If-None-Match: *',
    'Accept: application/xml',
    'Trailer: x',
    `X: ${'y'.repeat(9000)}`,
  ],
].map((text) => Buffer.from(text));
/** Behind every input, so that one that was read to its end is answered at once. */
const farewell = Buffer.from('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
/** Stands for the operator's key, which is another in every run. */
const keyMark = Buffer.from('THE-OPERATORS-KEY');

/** Requests whose method, path, headers, body, framing or any byte is not what it should be, over sockets of their own. */
export const httpTarget: Target = {
  name: 'HTTP',
  count: 80_000,
  concurrency: 32,
  maxGrowthBytes: 48 * 1024 * 1024,
  generate,
  async open(): Promise<OpenTarget> {
    const node = await startTestNode({ set: ['demo=true'] });
    const key = await readFile(node.node.operator.keyFile ?? '');
    const residents = await openResidents(node);
    const nextAddress = createAddresses();
    return {
      async run(input) {
        await residents.ensure();
        const answer = await exchange(withKey(input, key.toString().trim()), {
          port: node.port,
          localAddress: nextAddress(),
          isWhole: () => false,
          isEndless: (bytes) => bytes.includes('text/event-stream'),
        });
        residents.judge();
        judge(answer);
      },
      async close() {
        assert.equal((await fetch(`${node.url}/healthz`)).status, 200);
        assert.equal((await fetch(`${node.url}/readyz`)).status, 200);
        await residents[Symbol.asyncDispose]();
        await node[Symbol.asyncDispose]();
      },
    };
  },
};

function generate(random: Random): Buffer {
  const [method, path, body] = pickOf(random, requests as [(typeof requests)[number]]);
  const line = [
    random() < 0.9 ? method : pickOf(random, methods),
    random() < 0.8 ? path : mutate(random, [Buffer.from(path), ...paths]),
    random() < 0.97 ? 'HTTP/1.1' : pickOf(random, ['HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'http/1.1', '']),
  ];
  const content = body === undefined && random() < 0.9 ? undefined : makeBody(random, body);
  const head = [Buffer.from('Host: 127.0.0.1'), ...framing(random, content)];
  if (path.startsWith('/admin') && random() < 0.9)
    head.push(Buffer.concat([Buffer.from('Authorization: Bearer '), keyMark]));
  if (random() < 0.8) head.push(Buffer.from('SystemId: default'));
  for (let n = random() < 0.7 ? 0 : 1 + pick(random, 3); n > 0; n--) {
    head.push(random() < 0.7 ? pickOf(random, oddHeaders as [Buffer]) : mutate(random, oddHeaders));
  }
  const bytes = Buffer.concat([
    Buffer.concat(line.flatMap((part, i) => [Buffer.from(i === 0 ? '' : ' '), Buffer.from(part)])),
    ...head.flatMap((each) => [Buffer.from('\r\n'), each]),
    Buffer.from('\r\n\r\n'),
    content === undefined ? Buffer.alloc(0) : isChunked(head) ? chunked(random, content) : content,
  ]);
  return random() < 0.1 ? mutate(random, [bytes]) : bytes;
}

function makeBody(random: Random, body: unknown): Buffer {
  const sample = Buffer.from(JSON.stringify(body ?? {}));
  const kind = random();
  if (kind < 0.45) return sample;
  if (kind < 0.75) return mutate(random, [sample, ...bodies]);
  // The same members with other values.
  const members = Object.keys(body ?? {}).map((name) => `${JSON.stringify(name)}:${makeJson(random, names, 3)}`);
  return Buffer.from(kind < 0.9 ? `{${members.join(',')}}` : makeJson(random, names));
}

function framing(random: Random, content: Buffer | undefined): Buffer[] {
  if (content === undefined) return [];
  const kind = random();
  if (kind < 0.1) return [Buffer.from('Transfer-Encoding: chunked')];
  return [Buffer.from(`Content-Length: ${kind < 0.95 ? content.length : pick(random, 2 * content.length + 2)}`)];
}

function isChunked(head: readonly Buffer[]): boolean {
  return head.some((line) => line.toString() === 'Transfer-Encoding: chunked');
}

function chunked(random: Random, content: Buffer): Buffer {
  const at = pick(random, content.length);
  const parts = [content.subarray(0, at), content.subarray(at)].filter((part) => part.length > 0);
  return Buffer.concat([
    ...parts.flatMap((part) => [Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]),
    Buffer.from('0\r\n\r\n'),
  ]);
}

function withKey(input: Buffer, key: string): Buffer {
  const at = input.indexOf(keyMark);
  const whole = at < 0 ? [input] : [input.subarray(0, at), Buffer.from(key), input.subarray(at + keyMark.length)];
  return Buffer.concat([...whole, farewell]);
}

/** Each answer is one of HTTP below 500 and says nothing of our files. */
function judge(answer: Buffer): void {
  const text = answer.toString('latin1');
  assert.doesNotMatch(text, stackTrace, 'a stack trace in an answer');
  for (let rest = text; rest !== ''; rest = afterFirst(rest)) {
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(rest)?.[1];
    assert.ok(status !== undefined, `no HTTP answer: ${rest.slice(0, 100)}`);
    assert.ok(Number(status) < 500, `answered ${rest.slice(0, 400)}`);
    if (/^content-type: text\/event-stream/im.test(rest) || status === '101') return;
  }
}

/** What follows the first answer of several on one connection. */
function afterFirst(text: string): string {
  const end = text.indexOf('\r\n\r\n') + 4;
  assert.ok(end > 3, 'an answer ends within its headers');
  // The answer to a HEAD has a length and no body.
  if (/^HTTP\/1\.1 \d{3} /.test(text.slice(end))) return text.slice(end);
  if (/\r\ntransfer-encoding: chunked\r\n/i.test(text.slice(0, end))) {
    // Compact JSON and metrics: the last chunk's line is nowhere inside them.
    const last = text.indexOf('\n0\r\n\r\n', end - 1);
    return last < 0 ? '' : text.slice(last + 6);
  }
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, end))?.[1];
  return text.slice(end + Number(length ?? 0));
}
