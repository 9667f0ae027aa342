import type { TailItem, TailQuery } from '../../api/tail.ts';

/** Copies of a message come within moments of each other. */
const remembered = 4096;

/** A user's connections on several nodes get the same message: the first copy is passed on. Of all other queries there is one place that has it. */
export function withoutRepeats(query: TailQuery, onItem: (item: TailItem) => void): (item: TailItem) => void {
  if (query.uid === undefined || query.client !== undefined) return onItem;
  const seen = new Set<string>();
  return (item) => {
    if (item.type === 'copy' && item.messageId !== undefined) {
      if (seen.has(item.messageId)) return;
      seen.add(item.messageId);
      const [oldest] = seen;
      if (seen.size > remembered && oldest !== undefined) seen.delete(oldest);
    }
    onItem(item);
  };
}
