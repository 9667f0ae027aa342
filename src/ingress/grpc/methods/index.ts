import { kick } from './kick.ts';
import { join, leave } from './membership.ts';
import type { StreamMethod, UnaryMethod } from './method.ts';
import { online } from './online.ts';
import { send } from './send.ts';
import { sendBatch } from './send-batch.ts';
import { sendStream } from './send-stream.ts';

/** The methods of `yunque.v1.Push`. */
export const unaryMethods: readonly UnaryMethod[] = [send, sendBatch, join, leave, kick, online];
export const streamMethods: readonly StreamMethod[] = [sendStream];
