import type { Config } from '../../config/schema.ts';

/** Where a node of this configuration listens. */
export interface Place {
  readonly setting: string;
  /** Undefined: all addresses. */
  readonly host: string | undefined;
  readonly port: number;
}

/** Those that are known before it starts. */
export function placesOf(config: Config): readonly Place[] {
  const { port, host, listeners, internal, grpc, cluster } = config;
  const places: Place[] = [
    { setting: 'port', host, port },
    ...listeners.map((listener, at) => ({ setting: `listeners[${at}]`, host: listener.host, port: listener.port })),
  ];
  if (internal.listen !== undefined) places.push({ setting: 'internal.listen', ...internal.listen });
  if (grpc.port !== undefined) places.push({ setting: 'grpc.port', host: grpc.host, port: grpc.port });
  if (cluster.enabled && port > 0) {
    places.push({ setting: 'cluster.rpcPort', host: cluster.host ?? host, port: cluster.rpcPort ?? port + 1000 });
  }
  return places.filter((place) => place.port > 0);
}
