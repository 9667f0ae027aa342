import { hostname } from 'node:os';
import { createInterface } from 'node:readline';
import { closeMeaning } from '../../api/close-code.ts';
import type { Dialect } from '../../api/dialect.ts';
import { exitCodes } from '../../api/errors.ts';
import { readCa } from '../../client/ca-file.ts';
import { version } from '../../util/version.ts';
import { CliError } from '../cli-error.ts';
import { closeWords } from '../close-code.ts';
import type { CliContext } from '../context.ts';
import { connectAddress } from './address.ts';
import { type ClientDialect, clientDialect, dialectOfPath, type HeardFrame } from './dialects.ts';
import { createEnding } from './ending.ts';
import { parseRequestLine } from './input.ts';
import { createFramePrinter } from './print.ts';
import { openSession, type Session } from './session.ts';

export interface ConnectFlags {
  readonly dialect?: Dialect;
  readonly uid?: string;
  readonly device?: string;
  readonly channel?: string;
  readonly expect?: RegExp;
  readonly exitAfter?: { readonly frames: number } | { readonly ms: number };
}

/** Is a client until the other side closes, Ctrl-C, or what `--expect` and `--exit-after` say; sets the exit code. */
export async function runConnect(
  context: CliContext,
  url: string | undefined,
  token: string | undefined,
  flags: ConnectFlags,
): Promise<void> {
  const usual = flags.uid === undefined ? 'json' : 'yunque';
  const dialect = clientDialect(flags.dialect ?? dialectOfPath(url) ?? usual);
  if (dialect.mustBind && flags.uid === undefined && token === undefined) {
    throw new CliError(`a connection in the dialect ${dialect.dialect} belongs to a user`, {
      hint: 'name one with --uid, or bring its token with --token-file',
    });
  }
  if (!dialect.mustBind && flags.uid !== undefined) {
    throw new CliError('the dialect json binds no user by --uid', { hint: 'use --dialect yunque, cim or cim-json' });
  }
  const printer = createFramePrinter(
    await context.printer(context.stdout.isTTY === true ? 'table' : 'ndjson'),
    dialect.dialect,
  );
  const { exitAfter, expect } = flags;
  const ending = createEnding({
    expect,
    frames: exitAfter !== undefined && 'frames' in exitAfter ? exitAfter.frames : undefined,
  });
  const signal = context.interruptSignal();
  const { promise: done, resolve: finish } = Promise.withResolvers<number>();
  let hasAnsweredBind = false;
  let isDone = false;

  const onFrame = (frame: HeardFrame) => {
    // The last chunk may hold more frames than were asked for.
    if (isDone) return;
    if (frame.type === 'ping' || frame.type === 'pong') {
      if (context.globals.verbose === true) printer.frame(frame);
      return;
    }
    const isBindAnswer = dialect.mustBind && frame.type === 'reply' && !hasAnsweredBind;
    hasAnsweredBind ||= isBindAnswer;
    printer.frame(frame);
    const exit = ending.onFrame(frame.json, frame.type !== 'greeting' && frame.type !== 'other' && !isBindAnswer);
    isDone = exit !== undefined;
    if (exit !== undefined) finish(exit);
  };

  const address = await connectAddress(context, { url, dialect, token });
  const bind = bindData(dialect, flags);
  const session = await openSession({
    url: address,
    dialect,
    bind,
    ca: await readCa({ caFile: context.globals.caFile, env: context.env }),
    timeoutMs: context.globals.timeout,
    signal,
    onFrame,
  });
  if (context.globals.verbose === true) context.note(context.text.line.usingServer(address.origin + address.pathname));
  const timer =
    exitAfter !== undefined && 'ms' in exitAfter ? setTimeout(() => finish(ending.onTime()), exitAfter.ms) : undefined;
  const input = sendInput(context, session);
  void session.closed.then(
    ({ code, reason }) => {
      const meaning = closeMeaning(code, reason);
      printer.closed(code, reason, meaning);
      context.note(context.text.line.closed(code, meaning.name, closeWords(meaning, reason, context.text)));
      finish(ending.onClose(meaning.exit));
    },
    (error: unknown) => {
      context.note(
        context.text.line.error(`not a frame of the dialect ${dialect.dialect}: ${(error as Error).message}`),
      );
      finish(exitCodes.failed);
    },
  );
  signal.addEventListener('abort', () => finish(exitCodes.interrupted), { once: true });
  context.exitCode = await done;
  clearTimeout(timer);
  input.close();
  session.close();
}

function bindData(dialect: ClientDialect, { uid, device, channel }: ConnectFlags): Record<string, string> | undefined {
  if (!dialect.mustBind || uid === undefined) return undefined;
  return {
    uid,
    channel: channel ?? 'web',
    // The same each time: like the tabs of one browser, several terminals do not drive each other out.
    deviceId: device ?? 'yunque-connect',
    deviceName: hostname(),
    appVersion: version(),
    osVersion: process.platform,
    packageName: 'yunque',
    language: Intl.DateTimeFormat().resolvedOptions().locale,
  };
}

/** Sends what is typed. The end of input is not the end of the connection. */
function sendInput(context: CliContext, session: Session): { close(): void } {
  const lines = createInterface({ input: context.stdin });
  lines.on('line', (line) => {
    try {
      const request = parseRequestLine(line);
      if (request !== undefined) session.send(request.key, request.dataText);
    } catch (error) {
      context.note(context.text.line.error(context.text.line.badRequestLine((error as Error).message)));
    }
  });
  // A closed descriptor is an end of input as well.
  context.stdin.on('error', () => lines.close());
  return lines;
}
