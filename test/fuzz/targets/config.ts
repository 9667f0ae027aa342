import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../../src/config/config-error.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { mutate, oddPieces } from '../mutate.ts';
import { pureTarget, type Random, type Target } from '../target.ts';

const shipped = (name: string) => readFileSync(join(import.meta.dirname, '../../../configs', name), 'utf8');

const yamlSamples = [
  'port: 7001\nhost: 127.0.0.1\nlisteners: [{port: 34567, dialect: cim}]\npaths: {/ws: json, /: null}\n',
  'auth:\n  trustLoopback: false\n  trustedNetworks:\n    - 10.1.0.0/16\n    - "fd00::/8"\nsystems.list: [shop, 云]\n',
  'limits: &a\n  payload: 64KiB\n  batch: 10\nheartbeat:\n  json: {pingInterval: 25s, timeout: 10s}\ndrain: {duration: 0s}\n',
  'devices:\n  exclusive: [[android, ios], [windows, mac, web]]\nlog: {level: debug, format: pretty}\ndemo: true\n',
  'systems: {list: [&x a, *x, *x]}\n',
  `systems: {list: [&l [${'1,'.repeat(12)}], &m [${'*l,'.repeat(12)}], ${'*m,'.repeat(12)}]}\n`,
  'devices: {exclusive: &y [[web], *y]}\nauth: &z\n  trustLoopback: *z\n',
  '%YAML 1.2\n---\nport: !!int "7001"\n<<: {demo: true}\n? [a, b]\n: c\n',
  shipped('config-dev.yaml'),
].map((text) => Buffer.from(text));
const yamlPieces = [
  ...oddPieces,
  ...[
    '&a ',
    '*a',
    '*x',
    '!!map ',
    '!!binary ',
    '<<: ',
    '? ',
    '- ',
    '---\n',
    '...\n',
    '|\n',
    '>-\n',
    '[[',
    '{{',
    "'",
    '\n  ',
  ].map((t) => Buffer.from(t)),
  ...['port: ', 'limits:\n', '  payload: ', 'auth: ', '.inf', '0x1F', '-1', '1e9', '99999999999999999999s', '1KiB'].map(
    (t) => Buffer.from(t),
  ),
];
const iniSamples = [
  '[common]\ncluster = false\ncrypto_key = "Adba723b7fe068ff"\n',
  '[redis]\nhost = 127.0.0.1\nport = 6379\npassword =\n[rabbitMQ]\namqpurl = amqp://a:b@c:5672/d\n',
  shipped('config.ini'),
].map((text) => Buffer.from(text));

export const configTargets: readonly Target[] = [
  configTarget('config YAML', 40_000, 'config.yaml', (random) => mutate(random, yamlSamples, yamlPieces)),
  configTarget('config INI', 40_000, 'config.ini', (random) => mutate(random, iniSamples)),
];

function configTarget(name: string, count: number, file: string, generate: (random: Random) => Buffer): Target {
  return pureTarget(name, count, generate, (input) => {
    const text = input.toString();
    try {
      const readFile = () => ({ outcome: 'read', text, readableByOthers: false }) as const;
      loadConfig({ flags: { config: file }, env: {}, cwd: '/', readFile });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
  });
}
