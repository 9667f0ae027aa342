import type { Execute, PushCommand, PushListCommand } from '../../api/command.ts';
import { YunqueError } from '../../api/errors.ts';
import type { ListReceipt, Receipt } from '../../api/receipt.ts';
import type { Target } from '../../api/target.ts';
import type { Broadcasts } from '../../bus/cluster/broadcasts.ts';
import type { Cluster } from '../../bus/cluster/cluster.ts';
import { addDropped, type FanoutResult } from '../../registry/tally.ts';
import { type Awaitable, allKnown } from '../../util/awaitable.ts';
import type { CallOrder } from '../../util/call-order.ts';
import { encodePush, type RemotePush } from '../../wire/cluster/push.ts';
import { decodeReceipt, type RemoteReceipt } from '../../wire/cluster/receipt.ts';
import { DecodeError } from '../../wire/codec.ts';
import { encodeOwn } from '../../wire/encoded-message.ts';
import type { NodeContext } from '../node-context.ts';
import { handlePush } from '../push.ts';
import { handlePushList } from '../push-list.ts';
import type { Placement } from './placement.ts';

export interface Pushing {
  readonly cluster: Cluster;
  readonly placement: Placement;
  /** What keeps pushes in the order of their calls. */
  readonly order: CallOrder;
  readonly node: NodeContext;
  /** For what is for groups and systems; absent: it goes to each node like the rest. */
  readonly broadcasts?: Broadcasts | undefined;
  /** This node's part. */
  readonly here: Execute;
}

/** What became of a push, or a part of it, on one other node; undefined where it did not answer. */
interface Part extends Answered {
  readonly node: string;
  readonly receipt: RemoteReceipt | undefined;
}

/** What another node was asked for, and what it missed of it; undefined where it did not answer. */
interface Answered {
  readonly target: Target;
  readonly receipt: Pick<Receipt, 'offline' | 'unknown'> | undefined;
}

/** The other nodes that a push concerns, each with its part of the target. */
type Places = ReadonlyMap<string, Target>;
const nowhere: Places = new Map();

/**
 * Delivers a message here and on the nodes that it concerns, which are sent it in the turn of the call where they are known. The receipt counts over all of them;
 * a user is offline, and a connection unknown, where no node had it and all that may have it answered.
 */
export function pushEverywhere(pushing: Pushing, command: PushCommand): Awaitable<Receipt> {
  const places = pushing.placement.ofTarget(command.system, command.target);
  return pushing.order.run(places, (known) => pushTo(pushing, command, known));
}

async function pushTo(pushing: Pushing, command: PushCommand, places: Places): Promise<Receipt> {
  if (places.size === 0) return pushing.here(command);
  const push = { ...command, message: encodeOwn(command.message, pushing.node.codecs) };
  const parts = sendPush(pushing, push, places);
  const [receipt, ...others] = await Promise.all([handlePush(pushing.node, push), ...parts]);
  const { offline, unknown } = receipt;
  return {
    ...receipt,
    ...sumOf(receipt, others),
    ...(offline && { offline: withoutFound(offline, others, 'offline') }),
    ...(unknown && { unknown: withoutFound(unknown, others, 'unknown') }),
  };
}

/** As `pushEverywhere`, each message of a list to its own target, in their order. */
export function pushListEverywhere(pushing: Pushing, command: PushListCommand): Awaitable<ListReceipt> {
  const places = allKnown(command.items.map(({ target }) => pushing.placement.ofTarget(command.system, target)));
  return pushing.order.run(places, (known) => pushListTo(pushing, command, known));
}

async function pushListTo(pushing: Pushing, command: PushListCommand, places: readonly Places[]): Promise<ListReceipt> {
  const { items, ...common } = command;
  if (places.every(({ size }) => size === 0)) return pushing.here(command);
  const encoded = items.map((item) => ({ ...item, message: encodeOwn(item.message, pushing.node.codecs) }));
  const parts = encoded.flatMap((item, at) => sendPush(pushing, { ...common, ...item }, places[at] ?? nowhere));
  const list = { ...command, items: encoded };
  const [receipt, ...others] = await Promise.all([handlePushList(pushing.node, list), ...parts]);
  return { ...receipt, ...sumOf(receipt, others), offline: withoutFound(receipt.offline, others, 'offline') };
}

/** Sends the push to the nodes it concerns; a target that several of them share is encoded once. */
function sendPush({ cluster, broadcasts }: Pushing, push: RemotePush, places: Places): Promise<Part>[] {
  if (broadcasts !== undefined && (push.target.to === 'groups' || push.target.to === 'system')) {
    return broadcast(cluster, broadcasts, push, places);
  }
  const encoded = new Map<Target, Buffer>();
  return Array.from(places, async ([node, target]): Promise<Part> => {
    const item = encoded.get(target) ?? encodePush({ ...push, target });
    encoded.set(target, item);
    const receipt = readReceipt(await cluster.askInBatch(node, 'pushes', item));
    return { node, target, receipt: receipt ?? receiptOfNobody(cluster, node, target) };
  });
}

/** To all nodes at once, in the order of all that goes to groups and systems; those that the push concerns are waited for. */
function broadcast(cluster: Cluster, broadcasts: Broadcasts, push: RemotePush, places: Places): Promise<Part>[] {
  const { target, nodes } = push;
  const awaited = [...places.keys()].filter((node) => nodes === undefined || nodes.includes(node));
  if (awaited.length === 0) return [];
  const receipts = broadcasts.send(encodePush(push), awaited);
  return awaited.map(async (node): Promise<Part> => {
    const receipt = (await receipts).get(node);
    if (receipt instanceof YunqueError) return { node, target, receipt: undefined };
    return { node, target, receipt: receipt ?? receiptOfNobody(cluster, node, target) };
  });
}

/** Of a node that goes and does not answer any more: it had nobody when it said so. */
function receiptOfNobody(cluster: Cluster, node: string, target: Target): RemoteReceipt | undefined {
  if (!cluster.holdsNobody(node)) return undefined;
  const [offline, unknown] = [namesIn(target, 'offline'), namesIn(target, 'unknown')];
  return { matched: 0, delivered: 0, queued: 0, dropped: {}, offline, unknown };
}

/** A node that could not do it has not answered: only the node that was asked refuses. */
function readReceipt(item: Buffer | undefined): RemoteReceipt | undefined {
  if (item === undefined) return undefined;
  try {
    const receipt = decodeReceipt(item);
    return receipt instanceof YunqueError ? undefined : receipt;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function sumOf(own: FanoutResult, parts: readonly Part[]): FanoutResult & { readonly missingNodes: readonly string[] } {
  let { matched, delivered, queued } = own;
  const dropped = { ...own.dropped };
  const missing = new Set<string>();
  for (const { node, receipt } of parts) {
    if (receipt === undefined) {
      missing.add(node);
      continue;
    }
    matched += receipt.matched;
    delivered += receipt.delivered;
    queued += receipt.queued;
    addDropped(dropped, receipt.dropped);
  }
  return { matched, delivered, queued, dropped, missingNodes: [...missing] };
}

/** Of the names that are missed here, those that no other node has, and that no silent node may have. */
export function withoutFound(
  missed: readonly string[],
  parts: readonly Answered[],
  what: 'offline' | 'unknown',
): string[] {
  const left = new Set(missed);
  for (const { target, receipt } of parts) {
    const missedThere = new Set(receipt?.[what]);
    for (const name of namesIn(target, what)) if (!missedThere.has(name)) left.delete(name);
  }
  return [...left];
}

function namesIn(target: Target, what: 'offline' | 'unknown'): readonly string[] {
  if (what === 'unknown') return target.to === 'connections' || target.to === 'userConnections' ? target.ids : [];
  if (target.to === 'users') return target.uids;
  return target.to === 'device' ? [target.uid] : [];
}
