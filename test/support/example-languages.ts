import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installDebianPackages } from './tool.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

/** A section of docs/examples/README.md, and what its commands need. */
export interface Language {
  readonly name: string;
  readonly doors: readonly string[];
  /** Ends with 0 where all that it needs is there. */
  readonly probe: string;
  /** Of Debian, installed where the probe fails. Not Go itself: Debian's is too old. */
  readonly packages: string;
}

const queues = ['channel', 'stream', 'kafka', 'rabbitmq'];

/** What takes longest comes first. */
export const languages: readonly Language[] = [
  {
    name: 'Go',
    doors: [...queues, 'http', 'grpc'],
    probe: '(cd docs/examples/go && go list -m) && protoc --version',
    packages: 'protobuf-compiler',
  },
  {
    name: 'Python',
    doors: [...queues, 'http', 'grpc'],
    probe: "python3 -c 'import ensurepip, sys, venv; assert sys.version_info >= (3, 10), sys.version'",
    packages: 'python3 python3-venv',
  },
  {
    name: 'Java',
    doors: [...queues, 'http'],
    probe: 'javac -version && mvn --version',
    packages: 'default-jdk-headless maven',
  },
  {
    name: 'PHP',
    doors: [...queues, 'http'],
    probe: `protoc --version && php -r 'require "PhpAmqpLib/autoload.php"; require "Google/Protobuf/Internal/Message.php"; new Redis; FFI::cdef("", "librdkafka.so.1");'`,
    packages: 'php-cli php-redis php-amqplib php-google-protobuf librdkafka1 protobuf-compiler',
  },
  {
    name: 'Node',
    doors: [...queues, 'http'],
    probe: 'protoc --version && npm --version',
    packages: 'protobuf-compiler',
  },
  {
    name: 'Shell',
    doors: ['channel', 'stream', 'http'],
    probe: 'redis-cli --version && curl --version',
    packages: 'redis-tools curl',
  },
];

/** Why the language cannot be tried here, once its packages were installed where we may; undefined: it can. */
export async function whyMissing({ probe, packages }: Language): Promise<string | undefined> {
  const failureOf = () =>
    run('sh', ['-c', probe], { cwd: root }).then(
      () => undefined,
      (error: Error & { stderr: string }) => error.stderr.trim().split('\n').at(-1) || error.message,
    );
  if ((await failureOf()) === undefined) return undefined;
  const notInstalled = await installDebianPackages(packages);
  const failure = await failureOf();
  if (failure === undefined) return undefined;
  return `${failure} (Debian's packages ${packages}: ${notInstalled ?? 'installed'})`;
}

/** The commands of a section, as they stand. */
export async function commandsOf({ name }: Language, page: URL): Promise<string> {
  const [, section = ''] = (await readFile(page, 'utf8')).split(`\n## ${name}\n`);
  const commands = /^```sh\n(.*?)^```$/ms.exec(section.split('\n## ')[0] ?? '')?.[1];
  if (commands === undefined) throw new Error(`${page.pathname} has no commands for ${name}`);
  return commands;
}
