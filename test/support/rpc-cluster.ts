import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { RpcMembers, RpcNode } from '../../src/bus/rpc/members.ts';
import { RpcPeers, type RpcPeersOptions } from '../../src/bus/rpc/peers.ts';
import type { RpcTls } from '../../src/bus/rpc/tls.ts';
import type { Authority, IssueOptions } from './certificates.ts';

/** Who is in a cluster of this process, as a supervisor would know it. */
export class TestMembers {
  readonly #nodes = new Map<string, RpcNode>();
  readonly #listeners = new Map<string, (nodes: readonly RpcNode[]) => void>();

  of(id: string): RpcMembers {
    return {
      enter: async (self) => {
        this.put(self);
        return [...this.#nodes.values()];
      },
      watch: (listener) => void this.#listeners.set(id, listener),
    };
  }

  /** Lists a node, or another address or start of it. */
  put(node: RpcNode): void {
    this.#nodes.set(node.id, node);
    this.#tell();
  }

  leave(id: string): void {
    this.#nodes.delete(id);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners.values()) listener([...this.#nodes.values()]);
  }
}

export interface TestPeers extends RpcPeers {
  /** What was said of links that do not come about. */
  readonly warnings: Readonly<Record<string, unknown>>[];
}

/** Peers of one secret on loopback, with as many incarnations as were made. `common`: of all of them. */
export function createRpcCluster({ secret = randomBytes(32), ...common }: Partial<RpcPeersOptions> = {}) {
  const members = new TestMembers();
  const all: RpcPeers[] = [];
  return {
    members,
    secret,
    join: async (id: string, options: Partial<RpcPeersOptions> = {}): Promise<TestPeers> => {
      const incarnation = all.length + 1;
      const warnings: Readonly<Record<string, unknown>>[] = [];
      const peers = new RpcPeers({
        self: { id, incarnation },
        secret,
        host: '127.0.0.1',
        port: 0,
        members: members.of(id),
        warn: (fields) => warnings.push(fields),
        ...common,
        ...options,
      });
      all.push(peers);
      return Object.assign(peers, { warnings });
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(all.map((peers) => peers.close()));
    },
  };
}

/** What a node shows the others, issued by the authority. */
export async function issueRpcTls(authority: Authority, name: string, options: IssueOptions = {}): Promise<RpcTls> {
  const { cert, key } = await authority.issue(name, options);
  const [certText, keyText, ca] = await Promise.all([cert, key, authority.file].map((file) => readFile(file, 'utf8')));
  return { cert: certText ?? '', key: keyText ?? '', ca: ca ?? '' };
}
