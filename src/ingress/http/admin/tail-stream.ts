import type { ServerResponse } from 'node:http';
import type { TailItem } from '../../../api/tail.ts';
import { escapeControlsOfJson } from '../../../util/control-characters.ts';
import { createSseStream, type SseStream } from './sse.ts';

export interface TailStream extends Pick<SseStream, 'end' | 'judge' | 'onEnd'> {
  /** Never blocks and never grows: with more than 1 MiB unread, copies are left out and their number is told as soon as there is room. */
  push(item: TailItem): void;
}

/** `node`: this one, which leaves out what its reader does not read. */
export function createTailStream(response: ServerResponse, node: string, mayRead: () => Promise<boolean>): TailStream {
  const stream = createSseStream(response, 'tail', mayRead);
  let left = 0;
  const tellLeft = () => {
    if (left > 0 && stream.write(textOf({ type: 'lost', node, count: left, why: 'reader' }))) left = 0;
  };
  stream.onRoom(tellLeft);
  return {
    ...stream,
    push(item) {
      tellLeft();
      if (left === 0 && stream.write(textOf(item))) return;
      // What was lost before it came here is still lost.
      left += item.type === 'lost' ? item.count : 1;
    },
  };
}

function textOf(item: TailItem): string {
  return `event: ${item.type}\ndata: ${escapeControlsOfJson(JSON.stringify(item))}\n\n`;
}
