import {
  type ChannelOptions,
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  type MethodDefinition,
  type ServerDuplexStream,
  status,
} from '@grpc/grpc-js';
import { yunque } from '../../wire/proto/rpc.js';

export type Frame = yunque.rpc.Frame.$Properties;

/** One stream of gRPC, seen from either end. */
export interface FrameStream {
  /** False: the next has to wait for `onDrain`. */
  write(frame: Frame): boolean;
  onDrain(listener: () => void): void;
  onFrame(listener: (frame: Frame) => void): void;
  /** Once, however it ended. */
  onEnd(listener: () => void): void;
  /** What was written is still sent. */
  end(): void;
  destroy(): void;
}

/** `/yunque.rpc.Peers/Link`: frames in both directions. */
export const linkMethod: MethodDefinition<Frame, Frame> = {
  path: '/yunque.rpc.Peers/Link',
  requestStream: true,
  responseStream: true,
  requestSerialize: encode,
  requestDeserialize: decode,
  responseSerialize: encode,
  responseDeserialize: decode,
};

/** A peer that stands still for so long is gone; it comes back when it answers again. */
const keepalive: ChannelOptions = {
  'grpc.keepalive_time_ms': 3000,
  'grpc.keepalive_timeout_ms': 4000,
  'grpc.keepalive_permit_without_calls': 1,
};

export const serverOptions: ChannelOptions = { ...keepalive, 'grpc.max_concurrent_streams': 64 };

const clientOptions: ChannelOptions = {
  ...keepalive,
  // Whom to dial is known exactly: nothing is looked up, kept for a second try, or sent through a proxy of the environment.
  'grpc.enable_http_proxy': 0,
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.use_local_subchannel_pool': 1,
};

/** `address`: `host:port`. */
export function dialStream(address: string): FrameStream {
  const client = new Client(address, credentials.createInsecure(), clientOptions);
  const call = client.makeBidiStreamRequest(linkMethod.path, encode, decode, new Metadata());
  return {
    ...common(call),
    onEnd: (listener) => {
      const once = onlyOnce(() => {
        client.close();
        listener();
      });
      call.on('end', once);
      call.on('error', once);
      call.on('status', once);
    },
    destroy: () => call.cancel(),
  };
}

export function acceptedStream(call: ServerDuplexStream<Frame, Frame>): FrameStream {
  return {
    ...common(call),
    onEnd: (listener) => {
      const once = onlyOnce(listener);
      call.on('end', once);
      call.on('error', once);
      call.on('cancelled', once);
    },
    destroy: () => void call.emit('error', { code: status.UNAUTHENTICATED, details: 'not one of us' }),
  };
}

function common(call: ClientDuplexStream<Frame, Frame> | ServerDuplexStream<Frame, Frame>) {
  return {
    write: (frame: Frame) => call.write(frame),
    onDrain: (listener: () => void) => void call.on('drain', listener),
    onFrame: (listener: (frame: Frame) => void) => void call.on('data', listener),
    end: () => void call.end(),
  };
}

function onlyOnce(listener: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    listener();
  };
}

function encode(frame: Frame): Buffer {
  return Buffer.from(yunque.rpc.Frame.encode(frame).finish());
}

function decode(bytes: Buffer): Frame {
  return yunque.rpc.Frame.decode(bytes);
}
