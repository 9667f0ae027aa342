import type { Problem } from './config-error.ts';
import type { Given, LayerContent } from './given.ts';
import { environmentName, keyOfName, settingKeys, settingNames, settingOf } from './keys.ts';
import { nearest, suggestion } from './nearest.ts';
import type { ReadFile } from './read-file.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables of the program that are no settings. */
const ownVariables: ReadonlySet<string> = new Set(
  [
    'CONFIG',
    'ENV',
    'SERVER',
    'KEY',
    'KEY_FILE',
    'CA_FILE',
    'CONTEXT',
    'COMMIT',
    'VERSION',
    'LANG',
    'SYSTEM',
    'TOKEN',
  ].map((name) => `YUNQUE_${name}`),
);

/**
 * Reads the settings among the variables `YUNQUE_*`. A secret may also be named by a file, in `…_FILE`. Unknown variables
 * are refused, except those that Kubernetes and Docker set for a service that happens to be called yunque.
 */
export function readEnvironment(env: Environment, readFile: ReadFile): LayerContent {
  const content = { given: [] as Given[], problems: [] as Problem[], warnings: [] as string[] };
  const keyOf = new Map<string, string>(settingNames.map((name) => [environmentName(name), keyOfName(name)]));
  const fileOf = new Map<string, string>(secretKeys().map((key) => [`${environmentName(key)}_FILE`, key]));
  const names = Object.keys(env).filter((name) => name.startsWith('YUNQUE_') && env[name] !== undefined);
  for (const name of names.sort()) {
    const value = env[name] ?? '';
    if (ownVariables.has(name) || isServiceLink(name, value)) continue;
    const key = keyOf.get(name);
    const secretKey = fileOf.get(name);
    if (key !== undefined) content.given.push(fromText(key, value, name));
    else if (secretKey !== undefined) readSecretFile(secretKey, { name, path: value, env, readFile, content });
    else {
      const near = suggestion(nearest(name, [...keyOf.keys(), ...fileOf.keys(), ...ownVariables]));
      content.problems.push({ text: `${name}: unknown environment variable${near}` });
    }
  }
  return content;
}

function fromText(key: string, text: string, label: string): Given {
  return { key, raw: settingOf.get(key)?.kind.fromText(text), origin: { layer: 'environment', label } };
}

interface SecretFile {
  readonly name: string;
  readonly path: string;
  readonly env: Environment;
  readonly readFile: ReadFile;
  readonly content: { readonly given: Given[]; readonly problems: Problem[]; readonly warnings: string[] };
}

function readSecretFile(key: string, { name, path, env, readFile, content }: SecretFile): void {
  const plainName = environmentName(key);
  if (env[plainName] !== undefined) {
    content.problems.push({ text: `${name}: ${plainName} is set too; set one of them`, key });
    return;
  }
  const file = readFile(path);
  if (file.outcome !== 'read') {
    content.problems.push({
      text: `${name}: ${path}: ${file.outcome === 'absent' ? 'no such file' : file.reason}`,
      key,
    });
    return;
  }
  if (file.readableByOthers) content.warnings.push(readableByOthers(path));
  content.given.push(fromText(key, file.text.replace(/\r?\n$/, ''), name));
}

/** The warning about a file that holds a secret. */
export function readableByOthers(path: string): string {
  return `${path}: holds a secret and can be read by other users; run: chmod o-rwx ${path}`;
}

function secretKeys(): readonly string[] {
  return settingKeys.filter((key) => settingOf.get(key)?.secret === true);
}

/** `YUNQUE_SERVICE_HOST`, `YUNQUE_PORT=tcp://10.0.0.1:666`, `YUNQUE_PORT_666_TCP_ADDR` and the like. */
function isServiceLink(name: string, value: string): boolean {
  if (/_SERVICE_(HOST|PORT(_\w+)?)$/.test(name)) return true;
  return (
    /_PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?$/.test(name) && (/_\d+_/.test(name) || /^\w+:\/\//.test(value))
  );
}
