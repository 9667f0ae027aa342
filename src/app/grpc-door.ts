import type { Config } from '../config/schema.ts';
import type { GrpcIngress, GrpcIngressOptions } from '../ingress/grpc/options.ts';
import type { Owned } from './owned.ts';

export interface GrpcDoorOptions extends Omit<GrpcIngressOptions, 'port' | 'host' | 'reusePort'> {
  readonly config: Pick<Config, 'grpc' | 'host'>;
  /** Other processes listen on the same port. */
  readonly isShared: boolean;
}

/** Calls under way at the end have so long. */
const graceMs = 1000;

/** Undefined without `grpc.port`. Its library is loaded only here. */
export async function createGrpcDoor(
  { config, isShared, ...options }: GrpcDoorOptions,
  owned: Owned,
): Promise<GrpcIngress | undefined> {
  const { port, host = config.host } = config.grpc;
  if (port === undefined) return undefined;
  const { createGrpcIngress } = await import('../ingress/grpc/server.ts');
  const ingress = createGrpcIngress({ ...options, port, host, reusePort: isShared && port !== 0 });
  owned.add('the gRPC door', () => ingress.close(graceMs));
  return ingress;
}
