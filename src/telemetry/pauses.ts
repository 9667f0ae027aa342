/** A time in which the event loop did not turn. */
export interface Pause {
  readonly ms: number;
  /** Of this process in that time: about as long as the pause where the loop was busy, near zero where the process was stopped. */
  readonly cpuMs: number;
}

export interface PauseWatchOptions {
  readonly onPause: (pause: Pause) => void;
  /** A clock that never jumps, in milliseconds. */
  readonly now?: () => number;
  readonly cpuMs?: () => number;
}

const everyMs = 250;
const leastMs = 1000;

/**
 * Notices when the whole process stood still for a second or more: stopped by a signal, its virtual machine frozen, the
 * machine starved, or the event loop blocked by work of its own. Jumps of the wall clock are not seen. Answers what ends it.
 */
export function watchPauses({
  onPause,
  now = () => performance.now(),
  cpuMs = cpuOfProcess,
}: PauseWatchOptions): () => void {
  let last = { at: now(), cpu: cpuMs() };
  const timer = setInterval(() => {
    const current = { at: now(), cpu: cpuMs() };
    const ms = current.at - last.at - everyMs;
    if (ms >= leastMs) onPause({ ms: Math.round(ms), cpuMs: Math.round(current.cpu - last.cpu) });
    last = current;
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

function cpuOfProcess(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
