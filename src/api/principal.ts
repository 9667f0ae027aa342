/** Roles of a system's API key; each may do what those before it may. */
export const keyRoles = ['read', 'push', 'admin'] as const;
export type KeyRole = (typeof keyRoles)[number];

/** Roles of the operator's keys; each may do what those before it may. */
export const operatorRoles = ['read', 'operate', 'admin'] as const;
export type OperatorRole = (typeof operatorRoles)[number];

/** With the name of a role: the operator asks for no more than this one may do. */
export const roleHeader = 'x-yunque-role';

/** Who asks, once access was judged. `keyId` names a key without giving it away. */
export type Principal =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'trusted-peer' }
  | { readonly kind: 'operator'; readonly role: OperatorRole; readonly by: 'socket' | 'key'; readonly keyId?: string }
  | { readonly kind: 'system-key'; readonly role: KeyRole; readonly system: string; readonly keyId: string };
