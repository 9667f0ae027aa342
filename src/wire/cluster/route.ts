import { DecodeError } from '../codec.ts';
import { cluster } from '../proto/cluster.js';
import { decodeWith, encodeWith } from './items.ts';

/** A login, or with `out` a logout. */
export interface RouteFields {
  readonly out: boolean;
  readonly system: string;
  readonly uid: string;
  readonly node: string;
  readonly cid: number;
  readonly sequence: number;
}

export function encodeRoute(route: RouteFields): Buffer {
  return encodeWith(cluster.Route, route);
}

/** Throws `DecodeError` and nothing else. */
export function decodeRoute(bytes: Buffer): RouteFields {
  return decodeWith(cluster.Route, bytes, ({ out, system, uid, node, cid, sequence }) => {
    if (!Number.isSafeInteger(cid) || !Number.isSafeInteger(sequence)) throw new DecodeError('no whole number');
    return { out, system, uid, node, cid, sequence };
  });
}
