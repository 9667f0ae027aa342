import type { Problem } from './config-error.ts';
import { type Given, type LayerContent, unknownKey } from './given.ts';
import { environmentName, keyOfName, settingOf } from './keys.ts';
import { holdsSecret } from './masking.ts';

/** What the command line says about the configuration. */
export interface ConfigFlags {
  /** A file, instead of the search. */
  readonly config?: string | undefined;
  /** How `config` was named, where not by `--config`. */
  readonly configBy?: string | undefined;
  /** Name of the overlay: `dev` is `config-dev.yaml` beside `config.yaml`. */
  readonly env?: string | undefined;
  /** The argument of `serve`; text as typed. */
  readonly port?: string | number | undefined;
  readonly host?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly maxHeap?: string | undefined;
  readonly workers?: string | undefined;
  readonly topic?: string | undefined;
  readonly demo?: boolean | undefined;
  readonly cluster?: boolean | undefined;
  /** `a.b=c`, any number. */
  readonly set?: readonly string[] | undefined;
}

/** Flags of their own win over `--set`; a later `--set` wins over an earlier one. Secrets are refused: argv is public. */
export function readFlags(flags: ConfigFlags): LayerContent {
  const given: Given[] = [];
  const problems: Problem[] = [];
  for (const assignment of flags.set ?? []) {
    const equals = assignment.indexOf('=');
    const key = keyOfName(assignment.slice(0, equals === -1 ? undefined : equals).trim());
    const setting = settingOf.get(key);
    if (setting === undefined) problems.push({ text: `--set: ${unknownKey(key)}`, key });
    else if (setting.secret === true) problems.push({ text: `--set ${key}: ${secretAdvice(key)}`, key });
    else if (equals === -1) problems.push({ text: `--set ${key}: expected --set ${key}=VALUE`, key });
    else {
      const raw = setting.kind.fromText(assignment.slice(equals + 1));
      if (holdsSecret(setting, raw)) problems.push({ text: `--set ${key}: ${inListAdvice(key)}`, key });
      else given.push(fromFlag(key, raw, `--set ${key}`));
    }
  }
  const { port, host, dataDir, maxHeap, workers, topic, demo, cluster } = flags;
  if (port !== undefined)
    given.push(fromFlag('port', settingOf.get('port')?.kind.fromText(String(port)), 'the port argument'));
  if (host !== undefined) given.push(fromFlag('host', host, '--host'));
  if (dataDir !== undefined) given.push(fromFlag('dataDir', dataDir, '--data-dir'));
  if (maxHeap !== undefined)
    given.push(fromFlag('maxHeap', settingOf.get('maxHeap')?.kind.fromText(maxHeap), '--max-heap'));
  if (workers !== undefined)
    given.push(fromFlag('workers', settingOf.get('workers')?.kind.fromText(workers), '--workers'));
  if (topic !== undefined) given.push(fromFlag('topic', topic, '--topic'));
  if (demo !== undefined) given.push(fromFlag('demo', demo, '--demo'));
  if (cluster !== undefined) given.push(fromFlag('cluster.enabled', cluster, '--cluster'));
  return { given, problems, warnings: [] };
}

function fromFlag(key: string, raw: unknown, label: string): Given {
  return { key, raw, origin: { layer: 'flag', label } };
}

function secretAdvice(key: string): string {
  const name = environmentName(key);
  return `${publicArgv}; put it in a file named by ${name}_FILE, in ${name}, or in the configuration file`;
}

function inListAdvice(key: string): string {
  return `${publicArgv}; put the setting in ${environmentName(key)} or in the configuration file, or name a file that holds the secret`;
}

const publicArgv = 'a secret on the command line can be read by every user of the machine';
