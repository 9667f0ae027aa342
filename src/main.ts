import { version } from './util/version.ts';

// Else Node opens its debugger, to every user of the machine. Its own flag against that blocks the signal for good, and log
// files could not be opened again by it.
process.on('SIGUSR1', () => {});

/** The way in, and the only place that ends the process. Loads no more than the command needs. */
async function main(args: readonly string[]): Promise<number> {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    process.stdout.write(`yunque ${version()}\n`);
    return 0;
  }
  // Only a supervisor starts those: they get their orders over its channel.
  if (args[0] === 'worker' && process.send !== undefined) {
    return await (await import('./cli/worker-process.ts')).runWorker(process.env);
  }
  const { runCli } = await import('./cli/program.ts');
  const { env, stdout, stderr } = process;
  const onInterrupt = (listener: (signal: NodeJS.Signals) => void, signals: readonly NodeJS.Signals[] = ['SIGINT']) => {
    for (const signal of signals) process.once(signal, listener);
    return {
      [Symbol.dispose]() {
        for (const signal of signals) process.off(signal, listener);
      },
    };
  };
  return await runCli(args, {
    env,
    stdout,
    stderr,
    onInterrupt,
    abandonOutput: output.abandon,
    get stdin() {
      return process.stdin;
    },
  });
}

/** Half a result must not pass for a whole one. A reader that has gone, as of `| head`, has all it wanted. */
function watchOutput() {
  let hasFailed = false;
  let isAbandoned = false;
  const onError = (error: NodeJS.ErrnoException) => {
    // A terminal that went away keeps nothing. A destroyed stream has said before what destroyed it.
    if (hasFailed || process.stdout.isTTY || error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return;
    hasFailed = true;
    process.stderr.write(`error: cannot write standard output: ${error.message}\n`);
  };
  process.stdout.on('error', onError);
  return {
    onError,
    hasFailed: () => hasFailed,
    isAbandoned: () => isAbandoned,
    abandon: () => {
      isAbandoned = true;
    },
  };
}

/** What standard error gets where nobody reads it. */
const lastWordsMs = 1000;

function exitWhenWritten(code: number): void {
  if (output.isAbandoned()) {
    setTimeout(() => process.exit(code), lastWordsMs);
    process.stderr.write('', () => process.exit(code));
    return;
  }
  // On some platforms writing to a pipe goes on after `write` returned; and an error comes later than the callback.
  process.stdout.write('', (error) => {
    if (error) output.onError(error);
    const exit = code === 0 && output.hasFailed() ? 1 : code;
    process.stderr.write('', () => process.exit(exit));
  });
}

const output = watchOutput();
main(process.argv.slice(2)).then(exitWhenWritten, (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  exitWhenWritten(1);
});
