import type { PushCommand, PushListItem } from '../../api/command.ts';
import type { EncodedForm, Message, NoticeMessage, ReplacedMessage } from '../../api/message.ts';
import type { Receipt } from '../../api/receipt.ts';
import { probeSystem } from '../../api/system.ts';
import type { TailItem, TailQuery } from '../../api/tail.ts';
import type { Target } from '../../api/target.ts';
import type { UplinkRequest } from '../../egress/uplink/request.ts';
import type { Connection } from '../../registry/connection.ts';
import type { Registry } from '../../registry/registry.ts';
import type { SystemIndex } from '../../registry/system-index.ts';
import { bodyOf, bodyOfRequest, weightOf, weightOfTexts } from './body.ts';
import { isMeant } from './meant.ts';
import { SpareTime } from './spare-time.ts';
import { type Seen, Tap } from './tap.ts';

export interface TapsOptions {
  readonly node: string;
  readonly registry: Registry;
  readonly newMessageId: () => string;
  readonly spareTime?: SpareTime;
  /** Milliseconds on a clock that is never set back. */
  readonly now?: () => number;
}

/** A push, or one of a list, as the way in and the node of a receiver know it. */
export type TappedPush = Pick<PushCommand, 'system' | 'door'> & Omit<PushListItem, 'nodes'>;

/** What became of a push, as far as it is known. */
export type TappedReceipt = Partial<Pick<Receipt, 'matched' | 'delivered' | 'dropped' | 'offline' | 'unknown'>>;

/**
 * Where copies of the traffic branch off on this node. Whoever delivers asks `isOpen`, and calls nothing else while it is false. What comes in is told once, on its
 * node, with what became of it; what taps of single connections look for is told where those are.
 */
export class Taps {
  /** Somebody reads along. */
  isOpen = false;
  readonly #options: TapsOptions;
  readonly #taps = new Set<Tap>();
  readonly #spareTime: SpareTime;
  readonly #now: () => number;

  constructor(options: TapsOptions) {
    this.#options = options;
    this.#spareTime = options.spareTime ?? new SpareTime();
    this.#now = options.now ?? (() => performance.now());
  }

  /** Copies what meets the query on this node, until the returned function is called. `onItem` must not throw. */
  open(query: TailQuery, onItem: (item: TailItem) => void): () => void {
    const { node } = this.#options;
    const later = (work: () => void, weight: number) => this.#spareTime.add(work, weight);
    const tap = new Tap({ node, query, onItem, later, now: this.#now });
    this.#taps.add(tap);
    this.isOpen = true;
    return () => {
      tap.close();
      this.#taps.delete(tap);
      this.isOpen = this.#taps.size > 0;
    };
  }

  /** A push came in here, at `time`, and has its receipt. Taps of single connections hear of it only where it found none of theirs on any node. */
  onPushed(push: TappedPush, time: number, receipt: TappedReceipt): void {
    const { system, target } = push;
    let seen: Seen | undefined;
    for (const tap of this.#concerned(system, 'out')) {
      if (!isToGroup(tap, target) || (tap.isOfConnections && !isMissed(tap, target, receipt))) continue;
      seen ??= { ...seenPush(push, time), ...withReceipt(receipt) };
      tap.take(seen);
    }
  }

  /** A push, of this node or another, is delivered to connections of this node now. */
  onHere(push: TappedPush): void {
    const { system, target, exclude } = push;
    const index = this.#options.registry.system(system);
    if (index === undefined) return;
    for (const tap of this.#concerned(system, 'out')) {
      if (!tap.isOfConnections || !isToGroup(tap, target) || isToOthers(tap, target)) continue;
      const found = this.#connectionsOf(tap, index).find((each) => isMeant(each, index, target, exclude));
      if (found !== undefined) tap.take({ ...seenPush(push, Date.now()), at: placeOf(found) });
    }
  }

  /** Somebody came to a group or left it, as all its members on all nodes are told. */
  onNotice(system: string, group: string, message: NoticeMessage): void {
    const target: Target = { to: 'groups', groups: [group] };
    for (const tap of this.#concerned(system, 'out')) {
      if (!tap.isOfConnections && isToGroup(tap, target)) tap.take(seenNotice(system, target, message));
    }
  }

  /** As the members on this node are told. */
  onNoticeHere(system: string, group: string, message: NoticeMessage): void {
    const target: Target = { to: 'groups', groups: [group] };
    const index = this.#options.registry.system(system);
    if (index === undefined) return;
    for (const tap of this.#concerned(system, 'out')) {
      if (!tap.isOfConnections || !isToGroup(tap, target)) continue;
      const found = this.#connectionsOf(tap, index).find((each) => isMeant(each, index, target));
      if (found !== undefined) tap.take({ ...seenNotice(system, target, message), at: placeOf(found) });
    }
  }

  /** A newer login takes the place of these connections. */
  onReplaced(told: readonly Connection[], message: ReplacedMessage): void {
    for (const connection of told) {
      const { system } = connection;
      const target: Target = { to: 'connections', ids: [String(connection.cid)] };
      for (const tap of this.#concerned(system, 'out')) {
        if (tap.query.group !== undefined || !this.#isTapped(tap, connection)) continue;
        tap.take({ ...seenNotice(system, target, message), at: placeOf(connection) });
      }
    }
  }

  /** A client asks something of a backend, or says something to others. */
  onRequest({ from, key, data, json }: UplinkRequest): void {
    const { system, cid, identity, groups } = from;
    let seen: Seen | undefined;
    for (const tap of this.#concerned(system, 'in')) {
      const { group } = tap.query;
      if (!this.#isTapped(tap, from)) continue;
      if (group !== undefined && ![...(groups?.keys() ?? [])].some(({ name }) => name === group)) continue;
      seen ??= {
        time: Date.now(),
        system,
        direction: 'in',
        sampledBy: this.#options.newMessageId(),
        door: 'client',
        at: { cid, uid: identity?.uid },
        weight: json?.length ?? weightOfTexts(data),
        body: () => ({ kind: key, text: bodyOfRequest(data, json) }),
      };
      tap.take(seen);
    }
  }

  *#concerned(system: string, direction: 'in' | 'out'): Generator<Tap, void, undefined> {
    if (system === probeSystem) return;
    for (const tap of this.#taps) if (tap.concerns(system, direction)) yield tap;
  }

  /** Those of this node that a tap looks for. */
  #connectionsOf({ query: { client, uid } }: Tap, { id, users }: SystemIndex): readonly Connection[] {
    if (client === undefined) return uid === undefined ? [] : [...(users.get(uid)?.connections ?? [])];
    const connection = this.#options.registry.find(id, client);
    return connection === undefined || (uid !== undefined && connection.identity?.uid !== uid) ? [] : [connection];
  }

  #isTapped({ query: { client, uid } }: Tap, connection: Pick<Connection, 'cid' | 'system' | 'identity'>): boolean {
    if (uid !== undefined && connection.identity?.uid !== uid) return false;
    return client === undefined || this.#options.registry.find(connection.system, client)?.cid === connection.cid;
  }
}

function isToGroup({ query: { group } }: Tap, target: Target): boolean {
  return group === undefined || (target.to === 'groups' && target.groups.includes(group));
}

/** It names users, none of whom a tap looks for: however many connections that one has, they are not looked at. */
function isToOthers({ query: { uid } }: Tap, target: Target): boolean {
  if (uid === undefined) return false;
  if (target.to === 'device') return target.uid !== uid;
  return (target.to === 'users' || target.to === 'userConnections') && !target.uids.includes(uid);
}

/** It was for whom the tap looks for, who is nowhere. */
function isMissed({ query: { client, uid } }: Tap, target: Target, { offline, unknown }: TappedReceipt): boolean {
  if (client !== undefined) {
    const isNamed = target.to === 'connections' && target.ids.includes(client);
    return isNamed && uid === undefined && unknown?.includes(client) === true;
  }
  if (uid === undefined || offline?.includes(uid) !== true) return false;
  return target.to === 'users' ? target.uids.includes(uid) : target.to === 'device' && target.uid === uid;
}

function seenPush({ system, door, target, message }: TappedPush, time: number): Seen {
  return { ...seenMessage(system, target, message), time, door };
}

function seenNotice(system: string, target: Target, message: NoticeMessage | ReplacedMessage): Seen {
  return { ...seenMessage(system, target, message), time: Date.now() };
}

function seenMessage(system: string, target: Target, message: Message | EncodedForm): Omit<Seen, 'time'> {
  const { messageId } = message;
  return {
    ...{ system, direction: 'out', target, messageId, sampledBy: messageId },
    weight: weightOf(message),
    body: () => bodyOf(message),
  };
}

function withReceipt({ matched, delivered, dropped }: TappedReceipt): Pick<Seen, 'receipt'> {
  if (matched === undefined || delivered === undefined) return {};
  return { receipt: { matched, delivered, dropped: dropped ?? {} } };
}

function placeOf({ cid, identity }: Connection): NonNullable<Seen['at']> {
  return { cid, uid: identity?.uid };
}
