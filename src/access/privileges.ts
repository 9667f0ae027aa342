import { type KeyRole, keyRoles, type OperatorRole, operatorRoles } from '../api/principal.ts';
import type { Privilege } from './access.ts';

export interface Rule {
  /** The least role of an operator's key. */
  readonly operator: OperatorRole;
  /** The least role of a system's own key, where one is good for it at all. */
  readonly key?: KeyRole;
  /** Whether a peer may do it for where it is. */
  readonly trusted: boolean;
}

/** Who may do what, besides connecting and binding, which are judged by tokens. */
const rules: Readonly<Record<Privilege, Rule>> = {
  read: { operator: 'read', key: 'read', trusted: true },
  push: { operator: 'operate', key: 'push', trusted: true },
  close: { operator: 'operate', key: 'admin', trusted: true },
  register: { operator: 'admin', trusted: true },
  login: { operator: 'admin', trusted: true },
  inspect: { operator: 'read', trusted: false },
  operate: { operator: 'operate', trusted: false },
  administer: { operator: 'admin', trusted: false },
  metrics: { operator: 'read', trusted: true },
};

export function ruleOf(privilege: Privilege): Rule {
  return rules[privilege];
}

export function operatorMay(role: OperatorRole, privilege: Privilege): boolean {
  return operatorRoles.indexOf(role) >= operatorRoles.indexOf(rules[privilege].operator);
}

export function keyMay(role: KeyRole, privilege: Privilege): boolean {
  const { key } = rules[privilege];
  return key !== undefined && keyRoles.indexOf(role) >= keyRoles.indexOf(key);
}
