import { isIPv4, isIPv6 } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
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
import { certificateFingerprint, type RpcTls } from './tls.ts';

export type Frame = yunque.rpc.Frame.$Properties;

/** A frame as it came, and how many bytes it was. */
interface Received {
  readonly frame: Frame;
  readonly bytes: number;
}

/** SHA-256 of the two certificates of a channel. */
export interface Certificates {
  readonly own: string;
  readonly other: string;
}

/** One stream of gRPC, seen from either end. */
export interface FrameStream {
  /** Undefined without TLS, and before the first frame has come. */
  certificates(): Certificates | undefined;
  /** False: the next has to wait for `onDrain`. */
  write(frame: Frame): boolean;
  onDrain(listener: () => void): void;
  onFrame(listener: (frame: Frame, bytes: number) => void): void;
  /** Once, however it ended. `why`: in the words of whoever ended it. */
  onEnd(listener: (why: string) => void): void;
  /** What was written is still sent. */
  end(): void;
  destroy(): void;
}

export type AcceptedCall = ServerDuplexStream<Received, Frame>;

/** `/yunque.rpc.Peers/Link`: frames in both directions. */
export const linkMethod: MethodDefinition<Received, Frame> = {
  path: '/yunque.rpc.Peers/Link',
  requestStream: true,
  responseStream: true,
  requestSerialize: ({ frame }) => encode(frame),
  requestDeserialize: decode,
  responseSerialize: encode,
  responseDeserialize: (bytes) => decode(bytes).frame,
};

const common: ChannelOptions = {
  // A peer that stands still for so long is gone; it comes back when it answers again. Together less than a lease.
  'grpc.keepalive_time_ms': 2000,
  'grpc.keepalive_timeout_ms': 4000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.enable_channelz': 0,
  // Twice the largest frame (parcels.ts).
  'grpc.max_receive_message_length': 1024 * 1024,
};

/** One stream for each connection. */
export const serverOptions: ChannelOptions = { ...common, 'grpc.max_concurrent_streams': 1 };

const clientOptions: ChannelOptions = {
  ...common,
  // Whom to dial is known exactly: nothing is looked up, kept for a second try, or sent through a proxy of the environment.
  'grpc.enable_http_proxy': 0,
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.ssl_target_name_override': 'yunque',
};

/** A name is resolved now. With `tls` the certificate there must be of the same authority, and for `host`. */
export function dialStream(host: string, port: number, tls?: RpcTls): FrameStream {
  const client = new Client(
    targetOf(host, port),
    tls ? secureFor(host, tls) : credentials.createInsecure(),
    clientOptions,
  );
  const call: ClientDuplexStream<Frame, Received> = client.makeBidiStreamRequest(
    linkMethod.path,
    encode,
    decode,
    new Metadata(),
  );
  const own = tls && certificateFingerprint(tls.cert);
  return {
    ...halfOf(call),
    certificates: () => pairOf(own, call.getAuthContext()?.sslPeerCertificate?.fingerprint256),
    onEnd: (listener) => {
      const once = onlyOnce((why) => {
        client.close();
        listener(why);
      });
      call.on('end', () => once('it hung up'));
      call.on('error', (error) => once((error as { details?: string }).details ?? error.message));
      call.on('status', ({ details }) => once(details));
    },
    destroy: () => call.cancel(),
  };
}

/** `own`: of the certificate that was shown to who dialled. */
export function acceptedStream(call: AcceptedCall, own: string | undefined): FrameStream {
  return {
    ...halfOf(call),
    certificates: () => pairOf(own, call.getAuthContext().sslPeerCertificate?.fingerprint256),
    onEnd: (listener) => {
      const once = onlyOnce(listener);
      call.on('end', () => once('it hung up'));
      call.on('error', ({ message }) => once(message));
      call.on('cancelled', () => once('it hung up'));
    },
    destroy: () => void call.emit('error', { code: status.UNAUTHENTICATED, details: 'not one of us' }),
  };
}

function halfOf(call: ClientDuplexStream<Frame, Received> | AcceptedCall) {
  return {
    write: (frame: Frame) => call.write(frame),
    onDrain: (listener: () => void) => void call.on('drain', listener),
    onFrame: (listener: (frame: Frame, bytes: number) => void) => {
      call.on('data', ({ frame, bytes }: Received) => listener(frame, bytes));
    },
    end: () => void call.end(),
  };
}

/** An address is no name that TLS may ask for (SNI), which is why all ask for the same one and look at the certificate themselves. */
function secureFor(host: string, { cert, key, ca }: RpcTls) {
  const checkIdentity = (_: string, shown: PeerCertificate) => checkServerIdentity(host, shown);
  return credentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(cert), {
    checkServerIdentity: checkIdentity,
  });
}

function pairOf(own: string | undefined, other: string | undefined): Certificates | undefined {
  return own === undefined || other === undefined ? undefined : { own, other };
}

function targetOf(host: string, port: number): string {
  if (isIPv4(host)) return `ipv4:${host}:${port}`;
  return isIPv6(host) ? `ipv6:[${host}]:${port}` : `dns:${host}:${port}`;
}

function onlyOnce(listener: (why: string) => void): (why: string) => void {
  let isDone = false;
  return (why) => {
    if (isDone) return;
    isDone = true;
    listener(why);
  };
}

function encode(frame: Frame): Buffer {
  return Buffer.from(yunque.rpc.Frame.encode(frame).finish());
}

function decode(bytes: Buffer): Received {
  return { frame: yunque.rpc.Frame.decode(bytes), bytes: bytes.length };
}
