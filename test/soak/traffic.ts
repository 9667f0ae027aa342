import { createRandom, pick } from '../support/random.ts';
import type { NodeUnderTest } from './node-under-test.ts';

type Admin = NodeUnderTest['admin'];

export interface TrafficOptions {
  readonly admin: Admin;
  readonly clients: number;
  readonly seed: number;
}

/** What backends do to the crowd meanwhile. */
export interface Traffic {
  /** Numbered, to everybody; in order, so that each client can tell what it has missed. */
  broadcast(): Promise<void>;
  /** The number of the last broadcast. */
  readonly last: number;
  readonly pushes: number;
  /** Ends it, and waits for what is under way. Rejects with the first failure. */
  stop(): Promise<void>;
}

/** A flood for one that does not read: enough for both kernels' buffers and its outbox. */
const floodFrames = 200;
const floodText = 'x'.repeat(64 * 1024);

export function startTraffic({ admin, clients, seed }: TrafficOptions): Traffic {
  const random = createRandom(seed);
  const uidOf = () => `plain-${pick(random, clients)}`;
  const groupOf = () => `group-${pick(random, Math.ceil(clients / 50))}`;
  const push = (target: Parameters<Admin['send']>[0]['target'], msg: string) => {
    pushes += 1;
    return admin.send({ target, push: { msg } });
  };
  const slowOf = () => `slow-${7 + 200 * pick(random, Math.ceil(clients / 200))}`;
  let last = -1;
  let pushes = 0;
  const broadcast = async () => {
    await push({ to: 'system' }, `soak-${last + 1}-`);
    last += 1;
  };
  const loops = [
    every(1000, broadcast),
    every(20, () => push({ to: 'users', uids: [uidOf()] }, 'to a user')),
    every(100, () => push({ to: 'groups', groups: [groupOf()] }, 'to a group')),
    every(50, () => admin.join(groupOf(), { uids: [uidOf(), uidOf()], userId: 'soak' })),
    every(50, () => admin.leave(groupOf(), { uids: [uidOf(), uidOf()] })),
    every(2000, async () => {
      const uids = [slowOf()];
      for (let n = 0; n < floodFrames; n += 1) await push({ to: 'users', uids }, floodText);
    }),
    every(5000, () => admin.connections({ limit: 1000, sort: 'queueBytes', descending: true })),
  ];
  return {
    broadcast,
    get last() {
      return last;
    },
    get pushes() {
      return pushes;
    },
    stop: async () => void (await Promise.all(loops.map((stop) => stop()))),
  };
}

/** Runs `work` every `ms`, never twice at once; answers what ends it, which rejects where a run has failed. */
function every(ms: number, work: () => Promise<unknown>): () => Promise<void> {
  let isEnding = false;
  let wake = () => {};
  const running = (async () => {
    while (!isEnding) {
      await work();
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, ms);
      });
    }
  })();
  running.catch(() => {});
  return () => {
    isEnding = true;
    wake();
    return running;
  };
}
