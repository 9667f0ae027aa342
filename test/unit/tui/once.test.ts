import assert from 'node:assert/strict';
import { test } from 'node:test';
import { snapshotLines, takeSnapshot } from '../../../src/tui/once/once.ts';
import { nodeRecordFields, nodeRecords, snapshotRecord } from '../../../src/tui/once/records.ts';
import { widthOf } from '../../../src/util/text-width.ts';
import { createFakeStats } from '../../support/fake-stats.ts';

const options = { intervalMs: 5, samples: 2, view: 'nodes', filter: '' } as const;

test('two samples give rates', async () => {
  const snapshot = await takeSnapshot({ ...options, source: createFakeStats() });
  assert.equal(snapshot.samples, 2);
  assert.ok(snapshot.rates);
  assert.equal(nodeRecords(snapshot, '').length, 3);
  assert.equal(typeof nodeRecords(snapshot, '')[0]?.outPerSecond, 'number');
});

test('one sample answers at once, with no rates and no invented zeros', async () => {
  const snapshot = await takeSnapshot({ ...options, samples: 1, source: createFakeStats() });
  assert.equal(snapshotRecord(snapshot, options).ratesPerSecond, null);
  assert.equal(nodeRecords(snapshot, '')[0]?.outPerSecond, '');
  assert.match(snapshotLines(snapshot, { ...options, width: undefined }).join('\n'), /in\/s - {2}out\/s -/);
});

test('a server that does not answer is the error of the source', async () => {
  const source = createFakeStats();
  source.failure = new Error('nobody listens there');
  await assert.rejects(takeSnapshot({ ...options, source }), /nobody listens there/);
});

test('lines fit the terminal, and are whole without one', async () => {
  const snapshot = await takeSnapshot({
    ...options,
    view: 'clients',
    filter: 'example.com',
    source: createFakeStats(),
  });
  const clients = { view: 'clients', filter: 'example.com' } as const;
  const table = (width: number | undefined) => snapshotLines(snapshot, { ...clients, width }).slice(5);
  assert.ok(table(80).every((line) => widthOf(line) <= 80));
  assert.ok(table(undefined).some((line) => line.startsWith('a-rather-long-user-identity@example.com')));
  assert.match(table(80).at(-1) ?? '', /^100 of \d+ clients$/);
});

test('the filter and the system reach the server', async () => {
  const source = createFakeStats();
  await takeSnapshot({ ...options, view: 'clients', filter: 'queueBytes>5', system: 'shop', source });
  assert.deepEqual(source.queries, [
    { system: 'shop', where: [{ field: 'queueBytes', op: '>', value: '5' }], limit: 100 },
  ]);
});

test('the filter of the nodes view leaves out the other nodes in every form', async () => {
  const snapshot = await takeSnapshot({ ...options, source: createFakeStats() });
  assert.deepEqual(
    nodeRecords(snapshot, 'node-b').map(({ node }) => node),
    ['node-b'],
  );
  assert.equal(snapshotRecord(snapshot, { view: 'nodes', filter: 'node-b' }).nodes.length, 1);
});

test('every field of a node record is a column', async () => {
  const snapshot = await takeSnapshot({ ...options, source: createFakeStats() });
  assert.deepEqual(Object.keys(nodeRecords(snapshot, '')[0] ?? {}), [...nodeRecordFields]);
});

test('a server that answers late has the time that the source gives it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const source = createFakeStats();
  const stats = source.stats.bind(source);
  const late = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  source.stats = async () => {
    asked.resolve();
    await late.promise;
    return stats();
  };
  const taken = takeSnapshot({ ...options, samples: 1, source });
  await asked.promise;
  t.mock.timers.tick(600_000);
  late.resolve();
  assert.equal((await taken).samples, 1);
});
