import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Poller } from '../../../src/tui/feed/poller.ts';
import { checkRecording, readRecording } from '../../../src/tui/feed/read-recording.ts';
import { createRecorder } from '../../../src/tui/feed/record.ts';
import { Replay } from '../../../src/tui/feed/replay.ts';
import { takeRecorded } from '../../../src/tui/once/once.ts';
import { createFakeStats } from '../../support/fake-stats.ts';

async function place(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yunque-recording-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'top.ndjson');
}

const groups = { list: 'groups', query: { limit: 5 } } as const;

/** Three samples, a second apart, the second of them without an answer; groups are watched. */
async function recordThree(file: string) {
  const time = { ms: 1_700_000_000_000 };
  const now = () => time.ms;
  const source = createFakeStats({ now, clients: 20 });
  const recorder = await createRecorder(file, { now });
  const poller = new Poller({ source, intervalMs: 1000, now, record: recorder.record });
  poller.watchList(groups);
  for (const failure of [undefined, new Error('connect ECONNREFUSED'), undefined]) {
    source.failure = failure;
    await poller.sample();
    time.ms += 1000;
  }
  await recorder.close();
  return poller.snapshot;
}

test('a recording is its owner’s alone, has a header, and overwrites nothing', async (t) => {
  const file = await place(t);
  await recordThree(file);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const [header = ''] = (await readFile(file, 'utf8')).split('\n');
  assert.equal(JSON.parse(header).schema, 'yunque.recording/1');
  assert.equal(typeof JSON.parse(header).version, 'string');
  await assert.rejects(createRecorder(file), /exists/);
});

test('what was recorded is shown again: figures, rates, gaps and lists', async (t) => {
  const file = await place(t);
  const live = await recordThree(file);
  const { endMs } = await checkRecording(file);
  assert.equal(endMs, 2000);
  const replay = new Replay({ lines: readRecording(file), endMs });
  replay.watchList(groups);
  const played = await replay.last();
  assert.deepEqual(played.stats, live.stats);
  assert.deepEqual(played.rates, live.rates);
  assert.deepEqual(played.history, live.history);
  assert.deepEqual(played.list, live.list);
  assert.deepEqual(played.recording, { atMs: 2000, endMs: 2000, isOver: true });
  replay.watchList({ list: 'systems', query: {} });
  assert.match(replay.snapshot.list?.error ?? '', /no such list/);
  assert.equal((await takeRecorded(file, { view: 'groups', filter: '' })).samples, 3);
});

test('it is played at the pace of its times, faster or slower, and stands still while held', async (t) => {
  const file = await place(t);
  await recordThree(file);
  const { endMs } = await checkRecording(file);
  const lines = [];
  for await (const line of readRecording(file)) lines.push(line);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const time = { ms: 0 };
  const replay = new Replay({ lines: given(lines), endMs, now: () => time.ms });
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 50) {
      time.ms += 50;
      t.mock.timers.tick(50);
      for (let i = 0; i < 20; i++) await Promise.resolve();
    }
  };
  await replay.first();
  replay.start();
  await pass(500);
  assert.equal(replay.snapshot.samples, 1);
  replay.hold(true);
  await pass(5000);
  assert.equal(replay.snapshot.samples, 1);
  replay.hold(false);
  await pass(500);
  assert.equal(replay.snapshot.samples, 2);
  replay.setSpeed(4);
  await pass(250);
  assert.equal(replay.snapshot.recording?.isOver, true);
  assert.equal(replay.snapshot.samples, 3);
  replay.close();
});

async function* given<T>(items: readonly T[]): AsyncGenerator<T, void, undefined> {
  yield* items;
}

test('a broken or foreign file is told with the line, and one that was cut off is played up to there', async (t) => {
  const file = await place(t);
  await recordThree(file);
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const [header = ''] = lines;
  const words = async (text: string) => {
    await writeFile(file, text);
    return await checkRecording(file).then(
      () => '',
      (error: Error) => error.message,
    );
  };
  assert.match(await words('hello\n'), /line 1: this is no recording/);
  assert.match(await words(''), /line 1: this is no recording/);
  assert.match(await words('{"schema":"yunque.recording/9","version":"7.0.0"}\n'), /line 1: .*another kind.*7\.0\.0/);
  assert.match(await words(`${header}\n`), /holds no answer/);
  assert.match(await words([...lines.slice(0, 2), 'nonsense', ...lines.slice(2)].join('\n')), /line 3: it is not JSON/);
  assert.match(await words([header, '{"type":"sample"}', ...lines.slice(1)].join('\n')), /line 2: it has no time/);
  assert.match(await words([header, '{"at":1,"type":"x"}', ...lines.slice(1)].join('\n')), /line 2: .*no known type/);
  assert.match(await words([...lines, lines[1]].join('\n')), new RegExp(`line ${lines.length + 1}: it is earlier`));
  assert.equal(await words(`${lines.join('\n')}\n{"at":2000,"type":"sam`), '');
  await assert.rejects(checkRecording(`${file}.none`), /cannot read/);
});

test('a line that nobody’s dashboard wrote is told with its place, whatever is in it', async (t) => {
  const file = await place(t);
  await recordThree(file);
  const [header = '', ...lines] = (await readFile(file, 'utf8')).split('\n');
  const first = lines.find((line) => line.includes('"type":"sample"')) ?? '';
  const sample = JSON.parse(first) as { at: number; stats: { nodes: object[] } };
  const after = async (line: object) => {
    await writeFile(file, [header, first, JSON.stringify({ at: sample.at, ...line }), first].join('\n'));
    return await checkRecording(file).then(
      () => '',
      (error: Error) => error.message,
    );
  };
  const [node = {}] = sample.stats.nodes;
  const withNode = (other: unknown) => ({ ...sample, stats: { ...sample.stats, nodes: [node, other] } });
  assert.match(await after(withNode(null)), /line 3: stats\.nodes\[1\] is not what/);
  assert.match(await after(withNode({ ...node, addresses: undefined })), /line 3: stats\.nodes\[1\]\.addresses is not/);
  assert.match(await after(withNode({ ...node, startedAt: 1e300 })), /stats\.nodes\[1\]\.startedAt is not/);
  assert.match(await after({ type: 'list', query: {}, list: null }), /line 3: list is not/);
  const bad = { kind: 'groups', page: { items: [{ group: 7, system: 'default', members: 1 }], total: 1 } };
  assert.match(await after({ type: 'list', query: {}, list: bad }), /list\.page\.items\[0\]\.group is not/);
  assert.match(await after({ type: 'event', step: null }), /line 3: step is not/);
  const event = { type: '__proto__', sequence: 1, time: 1, node: 'n' };
  assert.match(await after({ type: 'event', step: { item: event } }), /step\.item\.type is not/);
  assert.match(await after({ type: 'copy', step: { item: { type: 'copy' } } }), /step\.item\.time is not/);
  assert.match(await after({ type: 'failure' }), /line 3: message is not/);
  assert.match(await after({ type: 'stream', stream: 'events', isOpen: true, at: -1 }), /line 3: it has no time/);
  assert.equal(await after({ type: 'event', step: { isOpen: true } }), '');
});

test('a line without an end is told before it fills the memory', async (t) => {
  const file = await place(t);
  await recordThree(file);
  const piece = 'x'.repeat(8 * 1024 * 1024);
  for (let written = 0; written < 10; written++) await appendFile(file, piece);
  await assert.rejects(checkRecording(file), /line \d+: it is longer than/);
});

test('of a recording that holds nothing of a view there is no snapshot of it', async (t) => {
  const file = await place(t);
  await recordThree(file);
  assert.equal((await takeRecorded(file, { view: 'nodes', filter: '' })).nodes.length, 3);
  for (const view of ['clients', 'slow', 'events', 'messages'] as const) {
    await assert.rejects(takeRecorded(file, { view, filter: '' }), /the recording holds no/, view);
  }
});

test('what the disk is too slow for is left out, and counted', async (t) => {
  const file = await place(t);
  const recorder = await createRecorder(file);
  const message = 'x'.repeat(1024 * 1024);
  for (let i = 0; i < 40; i++) recorder.record({ type: 'failure', message });
  assert.ok(recorder.skipped > 0);
  await recorder.close();
});

test('a recording that has no answer in it is no file: the name can be used again', async (t) => {
  const file = await place(t);
  const recorder = await createRecorder(file);
  recorder.record({ type: 'failure', message: 'connect ECONNREFUSED' });
  await recorder.close();
  await recordThree(file);
  assert.ok((await stat(file)).size > 0);
});
