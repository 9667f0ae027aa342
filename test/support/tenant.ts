import type { TestNode } from './node.ts';
import { join, type WsClient } from './ws-clients.ts';

/** The names that each tenant gives its own: they are meant to be confused, also where they are joined to a key. */
export const tenantNames = {
  uids: ['u', 'b:u', '__proto__'],
  groups: ['g', 'b:g', 'u'],
  devices: ['d', 'u'],
} as const;

/** One system with a key of its own, a client of each user and one of nobody, and groups; each has the same names. */
export class Tenant {
  readonly system: string;
  key = '';
  clients: readonly WsClient[] = [];
  readonly #node: TestNode;

  constructor(node: TestNode, system: string) {
    this.#node = node;
    this.system = system;
  }

  async settle(): Promise<void> {
    const { admin } = this.#node;
    const { system } = this;
    await admin.addSystem(system);
    this.key = (await admin.rotateKey({ owner: 'system', system, role: 'admin' })).key;
    await this.restore();
  }

  /** Connects again whoever is gone, and puts everybody into the first group. */
  async restore(): Promise<void> {
    const { uids, groups, devices } = tenantNames;
    const { admin } = this.#node;
    const { system } = this;
    const { items } = await admin.connections({ system });
    const there = new Set(items.map(({ cid, clientId }) => `${cid} ${clientId}`));
    const isThere = (client: WsClient | undefined) =>
      client !== undefined && there.values().some((ids) => ids.split(' ').includes(client.ref));
    const url = `ws+unix:${this.#node.node.operator.socketFile}:`;
    const comeBack = async (client: WsClient | undefined, open: () => Promise<WsClient>) => {
      if (client !== undefined && isThere(client)) return client;
      return await open();
    };
    const [nobody, ...users] = this.clients;
    for (const uid of uids) await admin.unban(uid, { system });
    this.clients = await Promise.all([
      comeBack(nobody, () => join(this.#node, 'json', { system })),
      ...uids.map((uid, at) => {
        const bind = { uid, channel: 'android', deviceId: devices[at % devices.length] ?? '' };
        return comeBack(users[at], () => join(this.#node, 'yunque', { system, bind, url: `${url}/yunque` }));
      }),
    ]);
    await admin.join(groups[0], { system, ids: this.clients.map(({ ref }) => ref) });
    await admin.join(groups[1], { system, uids: [uids[0]] });
  }

  /** Everything that a client or a backend of this system could notice. */
  async look(): Promise<unknown> {
    const { admin } = this.#node;
    const { system } = this;
    const steady = (row: object) => ({ ...row, ageSeconds: 0, idleSeconds: 0 });
    const groups = await Promise.all(
      tenantNames.groups.map(async (group) => (await admin.members(group, { system })).items),
    );
    const [connections, users, bans, keys] = await Promise.all([
      admin.connections({ system }),
      admin.users({ system }),
      admin.bans({ system }),
      admin.keys({ system }),
    ]);
    return {
      groups,
      connections: connections.items.map(steady),
      users: users.items,
      bans: bans.items,
      keys: keys.items,
      heard: this.clients.map(({ frames, ended }) => [frames.length, ended]),
    };
  }

  /** Texts that give one of its connections away. */
  get secrets(): readonly string[] {
    return this.clients.flatMap(({ clientId, cid }) => [clientId, cid]).filter((id) => id !== '');
  }
}
