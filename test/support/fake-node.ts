import type { NodeEvent } from '../../src/api/event.ts';
import type { NodeStats } from '../../src/api/stats.ts';
import { MemoryDirectory } from '../../src/directory/memory.ts';
import type { Identity } from '../../src/registry/connection.ts';
import { Registry } from '../../src/registry/registry.ts';
import { createExecute } from '../../src/routing/execute.ts';
import type { NodeContext } from '../../src/routing/node-context.ts';
import { type BindRequest, createSessions } from '../../src/routing/sessions.ts';
import { SpareTime } from '../../src/routing/tail/spare-time.ts';
import { tappedExecute } from '../../src/routing/tail/tapped.ts';
import { Taps } from '../../src/routing/tail/taps.ts';
import { MemoryBans } from '../../src/store/memory-bans.ts';
import { MemoryKeys } from '../../src/store/memory-keys.ts';
import { MemorySystems } from '../../src/store/memory-systems.ts';
import { Counters } from '../../src/telemetry/counters.ts';
import { Events } from '../../src/telemetry/events.ts';
import { recordHistory } from '../../src/telemetry/history.ts';
import { encodeClientId } from '../../src/wire/client-id.ts';
import { codecs } from '../../src/wire/codecs/index.ts';
import { FakeConnection, type FakeConnectionOptions } from './fake-connection.ts';

export const defaultDevices = {
  exclusive: [
    ['android', 'ios'],
    ['windows', 'mac', 'web'],
  ],
  coexist: ['web'],
} as const;

export function mintClientId(): string {
  return encodeClientId('127.0.0.1:1666', 'Adba723b7fe06819');
}

let logins = 0;

export function identity(uid: string, more: Partial<Identity> = {}): Identity {
  logins += 1;
  return { uid, deviceId: '', deviceName: '', channel: '', boundAt: 1, loginSequence: logins, ...more };
}

/** Everything behind the doors, with nothing in front: real registry, routing and codecs, connections without sockets. */
export function createFakeNode(overrides: Partial<NodeContext> = {}) {
  const counters = new Counters();
  const events = overrides.events ?? new Events({ node: 'n1' });
  const { nodeId = 'n1', registry = new Registry({ mintClientId, counters }) } = overrides;
  const context: NodeContext = {
    nodeId,
    registry,
    systems: new MemorySystems(),
    keys: new MemoryKeys(),
    bans: new MemoryBans(),
    directory: new MemoryDirectory(),
    codecs,
    counters,
    events,
    history: recordHistory(events),
    drain: { begin: () => 0, end: () => false },
    taps: new Taps({
      ...{ node: nodeId, registry },
      newMessageId: () => '0123456789abcdef',
      // Copies are there in the next turn.
      spareTime: new SpareTime({ rest: 0 }),
    }),
    newMessageId: () => '0123456789abcdef',
    nodeStats: async () => ({ node: 'n1', health: { verdict: 'ok', reasons: [] } }) as unknown as NodeStats,
    devices: defaultDevices,
    notices: true,
    messageClasses: {},
    limits: { idBytes: 64, groupsPerConnection: 3 },
    ...overrides,
  };
  const sessions = createSessions(context);
  const seen: NodeEvent[] = [];
  context.events.subscribe((event) => seen.push(event));
  let cids = 0;

  const connect = (options: Partial<FakeConnectionOptions> = {}): FakeConnection => {
    cids += 1;
    return new FakeConnection({
      cid: cids,
      onClosed: (connection, code, reason) => void sessions.close(connection, code, reason),
      ...options,
    });
  };
  return {
    ...context,
    context,
    execute: tappedExecute(createExecute(context), context.taps),
    sessions,
    /** Every event so far. */
    seen,
    /** A connection that is not in the registry yet. */
    connect,
    /** One that receives. */
    open: (options: Partial<FakeConnectionOptions> = {}): FakeConnection => {
      const connection = connect({ dialect: 'json', ...options });
      sessions.open(connection);
      return connection;
    },
    /** One with a user. */
    login: async (
      uid: string,
      request: Partial<BindRequest> = {},
      options: Partial<FakeConnectionOptions> = {},
    ): Promise<FakeConnection> => {
      const connection = connect(options);
      await sessions.bind(connection, { uid, deviceId: '', deviceName: '', channel: '', ...request }, () => {});
      return connection;
    },
  };
}

export type FakeNode = ReturnType<typeof createFakeNode>;

/** The payload of an unfragmented, unmasked frame. */
export function payloadOf(frame: Buffer): Buffer {
  const short = (frame[1] ?? 0) & 0x7f;
  return frame.subarray(short < 126 ? 2 : short === 126 ? 4 : 10);
}

/** The bodies of the text frames a `json` connection got. */
export function jsonOf(connection: FakeConnection): { code: number; msg: string; data: unknown; sendUserId: string }[] {
  return connection.received.map((frame) => JSON.parse(payloadOf(frame).toString()));
}

/** Lets everything happen that waits in microtasks, or for the end of the turn they make. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
