/** Milliseconds since the epoch as ISO 8601 with the second as its last part; empty for undefined. */
export function formatTime(ms: number | undefined): string {
  return ms === undefined ? '' : new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
