import assert from 'node:assert/strict';
import test from 'node:test';
import type { Static, TSchema } from '@sinclair/typebox';
import type { HeapSnapshotAnswer, ReloadAnswer, StopAnswer, VersionAnswer } from '../../../../src/api/admin.ts';
import type {
  BanResult,
  KickResult,
  MembershipResult,
  NodeDrain,
  NodePing,
  NodeResume,
  OnlineResult,
  RemoveGroupCommand,
  RemoveSystemCommand,
  ResultOf,
} from '../../../../src/api/command.ts';
import type { ErrorBody } from '../../../../src/api/errors.ts';
import type { NodeEvent } from '../../../../src/api/event.ts';
import type { HistoryAnswer } from '../../../../src/api/history.ts';
import type { BanInfo, KeyRotation, KeyRow } from '../../../../src/api/keys.ts';
import type {
  ConnectionInfo,
  GroupInfo,
  MemberInfo,
  Page,
  Shown,
  SystemInfo,
  UserInfo,
} from '../../../../src/api/listing.ts';
import type { SendPreview } from '../../../../src/api/preview.ts';
import type { Receipt } from '../../../../src/api/receipt.ts';
import type { SnapshotAnswer } from '../../../../src/api/snapshot.ts';
import type { ClusterStats, NodeStats } from '../../../../src/api/stats.ts';
import { answerSchemas } from '../../../../src/ingress/http/admin/answer-schema.ts';

/** The types behind the documented answers. */
interface Answers {
  version: VersionAnswer;
  stats: ClusterStats;
  snapshot: SnapshotAnswer;
  node: NodeStats;
  nodes: { items: NodeStats[]; total: number; missingNodes?: string[] };
  ping: NodePing;
  drained: NodeDrain;
  resumed: NodeResume;
  history: Omit<HistoryAnswer, 'items'> & { items: Pick<NodeEvent, 'type' | 'time' | 'node' | 'sequence'>[] };
  receipt: Receipt;
  preview: SendPreview;
  connection: ConnectionInfo;
  user: Shown<UserInfo>;
  group: Shown<GroupInfo>;
  system: Shown<SystemInfo>;
  connections: Page<ConnectionInfo>;
  users: Page<UserInfo>;
  groups: Page<GroupInfo>;
  systems: Page<SystemInfo>;
  members: Page<MemberInfo>;
  kicked: KickResult;
  online: OnlineResult;
  membership: MembershipResult;
  removed: ResultOf<RemoveGroupCommand>;
  closed: ResultOf<RemoveSystemCommand>;
  key: KeyRow;
  keys: Page<KeyRow>;
  rotation: KeyRotation;
  bans: Page<BanInfo>;
  banned: BanResult;
  lifted: { lifted: boolean };
  heapSnapshot: HeapSnapshotAnswer;
  stopping: StopAnswer;
  reloaded: ReloadAnswer;
  error: ErrorBody;
}

type Names<T> = T extends readonly (infer I)[]
  ? Names<I>[]
  : T extends object
    ? { [K in keyof T]-?: Names<T[K]> }
    : true;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type SchemaOf<K extends keyof Answers> = (typeof answerSchemas)[K] extends TSchema
  ? Static<(typeof answerSchemas)[K]>
  : never;

/** Types only: `tsc` fails here where a schema and its type have not the same fields. */
type Checked = { [K in keyof Answers]: Same<keyof SchemaOf<K>, keyof Answers[K]> };
const agree: { [K in keyof Checked]: true } = {
  version: true,
  stats: true,
  snapshot: true,
  node: true,
  nodes: true,
  ping: true,
  drained: true,
  resumed: true,
  history: true,
  receipt: true,
  preview: true,
  connection: true,
  user: true,
  group: true,
  system: true,
  connections: true,
  users: true,
  groups: true,
  systems: true,
  members: true,
  kicked: true,
  online: true,
  membership: true,
  removed: true,
  closed: true,
  key: true,
  keys: true,
  rotation: true,
  bans: true,
  banned: true,
  lifted: true,
  heapSnapshot: true,
  stopping: true,
  reloaded: true,
  error: true,
} satisfies Checked;

/** And the rows inside pages and statistics. */
const rowsAgree: [
  Same<keyof Names<SchemaOf<'stats'>>['nodes'][number], keyof ClusterStats['nodes'][number]>,
  Same<keyof Names<SchemaOf<'snapshot'>>['stats']['nodes'][number], keyof ClusterStats['nodes'][number]>,
  Same<keyof SchemaOf<'members'>['items'][number], keyof MemberInfo>,
  Same<keyof SchemaOf<'bans'>['items'][number], keyof BanInfo>,
] = [true, true, true, true];

test('every answer of the admin API has a schema whose fields are those of its type', () => {
  assert.deepEqual(Object.keys(agree).toSorted(), Object.keys(answerSchemas).toSorted());
  assert.deepEqual(rowsAgree, [true, true, true, true]);
});
