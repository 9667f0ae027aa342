import type { Door, PushListCommand } from '../api/command.ts';
import type { SlowRule } from '../api/message-class.ts';
import type { DropReason, ListReceipt } from '../api/receipt.ts';
import type { Exclusion } from '../api/target.ts';
import type { Audience } from '../registry/audience.ts';
import type { Connection } from '../registry/connection.ts';
import { countQueued, handOut } from '../registry/fanout.ts';
import { excludedBy, select } from '../registry/select.ts';
import { addDropped, type FanoutResult, nothing } from '../registry/tally.ts';
import { PreparedMessage } from '../wire/prepared-message.ts';
import type { NodeContext } from './node-context.ts';
import { audiencesOf, membersOf } from './push.ts';
import { requireSystem } from './require-system.ts';
import { slowRuleOf } from './slow-rule.ts';

type Item = PushListCommand['items'][number];

/**
 * Delivers a list of messages, each to its own target, in order: what is for one group or system in one piece with its neighbours, the rest one by one. They leave in one turn, as far as it has
 * room. Throws as `handlePush`.
 */
export async function handlePushList(node: NodeContext, command: PushListCommand): Promise<ListReceipt> {
  const { system, items } = command;
  const slow = slowRuleOf(node, command.class);
  await requireSystem(node, system);
  node.counters.messageIn(command.door, items.length);
  const delivery = new ListDelivery(node, command, slow);
  for (const item of items) {
    if (node.registry.turn.isFull) await delivery.room();
    delivery.handOut(item);
  }
  return { total: items.length, ...(await delivery.result()), missingNodes: [], offline: delivery.offline };
}

/** A list on its way to the connections of this node. */
class ListDelivery {
  readonly #node: NodeContext;
  readonly #system: string;
  readonly #slow: SlowRule | undefined;
  readonly #door: Door;
  readonly #offline = new Set<string>();
  readonly #taken: (readonly Connection[])[] = [];
  #matched = 0;
  #delivered = 0;
  readonly #dropped: Partial<Record<DropReason, number>> = {};
  /** Those that hold messages of this list. */
  readonly #holding = new Set<Audience>();
  readonly #pushed: Promise<FanoutResult>[] = [];
  #excluded: { readonly by: Exclusion; readonly connections: ReadonlySet<Connection> } | undefined;

  constructor(node: NodeContext, { system, door }: PushListCommand, slow: SlowRule | undefined) {
    this.#node = node;
    this.#system = system;
    this.#slow = slow;
    this.#door = door;
  }

  get offline(): string[] {
    return [...this.#offline];
  }

  /** Whoever pushes after this list waits as well, and behind it: there is no room before the list is through. */
  async room(): Promise<void> {
    await this.#node.registry.turn.room();
    // Others may have come in the meantime.
    this.#excluded = undefined;
  }

  handOut(item: Item): void {
    const { target, message, exclude, nodes } = item;
    const { registry, codecs, nodeId, taps } = this.#node;
    const isHere = nodes === undefined || nodes.includes(nodeId);
    if (taps.isOpen && isHere) taps.onHere({ ...item, system: this.#system, door: this.#door });
    if (target.to === 'system' || target.to === 'groups') {
      if (isHere) this.#toAudiences(item, new PreparedMessage(message, codecs, this.#slow));
      return;
    }
    const { connections, offline } = select(registry, this.#system, target, exclude);
    if (offline !== undefined) for (const uid of offline) this.#offline.add(uid);
    if (isHere) this.#toEach(connections, new PreparedMessage(message, codecs, this.#slow));
  }

  /** Once all of it has left. */
  async result(): Promise<FanoutResult> {
    if (this.#delivered > 0) await this.#node.registry.turn.flushed();
    const queued = this.#taken.reduce((sum, connections) => sum + countQueued(connections), 0);
    const result = { matched: this.#matched, delivered: this.#delivered, queued, dropped: this.#dropped };
    for (const pushed of await Promise.all(this.#pushed)) {
      result.matched += pushed.matched;
      result.delivered += pushed.delivered;
      result.queued += pushed.queued;
      addDropped(result.dropped, pushed.dropped);
    }
    return result;
  }

  #toAudiences({ target, exclude }: Item, prepared: PreparedMessage): void {
    const audiences = audiencesOf(this.#node, this.#system, target);
    const [only] = audiences;
    if (only === undefined) return;
    const excluded = exclude && this.#excludedBy(exclude);
    if (audiences.length > 1) {
      this.#toEach(membersOf(audiences, excluded), prepared);
      return;
    }
    this.#holding.add(only);
    this.#pushed.push(only.push(prepared, excluded && { exclude: excluded }));
  }

  /** Each gets first what the list has for it in groups and in the system. */
  #toEach(connections: Iterable<Connection>, prepared: PreparedMessage): void {
    const all = this.#holding.size === 0 ? connections : [...connections];
    if (all !== connections) {
      for (const connection of all) for (const audience of this.#holding) audience.serve(connection);
    }
    const handed = handOut(all, prepared, this.#node.counters) ?? { ...nothing, taken: [] };
    this.#matched += handed.matched;
    this.#delivered += handed.taken.length;
    addDropped(this.#dropped, handed.dropped);
    if (handed.taken.length > 0) this.#taken.push(handed.taken);
  }

  /** Neighbours mostly leave out the same. */
  #excludedBy(by: Exclusion): ReadonlySet<Connection> {
    if (this.#excluded?.by !== by) {
      this.#excluded = { by, connections: excludedBy(this.#node.registry, this.#system, by) };
    }
    return this.#excluded.connections;
  }
}
