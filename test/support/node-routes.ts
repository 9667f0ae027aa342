import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance } from 'fastify';
import { startTestNode, type TestNode } from './node.ts';

/**
 * A real node, with every HTTP route it has, as `METHOD /path/:parameter`: told by Fastify itself while the node starts
 * (its diagnostics channel), so none can be forgotten.
 */
export async function startNodeWithRoutes(
  options: Parameters<typeof startTestNode>[0],
): Promise<{ readonly node: TestNode; readonly routes: readonly string[] }> {
  const routes: string[] = [];
  const watch = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) routes.push(`${each} ${url}`);
    });
  };
  subscribe('fastify.initialization', watch);
  const node = await startTestNode(options).finally(() => unsubscribe('fastify.initialization', watch));
  return { node, routes };
}
