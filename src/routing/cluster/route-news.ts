import type { Cluster } from '../../bus/cluster/cluster.ts';
import type { Login } from '../../directory/directory.ts';
import { ReplicaDirectory, type RouteChange } from '../../directory/replica.ts';
import { decodeRoute, encodeRoute } from '../../wire/cluster/route.ts';
import { note } from './notes.ts';

/** Routes told to a node that has joined, before the loop gets a turn. */
const perTurn = 5000;

/** Keeps the replicas of the directory the same on all nodes. */
export class RouteNews {
  readonly directory: ReplicaDirectory;
  readonly #cluster: Cluster;
  /** Nodes that have joined and have not told all their routes yet. */
  readonly #untold = new Set<string>();
  readonly #waiting: (() => void)[] = [];

  constructor(cluster: Cluster, lease: number) {
    this.#cluster = cluster;
    this.directory = new ReplicaDirectory({ node: cluster.self, lease, share: (change) => this.#share(change) });
  }

  /** Resolves when every node that has joined has told its routes, or is gone. */
  async whenTold(): Promise<void> {
    if (this.#untold.size > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  onRoute(item: Buffer): void {
    this.directory.apply(changeOf(item));
  }

  onJoin(node: string): void {
    this.#untold.add(node);
    this.#tell(node, this.directory.own());
  }

  onTold(node: string, clock: number): void {
    this.directory.advance(clock);
    this.#told(node);
  }

  /** It tells nothing more before it joins again. */
  onCut(node: string): void {
    this.#told(node);
  }

  onLeave(node: string): void {
    this.directory.forget(node);
    this.#told(node);
  }

  #told(node: string): void {
    this.#untold.delete(node);
    if (this.#untold.size === 0) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Logins and logouts that happen meanwhile are told by themselves: here is only what was there, and still is. */
  #tell(node: string, routes: Generator<Login>): void {
    for (let told = 0; told < perTurn; told += 1) {
      const { value: login, done } = routes.next();
      if (done === true) {
        this.#cluster.tell(node, note('routesTold', { clock: this.directory.clock }));
        return;
      }
      this.#cluster.tellInBatch([node], 'routes', itemOf({ out: false, login }));
    }
    setImmediate(() => {
      if (this.#cluster.nodes.includes(node)) this.#tell(node, routes);
    });
  }

  async #share(change: RouteChange): Promise<void> {
    if (this.#cluster.isAlone) return;
    const item = itemOf(change);
    await Promise.all(this.#cluster.nodes.map((node) => this.#cluster.askInBatch(node, 'routes', item)));
  }
}

function itemOf({ out, login }: RouteChange): Buffer {
  const { system, uid, node, cid, loginSequence: sequence } = login;
  return encodeRoute({ out, system, uid, node, cid, sequence });
}

function changeOf(item: Buffer): RouteChange {
  const { out, sequence: loginSequence, ...route } = decodeRoute(item);
  return { out, login: { ...route, loginSequence } };
}
