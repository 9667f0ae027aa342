import type { Path } from './kind.ts';
import type { SettingKey } from './schema.ts';
import type { TokenSetting } from './token-source.ts';

/**
 * Secrets that are printed somewhere, so that everybody knows them: those of go-websocket's configuration and documentation, the one
 * that jwt.io signs its example with, and whatever stands in our own `configs` and `docs`.
 */
export const publishedKeys: ReadonlySet<string> = new Set([
  'Adba723b7fe06819',
  'xxxxxxxxxxxxxxxx',
  'a-string-secret-at-least-256-bits-long',
  'yunque-example-crypto-key-32byte',
  'yunque-example-cluster-secret',
  'amqp://guest:guest@127.0.0.1:5672',
]);

type Say = (key: SettingKey, message: string, path?: Path) => void;

const published = 'this key is published, so everybody knows it';
const better =
  '`openssl rand -hex 16` makes a good one (in the file, YUNQUE_CRYPTO_KEY, or a file named by YUNQUE_CRYPTO_KEY_FILE)';
const onlyHere = 'or listen on this machine only: --host 127.0.0.1, or host in the file';

/**
 * Secrets that protect nothing. Those of clientIds, which go-websocket's users bring along, may stay where `isAlone`: nobody reaches the node
 * but its own machine. In cluster mode there must be one. Answers settings that count as unset: in files of go-websocket `crypto_key` may be empty.
 */
export function checkKeys(
  values: ReadonlyMap<SettingKey, unknown>,
  { isAlone, isClustered, refuse, warn }: { isAlone: boolean; isClustered: boolean; refuse: Say; warn: Say },
): readonly SettingKey[] {
  const operatorKey = values.get('operator.key');
  if (isPublished(operatorKey)) refuse('operator.key', `${published}; \`openssl rand -hex 16\` makes a good one`);
  for (const [index, source] of (values.get('auth.tokens') as readonly TokenSetting[]).entries()) {
    if ('secret' in source && isPublished(source.secret)) {
      refuse('auth.tokens', `${published}; \`openssl rand -base64 32\` makes a good one`, [index, 'secret']);
    }
  }

  const cryptoKey = values.get('crypto.key');
  if (isPublished(cryptoKey)) {
    if (isAlone) warn('crypto.key', `${published}; before others can reach this node, take another: ${better}`);
    else refuse('crypto.key', `${published}, and others can reach this node; take another: ${better}; ${onlyHere}`);
  }
  if (cryptoKey !== '') return [];
  if (isClustered) {
    refuse(
      'crypto.key',
      `an empty key protects nothing, and cluster mode needs one, the same on every node: ${better}`,
    );
    return [];
  }
  const unset = 'leave it out for a random one, kept in the data directory';
  if (isAlone) warn('crypto.key', `an empty key protects nothing and counts as none; ${unset}`);
  else refuse('crypto.key', `an empty key protects nothing, and others can reach this node; ${unset}; ${onlyHere}`);
  return ['crypto.key'];
}

export function isPublished(key: unknown): boolean {
  return typeof key === 'string' && publishedKeys.has(key);
}
