import type { Cluster } from '../../bus/cluster/cluster.ts';
import type { PeerNode } from '../../bus/peers.ts';
import type { ClusterDirectory, DirectoryLinks, RouteChange } from '../../directory/cluster-directory.ts';
import type { Login } from '../../directory/directory.ts';
import type { Envelope } from '../../wire/cluster/envelope.ts';
import { decodeRoute, decodeRoutes, encodeRoute, encodeRoutes, type RouteFields } from '../../wire/cluster/route.ts';
import { DecodeError } from '../../wire/codec.ts';
import { note } from './notes.ts';

/** Routes told to a node that has joined, before the loop gets a turn. */
const perTurn = 5000;

export interface RouteNewsOptions {
  readonly cluster: Cluster;
  readonly lease: number;
  readonly createDirectory: (links: DirectoryLinks) => ClusterDirectory;
  readonly onContested: DirectoryLinks['onContested'];
}

/** Tells the other nodes what changes in the directory of this one, and it what they tell. */
export class RouteNews {
  readonly directory: ClusterDirectory;
  readonly #cluster: Cluster;
  /** Nodes that have joined and have not told all their routes yet. */
  readonly #untold = new Set<string>();
  readonly #waiting: (() => void)[] = [];
  #isInDoubt = false;

  constructor({ cluster, lease, createDirectory, onContested }: RouteNewsOptions) {
    this.#cluster = cluster;
    this.directory = createDirectory({
      node: cluster.self,
      lease,
      share: (change) => this.#share(change),
      doubt: () => this.#sayDoubt(true),
      settled: () => this.#sayDoubt(false),
      onContested,
    });
  }

  /** What they hold is not all known here. */
  get untold(): ReadonlySet<string> {
    return this.#untold;
  }

  /** Resolves when every node that has joined has told its routes, or is gone. */
  async whenTold(): Promise<void> {
    if (this.#untold.size > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The answer to each: where this node holds the same user, its places. */
  onRoutes(from: PeerNode, items: readonly Buffer[]): Buffer[] {
    return items.map((item) => {
      const places = this.directory.apply(from, changeOf(item));
      return places.length === 0 ? nothing : encodeRoutes(places.map((login) => fieldsOf({ out: false, login })));
    });
  }

  onJoin(node: PeerNode): void {
    this.#untold.add(node.id);
    this.directory.onJoin(node);
    this.#tell(node.id, this.directory.own());
  }

  onTold(node: string, clock: number): void {
    this.directory.onTold(node, clock);
    this.#told(node);
  }

  onDoubt(node: string): void {
    this.directory.onDoubt(node);
  }

  /** It tells nothing more before it joins again. */
  onCut(node: string): void {
    this.directory.onCut(node);
    this.#told(node);
  }

  onGone(node: string): void {
    this.directory.onGone(node);
    this.#told(node);
  }

  #told(node: string): void {
    this.#untold.delete(node);
    if (this.#untold.size === 0) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Logins and logouts that happen meanwhile are told by themselves: here is only what was there, and still is. */
  #tell(node: string, routes: Generator<RouteChange>): void {
    for (let told = 0; told < perTurn; told += 1) {
      const { value: change, done } = routes.next();
      if (done === true) {
        this.#cluster.tell(node, this.#toldNote());
        if (this.#isInDoubt) this.#cluster.tell(node, note('routesInDoubt', null));
        return;
      }
      this.#cluster.tellInBatch([node], 'routes', encodeRoute(fieldsOf(change)));
    }
    setImmediate(() => {
      if (this.#cluster.nodes.includes(node)) this.#tell(node, routes);
    });
  }

  #toldNote(): Envelope {
    return note('routesTold', { clock: this.directory.clock });
  }

  #sayDoubt(isInDoubt: boolean): void {
    if (this.#isInDoubt === isInDoubt) return;
    this.#isInDoubt = isInDoubt;
    const said = isInDoubt ? note('routesInDoubt', null) : this.#toldNote();
    for (const node of this.#cluster.nodes) this.#cluster.tell(node, said);
  }

  async #share(change: RouteChange): Promise<readonly Login[]> {
    if (this.#cluster.isAlone) return none;
    const item = encodeRoute(fieldsOf(change));
    const answers = await Promise.all(
      this.#cluster.nodes.map((node) => this.#cluster.askInBatch(node, 'routes', item)),
    );
    return answers.every((answer) => answer === undefined || answer.length === 0) ? none : answers.flatMap(placesIn);
  }
}

const none: readonly Login[] = [];
const nothing = Buffer.alloc(0);

function fieldsOf({ out, group = false, login }: RouteChange): RouteFields {
  const { system, uid, node, cid, loginSequence: sequence } = login;
  return { out, group, system, uid, node, cid, sequence };
}

function changeOf(item: Buffer): RouteChange {
  const { out, group = false, sequence: loginSequence, ...route } = decodeRoute(item);
  return { out, group, login: { ...route, loginSequence } };
}

/** What cannot be read is no answer. */
function placesIn(answer: Buffer | undefined): Login[] {
  if (answer === undefined || answer.length === 0) return [];
  try {
    return decodeRoutes(answer).map(({ system, uid, node, cid, sequence: loginSequence }) => {
      return { system, uid, node, cid, loginSequence };
    });
  } catch (error) {
    if (error instanceof DecodeError) return [];
    throw error;
  }
}
