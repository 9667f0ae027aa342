import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findOnPath, requireTool } from '../tool.ts';

const run = promisify(execFile);

const VERSION = '4.1.0';
const dependencies = [
  ['org.apache.kafka', 'kafka_2.13', VERSION],
  ['org.apache.logging.log4j', 'log4j-core', '2.24.3'],
  ['org.apache.logging.log4j', 'log4j-slf4j-impl', '2.24.3'],
] as const;

/**
 * The folder with Kafka's jars, 43 MB by Maven the first time on this machine. `report` hears when that begins. One
 * at a time: test files run side by side.
 */
export async function requireKafkaJars(report: (line: string) => void = () => {}): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'yunque-test');
  const folder = join(cache, `kafka-${VERSION}`);
  if (await exists(folder)) return folder;
  const maven = await requireTool('mvn', 'maven');
  report(`fetching Kafka ${VERSION} by Maven into ${folder}`);
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'fetching-'));
  try {
    await writeFile(join(work, 'pom.xml'), projectFile());
    const fetch = [maven, '-B', '-q', '-f', join(work, 'pom.xml'), 'dependency:copy-dependencies'];
    const [program = '', ...args] = await oneAtATime(folder, [...fetch, `-DoutputDirectory=${join(work, 'jars')}`]);
    await run(program, args, { timeout: 600_000, maxBuffer: 16 * 1024 * 1024 });
    if (!(await exists(folder))) await rename(join(work, 'jars'), folder);
  } catch (error) {
    if (await exists(folder)) return folder;
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`Kafka's jars did not come by Maven (${VERSION}):\n${`${stdout}${stderr}`.trim() || message}`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

/** The command, or nothing to do where another has been quicker. */
async function oneAtATime(folder: string, command: readonly string[]): Promise<readonly string[]> {
  const flock = await findOnPath('flock');
  if (flock === undefined) return command;
  return [flock, `${folder}.lock`, 'sh', '-c', '[ -e "$0" ] || exec "$@"', folder, ...command];
}

function projectFile(): string {
  const wanted = dependencies.map(([group, artifact, version]) => {
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>yunque</groupId><artifactId>kafka-for-tests</artifactId><version>1</version>
<dependencies>${wanted.join('\n')}</dependencies>
</project>
`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
