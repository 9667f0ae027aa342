import type { Standing } from '../api/standing.ts';

/** What a node tells the others of itself. Changes rarely. */
export interface MemberInfo {
  /** Where its RPC is reached from the others. */
  readonly host: string;
  readonly port: number;
  /** The address in its clientIds; no two members have the same, unless somebody copied a setting. */
  readonly clientAddress: string;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** `starting`: it holds nobody yet. */
  readonly state: 'starting' | 'serving' | 'draining';
  /** Where clients reach it, such as `http://10.0.0.1:666`. */
  readonly addresses: readonly string[];
  /** What it reaches, for those that it is not linked with. */
  readonly standing?: Standing;
}

/** A node of the cluster that is alive. Larger than a `PeerNode` or an `RpcNode`, and taken for either. */
export interface Member extends MemberInfo {
  readonly id: string;
  /** Tells this start of the node from its earlier ones, and is greater than theirs. */
  readonly incarnation: number;
  /** The upper 20 bits of its cids (util/cids.ts); no other living node has them. */
  readonly cidLease: number;
}

export interface Claim {
  readonly incarnation: number;
  readonly cidLease: number;
  /** Those that are alive, without this node. */
  readonly members: readonly Member[];
}

/**
 * The lease had ended, after a pause of this process or a cut, and was taken again: the others took this node for dead, and know a new
 * start of it now. What had been shared with them under the earlier incarnation has to be shared anew.
 */
export interface Reentry {
  readonly incarnation: number;
  readonly previousIncarnation: number;
  readonly cidLease: number;
  /** Nearly always the same. Where it is not, another node has it now: connections under the previous one are to be closed. */
  readonly previousCidLease: number;
}

export interface LeaseListener {
  /** The members are other ones, or one of them tells something else. Told once for all that changed at one moment. */
  onMembers?(members: readonly Member[]): void;
  /** Before `onMembers` hears of it. */
  onReentry?(reentry: Reentry): void;
  /** `failure` is another one. */
  onFailure?(failure: string | undefined): void;
}

/**
 * Who belongs to the cluster and is alive, this node included, as the directory that all share sees it.
 *
 * Guarantees of every implementation:
 * - `claim` takes the node's lease, before anything of it listens or is told to others. It rejects with `StartError` (78): the node's id
 *   is held from elsewhere by a node that still beats, and the message names that one; the cluster has another crypto key; the directory was
 *   written by a newer version. A holder that no longer beats is waited for, as long as a lease lasts; the same data directory takes
 *   its lease over at once. It rejects with `StartError` (1) where the directory cannot be asked.
 * - From `publish` on the node is a member, for the others as for itself. Called again it tells what has changed, and so it does where the
 *   directory cannot be asked now: that is made up for. It never rejects.
 * - A member that beats no more leaves `members` within the length of a lease (7 s) of its last beat, on every node; one that released
 *   its lease at once. Of one id there is one member: a new incarnation replaces the earlier one, and nothing tells of an older one after it.
 * - Where the directory cannot be asked, `failure` says why and nobody is declared dead: members stay as they were known. When it
 *   is back, be it without its data, everyone has the time of a lease to enter again, with the incarnation and the cids it had. One that
 *   needs longer leaves, and may come again with the same incarnation where the data were lost.
 * - A lease that ended is never acted upon: the node enters again with a new incarnation (`onReentry`). `isCertain` says whether the lease
 *   is known to be this node's still: not after a pause longer than it, and not without the directory.
 * - Deaths are told by the directory's clock, and pauses by this machine's monotonic one: setting the time of any machine changes nothing.
 * - `release` gives the lease up at a clean stop and never rejects. After it nothing is told any more. It may be called twice.
 */
export interface Leases {
  claim(): Promise<Claim>;
  publish(info: MemberInfo): Promise<void>;
  /** By id. Empty before `claim`. */
  readonly members: readonly Member[];
  /** This node's, undefined before `claim`. */
  readonly incarnation: number | undefined;
  readonly failure: string | undefined;
  readonly isCertain: boolean;
  /** Answers the end of it. Listeners must not throw. */
  watch(listener: LeaseListener): () => void;
  release(): Promise<void>;
}
