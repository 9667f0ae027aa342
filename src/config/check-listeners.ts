import { isEverywhere, isLoopback } from '../util/address.ts';
import type { SettingKey } from './schema.ts';
import type { Listener, Place } from './value-checks.ts';

type Values = ReadonlyMap<SettingKey, unknown>;

/** Ports that are given twice, and halves of TLS. */
export function checkListeners(values: Values, refuse: (key: SettingKey, message: string) => void): void {
  for (const [key, other] of [
    ['tls.cert', 'tls.key'],
    ['tls.key', 'tls.cert'],
  ] as const) {
    if (values.get(key) !== undefined && values.get(other) === undefined) {
      refuse(key, `there is no ${other}; give both for TLS, or neither`);
    }
  }
  if (values.get('internal.tls') === true && values.get('tls.cert') === undefined) {
    refuse('internal.tls', 'there is no certificate; give tls.cert and tls.key as well');
  }

  const [main, ...further] = publicPlaces(values);
  const taken = [main];
  for (const place of further) {
    if (taken.some((other) => isSame(other, place)))
      refuse('listeners', `port ${place.port} is used already; give each listener one of its own`);
    taken.push(place);
  }
  const internal = values.get('internal.listen') as Place | undefined;
  if (internal !== undefined && taken.some((other) => isSame(other, internal))) {
    refuse('internal.listen', `port ${internal.port} is used already; give the internal listener one of its own`);
  }
  if (internal !== undefined) taken.push(internal);
  const grpc = grpcPlace(values);
  if (grpc !== undefined) {
    if (taken.some((other) => isSame(other, grpc))) {
      refuse('grpc.port', `port ${grpc.port} is used already; give gRPC one of its own`);
    }
    if (isOfWorkers(grpc.port, values)) {
      refuse('grpc.port', `port ${grpc.port} is one that workers talk to each other on; give gRPC one of its own`);
    }
    taken.push(grpc);
  }
  const rpc = rpcPlace(values);
  if (rpc === undefined || !taken.some((other) => isSame(other, rpc))) return;
  const wanted = 'give the RPC between nodes one of its own';
  if (grpc !== undefined && isSame(grpc, rpc)) {
    refuse('grpc.port', `port ${grpc.port} is that of the RPC between nodes; give gRPC one of its own`);
  } else refuse('cluster.rpcPort', `port ${rpc.port} is used already; ${wanted}`);
}

/** Workers take the ports from `port` + 1000 on; how many `auto` are is not known here. */
function isOfWorkers(port: number, values: Values): boolean {
  const [main, workers] = [Number(values.get('port')), values.get('workers')];
  if (workers === undefined || main === 0) return false;
  const index = port - main - 1000;
  return index >= 0 && index < (workers === 'auto' ? 1 : Number(workers));
}

/** Where the gRPC push API listens; undefined: nowhere. */
function grpcPlace(values: Values): Bound | undefined {
  const port = values.get('grpc.port') as number | undefined;
  const host = (values.get('grpc.host') ?? values.get('host')) as string | undefined;
  return port === undefined ? undefined : { port, host };
}

/** Where the RPC of cluster mode listens; undefined without cluster mode. */
export function rpcPlace(values: Values): Bound | undefined {
  if (values.get('cluster.enabled') !== true) return undefined;
  const port = Number(values.get('port'));
  const host = (values.get('cluster.host') ?? values.get('host')) as string | undefined;
  // Behind any free port it is a free one, too.
  const usual = port === 0 ? 0 : port + 1000;
  return { port: (values.get('cluster.rpcPort') as number | undefined) ?? usual, host };
}

/** Whether every port, the internal one and that of gRPC too, can be reached from this machine alone. */
export function isOnLoopbackOnly(values: Values): boolean {
  const internal = values.get('internal.listen') as Place | undefined;
  const further = [internal, grpcPlace(values)].filter((place) => place !== undefined);
  const places = [...publicPlaces(values), ...further];
  return places.every(({ host }) => isLocalHost(host));
}

/** An address that only this machine reaches. */
export function isLocalHost(host: string | undefined): boolean {
  return host === 'localhost' || (host !== undefined && isLoopback(host));
}

export interface Bound {
  readonly port: number;
  /** Undefined: every address. */
  readonly host: string | undefined;
}

/** The port, then the further listeners, which are on the same address unless they say another. */
function publicPlaces(values: Values): readonly [Bound, ...Bound[]] {
  const host = values.get('host') as string | undefined;
  const further = values.get('listeners') as readonly Listener[];
  return [
    { port: values.get('port') as number, host },
    ...further.map((listener) => ({ port: listener.port, host: listener.host ?? host })),
  ];
}

function isSame(one: Bound, other: Bound): boolean {
  if (one.port !== other.port || one.port === 0) return false;
  return one.host === other.host || isOnAll(one) || isOnAll(other);
}

function isOnAll({ host }: Bound): boolean {
  return host === undefined || isEverywhere(host);
}
