import type { ConnectionRef, Target } from '../../api/target.ts';
import { type Awaitable, after, allKnown } from '../../util/awaitable.ts';
import { leaseOf } from '../../util/cids.ts';

/** What a node said of itself. */
export interface NodeName {
  readonly lease: number;
  readonly clientAddress: string;
}

export interface PlacementOptions {
  readonly self: string;
  /** The others that are alive, or should be. */
  readonly nodes: () => readonly string[];
  /** The nodes that hold a user; undefined where that cannot be said. */
  readonly nodesOf: (system: string, uid: string) => Awaitable<readonly string[] | undefined>;
  /** The same of those with members of a group. */
  readonly nodesOfGroup: (system: string, group: string) => Awaitable<readonly string[] | undefined>;
  /** The address in a clientId, undefined for what is none. */
  readonly addressIn: (clientId: string) => string | undefined;
}

/** Which other nodes something concerns. Where that is not known, it is all of them. Who is known is answered at once. */
export class Placement {
  readonly #options: PlacementOptions;
  readonly #names = new Map<string, NodeName>();

  constructor(options: PlacementOptions) {
    this.#options = options;
  }

  /** No two that are alive have the same lease or address: who had it before is gone, and so are those that should not be there any more. */
  learn(node: string, name: NodeName): void {
    const others = this.#options.nodes();
    for (const [other, { lease, clientAddress }] of this.#names) {
      const isSame = lease === name.lease || clientAddress === name.clientAddress;
      if (isSame || (other !== this.#options.self && !others.includes(other))) this.#names.delete(other);
    }
    this.#names.set(node, name);
  }

  forget(node: string): void {
    this.#names.delete(node);
  }

  /** The other nodes that may have something of the target, each with the part of the target that is its own. */
  ofTarget(system: string, target: Target): Awaitable<Map<string, Target>> {
    switch (target.to) {
      case 'connections':
        return mapValues(this.ofRefs(target.ids), (ids) => ({ to: 'connections', ids }));
      case 'userConnections':
        return mapValues(this.ofRefs(target.ids), (ids) => ({ ...target, ids }));
      case 'users':
        return after(this.ofUsers(system, target.uids), (found) => mapValues(found, (uids) => ({ to: 'users', uids })));
      case 'device':
        return after(this.ofUsers(system, [target.uid]), (found) => mapValues(found, () => target));
      case 'groups':
        return after(this.ofGroups(system, target.groups), (found) => mapValues(found, () => target));
      case 'system':
        return new Map(this.#options.nodes().map((node) => [node, target]));
      default:
        return target satisfies never;
    }
  }

  ofUsers(system: string, uids: readonly string[]): Awaitable<Map<string, string[]>> {
    const places = allKnown(uids.map((uid) => this.#options.nodesOf(system, uid)));
    return after(places, (known) => this.#sort(uids, (_, at) => known[at]));
  }

  ofGroups(system: string, groups: readonly string[]): Awaitable<Map<string, string[]>> {
    const places = allKnown(groups.map((group) => this.#options.nodesOfGroup(system, group)));
    return after(places, (known) => this.#sort(groups, (_, at) => known[at]));
  }

  ofRefs(refs: readonly ConnectionRef[]): Map<string, ConnectionRef[]> {
    const others = this.#options.nodes();
    return this.#sort(refs, (ref) => this.#ownersOf(ref, others));
  }

  #ownersOf(ref: ConnectionRef, others: readonly string[]): readonly string[] {
    const lease = leaseOf(ref);
    const address = lease === undefined ? this.#options.addressIn(ref) : undefined;
    for (const [node, name] of this.#names) {
      const isOwner = lease === undefined ? address === name.clientAddress : lease === name.lease;
      if (isOwner && (node === this.#options.self || others.includes(node))) return [node];
    }
    return others.filter((node) => !this.#names.has(node));
  }

  #sort<T>(things: readonly T[], nodesOf: (thing: T, at: number) => readonly string[] | undefined): Map<string, T[]> {
    const sorted = new Map<string, T[]>();
    for (const [at, thing] of things.entries()) {
      for (const node of nodesOf(thing, at) ?? this.#options.nodes()) {
        if (node === this.#options.self) continue;
        const list = sorted.get(node);
        if (list === undefined) sorted.set(node, [thing]);
        else list.push(thing);
      }
    }
    return sorted;
  }
}

function mapValues<A, B>(map: ReadonlyMap<string, A>, change: (value: A) => B): Map<string, B> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
