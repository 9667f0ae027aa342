import { version } from './util/version.ts';

/** The way in, and the only place that ends the process. Loads no more than the command needs. */
async function main(args: readonly string[]): Promise<number> {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    process.stdout.write(`yunque ${version()}\n`);
    return 0;
  }
  const { runCli } = await import('./cli/program.ts');
  const { env, stdout, stderr } = process;
  const onInterrupt = (listener: () => void) => {
    process.once('SIGINT', listener);
    return { [Symbol.dispose]: () => void process.off('SIGINT', listener) };
  };
  return await runCli(args, {
    env,
    stdout,
    stderr,
    onInterrupt,
    get stdin() {
      return process.stdin;
    },
  });
}

function exitWhenWritten(code: number): void {
  // On some platforms writing to a pipe goes on after `write` returned.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

main(process.argv.slice(2)).then(exitWhenWritten, (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  exitWhenWritten(1);
});
