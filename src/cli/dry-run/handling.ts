import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import type { Texts } from '../text/en.ts';

/** Takes the place of a command's action, and what the action is given after the context. Changes nothing, and prints what the action would do. */
export type Planner = (context: CliContext, ...args: never[]) => Promise<void>;

/**
 * What a command does with `--dry-run`. `reads`: it changes nothing, and does as ever. `refuses`: what it is for cannot be left out. `plans`: its action is
 * not run, the planner is. `depends`: it changes nothing as long as `isRead`.
 */
export type Handling =
  | 'reads'
  | 'refuses'
  | { readonly plans: () => Promise<Planner> }
  | { readonly isRead: (command: Command) => boolean; readonly hint: string };

type Named = Exclude<keyof Texts['summary'], 'help'>;
/** Those that are only a heading of others. */
type Heading = Named extends infer Name ? (Name extends `${infer First} ${string}` ? First : never) : never;
export type CommandName = Exclude<Named, Heading>;

const people = () => import('./people.ts');
const groups = () => import('./groups.ts');
const systems = () => import('./systems.ts');
const keys = () => import('./keys.ts');
const nodes = () => import('./nodes.ts');
const local = () => import('./local.ts');

/** Of every command: one without a row here does not compile, and is refused where it is run all the same. */
export const handlings: Readonly<Record<CommandName, Handling>> = {
  serve: 'refuses',
  stop: { plans: async () => (await nodes()).planStop },
  reload: { plans: async () => (await nodes()).planReload },
  send: { plans: async () => (await import('./send.ts')).planSend },
  'group ls': 'reads',
  'group show': 'reads',
  'group members': 'reads',
  'group join': { plans: async () => (await groups()).planJoin },
  'group leave': { plans: async () => (await groups()).planLeave },
  'group rm': { plans: async () => (await groups()).planRemoveGroup },
  'group send': { plans: async () => (await import('./send.ts')).planGroupSend },
  'client ls': 'reads',
  'client show': 'reads',
  'client history': 'reads',
  'client kick': { plans: async () => (await people()).planKickClients },
  'user ls': 'reads',
  'user show': 'reads',
  'user kick': { plans: async () => (await people()).planKickUsers },
  'user online': 'reads',
  'user ban': { plans: async () => (await people()).planBan },
  'user unban': { plans: async () => (await people()).planUnban },
  'user bans': 'reads',
  'system add': { plans: async () => (await systems()).planAddSystem },
  'system ls': 'reads',
  'system show': 'reads',
  'system rotate-key': { plans: async () => (await keys()).planRotateOfSystem },
  'system rm': { plans: async () => (await systems()).planRemoveSystems },
  'key ls': 'reads',
  'key rotate': { plans: async () => (await keys()).planRotate },
  'key rm': { plans: async () => (await keys()).planRemoveKeys },
  'node ls': 'reads',
  'node show': 'reads',
  'node ping': 'reads',
  'node drain': { plans: async () => (await nodes()).planDrain },
  'node resume': { plans: async () => (await nodes()).planResume },
  'node heap-snapshot': { plans: async () => (await nodes()).planHeapSnapshot },
  stats: 'reads',
  // Shown with --readonly, which the command sees to.
  top: { isRead: (command) => command.getOptionValue('record') === undefined, hint: 'leave out --record' },
  tail: 'reads',
  check: { isRead: (command) => command.getOptionValue('probe') === false, hint: 'add --no-probe' },
  doctor: 'reads',
  connect: 'refuses',
  'bench fanout': 'refuses',
  'bench unicast': 'refuses',
  'bench group': 'refuses',
  'bench connect': 'refuses',
  'bench api': 'refuses',
  'token mint': { plans: async () => (await local()).planMint },
  'token check': 'reads',
  'id decode': 'reads',
  'ctx add': { plans: async () => (await local()).planAddContext },
  'ctx ls': 'reads',
  'ctx use': { plans: async () => (await local()).planUseContext },
  'ctx show': 'reads',
  'ctx rm': { plans: async () => (await local()).planRemoveContexts },
  'config init': { plans: async () => (await local()).planConfigInit },
  'config check': 'reads',
  'config show': 'reads',
  'config convert': 'reads',
  errors: 'reads',
  proto: 'reads',
  version: 'reads',
  man: 'reads',
  completion: 'reads',
};
