import { MemoryBus, type MemoryHub } from '../../src/bus/engines/memory.ts';
import { testBus } from './bus.ts';

testBus('memory', async () => {
  const hub: MemoryHub = new Set();
  return { join: async () => new MemoryBus(hub), [Symbol.asyncDispose]: async () => {} };
});
