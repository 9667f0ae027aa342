import { DecodeError } from '../codec.ts';
import { cluster } from '../proto/cluster.js';
import { decodeWith, encodeWith } from './items.ts';

/** A login, or with `out` a logout; of a group, whose name is in `uid`, that a node has members of it, or none any more. */
export interface RouteFields {
  readonly out: boolean;
  readonly group?: boolean;
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
  return decodeWith(cluster.Route, bytes, ({ out, group, system, uid, node, cid, sequence }) => {
    if (!Number.isSafeInteger(cid) || !Number.isSafeInteger(sequence)) throw new DecodeError('no whole number');
    return { out, ...(group && { group }), system, uid, node, cid, sequence };
  });
}

/** The places of one user, as the answer to a login of it. */
export function encodeRoutes(routes: readonly RouteFields[]): Buffer {
  return encodeWith(cluster.Batch, { items: routes.map(encodeRoute) });
}

/** Throws `DecodeError` and nothing else. */
export function decodeRoutes(bytes: Buffer): RouteFields[] {
  return decodeWith(cluster.Batch, bytes, ({ items }) => items.map((item) => decodeRoute(item as Buffer)));
}
