import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Dialect, dialects } from '../../api/dialect.ts';
import { parseSize } from '../../config/units.ts';
import { type Assertion, parseAssertions } from '../../load/assertions.ts';
import { markLength, mostLanes } from '../../load/marker.ts';
import type { CliContext } from '../context.ts';
import { durationArg, integerArg } from '../parsers.ts';

/** Of every scenario. Durations are milliseconds. */
export interface LoadFlags {
  readonly duration: number;
  readonly rate?: number;
  readonly assert?: readonly Assertion[];
  readonly wsUrl?: string;
  readonly httpUrl?: string;
}

export interface ClientFlags extends LoadFlags {
  readonly clients: number;
  readonly threads?: number;
  readonly dialect: Dialect;
  readonly tokenFile?: string;
  readonly secretFile?: string;
  readonly privateKeyFile?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly kid?: string;
}

export interface MessageFlags extends ClientFlags {
  readonly size: number;
  readonly inFlight: number;
  readonly batch: number;
  readonly warmup: number;
  readonly via: 'http' | 'admin';
  readonly groups?: number;
  readonly outsiders?: number;
}

export interface ApiFlags extends LoadFlags {
  readonly inFlight: number;
  readonly batch: number;
  readonly warmup: number;
  readonly method: 'GET' | 'POST';
  readonly data?: string;
}

export function addLoadOptions(command: Command, { text: { option } }: CliContext): Command {
  return command
    .addOption(new Option('--duration <duration>', option.benchDuration).argParser(durationArg).default(10_000, '10s'))
    .option('--rate <n>', option.benchRate, rateArg)
    .option('--assert <list>', option.benchAssert, assertArg)
    .option('--ws-url <url>', option.benchWsUrl)
    .option('--http-url <url>', option.benchHttpUrl);
}

export function addClientOptions(command: Command, context: CliContext): Command {
  const { option } = context.text;
  return addLoadOptions(command, context)
    .addOption(new Option('--clients <n>', option.benchClients).argParser(integerArg(1, 1_000_000)).default(1000))
    .option('--threads <n>', option.benchThreads, integerArg(1, 64))
    .addOption(new Option('--dialect <name>', option.dialect).choices(dialects).default('json'))
    .option('--token-file <file>', option.benchTokenFile)
    .option('--secret-file <file>', option.tokenSecretFile)
    .option('--private-key-file <file>', option.tokenPrivateKeyFile)
    .option('--issuer <text>', option.tokenIssuer)
    .option('--audience <text>', option.tokenAudience)
    .option('--kid <text>', option.tokenKid);
}

export function addSendingOptions(command: Command, { text: { option } }: CliContext): Command {
  return command
    .addOption(new Option('--in-flight <n>', option.benchInFlight).argParser(integerArg(1, mostLanes)).default(32))
    .addOption(new Option('--batch <n>', option.benchBatch).argParser(integerArg(1, 10_000)).default(1))
    .addOption(new Option('--warmup <duration>', option.benchWarmup).argParser(warmupArg).default(1000, '1s'));
}

export function addMessageOptions(command: Command, context: CliContext): Command {
  const { option } = context.text;
  return addSendingOptions(addClientOptions(command, context), context)
    .addOption(new Option('--size <size>', option.benchSize).argParser(sizeArg).default(128))
    .addOption(new Option('--via <door>', option.benchVia).choices(['http', 'admin']).default('http'));
}

/** A second, also fewer than one. */
function rateArg(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value >= 0.01 && value <= 10_000_000) return value;
  throw new InvalidArgumentError('Write a number a second, from 0.01 on.');
}

function warmupArg(text: string): number {
  return /^0(ms|s|m)?$/.test(text) ? 0 : durationArg(text);
}

function sizeArg(text: string): number {
  const bytes = parseSize(text);
  if (bytes !== undefined && bytes >= markLength && bytes <= 1024 * 1024) return bytes;
  throw new InvalidArgumentError(`Write a size from ${markLength} bytes to 1MiB, such as 128 or 4KiB.`);
}

function assertArg(text: string, before: readonly Assertion[] | undefined): readonly Assertion[] {
  try {
    return [...(before ?? []), ...parseAssertions(text)];
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}
