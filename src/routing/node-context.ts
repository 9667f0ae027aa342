import type { SlowPolicy } from '../api/message-class.ts';
import type { NodeStats } from '../api/stats.ts';
import type { Directory } from '../directory/directory.ts';
import type { DeviceRule } from '../registry/devices.ts';
import type { Registry } from '../registry/registry.ts';
import type { Bans } from '../store/bans.ts';
import type { Keys } from '../store/keys.ts';
import type { Systems } from '../store/systems.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { Events } from '../telemetry/events.ts';
import type { History } from '../telemetry/history.ts';
import type { Awaitable } from '../util/awaitable.ts';
import type { GroupNotice } from '../wire/cluster/group-notice.ts';
import type { Codecs } from '../wire/prepared-message.ts';
import type { NodeDrainSwitch } from './drain-node.ts';
import type { Taps } from './tail/taps.ts';

/** What the commands work with on this node; put together once, by the composition root. */
export interface NodeContext {
  readonly nodeId: string;
  readonly registry: Registry;
  readonly systems: Systems;
  readonly keys: Keys;
  readonly bans: Bans;
  readonly directory: Directory;
  readonly codecs: Codecs;
  readonly counters: Counters;
  readonly events: Events;
  readonly history: History;
  readonly drain: NodeDrainSwitch;
  readonly taps: Taps;
  readonly newMessageId: () => string;
  readonly nodeStats: () => Promise<NodeStats>;
  readonly devices: DeviceRule;
  /** What each class of messages meets where a receiver does not keep up. */
  readonly messageClasses: Readonly<Record<string, SlowPolicy>>;
  /** Whether joins and leaves are told to the group (1001, 1002). */
  readonly notices: boolean;
  /** Passes on to the other nodes who came to a group here, or went; absent on a node that has none. */
  readonly tellOthers?: (notice: GroupNotice) => void;
  /** Resolves when the other nodes know of every group that has its first members here by now; absent on a node that has none. */
  readonly groupsKnown?: () => Awaitable<void>;
  readonly limits: { readonly idBytes: number; readonly groupsPerConnection: number };
}
