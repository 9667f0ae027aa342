import type { ChildProcess } from 'node:child_process';
import type { ChannelPort } from './channel.ts';

/** Node's channel between a process and one that it started. What cannot be sent any more is dropped: the end is told apart. */
export function processPort(other: Pick<ChildProcess, 'send' | 'on'> | NodeJS.Process): ChannelPort {
  return {
    send: (message) => void other.send?.(message as never, undefined, undefined, () => {}),
    onMessage: (listener) => void other.on('message', listener),
  };
}
