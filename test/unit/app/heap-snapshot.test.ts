import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeHeapSnapshot } from '../../../src/app/heap-snapshot.ts';

test('a snapshot is named by time and process, without signs that a file system might refuse', async () => {
  const written: string[] = [];
  const answer = await takeHeapSnapshot({
    directory: '/data',
    now: () => new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 6)),
    freeBytes: async () => Number.MAX_SAFE_INTEGER,
    write: (path) => {
      written.push(path);
      return 42;
    },
  });
  const path = `/data/heap-2026-01-02T03-04-05-006Z-${process.pid}.heapsnapshot`;
  assert.deepEqual([written, answer.path, answer.bytes], [[path], path, 42]);
  assert.ok(answer.ms >= 0);
});

test('without room for twice the heap nothing is written, and it is said how much there is', async () => {
  let asked = '';
  const rejected = takeHeapSnapshot({
    directory: '/data',
    freeBytes: async (directory) => {
      asked = directory;
      return process.memoryUsage().heapUsed;
    },
    write: () => assert.fail('written'),
  });
  await assert.rejects(rejected, (error: Error & { code?: string }) => {
    assert.equal(error.code, 'unavailable');
    assert.match(error.message, /^a heap snapshot may take \d+(\.\d+)? MiB, and \/data has \d+(\.\d+)? MiB free$/);
    return true;
  });
  assert.equal(asked, '/data');
});
