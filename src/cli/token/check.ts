import { decodeJwt } from 'jose';
import type { TokenVerdict } from '../../access/tokens/tokens.ts';
import { errorTable, exitCodes } from '../../api/errors.ts';
import { loadTokens } from '../../app/tokens.ts';
import type { ConfigFlags } from '../../config/flags.ts';
import { loadConfig } from '../../config/load-config.ts';
import { formatAge } from '../../util/figures.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { readSecretInput } from './secret-input.ts';

const schema = 'yunque.token-check/1';

/** Asks the sources of the configuration as a node would; no node is needed. */
export async function runCheck(context: CliContext, argument: string | undefined, flags: ConfigFlags): Promise<void> {
  const { line } = context.text;
  const token = await readToken(context, argument);
  const warn = (text: string) => context.note(line.warning(text));
  const { config, warnings } = loadConfig({ flags, env: context.env, cwd: process.cwd() });
  for (const warning of warnings) warn(warning);
  if (config.auth.tokens.length === 0) {
    throw new CliError(line.noTokenSource, { exit: exitCodes.badConfig, hint: line.noTokenSourceHint });
  }
  const tokens = await loadTokens({ config, warn });
  try {
    await show(context, await tokens.verify(token, context.globals.system), token);
  } finally {
    await tokens.close();
  }
}

async function show(context: CliContext, verdict: TokenVerdict, token: string): Promise<void> {
  const printer = await context.printer();
  if (!verdict.valid) {
    await printer.record(schema, verdict);
    context.exitCode = errorTable[verdict.code].exit;
    return;
  }
  const { user, source } = verdict;
  const { expiresAt } = user;
  const secondsLeft = expiresAt === undefined ? undefined : Math.max(0, Math.round((expiresAt - Date.now()) / 1000));
  const value = { valid: true, ...user, secondsLeft, source, claims: claimsOf(token) };
  const shown: [string, string][] = [
    ['valid', 'true'],
    ['uid', user.uid],
    ['system', user.system],
    ['deviceId', user.deviceId ?? ''],
    ['expiresAt', expiresAt === undefined ? '' : new Date(expiresAt).toISOString()],
    ['left', secondsLeft === undefined ? '' : formatAge(secondsLeft)],
    ['source', source],
    ['claims', value.claims === undefined ? '' : JSON.stringify(value.claims)],
  ];
  await printer.record(schema, value, { shown });
}

/** Of a token that was accepted; undefined where it is no JWT. */
function claimsOf(token: string): object | undefined {
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}

/** Never an argument: those are seen by every user of the machine. */
async function readToken(context: CliContext, argument: string | undefined): Promise<string> {
  const { line } = context.text;
  const fromEnvironment = context.env['YUNQUE_TOKEN'];
  if (argument === undefined && fromEnvironment) return fromEnvironment.trim();
  if (argument === undefined) throw new CliError(line.needToken, { hint: line.tokenHint });
  if (argument === '-') return (await readSecretInput(context, '-', '')).trim();
  if (!argument.startsWith('@')) throw new CliError(line.tokenInArgv, { hint: line.tokenHint });
  return (await readSecretInput(context, argument.slice(1), 'token check')).trim();
}
