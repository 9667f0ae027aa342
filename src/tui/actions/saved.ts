import { snapshotRecord } from '../once/records.ts';
import type { Frame } from '../session.ts';

/** What is on the screen, and all of its figures, as JSON: what `--once --json` prints. */
export function savedText({ snapshot, state }: Frame): string {
  const record = snapshotRecord(snapshot, { view: state.view, filter: state.lists[state.view].filter });
  return `${JSON.stringify({ schema: 'yunque.top/1', ...record }, null, 2)}\n`;
}
