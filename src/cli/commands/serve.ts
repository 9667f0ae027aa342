import { isatty } from 'node:tty';
import type { Command } from 'commander';
import { type NodeOptions, type RunningNode, startNode } from '../../app/node.ts';
import { requireUsable } from '../../app/usable-config.ts';
import type { SupervisorOptions } from '../../app/workers/supervisor.ts';
import { createLiveConfig } from '../../config/live-config.ts';
import { type LoadedConfig, type ReadConfig, readConfig } from '../../config/load-config.ts';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';
import { runsWithHeap, startWithHeap } from '../heap-limit.ts';
import { integerArg } from '../parsers.ts';
import { leaveRunEnd, type RunEnd } from '../run-end.ts';
import { programName, serveBanner } from '../serve-banner.ts';
import { endOfService } from '../serve-ending.ts';
import { tellStarter } from '../serve-handshake.ts';
import { openServeLog } from '../serve-log.ts';
import { createServiceManager } from '../systemd-notify.ts';

interface ServeFlags {
  readonly config?: string;
  readonly env?: string;
  readonly host?: string;
  readonly dataDir?: string;
  readonly maxHeap?: string;
  readonly workers?: string;
  readonly topic?: string;
  readonly demo?: boolean;
  readonly cluster?: boolean;
  readonly detach?: boolean;
  readonly set: readonly string[];
}

export function registerServe(program: Command, context: CliContext): void {
  const { option, summary, argument } = context.text;
  const command = program
    .command('serve')
    .description(summary.serve)
    .argument('[port]', argument.port, integerArg(0, 65_535))
    .option('--config <file>', option.configFile)
    .option('--env <name>', option.configEnv)
    .option('--host <address>', option.host)
    .option('--data-dir <folder>', option.dataDir)
    .option('--max-heap <size>', option.maxHeap)
    .option('--workers <count>', option.workers)
    .option('--topic <name>', option.topic)
    .option('--demo', option.demo)
    .option('--cluster', option.cluster)
    .option('--detach', option.detach)
    .option('--set <key=value>', option.set, (value: string, all: readonly string[]) => [...all, value], [])
    .action(async (port: number | undefined, { detach = false, ...flags }: ServeFlags) => {
      // Whatever a node writes is its user's own business.
      process.umask(0o077);
      const cwd = process.cwd();
      const load = () => readConfig({ flags: { ...flags, port }, env: context.env, cwd });
      const loaded = load();
      if (loaded.problems.length > 0 || !detach) await requireUsable(loaded);
      const { maxHeapBytes } = loaded.config;
      if (!detach && maxHeapBytes !== undefined && !runsWithHeap(maxHeapBytes)) {
        context.exitCode = await startWithHeap(maxHeapBytes, context.args);
        return;
      }
      if (!detach) {
        context.exitCode = await serveUntilStopped(context, loaded, load);
        return;
      }
      const { serveDetached } = await import('../serve-detached.ts');
      await serveDetached(context, loaded.config);
    });
  addExamples(command, context, [
    'serve 7001',
    'serve --config configs/config.yaml --set log.level=debug',
    'serve 7001 --detach --data-dir /var/lib/yunque',
    'serve 666 --workers auto',
  ]);
}

/** Resolves with the exit code once the node has stopped. */
async function serveUntilStopped(context: CliContext, loaded: LoadedConfig, load: () => ReadConfig): Promise<number> {
  const live = createLiveConfig(loaded.config, load);
  context.isOutputSpare = true;
  const { log, isOnOutput, hasFiles, files, passOn, close } = openServeLog(context, live.config.log);
  try {
    for (const warning of loaded.warnings) log.warn(warning);
    const hangupEnds = !hasFiles && (context.stdout.isTTY === true || isatty(0));
    // Until the node can reload it has just read everything.
    if (!hangupEnds) process.on('SIGHUP', () => {});
    process.on('SIGUSR2', () => {});
    const options = { live, env: context.env, log, logFiles: files };
    const node = await startAs(options, passOn);
    const manager = createServiceManager({ env: context.env, log });
    // Whoever reads that it serves may send it a signal at once.
    const onEnd = (end: RunEnd) =>
      leaveRunEnd(node.dataDirectory, { pid: process.pid, startedAt: node.startedAt }, end);
    const ended = endOfService({ node, log, manager, process, hangupEnds, onEnd });
    showBanner(context, loaded, node);
    const { nodeId, port, ports, workers, dataDirectory, grpcPort = loaded.config.grpc.port } = node;
    if (!isOnOutput || !hasBanner(context)) {
      const internal = node.internalAddresses[0];
      const config = loaded.file ?? null;
      log.info({ node: nodeId, port, ports, internal, grpcPort, workers, dataDirectory, config }, 'serving');
    }
    tellStarter({ node: nodeId, port, dataDirectory });
    manager.ready(`serving on port ${ports.join(', ')}`);
    return await ended;
  } finally {
    await close();
  }
}

/** Alone, with workers or in a cluster. What the last two need is loaded only for them. */
async function startAs(options: NodeOptions, onLogLine: (line: string) => void): Promise<RunningNode> {
  const { live, env, log } = options;
  if (live.config.workers !== undefined) return await startWithWorkers({ ...options, onLogLine });
  if (!live.config.cluster.enabled) return await startNode(options);
  const { createClusterHome } = await import('../../app/cluster/cluster-home.ts');
  return await startNode({ ...options, home: createClusterHome({ live, env, log }) });
}

async function startWithWorkers(options: Omit<SupervisorOptions, 'spawn'>): Promise<RunningNode> {
  const { startSupervisor } = await import('../../app/workers/supervisor.ts');
  const { spawnWorker } = await import('../spawn-worker.ts');
  const { maxHeapBytes } = options.live.config;
  return await startSupervisor({
    ...options,
    spawn: (index) => spawnWorker({ index, maxHeapBytes, env: options.env }),
  });
}

/** For people only: what is piped is lines of log. */
function hasBanner({ stdout, globals }: CliContext): boolean {
  return stdout.isTTY === true && globals.quiet !== true;
}

function showBanner(context: CliContext, loaded: LoadedConfig, node: RunningNode): void {
  if (!hasBanner(context)) return;
  const { argv0, execPath, argv } = process;
  const program = programName({ argv0, execPath, script: argv[1], cwd: process.cwd() });
  context.stdout.write(serveBanner({ loaded, node, program }));
}
