import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FaultyOptions, startFaultyGoWebsocket } from '../support/faulty-go-websocket.ts';
import { cli } from '../unit/cli/run-cli.ts';

interface Figures {
  readonly sent: number;
  readonly expected: number;
  readonly received: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  readonly misdelivered: number;
  readonly refused: number;
  readonly unanswered: number;
  readonly closed: number;
  readonly limit: string;
  readonly rate: number;
  readonly seconds: number;
  readonly closeCodes?: Readonly<Record<string, number>>;
}

/** Ten clients, one stream, messages enough for every fault. */
async function bench(options: FaultyOptions, ...args: readonly string[]) {
  await using server = await startFaultyGoWebsocket(options);
  const scenario = args[0]?.startsWith('-') === false ? args : ['fanout', ...args];
  const { exit, out, err } = await cli([
    'bench',
    ...scenario,
    ...['--http-url', server.url, '--clients', '10', '--rate', '200', '--duration', '500ms', '--warmup', '0s'],
    ...['--in-flight', '1', '--json', '--timeout', '700ms'],
  ]);
  assert.notEqual(out, '', err);
  return { exit, err, figures: JSON.parse(out) as Figures, requests: server.requests };
}

const clean = { lost: 0, duplicated: 0, outOfOrder: 0, misdelivered: 0, refused: 0, unanswered: 0, closed: 0 };
const wrong = ({ lost, duplicated, outOfOrder, misdelivered, refused, unanswered, closed }: Figures) => ({
  lost,
  duplicated,
  outOfOrder,
  misdelivered,
  refused,
  unanswered,
  closed,
});

test('a server that does its work is found to, by its own API alone', async () => {
  const { exit, err, figures, requests } = await bench({});
  assert.deepEqual(wrong(figures), clean);
  assert.equal(figures.received, figures.sent * 10);
  assert.equal(exit, 0, err);
  assert.deepEqual([...requests.keys()], ['/api/register', '/api/bind_to_group', '/api/send_to_group']);
});

test('lost messages are found, each at each client', async () => {
  const { exit, err, figures } = await bench({ fault: (delivery) => (delivery % 7 === 3 ? 'drop' : undefined) });
  const lostEach = Array.from({ length: figures.sent }, (_, at) => at).filter((at) => at % 7 === 3).length;
  assert.ok(lostEach > 0);
  assert.deepEqual(wrong(figures), { ...clean, lost: lostEach * 10 });
  assert.equal(figures.received, figures.expected - lostEach * 10);
  assert.equal(exit, 1);
  assert.match(err, new RegExp(`not met: loss=0 \\(it was ${lostEach * 10}\\)`));
});

test('doubled messages are found', async () => {
  const { exit, figures } = await bench({ fault: (delivery) => (delivery === 5 ? 'double' : undefined) });
  assert.deepEqual(wrong(figures), { ...clean, duplicated: 10 });
  assert.equal(figures.received, figures.expected);
  assert.equal(exit, 1);
});

test('swapped messages are found, and not taken for lost', async () => {
  const { exit, figures } = await bench({ fault: (delivery) => (delivery === 5 ? 'late' : undefined) });
  assert.deepEqual(wrong(figures), { ...clean, outOfOrder: 10 });
  assert.equal(figures.received, figures.expected);
  assert.equal(exit, 1);
});

test('messages of a group that reach its outsiders and other groups are found', async () => {
  const { exit, figures } = await bench({ leaksGroups: true }, 'group', '--groups', '2', '--outsiders', '3');
  assert.equal(figures.received, figures.sent * 5);
  assert.deepEqual(wrong(figures), { ...clean, misdelivered: figures.sent * 8 });
  assert.equal(exit, 1);
});

test('what a server refuses is told in its words, and is not missed', async () => {
  const refusals = [
    { status: 200, body: '{"code":-1,"msg":"系统ID无效","data":[]}' },
    { status: 503, body: 'too busy' },
  ];
  const { exit, err, figures } = await bench({ refuse: (push) => refusals[push - 4] });
  assert.deepEqual(wrong(figures), { ...clean, refused: 2 });
  assert.equal(figures.expected, (figures.sent - 2) * 10);
  assert.equal(figures.received, figures.expected);
  assert.equal(exit, 1);
  assert.match(err, /the server refused a request: 200 \{"code":-1/);
  assert.equal(figures.limit, 'refused');
});

test('clients that the server closes are counted by their codes, and miss what came after', async () => {
  const { exit, figures } = await bench({
    fault: (delivery) => (delivery === 9 ? 'gone' : undefined),
  });
  assert.deepEqual(figures.closeCodes, { 4008: 10 });
  assert.equal(figures.closed, 10);
  assert.equal(figures.lost, (figures.sent - 9) * 10);
  assert.equal(exit, 1);
});

test('what is asserted goes before what always must hold', async () => {
  const fault = (delivery: number) => (delivery === 5 ? ('drop' as const) : undefined);
  assert.equal((await bench({ fault }, '--assert', 'loss<5%,rate>0')).exit, 0);
  const strict = await bench({ fault }, '--assert', 'p99<10s,loss<0.01%');
  assert.equal(strict.exit, 1);
  assert.match(strict.err, /not met: loss<0\.01% \(it was [\d.]+\)/);
  assert.doesNotMatch(strict.err, /p99|loss=0/);
});

test('a server that goes away in the middle is said to, and the rate is that of the whole time', async () => {
  const { exit, err, figures } = await bench({ endsAfter: 20 });
  assert.equal(exit, 1);
  assert.equal(figures.limit, 'gone');
  assert.ok(figures.unanswered > 0);
  assert.ok(figures.seconds >= 0.5, `${figures.seconds}`);
  assert.ok(figures.rate <= 60, `${figures.rate}`);
  assert.match(err, /the server went away, or broke connections/);
});
