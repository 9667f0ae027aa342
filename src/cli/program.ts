import { Command, CommanderError, Help, Option } from 'commander';
import { exitCodes } from '../api/errors.ts';
import { version } from '../util/version.ts';
import type { WholeProgram } from './command-tree.ts';
import { type CommandRow, commands, completeRow } from './commands/index.ts';
import { type CliContext, type CliIo, createContext } from './context.ts';
import { outputFormats } from './output/formats.ts';
import { durationArg } from './parsers.ts';
import { failureExit, reportFailure } from './report-failure.ts';
import { chooseLanguage, loadTexts } from './text/choose.ts';
import type { Texts } from './text/en.ts';

/**
 * Runs one command line (without the program's name) and answers its exit code. Rejects only where reporting itself
 * fails. Of the commands only the one used is loaded.
 */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  const text = await loadTexts(chooseLanguage(args, io.env));
  const program = createProgram(io, text);
  using context = createContext({ args, io, text, program, loadAllCommands: () => createWholeProgram(io, text) });
  const line = expand(program, args);
  const verb = line[verbIndex(program, line)];
  const isCompletion = verb === completeRow.name;
  const row = commands.find(({ name }) => name === verb);
  try {
    await addCommands(program, context, isCompletion ? completeRow : row);
    if (line.length === 0) {
      program.outputHelp();
      return exitCodes.done;
    }
    program.hook('preAction', async (_, action) => {
      const { applyContext } = await import('./contexts/apply-context.ts');
      await applyContext(context, program, action);
      if (context.globals.dryRun !== true) return;
      const { applyDryRun } = await import('./dry-run/apply.ts');
      await applyDryRun(context, action);
    });
    await program.parseAsync(line, { from: 'user' });
    return context.isOutputClosed ? exitCodes.done : context.exitCode;
  } catch (error) {
    // A shell that completes a line shows nothing else.
    if (context.isOutputClosed || isCompletion) return exitCodes.done;
    // Commander has printed its own by now.
    if (!(error instanceof CommanderError)) reportFailure(error, context);
    const exit = failureExit(error);
    return exit === exitCodes.done || exit === exitCodes.interrupted ? exit : (row?.failureExit ?? exit);
  }
}

/** The whole tree, for completion and the manual. */
export async function createWholeProgram(io: CliIo, text: Texts): Promise<WholeProgram> {
  const program = createProgram(io, text);
  const loadAllCommands = () => createWholeProgram(io, text);
  const context = createContext({ args: [], io, text, program, loadAllCommands });
  for (const row of commands) (await row.load())(program, context);
  return { program, examples: context.examples };
}

function createProgram(io: CliIo, text: Texts): Command {
  const { option } = text;
  const plainHelp = new Help();
  return new Command('yunque')
    .description(text.about)
    .exitOverride()
    .configureOutput({
      writeOut: (chunk) => io.stdout.write(chunk),
      writeErr: (chunk) => io.stderr.write(chunk),
      outputError: (sentence, write) => write(text.commander(sentence)),
      getOutHelpWidth: () => io.stdout.columns || 100,
      getErrHelpWidth: () => io.stderr.columns || 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => text.titles[title] ?? title,
      styleUsage: (usage) => text.optionExtra(usage),
      optionDescription: (option) => text.optionExtra(plainHelp.optionDescription(option)),
      argumentDescription: (argument) => text.optionExtra(plainHelp.argumentDescription(argument)),
    })
    .helpOption('-h, --help', option.help)
    .helpCommand('help [command]', text.summary.help)
    .version(`yunque ${version()}`, '-V, --version', option.version)
    .option('-s, --server <url>', option.server)
    .option('-C, --context <name>', option.context)
    .option('-S, --system <id>', option.system)
    .option('--key-file <file>', option.keyFile)
    .option('--ca-file <file>', option.caFile)
    .addOption(new Option('--timeout <duration>', option.timeout).argParser(durationArg).default(5000, '5s'))
    .addOption(new Option('-o, --output <format>', option.output).choices(outputFormats))
    .addOption(new Option('--json', option.json).conflicts('output'))
    .option('-q, --quiet', option.quiet)
    .option('-v, --verbose', option.verbose)
    .option('--no-color', option.noColor)
    .option('--yes', option.yes)
    .option('--dry-run', option.dryRun)
    .addOption(new Option('--lang <language>', option.lang).choices(['en', 'zh']));
}

/** Where in `args` the command's name is: the first word that is neither an option nor the value of one. */
function verbIndex(program: Command, args: readonly string[]): number {
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--') return -1;
    if (!arg.startsWith('-') || arg === '-') return at;
    if (program.options.some((option) => option.required && (option.long === arg || option.short === arg))) at++;
  }
  return -1;
}

/** `yunque 666` is `yunque serve 666`; `yunque help group ls` is `yunque group ls --help`. */
function expand(program: Command, args: readonly string[]): string[] {
  const at = verbIndex(program, args);
  if (/^\d+$/.test(args[at] ?? '')) return args.toSpliced(at, 0, 'serve');
  if (args[at] !== 'help') return [...args];
  const rest = args.toSpliced(at, 1);
  // Of a command that does not exist there is no help, but a suggestion.
  return commands.some(({ name }) => name === rest[verbIndex(program, rest)]) ? [...rest, '--help'] : rest;
}

async function addCommands(
  program: Command,
  context: CliContext,
  row: Pick<CommandRow, 'load'> | undefined,
): Promise<void> {
  if (row !== undefined) (await row.load())(program, context);
  // For the list in the help, and for commander's suggestion.
  else for (const { name } of commands) program.command(name).description(summaryOf(context.text, name));
}

function summaryOf(text: Texts, name: CommandRow['name']): string {
  return text.summary[name];
}
