import { Argument, type Command } from 'commander';
import type { CliContext } from '../context.ts';
import { type LiveKind, liveKinds } from './live-kinds.ts';

/** With the start of the program below half a second: whoever presses Tab waits. */
const deadlineMs = 300;

/** What completion scripts run: the names, one a line, or nothing. */
export function registerComplete(program: Command, context: CliContext): void {
  program
    .command('__complete', { hidden: true })
    .addArgument(new Argument('<kind>').choices(liveKinds))
    .argument('<typed>')
    .action(async (kind: LiveKind, typed: string) => {
      // A terminal's input belongs to the shell.
      if (context.globals.keyFile === '-') return;
      const { liveNames } = await import('./live-names.ts');
      const late = Promise.withResolvers<readonly string[]>();
      const timer = setTimeout(() => late.resolve([]), deadlineMs);
      const asked = liveNames(context, kind, typed);
      const names = await Promise.race([asked.catch(() => []), late.promise]);
      clearTimeout(timer);
      if (names.length > 0) context.stdout.write(`${names.join('\n')}\n`);
    });
}
