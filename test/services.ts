import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, isFree } from './support/services/free-port.ts';
import { startKafka } from './support/services/kafka.ts';
import { startRabbitmq } from './support/services/rabbitmq.ts';
import { startRedis } from './support/services/redis.ts';
import { innerScope, type Scope } from './support/services/scope.ts';
import type { Service } from './support/services/service.ts';
import type { ServiceName } from './support/services/shared.ts';
import { findOnPath } from './support/tool.ts';

/**
 * `npm run services [-- NAME[=PORT]…]`: Redis, RabbitMQ and Kafka on 127.0.0.1 for people who try a cluster, until Ctrl-C.
 * Port 0 is any that is free. Nothing is kept. One that goes is named, and the others stay. Exit code 0 after a signal, 1 where one cannot
 * run or all have gone, 2 for words it does not know.
 */
interface Kind {
  readonly title: string;
  readonly port: number;
  /** The program it needs first, and the Debian packages that are installed where it is missing. */
  readonly program: string;
  readonly packages: string;
  start(scope: Scope, port: number, report: (line: string) => void): Promise<Service>;
}

const kinds: Readonly<Record<ServiceName, Kind>> = {
  redis: {
    title: 'Redis',
    port: 6379,
    program: 'redis-server',
    packages: 'redis-server',
    start: (scope, port) => startRedis(scope, { port }),
  },
  rabbitmq: {
    title: 'RabbitMQ',
    port: 5672,
    program: 'rabbitmq-server',
    packages: 'rabbitmq-server',
    start: (scope, port) => startRabbitmq(scope, { port }),
  },
  kafka: {
    title: 'Kafka',
    port: 9092,
    program: 'java',
    packages: 'default-jre-headless',
    start: (scope, port, report) => startKafka(scope, { port, report }),
  },
};

interface Wanted {
  readonly name: ServiceName;
  readonly port: number;
}

/** Ctrl-C in a terminal reaches the servers as well: who goes within this time of it was not lost. */
const toldApartMs = 200;
const say = (line: string) => void process.stdout.write(`${line}\n`);
const complain = (line: string) => void process.stderr.write(`${line}\n`);

const wanted = wantedOf(process.argv.slice(2));
if (wanted === undefined) process.exitCode = 2;
else if (!(await everyPortIsFree(wanted))) process.exitCode = 1;
// Not process.exitCode: a download that was given up may still be going on.
else process.exit(await run(wanted));

function wantedOf(words: readonly string[]): readonly Wanted[] | undefined {
  const names = Object.keys(kinds) as ServiceName[];
  const all = (words.length === 0 ? names : words).map((word) => {
    const [, name, port] = /^([a-z]+)(?:=(\d{1,5}))?$/.exec(word) ?? [];
    const kind = kinds[name as ServiceName];
    return kind && { name: name as ServiceName, port: Number(port ?? kind.port) };
  });
  const unknown = words.filter((_, index) => all[index] === undefined);
  if (unknown.length === 0) return all.filter((one) => one !== undefined);
  complain(`unknown: ${unknown.join(' ')}\nUsage: npm run services [-- NAME[=PORT]…], of ${names.join(', ')}`);
  return undefined;
}

/** Says all that are taken at once, before anything is started. */
async function everyPortIsFree(all: readonly Wanted[]): Promise<boolean> {
  let free = true;
  for (const { name, port } of all) {
    if (port === 0 || (await isFree(port))) continue;
    free = false;
    complain(
      `${kinds[name].title}: port ${port} of 127.0.0.1 is in use, maybe by a ${kinds[name].title} that runs already.`,
    );
  }
  if (!free)
    complain('Stop what is there, leave that one out or give it another port: npm run services -- redis kafka=9192');
  return free;
}

async function run(all: readonly Wanted[]): Promise<number> {
  const asked = untilSignal();
  const ends: (() => Promise<void>)[] = [];
  const scope = innerScope({ after: (end) => void ends.push(end) });
  const running = new Set(all);
  const { promise: allGone, resolve: onAllGone } = Promise.withResolvers<'all gone'>();
  let isEnding = false;
  const onGone: OnGone = async (one, port, how) => {
    await delay(toldApartMs);
    if (isEnding) return;
    running.delete(one);
    tellGone(one, port, how, running.size);
    if (running.size === 0) onAllGone('all gone');
  };
  const started = Promise.allSettled(all.map((one) => start(scope, one, onGone)));
  const outcome = await Promise.race([asked, started]);
  const failed = outcome === undefined ? [] : outcome.filter(({ status }) => status === 'rejected');
  for (const { reason } of failed as PromiseRejectedResult[])
    complain(reason instanceof Error ? reason.message : reason);
  let hasFailed = failed.length > 0;
  if (outcome !== undefined && !hasFailed) {
    say('They are for trying things out: what they hold goes with them. Ctrl-C ends them.');
    hasFailed = (await Promise.race([asked, allGone])) === 'all gone';
  }
  isEnding = true;
  say('stopping');
  for (const end of ends) await end();
  // What was still being started ends as well; a download may take its time to.
  await Promise.race([started, delay(2000, undefined, { ref: false })]);
  return hasFailed ? 1 : 0;
}

type OnGone = (one: Wanted, port: number, how: string | number) => Promise<void>;

async function start(scope: Scope, one: Wanted, onGone: OnGone): Promise<void> {
  const { name, port } = one;
  const { title, program, packages, start } = kinds[name];
  const since = performance.now();
  const report = (line: string) => say(`${title.padEnd(9)} ${line}`);
  const isThere = (await findOnPath(program)) !== undefined;
  report(isThere ? 'starting' : `installing ${packages} by apt-get, then starting`);
  const { url, port: taken, whenGone } = await start(scope, port === 0 ? await freePort() : port, report);
  report(`${url}, ready after ${((performance.now() - since) / 1000).toFixed(1)} s`);
  void whenGone().then((how) => onGone(one, taken, how));
}

function tellGone({ name }: Wanted, port: number, how: string | number, others: number): void {
  const { title, port: usual } = kinds[name];
  const by = typeof how === 'string' ? `by ${how}` : `with exit code ${how}`;
  const again = `npm run services -- ${name}${port === usual ? '' : `=${port}`}`;
  const rest = others === 0 ? 'It was the last one.' : 'What else was started stays.';
  complain(
    `${title.padEnd(9)} has gone (${by}). ${rest} To start it again, empty${others === 0 ? '' : ', in another terminal'}: ${again}`,
  );
}

/** Resolves at the first signal to stop; a second one ends this process, and the system then ends what it started. */
function untilSignal(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(undefined));
  });
}
