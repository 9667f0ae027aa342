import { Socket } from 'node:net';
import { exitCodes } from '../api/errors.ts';
import { logDescriptor } from '../app/workers/log-descriptor.ts';
import { processPort } from '../app/workers/process-port.ts';
import { startWorker } from '../app/workers/worker.ts';
import { createLogger } from '../telemetry/log.ts';
import { createLogOutput } from '../telemetry/log-output.ts';
import type { RuntimeEnv } from '../util/runtime-paths.ts';
import { StartError } from '../util/start-error.ts';
import { endOfWorker } from './worker-ending.ts';

/**
 * A worker of `serve --workers`, in the process its supervisor has started. Resolves with the exit code. Its log goes to the
 * supervisor as JSON lines, whatever the format there.
 */
export async function runWorker(env: RuntimeEnv): Promise<number> {
  // A terminal's signals go to the whole group; what they mean is the supervisor's to say.
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  process.on('SIGUSR2', () => {});
  const pipe = new Socket({ fd: logDescriptor, readable: false });
  pipe.on('error', () => {});
  const output = createLogOutput(
    {
      write: (text, onWritten) => pipe.write(text, onWritten),
      get writableLength() {
        return pipe.writableLength;
      },
    },
    { onLosing: () => {}, onRecovered: () => {} },
  );
  const worker = startWorker({
    port: processPort(process),
    env,
    createLog: (nodeId, { level }) => createLogger({ level, format: 'json', destination: output, node: nodeId }),
  });
  try {
    const { node, log } = await worker.node;
    return await endOfWorker({ node, log, onStop: worker.onStop, process });
  } catch (error) {
    // The supervisor was told.
    if (error instanceof StartError) return error.exitCode;
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return exitCodes.failed;
  } finally {
    await output.close();
    pipe.destroy();
  }
}
