import type { ServerResponse } from 'node:http';
import type { NodeEvent } from '../../../api/event.ts';
import { escapeControlsOfJson } from '../../../util/control-characters.ts';
import { createSseStream, type SseStream } from './sse.ts';

export interface EventStream extends Pick<SseStream, 'end' | 'judge' | 'onEnd'> {
  /** Never blocks and never grows: with more than 1 MiB unread, events are left out and their number is told later. */
  push(event: NodeEvent): void;
}

/** `textOf`: one that all streams share. */
export function createEventStream(
  response: ServerResponse,
  mayRead: () => Promise<boolean>,
  textOf: (event: NodeEvent) => string,
): EventStream {
  const stream = createSseStream(response, 'events', mayRead);
  let left = 0;
  return {
    ...stream,
    push(event) {
      if (left > 0 && stream.write(`: ${left} events left out\n\n`)) left = 0;
      if (!stream.write(textOf(event))) left += 1;
    },
  };
}

/** An event as it is sent. Written once for all streams, which hear of it one after the other. */
export function createEventText(): (event: NodeEvent) => string {
  let last: { readonly event: NodeEvent; readonly text: string } | undefined;
  return (event) => {
    if (last?.event !== event) {
      const json = escapeControlsOfJson(JSON.stringify(event));
      last = { event, text: `id: ${event.sequence}\nevent: ${event.type}\ndata: ${json}\n\n` };
    }
    return last.text;
  };
}
