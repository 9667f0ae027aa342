import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Issued } from '../certificates.ts';
import { requireTool } from '../tool.ts';
import { freePort } from './free-port.ts';
import { requireKafkaJars } from './kafka-jars.ts';
import { innerScope, type Scope } from './scope.ts';
import { type Service, startProcess } from './service.ts';

const run = promisify(execFile);

/** Any 16 bytes: a cluster of one. */
const CLUSTER_ID = 'eXVucXVlLXRlc3RzLTEyMw';

export interface KafkaOptions {
  readonly port?: number;
  /** TLS on its port; `ca` is what clients' certificates are checked with, where they show one. */
  readonly tls?: Issued & { readonly ca: string };
  /** Clients have to say who they are. */
  readonly sasl?: {
    readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
    readonly username: string;
    readonly password: string;
  };
  /** Further lines of server.properties, such as `log.retention.ms=1000`. */
  readonly config?: readonly string[];
  /** Hears of downloads. */
  readonly report?: (line: string) => void;
}

/** A Kafka of its own: one process that is broker and controller (KRaft). Takes about 4 s to start; `url` is `host:port`. */
export async function startKafka(outer: Scope, options: KafkaOptions = {}): Promise<Service> {
  const scope = innerScope(outer);
  const java = await requireTool('java', 'default-jre-headless');
  const jars = await requireKafkaJars(options.report);
  const folder = await mkdtemp(join(tmpdir(), 'yunque-kafka-'));
  scope.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const at = (name: string) => join(folder, name);
  const [port, controller, inside] = [options.port ?? (await freePort()), await freePort(), await freePort()];
  await writeFile(at('log4j2.properties'), logging);
  const properties = await serverProperties(options, { port, controller, inside, folder });
  await writeFile(at('server.properties'), `${properties.join('\n')}\n`);
  const small = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const log = [`-Dlog4j2.configurationFile=${at('log4j2.properties')}`, `-Dkafka.logs.dir=${at('logs')}`];
  const virtualMachine = [...small, ...log, '-cp', join(jars, '*')];
  const format = ['kafka.tools.StorageTool', 'format', '--ignore-formatted', '-t', CLUSTER_ID, ...scramUser(options)];
  const broker = await startProcess(scope, {
    name: 'Kafka',
    program: java,
    args: [...virtualMachine, 'kafka.Kafka', at('server.properties')],
    cwd: folder,
    data: at('data'),
    async prepare() {
      const isFormatted = await readFile(join(at('data'), 'meta.properties')).then(
        () => true,
        () => false,
      );
      if (isFormatted) return;
      await mkdir(at('data'), { recursive: true });
      await run(java, [...virtualMachine, ...format, '-c', at('server.properties')]);
    },
    ready: /Kafka Server started/,
  });
  return { host: '127.0.0.1', port, url: `127.0.0.1:${port}`, ...broker };
}

const logging = `status = error
rootLogger.level = info
rootLogger.appenderRefs = out
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %p %c{1} %m%n
`;

interface Place {
  readonly port: number;
  readonly controller: number;
  /** What it says to itself goes in plain, whatever its clients have to do. */
  readonly inside: number;
  readonly folder: string;
}

async function serverProperties(options: KafkaOptions, place: Place): Promise<readonly string[]> {
  const { tls, sasl, config = [] } = options;
  const { port, controller, inside, folder } = place;
  const encrypted = tls === undefined ? 'PLAINTEXT' : 'SSL';
  const clients = sasl === undefined ? encrypted : `SASL_${encrypted}`;
  const listeners = `CLIENTS://127.0.0.1:${port},INSIDE://127.0.0.1:${inside}`;
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `listeners=${listeners},CONTROLLER://127.0.0.1:${controller}`,
    `advertised.listeners=${listeners}`,
    `listener.security.protocol.map=CLIENTS:${clients},INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=INSIDE',
    `log.dirs=${join(folder, 'data')}`,
    // One node has no second copy to wait for, and nobody to wait for before a group starts.
    'offsets.topic.num.partitions=1',
    'offsets.topic.replication.factor=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    // A broker killed and started again is not taken for its own double for long.
    'broker.heartbeat.interval.ms=200',
    'broker.session.timeout.ms=1000',
    'num.network.threads=1',
    'num.io.threads=2',
    ...(tls === undefined ? [] : await encryption(tls, folder)),
    ...(sasl === undefined ? [] : authentication(sasl)),
    ...config,
  ];
}

async function encryption(tls: NonNullable<KafkaOptions['tls']>, folder: string): Promise<readonly string[]> {
  const both = join(folder, 'server.pem');
  await writeFile(both, `${await readFile(tls.key, 'utf8')}${await readFile(tls.cert, 'utf8')}`);
  const settings = [
    'keystore.type=PEM',
    `keystore.location=${both}`,
    'truststore.type=PEM',
    `truststore.location=${tls.ca}`,
    'client.auth=requested',
  ];
  return settings.map((setting) => `listener.name.clients.ssl.${setting}`);
}

function authentication({ mechanism, username, password }: NonNullable<KafkaOptions['sasl']>): readonly string[] {
  const login = `org.apache.kafka.common.security.${mechanism === 'PLAIN' ? 'plain.Plain' : 'scram.Scram'}LoginModule`;
  const users = mechanism === 'PLAIN' ? ` user_${username}="${password}"` : '';
  return [
    `sasl.enabled.mechanisms=${mechanism}`,
    `listener.name.clients.${mechanism.toLowerCase()}.sasl.jaas.config=${login} required${users};`,
  ];
}

/** Its passwords for SCRAM are part of its data, and written when that is formatted. */
function scramUser({ sasl }: KafkaOptions): readonly string[] {
  if (sasl === undefined || sasl.mechanism === 'PLAIN') return [];
  return ['--add-scram', `${sasl.mechanism}=[name=${sasl.username},password=${sasl.password}]`];
}
