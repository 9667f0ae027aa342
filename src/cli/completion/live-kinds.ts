import type { CommandArgument, CommandNode, CommandOption } from '../command-tree.ts';

/** What a node, or a file of the user's, can tell the names of. `…-list`: several with commas between. */
export const liveKinds = [
  'groups',
  'users',
  'clients',
  'systems',
  'nodes',
  'keys',
  'bans',
  'contexts',
  'servers',
  'groups-list',
  'users-list',
  'clients-list',
] as const;
export type LiveKind = (typeof liveKinds)[number];

const ofArgument: Readonly<Record<string, LiveKind>> = {
  group: 'groups',
  uid: 'users',
  uids: 'users',
  client: 'clients',
  clients: 'clients',
  system: 'systems',
  systems: 'systems',
  node: 'nodes',
  nodes: 'nodes',
  context: 'contexts',
  contexts: 'contexts',
};

/** Where the name of the argument says something else, or nothing. */
const ofCommand: Readonly<Record<string, LiveKind | 'new'>> = {
  'system add': 'new',
  'key rm': 'keys',
  'user unban': 'bans',
  'client history': 'clients',
};

const ofOption: Readonly<Record<string, LiveKind>> = {
  '--server': 'servers',
  '--context': 'contexts',
  '--system': 'systems',
  '--group': 'groups-list',
  '--uid': 'users-list',
  '--client': 'clients-list',
  '--exclude': 'users-list',
};

/** Undefined: names that nobody can tell. */
export function liveKindOfArgument({ path }: CommandNode, { name }: CommandArgument): LiveKind | undefined {
  const special = ofCommand[path.join(' ')];
  return special === 'new' ? undefined : (special ?? ofArgument[name]);
}

export function liveKindOfOption({ flags, takesValue }: CommandOption): LiveKind | undefined {
  return takesValue ? ofOption[flags.at(-1) ?? ''] : undefined;
}
