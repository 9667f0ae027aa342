import { ask } from './http-request.ts';
import type { AdminClient, TestNode } from './node.ts';
import { join, type WsClient } from './ws-clients.ts';

/** What the requests of `routeRows` speak of. */
export interface TestPlace {
  /** Of a client of the system `shop`, a member of the group `team`. */
  readonly clientId: string;
  /** Of the node itself. */
  readonly nodeId: string;
  /** Of a key of the system `doomed`. */
  readonly keyId: string;
  /** Of the demo account `demo`. */
  readonly demoToken: string;
  /** A name that nobody has. */
  readonly unused: () => string;
}

/**
 * The system `shop` with the user alice, a client that nobody bound and the group `team`, all made again where a request has taken them away; the
 * system `doomed` with a key; the demo account `demo`. `mallory` is banned.
 */
export class AccessPlace implements TestPlace {
  readonly #node: TestNode;
  #names = 0;
  #client: WsClient | undefined;
  #alice: WsClient | undefined;
  keyId = '';
  demoToken = '';

  constructor(node: TestNode) {
    this.#node = node;
  }

  get nodeId(): string {
    return this.#node.node.nodeId;
  }

  get clientId(): string {
    return this.#client?.clientId ?? '';
  }

  readonly unused = (): string => {
    this.#names += 1;
    return `unused-${this.#names}`;
  };

  /** Done by the operator, whose right to it is not in question here. */
  async restore(): Promise<void> {
    const { admin } = this.#node;
    await admin.unban('alice', { system: 'shop' });
    await admin.ban('mallory', { system: 'shop', forMs: 3_600_000 });
    await admin.addSystem('doomed').catch(() => {});
    const { info } = await admin.rotateKey({ owner: 'system', system: 'doomed', role: 'read', now: true });
    this.keyId = info.id;
    if (!(await this.#isThere(this.#client))) this.#client = await join(this.#node, 'json', { system: 'shop' });
    if (!(await this.#isThere(this.#alice))) {
      // By the operator's socket: on a node that trusts no address too.
      const url = `ws+unix:${this.#node.node.operator.socketFile}:/yunque`;
      const bind = { uid: 'alice', channel: 'web', deviceId: 'd' };
      this.#alice = await join(this.#node, 'yunque', { system: 'shop', bind, url });
    }
    await admin.join('team', { system: 'shop', ids: [this.clientId] });
  }

  async addDemoAccount(): Promise<void> {
    const body = JSON.stringify({ username: 'demo', password: 'p' });
    const socketPath = this.#node.node.operator.socketFile;
    await ask(0, '/login/register', { method: 'POST', body, socketPath });
    const { text } = await ask(0, '/login', { method: 'POST', body, socketPath });
    this.demoToken = JSON.parse(text).data.token;
  }

  /** All that a request could have changed or set in motion. */
  async look(): Promise<unknown> {
    const { admin } = this.#node;
    const { nodes } = await admin.stats();
    const [node] = nodes;
    const lists = await Promise.all(
      (['systems', 'groups', 'users', 'keys', 'bans', 'connections'] as const).map(async (list) => rowsOf(admin, list)),
    );
    return {
      state: node?.state,
      messagesIn: node?.messagesIn,
      deliveries: node?.deliveriesTotal,
      dropped: node?.droppedTotal,
      disconnects: node?.disconnects,
      frames: [this.#client?.frames.length, this.#alice?.frames.length],
      lists,
    };
  }

  async #isThere(client: WsClient | undefined): Promise<boolean> {
    if (client === undefined) return false;
    const found = this.#node.admin.connection(client.ref, { system: 'shop' });
    return found.then(
      () => true,
      () => false,
    );
  }
}

type List = 'systems' | 'groups' | 'users' | 'keys' | 'bans' | 'connections';

/** Without what time alone changes. */
async function rowsOf(admin: AdminClient, list: List): Promise<unknown> {
  const { items } = await admin[list]({ limit: 1000 });
  return items.map((row) => ({ ...row, ageSeconds: 0, idleSeconds: 0 }));
}
