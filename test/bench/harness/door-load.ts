import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type DoorKind,
  doorKinds,
  doorServers,
  fourDoors,
  loadPubProto,
  openPublishers,
  type Publisher,
} from '../../support/door-publishers.ts';
import type { Scope } from '../../support/services/scope.ts';
import { binds, listLength, uids } from '../http.ts';
import type { Round, RoundFigures, Work } from '../peers/post-load.ts';
import { type ServeProcess, startServe } from './serve-process.ts';

const patienceMs = 60_000;

/** What is published: lists of a hundred messages in one record, or a record for each message; to distinct users in turn. */
export const shapes = { lists: listLength, records: 1 } as const;
export type Shape = keyof typeof shapes;

export interface DoorFigures {
  readonly cpuMicrosPerPush: number;
  readonly pushesPerSecond: number;
}

export interface DoorLoad {
  readonly server: ServeProcess;
  /** Publishes as many records as make `pushes` messages, and waits until every client has its own. */
  run(door: DoorKind, shape: Shape, pushes: number): Promise<DoorFigures>;
}

/** A node with a door of each kind at real servers, and a thousand users with a client each. */
export async function openDoorLoad(scope: Scope): Promise<DoorLoad> {
  const servers = await doorServers(scope);
  const env = { YUNQUE_DOORS: fourDoors(servers) };
  const server = await startServe('yunque', { flags: ['--topic', servers.topic], env });
  scope.after(async () => await server[Symbol.asyncDispose]());
  const publishers = await openPublishers(scope, servers);
  await untilReading(server);
  const receivers = fork(`${import.meta.dirname}/../peers/post-load.ts`, { execArgv: [] });
  scope.after(async () => void receivers.kill('SIGKILL'));
  const work: Work = {
    port: server.port,
    requests: [],
    connections: 0,
    depth: 0,
    clients: binds(),
    clientPath: '/yunque',
  };
  receivers.send(work);
  await once(receivers, 'message');
  const bodies = await bodiesOf();
  return {
    server,
    async run(door, shape, pushes) {
      const count = Math.max(1, Math.round(pushes / shapes[shape]));
      const all = Array.from({ length: count }, (_, at) => bodies[shape][at % bodies[shape].length] as Buffer);
      const round = { posts: count, framesPerPost: shapes[shape] };
      return await measure(server, receivers, round, () => publishAll(publishers[door], all));
    },
  };
}

async function measure(
  server: ServeProcess,
  receivers: ChildProcess,
  round: Round,
  publish: () => Promise<void>,
): Promise<DoorFigures> {
  const cpuBefore = await server.cpuMs();
  receivers.send(round);
  await once(receivers, 'message');
  const [[{ seconds }]] = (await Promise.all([once(receivers, 'message'), publish()])) as unknown as [[RoundFigures]];
  const cpuMs = (await server.cpuMs()) - cpuBefore;
  const pushes = round.posts * round.framesPerPost;
  return { cpuMicrosPerPush: (cpuMs * 1000) / pushes, pushesPerSecond: pushes / seconds };
}

/** So much at once, as a busy backend has it under way; Kafka takes a megabyte. */
const bytesAtOnce = 768 * 1024;

async function publishAll(publisher: Publisher, bodies: readonly Buffer[]): Promise<void> {
  const atOnce = Math.floor(bytesAtOnce / (bodies[0]?.length ?? 1));
  for (let at = 0; at < bodies.length; at += atOnce) await publisher.publish(bodies.slice(at, at + atOnce));
}

async function untilReading(server: ServeProcess): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    const [node] = (await server.admin.stats()).nodes;
    const doors = node?.doors ?? [];
    if (doors.length === doorKinds.length && doors.every(({ state }) => state === 'reading')) return;
    if (performance.now() - startedAt > patienceMs) {
      throw new Error(
        `not all doors read: ${doors.map(({ name, state, failure }) => [name, state, failure]).join('; ')}`,
      );
    }
    await delay(100);
  }
}

async function bodiesOf(): Promise<Readonly<Record<Shape, readonly Buffer[]>>> {
  const encode = await loadPubProto();
  const message = (receiver: string) => ({
    ...{ id: 748, action: 'chat', content: { text: 'x'.repeat(128) }, sender: '1001', receiver, title: 'a title' },
  });
  const users = uids();
  const lists = Array.from({ length: users.length / listLength }, (_, at) =>
    encode({ act: 'SENDLIST', msg: users.slice(at * listLength, (at + 1) * listLength).map(message) }),
  );
  return { lists, records: users.map((uid) => encode({ act: 'SENDUIDS', Uid: uid, msg: [message(uid)] })) };
}
