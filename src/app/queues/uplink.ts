import type { Config } from '../../config/schema.ts';
import { createHook } from '../../egress/hook.ts';
import { createUplink, type Uplink, type UplinkRoute } from '../../egress/uplink/uplink.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Core } from '../core.ts';
import type { Owned } from '../owned.ts';
import type { RoutePlan } from '../queue-servers.ts';
import { sinkOf } from './sink-of.ts';

export interface UplinkSetup {
  readonly plans: readonly RoutePlan[];
  readonly settings: Config['uplink'];
  readonly core: Core;
  readonly log: Logger;
}

/** Where the requests of this node's clients go. */
export function openUplink({ plans, settings, core, log }: UplinkSetup, owned: Owned): Uplink {
  const { rate, timeoutMs, chat, chatRoom } = settings;
  const { execute, newMessageId, counters } = core;
  const uplink = createUplink({
    ...{ rate, timeoutMs, chat, chatRoom, execute, newMessageId },
    routes: plans.map((plan) => routeOf(plan, timeoutMs, core.nodeId)),
    onAnswered: (route, code) => counters.uplinkAnswered(route, code),
    onFault: (route, reason) => log.warn({ route, reason }, 'requests of clients are not answered as they should be'),
  });
  owned.add('the ways of requests', () => uplink.close());
  return uplink;
}

function routeOf({ keys, to, retries, concurrency }: RoutePlan, timeoutMs: number, nodeId: string): UplinkRoute {
  const { name, systems } = to;
  if (to.type !== 'http') return { name, keys, systems, sink: sinkOf(to, nodeId) };
  const { url, secret } = to;
  return {
    ...{ name, keys, systems },
    hook: createHook({ url, secret, timeoutMs: to.timeoutMs ?? timeoutMs, retries, concurrency }),
  };
}
