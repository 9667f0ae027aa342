import type { MemberInfo } from '../../directory/leases.ts';
import type { ClusteredNode } from '../../routing/cluster/clustered-node.ts';
import { version } from '../../util/version.ts';
import { listenAddresses } from '../addresses.ts';
import { createOwnHome, type NodeHome, type OwnHomeOptions } from '../node-home.ts';
import { sharedMarks } from '../queues/marks.ts';
import { openIdentity } from '../stores.ts';
import { type ClusterCore, createClusterCore, deadlineMs } from './cluster-core.ts';
import { endWhatIsLearnt } from './learnt-changes.ts';
import { openShared, type Shared } from './open-shared.ts';

/** The home of a node that has others on other machines: its own in everything but what all nodes share. */
export function createClusterHome(options: OwnHomeOptions): NodeHome {
  const { live, env, log } = options;
  const { config } = live;
  const own = createOwnHome(options);
  const startedAt = Date.now();
  let shared: Shared | undefined;
  let made: ClusterCore | undefined;
  let state: MemberInfo['state'] = 'starting';
  let dataDirectory = '';
  let onSystemRemoved: (system: string) => void = () => {};
  return {
    ...own,
    async openStores(port, owned) {
      const identity = openIdentity({ config, env, port }, owned);
      dataDirectory = identity.dataDirectory;
      shared = await openShared({ config, identity, log }, owned);
      shared.stores.onLearnt({ onSystemRemoved: (system) => onSystemRemoved(system) });
      const { systems, keys, bans } = shared.stores;
      return { ...identity, systems, keys, bans };
    },
    async createCore(coreOptions, owned) {
      const addresses = listenAddresses(
        config.tls.cert === undefined ? 'http' : 'https',
        config.host,
        coreOptions.port,
      );
      const info = () => ({ version: version(), startedAt, state, addresses });
      const lostCids = () => void own.askToStop({ now: true }, 0);
      made = await createClusterCore({ ...coreOptions, log, shared: sharedOf(shared), info, lostCids }, owned);
      sharedOf(shared).connect(made.clustered);
      const { stores } = sharedOf(shared);
      endWhatIsLearnt({ stores, clustered: made.clustered, log, askedWithinMs: 2 * deadlineMs }, owned);
      return made.core;
    },
    openMarks(owned) {
      const { redis } = sharedOf(shared);
      const isReady = () => redis.state === 'ready';
      return sharedMarks({ client: redis.client, cluster: config.cluster.name, isReady }, owned);
    },
    get incarnation() {
      return made?.side.figures().incarnation ?? startedAt;
    },
    members: () => sharedOf(shared).leases.members.map(({ id }) => id),
    onReentry: (listener) => made?.onReentry(listener),
    onSystemRemoved: (listener) => {
      onSystemRemoved = listener;
    },
    async join() {
      await made?.join();
      state = 'serving';
      await made?.announce();
    },
    get cluster() {
      return made?.side;
    },
    onDraining() {
      state = 'draining';
      void made?.announce();
    },
    askToStop: async (request, clients) => ({ ...(await own.askToStop(request, clients)), dataDirectory }),
    createReload: (reloading) =>
      own.createReload({ ...reloading, parts: [...reloading.parts, ...(made === undefined ? [] : [made.tlsPart])] }),
    tail: (query, onItem) => clusteredOf(made).tail(query, onItem),
    subscribe: (onEvent, backlog) => clusteredOf(made).subscribe(onEvent, backlog),
  };
}

function sharedOf(shared: Shared | undefined): Shared {
  if (shared === undefined) throw new Error('the stores are not open');
  return shared;
}

function clusteredOf(made: ClusterCore | undefined): ClusteredNode {
  if (made === undefined) throw new Error('the node does not serve yet');
  return made.clustered;
}
