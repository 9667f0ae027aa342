import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { entryArg, int64Arg, integerArg, listArg, rateArg } from '../parsers.ts';

/** The options of every command that sends, addressing aside. */
export function addMessageOptions(command: Command, { text: { option } }: CliContext): Command {
  return command
    .option('--from <uid>', option.from)
    .option('--code <number>', option.code, integerArg(Number.MIN_SAFE_INTEGER))
    .option('--msg <text>', option.msg)
    .option('--action <name>', option.action)
    .option('--title <text>', option.title)
    .option('--content <key=value>', option.content, entryArg)
    .option('--extra <key=value>', option.extra, entryArg)
    .option('--id <integer>', option.id, int64Arg)
    .option('--exclude <uids>', option.exclude, listArg)
    .option('--class <name>', option.messageClass)
    .option('--key <text>', option.messageKey)
    .option('--count <n>', option.count, integerArg(1))
    .option('--rate <n/s>', option.rate, rateArg)
    .option('--stdin', option.stdin)
    .option('--allow-offline', option.allowOffline);
}
