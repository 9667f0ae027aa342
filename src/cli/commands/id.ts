import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { exitCodes } from '../../api/errors.ts';
import { searchDirectories, stateDirectory } from '../../util/runtime-paths.ts';
import { decodeClientId, normalizeClientId } from '../../wire/client-id.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { addExamples, addGroup } from '../examples.ts';

export function registerId(program: Command, context: CliContext): void {
  const { summary, argument } = context.text;
  const group = addGroup(program, context, 'id');
  group
    .command('decode')
    .description(summary['id decode'])
    .argument('<clientId>', argument.clientId)
    .action(async (clientId: string) => {
      await decode(context, clientId);
    });
  addExamples(group, context, [
    'id decode pqjPM0GJUjlgryzMaslqBAzIknumcdgey1MN+ylWHqY= --key-file crypto.key',
    'id decode pqjPM0GJUjlgryzMaslqBAzIknumcdgey1MN-ylWHqY --json',
  ]);
}

async function decode(context: CliContext, text: string): Promise<void> {
  const clientId = normalizeClientId(text);
  if (clientId === undefined) {
    throw new CliError(`"${text}" is not a clientId`, {
      hint: 'a clientId is 44, 64 or 88 characters of base64 or base64url',
    });
  }
  const keys = await readKeys(context);
  const address = keys.map((key) => decodeClientId(clientId, key)).find((decoded) => decoded !== undefined);
  if (address === undefined) {
    throw new CliError('none of the crypto keys at hand decrypts this clientId', {
      exit: exitCodes.failed,
      hint: 'name the file that holds the crypto_key of its cluster with --key-file',
    });
  }
  const base64url = Buffer.from(clientId, 'base64').toString('base64url');
  await (await context.printer()).record('yunque.client-id/1', { address, clientId, base64url });
}

/** The key of `--key-file`, else those of every data directory of this machine. */
async function readKeys(context: CliContext): Promise<string[]> {
  const { keyFile } = context.globals;
  if (keyFile === '-') return [(await context.readStdin()).trim()];
  if (keyFile !== undefined) {
    const key = await readFile(keyFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new CliError(`--key-file: cannot read ${keyFile} (${error.code})`);
    });
    return [key.trim()];
  }
  const states = stateDirectory(context.env);
  const perPort = (await readdir(states).catch(() => [])).map((name) => join(states, name));
  const files = [...searchDirectories(context.env), ...perPort].map((directory) => join(directory, 'crypto.key'));
  const keys = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => undefined)));
  const found = keys.filter((key) => key !== undefined).map((key) => key.trim());
  if (found.length > 0) return found;
  throw new CliError('no node on this machine has left a crypto key that can be read', {
    hint: 'name the file that holds the crypto_key with --key-file',
  });
}
