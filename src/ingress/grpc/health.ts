import type { handleUnaryCall, ServerWritableStream, sendUnaryData } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { grpc } from '../../wire/proto/health.js';

const { HealthCheckRequest, HealthCheckResponse } = grpc.health.v1;
const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = HealthCheckResponse.ServingStatus;

/** How soon a watch tells of a change. */
const lookEveryMs = 500;
/** Who has not been let in may watch, too: each costs an entry in a set. */
const mostWatches = 1000;

/** '' is the server. */
const services: ReadonlySet<string> = new Set(['', 'yunque.v1.Push']);

type Watch = ServerWritableStream<Buffer, Buffer>;

export interface Health {
  readonly check: handleUnaryCall<Buffer, Buffer>;
  watch(call: Watch): void;
  /** Tells those who watch. */
  close(): void;
}

/** The health service: what `/readyz` says, for the server and for its one service. Open to everybody, as that is. */
export function createHealth(isServing: () => boolean): Health {
  /** What each was told last. */
  const watches = new Map<Watch, number>();
  let look: NodeJS.Timeout | undefined;
  const current = () => (isServing() ? SERVING : NOT_SERVING);

  const tell = (value: number): void => {
    for (const [call, told] of watches) {
      if (told === value) continue;
      watches.set(call, value);
      call.write(encode(value));
    }
  };
  const forget = (call: Watch): void => {
    watches.delete(call);
    if (watches.size > 0) return;
    clearInterval(look);
    look = undefined;
  };

  return {
    check: (call, respond: sendUnaryData<Buffer>) => {
      const service = serviceOf(call.request);
      if (service === undefined) return respond(unreadable);
      if (!services.has(service)) return respond({ code: status.NOT_FOUND, details: 'no such service is here' });
      respond(null, encode(current()));
    },
    watch: (call) => {
      const service = serviceOf(call.request);
      if (service === undefined) return void call.emit('error', unreadable);
      if (watches.size >= mostWatches) {
        return void call.emit('error', { code: status.RESOURCE_EXHAUSTED, details: 'too many watch already' });
      }
      call.on('error', () => {});
      if (!services.has(service)) return void call.write(encode(SERVICE_UNKNOWN));
      const value = current();
      watches.set(call, value);
      call.write(encode(value));
      call.on('cancelled', () => forget(call));
      call.on('close', () => forget(call));
      look ??= setInterval(() => tell(current()), lookEveryMs).unref();
    },
    close: () => {
      tell(NOT_SERVING);
      for (const call of watches.keys()) call.end();
      watches.clear();
      clearInterval(look);
    },
  };
}

const unreadable = { code: status.INVALID_ARGUMENT, details: 'the message cannot be read' };

function serviceOf(bytes: Buffer): string | undefined {
  try {
    return HealthCheckRequest.decode(bytes).service;
  } catch {
    return undefined;
  }
}

function encode(value: number): Buffer {
  return Buffer.from(HealthCheckResponse.encode({ status: value }).finish());
}
