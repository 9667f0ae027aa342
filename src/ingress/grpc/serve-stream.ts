import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { type handleClientStreamingCall, Metadata, type ServerReadableStream } from '@grpc/grpc-js';
import { YunqueError } from '../../api/errors.ts';
import type { BodyBudget } from '../http/body-budget.ts';
import { type Asked, type Gate, systemOf } from './gate.ts';
import { textOf } from './metadata.ts';
import type { StreamCall, StreamMethod } from './methods/method.ts';
import type { GrpcIngressOptions } from './options.ts';
import { logFault, refuse } from './refusal.ts';
import { callOf, holdBytes, keyMetadata } from './serve-unary.ts';

type Incoming = ServerReadableStream<Buffer, Buffer>;

/** A client-streaming method behind the gate. Only what is being handed on has been read: all else waits at the sender. */
export function serveStream(
  options: GrpcIngressOptions,
  gate: Gate,
  budget: BodyBudget,
  method: StreamMethod,
): handleClientStreamingCall<Buffer, Buffer> {
  return (incoming, respond) => {
    const asked = gate.askedWith(incoming.metadata);
    const trailers = new Metadata();
    // The call is over: nobody hears an answer.
    incoming.on('error', () => {});
    const answer = async () => {
      if (textOf(asked.metadata, keyMetadata) !== undefined) throw noKeyHere();
      const system = await systemOf(options, asked);
      using reader = createReader(incoming, asked, budget);
      return await method.answer(streamCall(options, asked, system, { read: reader.read, trailers }));
    };
    answer().then(
      (bytes) => respond(null, Buffer.from(bytes)),
      (error) => {
        if (incoming.cancelled || error instanceof CallOver) return;
        const { code, details, metadata } = refuse(options, error, asked);
        trailers.merge(metadata);
        respond({ code, details }, null, trailers);
      },
    );
  };
}

/** The sender has gone, or its deadline has passed. */
class CallOver extends Error {
  override readonly name = 'CallOver';
}

function streamCall(
  options: GrpcIngressOptions,
  asked: Asked,
  system: string,
  more: Pick<StreamCall, 'read' | 'trailers'>,
): StreamCall {
  return {
    ...callOf(options, asked, system),
    ...more,
    onFailed: (error) => logFault(options, error, asked.path),
    check: () => {
      if (!options.isDraining()) return;
      const hint = 'the trailer yunque-received says how many were dealt with: send the others to another node';
      throw new YunqueError('going_away', undefined, { hint });
    },
  };
}

/** What has been read counts until the next read. */
function createReader(
  incoming: Incoming,
  asked: Asked,
  budget: BodyBudget,
): Disposable & { read(most: number): Promise<readonly Buffer[]> } {
  let held: Disposable | undefined;
  const over = new AbortController();
  incoming.once('close', () => over.abort());
  incoming.once('end', () => over.abort());
  const dispose = () => {
    held?.[Symbol.dispose]();
    held = undefined;
  };
  /** Whether there was one, and there is room for another. */
  const take = (arrived: Buffer[], most: number): boolean => {
    const before = arrived.length;
    while (arrived.length < most) {
      const message = incoming.read() as Buffer | null;
      if (message === null) break;
      arrived.push(message);
    }
    return arrived.length > before && arrived.length < most;
  };
  return {
    async read(most) {
      dispose();
      for (;;) {
        if (incoming.cancelled) throw new CallOver('the call is over');
        const arrived: Buffer[] = [];
        // grpc-js reads ahead by few messages, one after the other: the turn after shows whether more are there.
        while (take(arrived, most)) await setImmediate();
        if (arrived.length > 0) {
          held = holdBytes(
            budget,
            asked,
            arrived.reduce((sum, { length }) => sum + length, 0),
          );
          return arrived;
        }
        if (incoming.readableEnded) return [];
        if (incoming.destroyed) throw new CallOver('the call is over');
        await once(incoming, 'readable', { signal: over.signal }).catch(() => {});
      }
    },
    [Symbol.dispose]: dispose,
  };
}

function noKeyHere(): YunqueError {
  return new YunqueError('bad_request', 'a stream takes no idempotency key', {
    field: keyMetadata,
    hint: 'send what may be sent again by Send or SendBatch',
  });
}
