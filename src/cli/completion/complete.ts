import { Argument, type Command } from 'commander';
import type { CliContext } from '../context.ts';
import { durationArg } from '../parsers.ts';
import { type LiveKind, liveKinds } from './live-kinds.ts';

/** With the start of the program below half a second: whoever presses Tab waits. */
const usualDeadlineMs = 300;

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
      const timer = setTimeout(() => late.resolve([]), deadlineOf(context));
      const asked = liveNames(context, kind, typed);
      const names = await Promise.race([asked.catch(() => []), late.promise]);
      clearTimeout(timer);
      if (names.length > 0) context.stdout.write(`${names.join('\n')}\n`);
    });
}

/** A server far away takes longer. What is no duration is passed over: there is nobody to tell. */
function deadlineOf({ env }: CliContext): number {
  try {
    return durationArg(env['YUNQUE_COMPLETION_TIMEOUT'] ?? '');
  } catch {
    return usualDeadlineMs;
  }
}
