import { logVerbosity, Server, ServerCredentials, type ServiceDefinition, setLogVerbosity } from '@grpc/grpc-js';
import type { Privilege } from '../../access/access.ts';
import { createBodyBudget } from '../http/body-budget.ts';
import { createGate } from './gate.ts';
import { createHealth } from './health.ts';
import { markUnreadable } from './metadata.ts';
import { streamMethods, unaryMethods } from './methods/index.ts';
import type { GrpcIngress, GrpcIngressOptions } from './options.ts';
import { GrpcPort } from './port.ts';
import { reflect } from './reflection.ts';
import { serveStream } from './serve-stream.ts';
import { serveUnary } from './serve-unary.ts';

/** Reflection as it is called today, and as older tools call it. */
const reflectionPaths = [
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
  '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
];

/**
 * The push API over gRPC: `yunque.v1.Push` behind access, and the standard services for health, which everybody may ask, and reflection,
 * for which one has to be allowed to read. Nodes talk elsewhere. Listens from `listen` on.
 */
export function createGrpcIngress(options: GrpcIngressOptions): GrpcIngress {
  // It would print the metadata of strangers that it cannot take, keys among them.
  setLogVerbosity(logVerbosity.NONE);
  const privileges = new Map<string, Privilege>([
    ...[...unaryMethods, ...streamMethods].map(({ path, privilege }) => [path, privilege] as const),
    ...reflectionPaths.map((path) => [path, 'read'] as const),
  ]);
  const gate = createGate(options, {
    privilegeOf: (path) => privileges.get(path),
    onLetIn: (peer) => port.markKnown(peer),
  });
  const budget = createBodyBudget(() => options.limits.bodiesBytes);
  const health = createHealth(() => options.readiness().ready && !options.isDraining());
  const server = new Server({
    interceptors: [gate.interceptor],
    'grpc.max_receive_message_length': options.limits.bodyBytes,
    'grpc.max_concurrent_streams': 100,
    'grpc.keepalive_time_ms': 60_000,
    'grpc.keepalive_timeout_ms': 20_000,
    'grpc.max_connection_idle_ms': 600_000,
    'grpc.enable_channelz': 0,
  });
  for (const method of unaryMethods) {
    server.addService(bytesMethod(method.path), { call: serveUnary(options, gate, budget, method) });
  }
  for (const method of streamMethods) {
    server.addService(bytesMethod(method.path, { requestStream: true }), {
      call: serveStream(options, gate, budget, method),
    });
  }
  server.addService(bytesMethod('/grpc.health.v1.Health/Check'), { call: health.check });
  server.addService(bytesMethod('/grpc.health.v1.Health/Watch', { responseStream: true }), { call: health.watch });
  for (const path of reflectionPaths) {
    server.addService(bytesMethod(path, { requestStream: true, responseStream: true }), { call: reflect });
  }
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const port = new GrpcPort({
    ...options,
    tls: options.tls,
    onConnection: (socket) => injector.injectConnection(socket),
  });
  const unmark = markUnreadable((peer) => port.isOurs(peer));
  return {
    listen: () => port.listen(),
    changeCertificate: (tls) => port.changeCertificate(tls),
    close: async (graceMs) => {
      const stopped = port.stop();
      health.close();
      const late = setTimeout(() => port.destroyAll(), graceMs);
      // Not `tryShutdown`, which does not wait for connections that were handed to it.
      injector.drain(graceMs);
      await stopped;
      clearTimeout(late);
      server.forceShutdown();
      unmark();
    },
  };
}

/** One method whose messages stay bytes: what cannot be decoded is refused in our words. */
function bytesMethod(path: string, streams: { requestStream?: true; responseStream?: true } = {}): ServiceDefinition {
  const asIs = (bytes: Buffer) => bytes;
  const serializers = {
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  return { call: { path, requestStream: false, responseStream: false, ...streams, ...serializers } };
}
