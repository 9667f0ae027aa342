import { type Command, InvalidArgumentError, Option } from 'commander';
import { dialects } from '../../api/dialect.ts';
import { CliError } from '../cli-error.ts';
import type { ConnectFlags } from '../connect/connect.ts';
import { readToken } from '../connect/token.ts';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';
import { durationArg, integerArg } from '../parsers.ts';

const channels = ['android', 'ios', 'windows', 'mac', 'web'] as const;

export function registerConnect(program: Command, context: CliContext): void {
  const { summary, argument, option } = context.text;
  const command = program
    .command('connect')
    .description(summary.connect)
    .argument('[url]', argument.url)
    .addOption(new Option('--dialect <name>', option.dialect).choices(dialects))
    .option('--uid <uid>', option.bindUid)
    .option('--device <id>', option.bindDevice)
    .addOption(new Option('--channel <name>', option.channel).choices(channels))
    .option('--token-file <file>', option.tokenFile)
    .option('--expect <regex>', option.expect, regexArg)
    .option('--exit-after <n|duration>', option.exitAfter, exitAfterArg)
    .action(
      async (url: string | undefined, { tokenFile, ...flags }: ConnectFlags & { readonly tokenFile?: string }) => {
        const { output } = context.globals;
        if (output === 'csv' || output === 'plain') throw new CliError(context.text.line.connectFormats);
        const token = await readToken(context, tokenFile);
        const { runConnect } = await import('../connect/connect.ts');
        await runConnect(context, url, token, flags);
      },
    );
  addExamples(command, context, [
    'connect --uid alice',
    'connect ws://127.0.0.1:7001/ws -S shop',
    'connect --dialect cim --uid alice --device phone-1 --channel android',
    "connect --uid alice --expect 'hello' --exit-after 10s --json",
  ]);
}

function regexArg(text: string): RegExp {
  try {
    return new RegExp(text, 'u');
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function exitAfterArg(text: string): NonNullable<ConnectFlags['exitAfter']> {
  return /^\d+$/.test(text) ? { frames: integerArg(1)(text) } : { ms: durationArg(text) };
}
