import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type ChannelCredentials, type Client, credentials, loadPackageDefinition, Metadata } from '@grpc/grpc-js';
import { load } from '@grpc/proto-loader';
import { createAccess } from '../../src/access/create-access.ts';
import { FailedKeys } from '../../src/access/failed-keys.ts';
import { createTokens } from '../../src/access/tokens/create-tokens.ts';
import type { Command, Execute } from '../../src/api/command.ts';
import type { ErrorCode } from '../../src/api/errors.ts';
import type { GrpcIngress, GrpcIngressOptions } from '../../src/ingress/grpc/options.ts';
import { createGrpcIngress } from '../../src/ingress/grpc/server.ts';
import { createIdempotency } from '../../src/store/create-idempotency.ts';
import type { Actor } from '../../src/telemetry/audit.ts';
import { createClientAddress } from '../../src/util/client-address.ts';

export const operatorKey = 'the-key-of-the-operator-of-this-test';

type Keys = Parameters<typeof createAccess>[0]['keys'];
const noKeys: Keys = { find: () => undefined, isKeyed: () => false };

export interface GrpcDoor {
  readonly ingress: GrpcIngress;
  readonly port: number;
  readonly commands: Command[];
  readonly actors: Actor[];
  readonly refusals: { readonly error: ErrorCode; readonly what: string }[];
  readonly faults: unknown[];
  /** Of the service `yunque.v1.Push`, by classes that the test makes of the .proto. */
  client(channel?: ChannelCredentials, name?: string): Promise<PushClient>;
}

/** As where nobody is connected. */
function emptyResult(command: Command): unknown {
  switch (command.type) {
    case 'push': {
      const { messageId } = command.message;
      return { messageId, matched: 0, delivered: 0, queued: 0, stored: 0, dropped: {}, missingNodes: [] };
    }
    case 'pushList': {
      const total = command.items.length;
      return { total, matched: total, delivered: total, queued: 0, dropped: {}, missingNodes: [], offline: [] };
    }
    case 'join':
    case 'leave':
      return { matched: 1, changed: 1, unknown: [] };
    case 'kick':
      return { matched: 2, closed: 1 };
    case 'online':
      return { users: { ann: 2 }, connections: {} };
    default:
      throw new TypeError(`nobody asks for ${command.type}`);
  }
}

export type Row = Record<string, unknown>;
/** A refusal as grpc-js has it. */
export interface Refused extends Error {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
}

export interface PushClient {
  /** Resolves with the answer, and the trailers beside it. */
  call(method: string, request: Row, metadata?: Readonly<Record<string, string | Buffer>>): Promise<Row>;
  callWithTrailers(method: string, request: Row, metadata?: Readonly<Record<string, string>>): Promise<[Row, Metadata]>;
  readonly raw: Client & Record<string, (...args: never[]) => unknown>;
}

const folder = join(import.meta.dirname, '../../src/wire/proto');

/** A client of any service of our .proto files, with classes of proto-loader: nothing of ours is in it. */
export async function grpcClient(
  file: string,
  service: string,
  port: number,
  channel: ChannelCredentials = credentials.createInsecure(),
  options: Readonly<Record<string, string | number>> = {},
): Promise<PushClient> {
  const definition = await load(join(folder, file), { longs: String, keepCase: true, enums: String, defaults: true });
  let found: unknown = loadPackageDefinition(definition);
  for (const part of service.split('.')) found = (found as Row)[part];
  const Service = found as new (address: string, channel: ChannelCredentials, options: object) => PushClient['raw'];
  const raw = new Service(`127.0.0.1:${port}`, channel, {
    'grpc.use_local_subchannel_pool': 1,
    // No address is asked for by name.
    ...(channel._isSecure() && { 'grpc.ssl_target_name_override': 'localhost' }),
    ...options,
  });
  const callWithTrailers: PushClient['callWithTrailers'] = (method, request, metadata) =>
    new Promise((resolve, reject) => {
      let answer: Row = {};
      const call = (raw[method] as (...args: unknown[]) => NodeJS.EventEmitter).call(
        raw,
        request,
        metadataOf(metadata),
        (error: Error | null, value: Row) => {
          if (error) reject(error);
          else answer = value;
        },
      );
      call.on('status', ({ code, metadata: trailers }: { code: number; metadata: Metadata }) => {
        if (code === 0) resolve([answer, trailers]);
      });
    });
  return {
    raw,
    callWithTrailers,
    call: async (...args) => (await callWithTrailers(...(args as Parameters<typeof callWithTrailers>)))[0],
  };
}

export function metadataOf(entries: Readonly<Record<string, string | Buffer>> = {}): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
  return metadata;
}

/** The real door on a free port, with real access, before `execute` or nothing. */
export async function openGrpcDoor(
  t: Pick<TestContext, 'after'>,
  more: Partial<GrpcIngressOptions> & {
    readonly execute?: Execute;
    readonly keys?: Keys;
    trustLoopback?: boolean;
  } = {},
): Promise<GrpcDoor> {
  const { execute, keys = noKeys, trustLoopback = true, ...options } = more;
  const commands: Command[] = [];
  const actors: Actor[] = [];
  const refusals: GrpcDoor['refusals'] = [];
  const faults: unknown[] = [];
  const clientAddress = createClientAddress([]);
  const clients: Client[] = [];
  const access = createAccess({
    operatorKey,
    keys,
    tokens: createTokens({ sources: [] }),
    isAllowedOrigin: () => true,
    failedKeys: new FailedKeys({ delayMs: 0, limits: { perMinute: 0, banMs: 0 } }),
    clientAddress,
    isInternal: () => false,
    trustLoopback,
    trustedNetworks: [],
  });
  let ids = 0;
  const ingress = createGrpcIngress({
    port: 0,
    host: '127.0.0.1',
    executeFor: (actor) => {
      actors.push(actor);
      return (async (command: Command) => {
        commands.push(command);
        return execute === undefined ? emptyResult(command) : await execute(command);
      }) as Execute;
    },
    access,
    clientAddress,
    systemExists: (system) => ['default', 'sys', 'other', '店'].includes(system),
    systemsRequired: false,
    newMessageId: () => (ids++).toString(16).padStart(16, '0'),
    idempotency: createIdempotency(),
    limits: { bodyBytes: 1024 * 1024, bodiesBytes: 2 ** 27, batch: 1000, jsonDepth: 32, idBytes: 256 },
    readiness: () => ({ ready: true }),
    isDraining: () => false,
    onRefused: ({ error, what }) => refusals.push({ error, what }),
    logError: (error) => faults.push(error),
    ...options,
  });
  const port = await ingress.listen();
  t.after(async () => {
    for (const client of clients) client.close();
    await ingress.close(0);
  });
  return {
    ...{ ingress, port, commands, actors, refusals, faults },
    client: async (channel, name = 'push.proto:yunque.v1.Push') => {
      const [file = '', service = ''] = name.split(':');
      const client = await grpcClient(file, service, port, channel);
      clients.push(client.raw);
      return client;
    },
  };
}
