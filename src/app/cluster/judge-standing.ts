import { type Standing, unreachedWords } from '../../api/standing.ts';

export interface Circumstances {
  /** Why Redis cannot be asked. */
  readonly redisFailure: string | undefined;
  /** Why broadcasts do not come round. */
  readonly busFailure: string | undefined;
  /** Why broadcasts that do come round go over the RPC all the same. */
  readonly busDelay?: string | undefined;
  readonly engine: string;
  /** The others that live, as far as is known. */
  readonly expected: readonly string[];
  /** Those that this node is linked with. */
  readonly linked: readonly string[];
  /** What the others said last of themselves, by Redis or by the RPC. */
  readonly standingOf: (node: string) => Standing | undefined;
}

export interface Judgement {
  /** Others can do what this node cannot: balancers must send it nobody. */
  readonly cutOff: string | undefined;
  /** In words; empty when all is well. */
  readonly troubles: readonly string[];
}

/**
 * Tells an outage that all share from one of this node. What all share must not empty the cluster: they go on with what works. A
 * node that is cut off from what its peers reach would look healthy and deliver half.
 */
export function judgeStanding(circumstances: Circumstances): Judgement {
  const { redisFailure, busFailure, busDelay, engine, expected, linked, standingOf } = circumstances;
  const absent = expected.filter((node) => !linked.includes(node));
  const standings = linked.map((node) => ({ node, standing: standingOf(node) }));
  const troubles: string[] = [];
  let cutOff: string | undefined;
  if (redisFailure !== undefined) {
    troubles.push(`Redis cannot be asked: ${redisFailure}`);
    const better = standings.find(({ standing }) => standing?.redis === true);
    if (better !== undefined) cutOff = `this node cannot reach Redis (${redisFailure}), ${better.node} can`;
    else if (absent.length > 0 && linked.length === 0) cutOff = 'this node reaches neither Redis nor any other node';
  }
  if (busFailure !== undefined) {
    troubles.push(`the bus ${engine} is down (${busFailure}): pushes to groups and systems go over the RPC`);
    const better = standings.find(({ standing }) => standing?.bus === true);
    if (better !== undefined) cutOff ??= `this node cannot reach the bus ${engine} (${busFailure}), ${better.node} can`;
  }
  if (busDelay !== undefined) {
    troubles.push(`the bus ${engine} is slow (${busDelay}): pushes to groups and systems go over the RPC`);
  }
  troubles.push(...absent.map(unreachedWords));
  if (redisFailure === undefined && linked.length === 0) {
    const linkedThere = absent.find((node) => (standingOf(node)?.links ?? 0) > 0);
    if (linkedThere !== undefined) {
      cutOff ??= `this node reaches no other over the RPC, while ${linkedThere} is linked with others`;
    }
  }
  return { cutOff, troubles };
}
