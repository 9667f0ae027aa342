import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import type { Texts } from '../text/en.ts';

/** Adds a command, with its sub-commands, to the program. */
export type Register = (program: Command, context: CliContext) => void;

export interface CommandRow {
  readonly name: string & keyof Texts['summary'];
  /** Only the command that is used is loaded: the time to start is the operator's. */
  readonly load: () => Promise<Register>;
  /** What it exits with where it could not begin, instead of the code of the failure. */
  readonly failureExit?: number;
}

/** Of completion scripts; in no help. */
export const completeRow = {
  name: '__complete',
  load: async () => (await import('../completion/complete.ts')).registerComplete,
} as const;

/** Every command, in the order of the help. */
export const commands: readonly CommandRow[] = [
  { name: 'serve', load: async () => (await import('./serve.ts')).registerServe },
  { name: 'stop', load: async () => (await import('./stop.ts')).registerStop },
  { name: 'reload', load: async () => (await import('./reload.ts')).registerReload },
  { name: 'send', load: async () => (await import('./send.ts')).registerSend },
  { name: 'group', load: async () => (await import('./group.ts')).registerGroup },
  { name: 'client', load: async () => (await import('./client.ts')).registerClient },
  { name: 'user', load: async () => (await import('./user.ts')).registerUser },
  { name: 'system', load: async () => (await import('./system.ts')).registerSystem },
  { name: 'key', load: async () => (await import('./key.ts')).registerKey },
  { name: 'node', load: async () => (await import('./node.ts')).registerNode },
  { name: 'stats', load: async () => (await import('./stats.ts')).registerStats },
  { name: 'top', load: async () => (await import('./top.ts')).registerTop },
  // Monitoring takes 2 for a service that is down, and 3 where nothing is known.
  { name: 'check', load: async () => (await import('./check.ts')).registerCheck, failureExit: 3 },
  { name: 'doctor', load: async () => (await import('./doctor.ts')).registerDoctor },
  { name: 'tail', load: async () => (await import('./tail.ts')).registerTail },
  { name: 'connect', load: async () => (await import('./connect.ts')).registerConnect },
  { name: 'bench', load: async () => (await import('./bench.ts')).registerBench },
  { name: 'token', load: async () => (await import('./token.ts')).registerToken },
  { name: 'id', load: async () => (await import('./id.ts')).registerId },
  { name: 'ctx', load: async () => (await import('./ctx.ts')).registerCtx },
  { name: 'config', load: async () => (await import('./config.ts')).registerConfig },
  { name: 'errors', load: async () => (await import('./errors.ts')).registerErrors },
  { name: 'proto', load: async () => (await import('./proto.ts')).registerProto },
  { name: 'version', load: async () => (await import('./version.ts')).registerVersion },
  { name: 'man', load: async () => (await import('./man.ts')).registerMan },
  { name: 'completion', load: async () => (await import('./completion.ts')).registerCompletion },
];
