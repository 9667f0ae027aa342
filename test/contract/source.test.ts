import { MemoryQueue, MemorySource } from '../support/memory-source.ts';
import { testSource } from './source.ts';

testSource('in memory', { isAtLeastOnce: true, hasHeaders: true, countsRedelivered: true }, async () => {
  const queue = new MemoryQueue();
  return {
    open: () => new MemorySource(queue),
    publish: async (records) => {
      queue.publish(records.map(({ body, ...headers }) => ({ body, headers })));
    },
    parked: async () => queue.parked,
    [Symbol.asyncDispose]: async () => {},
  };
});
