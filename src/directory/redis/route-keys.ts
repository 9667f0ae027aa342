import type { RouteKind, RouteName } from '../route-store.ts';

/** Keys of routes: `<cluster>:{u:<system>:<uid>}`, `{g:…}` for groups. No two names have the same key, whatever text they are. */
export function routeKey(cluster: string, name: RouteName): string {
  return `${encodeURIComponent(cluster)}:{${tagOf(name)}}`;
}

const letters = { users: 'u', groups: 'g' } as const satisfies Record<RouteKind, string>;

/** What is in the braces, and names the route in the index of its node. */
export function tagOf({ kind, system, name }: RouteName): string {
  return `${letters[kind]}:${encodePart(system)}:${encodePart(name)}`;
}

/** The names that have routes of this start of a node, by their tags. */
export function indexKey(cluster: string, node: string, incarnation: number): string {
  return `${encodeURIComponent(cluster)}:{n:${encodePart(node)}:${incarnation}}`;
}

/** Nodes, in their incarnations, that have an index. */
export function enlistedKeyOf(cluster: string): string {
  return `${encodeURIComponent(cluster)}:{routes}:nodes`;
}

/** Those of them that have written all down. */
export function settledKeyOf(cluster: string): string {
  return `${encodeURIComponent(cluster)}:{routes}:settled`;
}

/** Of which a survivor removes the routes now. */
export function purgeKey(cluster: string, node: string, incarnation: number): string {
  return `${encodeURIComponent(cluster)}:{routes}:purge:${encodePart(node)}:${incarnation}`;
}

/** Separators, braces, and halves of characters, which UTF-8 cannot tell apart; all else stays as it is. */
function encodePart(text: string): string {
  return text.replace(/[%:{}]|\p{Surrogate}/gu, (one) => `%${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
