import type { RunningNode } from '../app/node.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { escapeControls } from '../util/control-characters.ts';
import { version } from '../util/version.ts';

/** What a person wants to know when a node has started: where it is, what it uses, who may do what, what to try. */
export function serveBanner(loaded: LoadedConfig, node: RunningNode): string {
  const { config } = loaded;
  const [own = ''] = node.addresses;
  const ws = own.replace(/^http/, 'ws');
  const protectedBy = [
    config.auth.trustLoopback ? 'this machine may push and bind; everyone else is refused' : 'loopback is not trusted',
    ...(config.auth.trustedNetworks.length > 0 ? [`trusted networks: ${config.auth.trustedNetworks.join(', ')}`] : []),
    `admin: ${node.operator.keyFile === undefined ? 'the configured operator key' : `key in ${node.operator.keyFile}`}`,
  ];
  const rows: [string, string[]][] = [
    ['serving', [...node.addresses]],
    ['further ports', config.listeners.map(({ dialect }, at) => `${node.ports[at + 1]} (${dialect})`)],
    ['websocket', Object.entries(config.paths).map(([path, dialect]) => `${ws}${path}  ${dialect}`)],
    ['mode', ['single node']],
    [
      'config',
      [
        loaded.file === undefined
          ? 'defaults (no file found)'
          : [loaded.file, loaded.overlay].filter(Boolean).join(' + '),
      ],
    ],
    ['data', [node.dataDirectory]],
    ['protected', protectedBy],
    [
      'try',
      [`yunque connect --uid alice -s ${own}`, `yunque send --uid alice 'hello' -s ${own}`, `yunque top -s ${own}`],
    ],
  ];
  const lines = rows.flatMap(([label, values]) =>
    values.map((value, at) => `  ${(at === 0 ? label : '').padEnd(14)}${escapeControls(value)}`),
  );
  return `\nyunque 云雀 ${version()}  node ${node.nodeId}\n\n${lines.join('\n')}\n\n  Ctrl-C stops.\n\n`;
}
