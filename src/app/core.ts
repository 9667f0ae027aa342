import type { Execute } from '../api/command.ts';
import type { NodeStats } from '../api/stats.ts';
import type { Config } from '../config/schema.ts';
import { MemoryDirectory } from '../directory/memory.ts';
import { EndOfTurn } from '../registry/end-of-turn.ts';
import { Registry } from '../registry/registry.ts';
import { createExecute } from '../routing/execute.ts';
import type { NodeContext } from '../routing/node-context.ts';
import { createSessions, type Sessions } from '../routing/sessions.ts';
import { tappedExecute } from '../routing/tail/tapped.ts';
import { Taps } from '../routing/tail/taps.ts';
import { Counters } from '../telemetry/counters.ts';
import { Events } from '../telemetry/events.ts';
import { recordHistory } from '../telemetry/history.ts';
import { intranetAddress } from '../util/address.ts';
import { createCids } from '../util/cids.ts';
import { createMessageIds } from '../util/message-id.ts';
import { encodeClientId } from '../wire/client-id.ts';
import { codecs } from '../wire/codecs/index.ts';
import { batchRules } from './batch-rules.ts';
import type { Owned } from './owned.ts';
import type { Stores } from './stores.ts';

/** The node without its doors: who is here, what they are sent, what is counted. */
export interface Core extends NodeContext {
  readonly execute: Execute;
  readonly sessions: Sessions;
  readonly newCid: () => number;
}

export interface CoreOptions {
  readonly config: Config;
  readonly stores: Stores;
  readonly port: number;
  readonly nodeStats: () => Promise<NodeStats>;
  readonly drain: NodeContext['drain'];
}

/** Of a node that is alone. */
export function createCore(options: CoreOptions, owned: Owned): Core {
  const directory = new MemoryDirectory();
  owned.add('the directory', () => directory.close());
  const context = createContext({ ...options, clientAddress: clientAddressOf(options.port + 1000) }, { directory });
  return {
    ...context,
    execute: tappedExecute(createExecute(context), context.taps),
    sessions: createSessions(context),
    newCid: createCids(),
  };
}

/** go-websocket's address of a node: where its RPC listens, or would. */
export function clientAddressOf(rpcPort: number): string {
  return `${intranetAddress()}:${rpcPort}`;
}

/** `parts`: what is different for a node that has others. */
export function createContext(
  { config, stores, nodeStats, drain, clientAddress }: Omit<CoreOptions, 'port'> & { readonly clientAddress: string },
  parts: Pick<NodeContext, 'directory' | 'tellOthers' | 'groupsKnown'>,
): NodeContext {
  const { nodeId, systems, keys, bans, cryptoKey } = stores;
  const counters = new Counters();
  const events = new Events({ node: nodeId });
  const turn = new EndOfTurn({ onRun: (seconds) => counters.flushes.observe(seconds) });
  const registry = new Registry({
    mintClientId: () => encodeClientId(clientAddress, cryptoKey),
    turn,
    counters,
    batching: (_system, group) => batchRules(config, group),
  });
  const newMessageId = createMessageIds();
  return {
    nodeId,
    systems,
    keys,
    bans,
    codecs,
    nodeStats,
    drain,
    registry,
    counters,
    events,
    history: recordHistory(events, { maxEntries: config.limits.history }),
    taps: new Taps({ node: nodeId, registry, newMessageId }),
    newMessageId,
    devices: config.devices,
    get notices() {
      return config.groups.notices;
    },
    get messageClasses() {
      return config.outbox.classes;
    },
    limits: config.limits,
    ...parts,
  };
}
