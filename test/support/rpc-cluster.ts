import { randomBytes } from 'node:crypto';
import type { RpcMembers, RpcNode } from '../../src/bus/rpc/members.ts';
import { RpcPeers } from '../../src/bus/rpc/peers.ts';

/** Who is in a cluster of this process, as a supervisor would know it. */
export class TestMembers {
  readonly #nodes = new Map<string, RpcNode>();
  readonly #listeners = new Map<string, (nodes: readonly RpcNode[]) => void>();

  of(id: string): RpcMembers {
    return {
      enter: async (self) => {
        this.#nodes.set(id, self);
        this.#tell();
        return [...this.#nodes.values()];
      },
      watch: (listener) => void this.#listeners.set(id, listener),
    };
  }

  leave(id: string): void {
    this.#nodes.delete(id);
    this.#listeners.delete(id);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners.values()) listener([...this.#nodes.values()]);
  }
}

/** Peers of one secret on loopback, with as many incarnations as were made. */
export function createRpcCluster({ secret = randomBytes(32) } = {}) {
  const members = new TestMembers();
  const all: RpcPeers[] = [];
  return {
    members,
    join: async (id: string): Promise<RpcPeers> => {
      const incarnation = all.length + 1;
      const peers = new RpcPeers({
        self: { id, incarnation },
        secret,
        host: '127.0.0.1',
        port: 0,
        members: members.of(id),
      });
      all.push(peers);
      return peers;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(all.map((peers) => peers.close()));
    },
  };
}
