import type { ServerResponse } from 'node:http';
import type { NodeEvent } from '../../../api/event.ts';
import { escapeControlsOfJson } from '../../../util/control-characters.ts';
import { createSseStream, type SseStream } from './sse.ts';

export interface EventStream extends Pick<SseStream, 'end' | 'judge' | 'onEnd'> {
  /** Never blocks and never grows: with more than 1 MiB unread, events are left out and their number is told later. */
  push(event: NodeEvent): void;
}

export function createEventStream(response: ServerResponse, mayRead: () => Promise<boolean>): EventStream {
  const stream = createSseStream(response, 'events', mayRead);
  let left = 0;
  return {
    ...stream,
    push(event) {
      if (left > 0 && stream.write(`: ${left} events left out\n\n`)) left = 0;
      const json = escapeControlsOfJson(JSON.stringify(event));
      if (!stream.write(`id: ${event.sequence}\nevent: ${event.type}\ndata: ${json}\n\n`)) left += 1;
    },
  };
}
