/** Until it is aborted, whatever else is still under way then. */
export function every(ms: number, act: () => void, signal: AbortSignal): void {
  if (signal.aborted) return;
  const timer = setInterval(act, ms);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}
