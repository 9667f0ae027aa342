import { basename, relative } from 'node:path';
import type { RunningNode } from '../app/node.ts';
import { doorOf } from '../config/door-setting.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { Config } from '../config/schema.ts';
import { escapeControls } from '../util/control-characters.ts';
import { formatExact } from '../util/figures.ts';
import { version } from '../util/version.ts';

export interface BannerOptions {
  readonly loaded: Pick<LoadedConfig, 'config' | 'file' | 'overlay'>;
  readonly node: Pick<
    RunningNode,
    | 'mostConnections'
    | 'workers'
    | 'addresses'
    | 'internalAddresses'
    | 'port'
    | 'ports'
    | 'operator'
    | 'dataDirectory'
    | 'nodeId'
    | 'grpcPort'
  >;
  /** How this program is called from here. */
  readonly program: string;
}

function modeOf({ cluster }: Config, workers: number | undefined): string {
  if (workers !== undefined) return `${workers} workers under a supervisor`;
  return cluster.enabled ? `a node of the cluster ${cluster.name}` : 'single node';
}

/** What a person wants to know when a node has started: where it is, what it uses, who may do what, what to try. */
export function serveBanner({ loaded, node, program }: BannerOptions): string {
  const { config } = loaded;
  const [own = ''] = node.addresses;
  const ws = own.replace(/^http/, 'ws');
  const hasTls = own.startsWith('https:');
  // The socket knows neither a certificate's names nor which port carries what.
  const grpcPort = node.grpcPort ?? config.grpc.port;
  const server = hasTls || node.internalAddresses.length > 0 ? node.port : own;
  const rows: [string, string[]][] = [
    ['serving', [...node.addresses]],
    ['further ports', config.listeners.map(({ dialect }, at) => `${node.ports[at + 1]} (${dialect})`)],
    ['websocket', Object.entries(config.paths).map(([path, dialect]) => `${ws}${path}  ${dialect}`)],
    ['internal', [...node.internalAddresses]],
    ['gRPC', grpcPort === undefined ? [] : [`port ${grpcPort}`]],
    ['queue doors', config.doors.map((door) => doorOf(door, config.topic).name)],
    ['mode', [modeOf(config, node.workers)]],
    [
      'config',
      [
        loaded.file === undefined
          ? 'defaults (no file found)'
          : [loaded.file, loaded.overlay].filter(Boolean).join(' + '),
      ],
    ],
    ['data', [node.dataDirectory]],
    ['protected', [...whoMayPush(config.auth), `admin: ${credentialOf(node)}`]],
    ['room for', node.mostConnections === Number.POSITIVE_INFINITY ? [] : [roomFor(node.mostConnections, config)]],
    ['demo', config.demo ? ['accounts that everybody knows are open under /login; not for production'] : []],
    [
      'try',
      [
        // Without trust in this machine a bind from here would be refused, and only its operator knows the certificate's name.
        ...(config.auth.trustLoopback && !hasTls ? [`${program} connect --uid alice -s ${own}`] : []),
        `${program} send --uid alice 'hello' -s ${server}`,
        `${program} top -s ${server}`,
      ],
    ],
  ];
  const lines = rows.flatMap(([label, values]) =>
    values.map((value, at) => `  ${(at === 0 ? label : '').padEnd(14)}${escapeControls(value)}`),
  );
  return `\nyunque 云雀 ${version()}  node ${node.nodeId}\n\n${lines.join('\n')}\n\n  Ctrl-C stops.\n\n`;
}

function whoMayPush({ trustLoopback, trustedNetworks }: LoadedConfig['config']['auth']): string[] {
  const trusted = [...(trustLoopback ? ['this machine'] : []), ...trustedNetworks];
  if (trusted.length === 0) return ['nobody may push or bind without the operator key, this machine neither'];
  const whole = trustedNetworks.filter((network) => network.endsWith('/0'));
  const last = trusted.at(-1) ?? '';
  const names = trusted.length > 1 ? `${trusted.slice(0, -1).join(', ')} and ${last}` : last;
  return [
    `${names} may push and bind; everyone else is refused`,
    ...whole.map((network) => `WARNING: ${network} is every address: whoever reaches the port may push and bind`),
  ];
}

function roomFor(most: number, { limits }: LoadedConfig['config']): string {
  const by = most === limits.connections ? 'limits.connections' : 'file descriptors: ulimit -n';
  return `${formatExact(most)} connections (${by})`;
}

function credentialOf({ operator }: Pick<RunningNode, 'operator'>): string {
  return operator.keyFile === undefined ? 'the configured operator key' : `key in ${operator.keyFile}`;
}

export interface ProgramFacts {
  readonly argv0: string;
  readonly execPath: string;
  /** The script, where Node runs one. */
  readonly script: string | undefined;
  readonly cwd: string;
}

/** The words that start this program again from where it was started: `yunque`, `bin/yunque`, `node src/main.ts`. */
export function programName({ argv0, execPath, script, cwd }: ProgramFacts): string {
  const isNode = /^node(\.exe)?$/.test(basename(execPath));
  if (isNode) return script === undefined ? 'yunque' : `node ${nearest(script, cwd)}`;
  return argv0.startsWith('/') ? nearest(argv0, cwd) : argv0;
}

function nearest(path: string, cwd: string): string {
  const short = relative(cwd, path);
  if (short.startsWith('..')) return path;
  return short.includes('/') ? short : `./${short}`;
}
