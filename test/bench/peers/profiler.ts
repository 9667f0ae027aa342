import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';

/** V8's profiler of this process, off until it is started. */
export function createProfiler() {
  const session = new Session();
  return {
    async start(): Promise<void> {
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: 500 });
      await session.post('Profiler.start');
    },
    async stop(): Promise<Profiler.Profile> {
      const { profile } = await session.post('Profiler.stop');
      session.disconnect();
      return profile;
    },
  };
}
