import type { Access } from '../access/access.ts';
import { createAccess } from '../access/create-access.ts';
import { FailedKeys } from '../access/failed-keys.ts';
import { createOriginCheck } from '../access/origins.ts';
import type { Tokens } from '../access/tokens/tokens.ts';
import type { Config } from '../config/schema.ts';
import type { SentFrom } from '../util/client-address.ts';
import { derived } from '../util/derived.ts';
import type { Listeners } from './listeners.ts';
import type { Stores } from './stores.ts';

export interface NodeAccessOptions {
  /** Asked each time: a reload changes it. */
  readonly config: Pick<Config, 'auth'>;
  readonly operatorKey: string;
  readonly keys: Stores['keys'];
  readonly tokens: Tokens;
  readonly clientAddress: (request: SentFrom) => string;
  readonly isInternal: Listeners['isInternal'];
}

/** Access as the configuration in force has it. */
export function createNodeAccess({ config: { auth }, ...options }: NodeAccessOptions): Access {
  const originCheck = derived(() => auth.origins, createOriginCheck);
  return createAccess({
    ...options,
    get trustLoopback() {
      return auth.trustLoopback;
    },
    get trustedNetworks() {
      return auth.trustedNetworks;
    },
    isAllowedOrigin: (origin) => originCheck()(origin),
    failedKeys: new FailedKeys({ delayMs: auth.failedKeys.delayMs, limits: auth.failedKeys }),
  });
}
