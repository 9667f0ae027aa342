import type {
  ClientIdList,
  Command,
  DrainNodeCommand,
  NodeDrain,
  NodeResume,
  ResultOf,
  ResumeNodeCommand,
} from '../../api/command.ts';
import type { YunqueError } from '../../api/errors.ts';
import type { NodeEvent } from '../../api/event.ts';
import type { GroupInfo, SystemInfo, UserInfo } from '../../api/listing.ts';
import type { Standing } from '../../api/standing.ts';
import type { NodeStats } from '../../api/stats.ts';
import type { Target } from '../../api/target.ts';
import type { Hole } from '../../bus/cluster/broadcasts.ts';
import type { Cluster } from '../../bus/cluster/cluster.ts';
import type { Device } from '../../registry/devices.ts';
import type { Envelope } from '../../wire/cluster/envelope.ts';
import type { Arrival } from '../sessions.ts';
import type { TapOrder, TappedCopies } from '../tail/remote-taps.ts';
import type { GroupCount } from './group-counts.ts';
import type { Keeping } from './member-records.ts';
import type { RowsApart } from './rows-apart.ts';

/** Commands of which each node does its part, and the parts are put together by the node that was asked. */
export type PartCommand = Extract<
  Command,
  {
    type:
      | 'join'
      | 'leave'
      | 'removeGroup'
      | 'listConnections'
      | 'listMembers'
      | 'listClientIds'
      | 'online'
      | 'preview'
      | 'history';
  }
>;

/** As `execute` has them, but for clientIds, which are a list. */
export type PartResult = Exclude<ResultOf<PartCommand>, ClientIdList> | readonly string[];

/**
 * Lists whose rows are put together of several nodes' rows. `apart`: of what the answering node alone has, the page is enough; earlier
 * releases do not know it, and answer rows.
 */
export type RowsCommand = Extract<Command, { type: 'listUsers' | 'listGroups' | 'listSystems' }> & {
  readonly apart?: boolean;
};
export interface RowsOf {
  listUsers: UserInfo;
  listGroups: GroupInfo;
  /** `groupsCounted`: groups that are the answering node's to count; `groupNames`: those that others may have as well. */
  listSystems: SystemInfo & { readonly groupNames: readonly string[]; readonly groupsCounted?: number };
}

/** What nodes ask each other beside what they say often: question and answer, by name. All of it is JSON. */
export interface Questions {
  /** `at`: nodes that hold one of the users, as the answering node knows. */
  part: {
    readonly body: PartCommand;
    readonly answer: { readonly result: PartResult; readonly at: readonly string[] };
  };
  rows: { readonly body: RowsCommand; readonly answer: readonly RowsOf[keyof RowsOf][] | RowsApart };
  kick: {
    /** Without a system whose existence would be asked for. `banned`: logins under way are to look again. */
    readonly body: {
      readonly system: string;
      readonly target: Target;
      readonly reason?: string;
      readonly banned: boolean;
    };
    readonly answer: { readonly matched: number; readonly closed: number };
  };
  closeSystem: { readonly body: { readonly system: string }; readonly answer: { readonly closed: number } };
  arrive: { readonly body: { readonly system: string; readonly login: Device }; readonly answer: Arrival };
  stats: { readonly body: null; readonly answer: NodeStats };
  /** What was written in the stores that all share, for the hearer's copy of them; answered when it knows it. */
  stores: { readonly body: string; readonly answer: null };
  /** Users that are the answering node's to count, by system; together each user once. */
  userCounts: { readonly body: null; readonly answer: readonly (readonly [system: string, users: number])[] };
  groupCounts: { readonly body: null; readonly answer: GroupCount };
  ping: { readonly body: null; readonly answer: null };
  drainNode: { readonly body: DrainNodeCommand; readonly answer: NodeDrain };
  resumeNode: { readonly body: ResumeNodeCommand; readonly answer: NodeResume };
}

/** What nodes tell each other beside what they say often. */
export interface News {
  /**
   * The first thing a node says to another. `clientAddress`: the one in its clientIds. `since`: the first incarnation of its process, which
   * has the clients of all that followed; absent in earlier versions: the one it has now.
   */
  hello: { readonly lease: number; readonly clientAddress: string; readonly since?: number };
  /** All routes of the teller have been told. `clock`: of its logins. */
  routesTold: { readonly clock: number };
  /** What is written down of the teller's routes is not to be relied on, until it says `routesTold`. */
  routesInDoubt: null;
  /** The hearer is one of those who keep a record of the teller's members. `isNew`: an empty one, and those there are follow. Null, of version 1: the only one. */
  keepMembers: { readonly number: number; readonly keepers: readonly string[]; readonly isNew: boolean } | null;
  /** By whom the record of a node is kept. */
  membersKept: Keeping & { readonly node: string };
  /** All members of a node that is gone have been told of, the teller's as well. Said to that node, too, when it comes again. */
  membersTold: { readonly node: string; readonly incarnation: number };
  /** The number of the teller's next broadcast: what it gave lower ones, before the hearer knew of it or since, is sent. */
  nextBroadcast: { readonly next: number };
  /** Broadcasts of the hearer that have not come. */
  broadcastHole: Hole;
  /** Asked, or told, when the last client has gone: the node is gone as soon as it cannot be reached. */
  leaving: null;
  /** The hearer is to tell its events from now on, the last `backlog` first; `id`: the teller's number for them. */
  watch: { readonly id: number; readonly backlog: number };
  unwatch: { readonly id: number };
  event: { readonly id: number; readonly event: NodeEvent };
  /** A reader along at the teller; see there. */
  tap: TapOrder;
  tapped: TappedCopies;
  /** How the teller is, when it joins and with every change. */
  standing: Standing;
}

export function note<K extends keyof News>(name: K, body: News[K]): Envelope {
  return { type: 'note', name, body };
}

export interface NoteAnswers<K extends keyof Questions> {
  readonly answers: ReadonlyMap<string, Questions[K]['answer']>;
  /** Nodes that did not answer, or did not understand. */
  readonly missing: readonly string[];
  /** What nodes refused it with. */
  readonly refusals: readonly YunqueError[];
}

/** Asks each of the nodes. A node that says it cannot do this now is missing; any other refusal is one of the command. */
export async function askNodes<K extends keyof Questions>(
  cluster: Cluster,
  nodes: readonly string[],
  name: K,
  body: Questions[K]['body'],
): Promise<NoteAnswers<K>> {
  const { answers, missing } = await cluster.ask(nodes, { type: 'note', name, body });
  const found = new Map<string, Questions[K]['answer']>();
  const refusals: YunqueError[] = [];
  const silent = [...missing];
  for (const [node, answer] of answers) {
    if (answer.type === 'note') found.set(node, answer.body as Questions[K]['answer']);
    else if (answer.type === 'failure' && answer.error.code !== 'unavailable' && answer.error.code !== 'internal') {
      refusals.push(answer.error);
    } else silent.push(node);
  }
  return { answers: found, missing: silent, refusals };
}

/** As `askNodes`, each node something of its own. */
export async function askEach<K extends keyof Questions>(
  cluster: Cluster,
  bodies: ReadonlyMap<string, Questions[K]['body']>,
  name: K,
): Promise<NoteAnswers<K>> {
  const all = await Promise.all([...bodies].map(([node, body]) => askNodes(cluster, [node], name, body)));
  return {
    answers: new Map(all.flatMap(({ answers }) => [...answers])),
    missing: all.flatMap(({ missing }) => missing),
    refusals: all.flatMap(({ refusals }) => refusals),
  };
}
