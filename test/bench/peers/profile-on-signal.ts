// `node --import profile-on-signal.ts …`: a program that knows nothing of it starts its profiler with SIGUSR2, and with the next
// writes what it was doing. Each time a file says that it is done: BENCH_PROFILE_FILE with its process id, and `started` or `cpuprofile`.
import { renameSync, writeFileSync } from 'node:fs';
import { createProfiler } from './profiler.ts';

const file = `${process.env['BENCH_PROFILE_FILE']}.${process.pid}`;
const profiler = createProfiler();
let isStarted = false;
process.on('SIGUSR2', async () => {
  if (!isStarted) {
    isStarted = true;
    await profiler.start();
    writeFileSync(`${file}.started`, '');
    return;
  }
  writeFileSync(`${file}.part`, JSON.stringify(await profiler.stop()));
  renameSync(`${file}.part`, `${file}.cpuprofile`);
});
