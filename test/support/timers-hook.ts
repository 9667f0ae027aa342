/**
 * `node --import timers-hook.ts src/main.ts …` says on SIGUSR2 how many timers the process has: by Node's own list, where
 * those that keep no process alive are missing, and by counting what was made and is not gone.
 */
import { createHook } from 'node:async_hooks';

const live = new Set<number>();
createHook({
  init: (id, type) => void (type === 'Timeout' && live.add(id)),
  destroy: (id) => void live.delete(id),
}).enable();

process.on('SIGUSR2', () => {
  const listed = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  process.stderr.write(`timers: ${listed} listed, ${live.size} live\n`);
});
