import { YunqueError } from '../../api/errors.ts';
import type { Bus } from '../../bus/bus.ts';
import { Broadcasts, type BroadcastTimes, usualTimes } from '../../bus/cluster/broadcasts.ts';
import type { Cluster } from '../../bus/cluster/cluster.ts';
import type { PeerNode } from '../../bus/peers.ts';
import { type BroadcastPlace, encodeReceipt, type RemoteReceipt } from '../../wire/cluster/receipt.ts';
import { note } from './notes.ts';

export interface BroadcastingOptions {
  readonly cluster: Cluster;
  readonly bus: Bus;
  /** Nodes that have said that they do not hear the bus. */
  readonly deaf: () => readonly string[];
  /** Does a push of another node here. */
  readonly doPush: (push: Buffer) => Promise<RemoteReceipt | YunqueError>;
  readonly times: Partial<BroadcastTimes>;
}

/** What goes to groups and systems goes over the bus; what became of it is answered to the origin in batches, over the peers. */
export function createBroadcasts({ cluster, bus, deaf, doPush, times }: BroadcastingOptions): Broadcasts {
  async function answer(origin: PeerNode, push: Buffer, place: BroadcastPlace): Promise<void> {
    const receipt = await doPush(push).catch(() => new YunqueError('internal'));
    if (cluster.isLinked(origin)) cluster.tellInBatch([origin.id], 'receipts', encodeReceipt(receipt, place));
  }
  return new Broadcasts({
    cluster,
    bus,
    deaf,
    times: { ...usualTimes, ...times },
    onPush: (origin, push, place) => void answer(origin, push, place),
    tellNext: (node, next) => cluster.tell(node, note('nextBroadcast', { next })),
    tellHole: (node, hole) => cluster.tell(node, note('broadcastHole', hole)),
  });
}
