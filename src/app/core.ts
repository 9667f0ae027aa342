import type { Execute } from '../api/command.ts';
import type { NodeStats } from '../api/stats.ts';
import type { Config } from '../config/schema.ts';
import { MemoryDirectory } from '../directory/memory.ts';
import { Registry } from '../registry/registry.ts';
import { createExecute } from '../routing/execute.ts';
import type { NodeContext } from '../routing/node-context.ts';
import { createSessions, type Sessions } from '../routing/sessions.ts';
import { Counters } from '../telemetry/counters.ts';
import { Events } from '../telemetry/events.ts';
import { intranetAddress } from '../util/address.ts';
import { createMessageIds } from '../util/message-id.ts';
import { PacedQueue } from '../util/paced-queue.ts';
import { encodeClientId } from '../wire/client-id.ts';
import { codecs } from '../wire/codecs/index.ts';
import type { Owned } from './owned.ts';
import type { Stores } from './stores.ts';

/** Notices handed out before the loop gets a turn: some 20 ms of them. */
const noticesPerTurn = 20_000;

/** The node without its doors: who is here, what they are sent, what is counted. */
export interface Core extends NodeContext {
  readonly execute: Execute;
  readonly sessions: Sessions;
}

export interface CoreOptions {
  readonly config: Config;
  readonly stores: Stores;
  readonly port: number;
  readonly nodeStats: () => Promise<NodeStats>;
}

export function createCore({ config, stores, port, nodeStats }: CoreOptions, owned: Owned): Core {
  const { nodeId, systems, keys, bans, cryptoKey } = stores;
  // go-websocket's address of a node: where its RPC would listen.
  const address = `${intranetAddress()}:${port + 1000}`;
  const directory = new MemoryDirectory();
  owned.add('the directory', () => directory.close());
  const context: NodeContext = {
    nodeId,
    systems,
    keys,
    bans,
    directory,
    codecs,
    nodeStats,
    registry: new Registry({ mintClientId: () => encodeClientId(address, cryptoKey) }),
    counters: new Counters(),
    events: new Events({ node: nodeId }),
    newMessageId: createMessageIds(),
    devices: config.devices,
    get notices() {
      return config.groups.notices;
    },
    noticeQueue: new PacedQueue(noticesPerTurn),
    limits: config.limits,
  };
  return { ...context, execute: createExecute(context), sessions: createSessions(context) };
}
