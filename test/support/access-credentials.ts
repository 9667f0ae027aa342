import { eventually } from './eventually.ts';
import { ask } from './http-request.ts';
import type { TestNode } from './node.ts';

/** Whoever asks, by what it brings. Systems `shop` and `other` have keys, `default` has none. */
export const credentials = [
  'no key',
  'no key, in a system without keys',
  'a wrong key',
  'a key nobody has',
  'an empty key',
  'an expired key',
  'a key of another system',
  'its system’s key of role read',
  'its system’s key of role push',
  'its system’s key of role admin',
  'an operator’s key of role read',
  'an operator’s key of role operate',
  'an operator’s key of role admin',
  'the configured operator’s key',
] as const;
export type Credential = (typeof credentials)[number];

/** Makes them all, for the systems `shop` and `other`, which it adds; undefined: none is sent. */
export async function makeCredentials(
  { admin, port }: TestNode,
  operatorKey: string,
): Promise<Readonly<Record<Credential, string | undefined>>> {
  for (const system of ['shop', 'other']) await admin.addSystem(system);
  const ofSystem = async (system: string, role: 'read' | 'push' | 'admin', ttlMs?: number) =>
    (await admin.rotateKey({ owner: 'system', system, role, ...(ttlMs !== undefined && { ttlMs }) })).key;
  const ofOperator = async (role: 'read' | 'operate' | 'admin') =>
    (await admin.rotateKey({ owner: 'operator', role })).key;
  const expired = await ofSystem('shop', 'admin', 1000);
  const right = await ofSystem('shop', 'admin');
  const made = {
    'no key': undefined,
    'no key, in a system without keys': undefined,
    'a wrong key': `${right.slice(0, -1)}${right.endsWith('A') ? 'E' : 'A'}`,
    'a key nobody has': `yq_${'0'.repeat(10)}_${'A'.repeat(43)}`,
    'an empty key': '',
    'an expired key': expired,
    'a key of another system': await ofSystem('other', 'admin'),
    'its system’s key of role read': await ofSystem('shop', 'read'),
    'its system’s key of role push': await ofSystem('shop', 'push'),
    'its system’s key of role admin': right,
    'an operator’s key of role read': await ofOperator('read'),
    'an operator’s key of role operate': await ofOperator('operate'),
    'an operator’s key of role admin': await ofOperator('admin'),
    'the configured operator’s key': operatorKey,
  };
  await eventually('the key expires', async () => {
    const { status } = await ask(port, '/getOnlineUser', { headers: { 'X-API-Key': expired } });
    return status === 401;
  });
  return made;
}
