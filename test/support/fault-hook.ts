/**
 * `node --import fault-hook.ts src/main.ts …` is yunque with a fault of ours built in: SIGUSR2 does what
 * `INJECTED_FAULT` says.
 */
const faults: Readonly<Record<string, () => void>> = {
  throw: () => {
    throw new Error('injected');
  },
  reject: () => void Promise.reject(new Error('injected')),
  /** Two seconds of work. */
  block: () => {
    for (const end = performance.now() + 2000; performance.now() < end; );
  },
};

const fault = faults[process.env['INJECTED_FAULT'] ?? ''];
if (fault !== undefined) process.on('SIGUSR2', () => setImmediate(fault));
