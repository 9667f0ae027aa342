import type { Command } from 'commander';
import { exitCodes } from '../../api/errors.ts';
import { ConfigError } from '../../config/config-error.ts';
import { convertConfig } from '../../config/convert-config.ts';
import { describeConfig, spellRows } from '../../config/describe-config.ts';
import { searchPaths } from '../../config/find-files.ts';
import type { ConfigFlags } from '../../config/flags.ts';
import { type LoadedConfig, loadConfig, readConfig } from '../../config/load-config.ts';
import { writeTemplate } from '../../config/write-template.ts';
import { sanitizeLine } from '../../util/control-characters.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';
import { collectArg } from '../parsers.ts';
import { chooseLanguage } from '../text/choose.ts';

const checkSchema = 'yunque.config-check/1';
const listing = {
  schema: 'yunque.config/1',
  rowSchema: 'yunque.setting/1',
  columns: [],
  fields: ['key', 'value', 'source', 'layer'],
} as const;

export function registerConfig(program: Command, context: CliContext): void {
  const { summary, argument, option } = context.text;
  const config = program.command('config').description(summary.config).helpCommand(false);

  config
    .command('init')
    .description(summary['config init'])
    .argument('[file]', argument.configFile, searchPaths[0])
    .action((file: string) => runInit(context, file, program.opts<{ lang?: string }>().lang));
  config
    .command('check')
    .description(summary['config check'])
    .argument('[file]', argument.configFile)
    .option('--env <name>', option.configEnv)
    .option('--set <key=value>', option.set, collectArg)
    .action(async (file: string | undefined, flags: ConfigFlags) =>
      runCheck(context, { ...flags, config: file, configBy: 'the argument' }),
    );
  config
    .command('show')
    .description(summary['config show'])
    .option('--config <file>', option.configFile)
    .option('--env <name>', option.configEnv)
    .option('--set <key=value>', option.set, collectArg)
    .option('--sources', option.sources)
    .action(async ({ sources = false, ...flags }: ConfigFlags & { sources?: boolean }) =>
      runShow(context, flags, sources),
    );
  config
    .command('convert')
    .description(summary['config convert'])
    .argument('<file>', argument.configFile)
    .action((file: string) => runConvert(context, file));

  addExamples(config, context, [
    'config init',
    'config check configs/config.yaml --set port=7001',
    'config show --sources --set log.level=debug',
    'config convert configs/config.ini > configs/config.yaml',
  ]);
}

function runInit(context: CliContext, file: string, lang: string | undefined): void {
  const { line } = context.text;
  const language = chooseLanguage(lang === undefined ? [] : ['--lang', lang], context.env);
  const result = writeTemplate({ file, cwd: process.cwd(), language });
  if (result.outcome === 'exists') {
    throw new CliError(line.configExists(file), { exit: exitCodes.failed, hint: line.configExistsHint });
  }
  if (result.outcome === 'refused') throw new CliError(`${file}: ${result.reason}`, { exit: exitCodes.failed });
  context.note(line.configWritten(file));
}

/** Judges what the start would. In JSON the findings are the result, on standard output; else they are the failure. */
async function runCheck(context: CliContext, flags: ConfigFlags): Promise<void> {
  const printer = await context.printer();
  const { line } = context.text;
  try {
    const read = readConfig({ flags, env: context.env, cwd: process.cwd() });
    const { requireUsable } = await import('../../app/usable-config.ts');
    const { file, overlay } = read;
    const warnings = [...read.warnings, ...(await requireUsable(read))];
    for (const warning of warnings) context.note(line.warning(sanitizeLine(warning)));
    const used = [file, overlay].filter((name) => name !== undefined).join(' + ');
    const shown = used === '' ? line.configNone : line.configOk(used);
    printer.line(checkSchema, { ok: true, file, overlay, problems: [], warnings }, shown);
  } catch (error) {
    if (!(error instanceof ConfigError) || !printer.isJson) throw error;
    printer.line(checkSchema, { ok: false, problems: error.problems, warnings: [] }, '');
    context.exitCode = exitCodes.badConfig;
  }
}

async function runShow(context: CliContext, flags: ConfigFlags, sources: boolean): Promise<void> {
  const printer = await context.printer();
  const loaded = load(context, flags);
  const items = describeConfig(loaded);
  if (printer.format !== 'table') {
    const { file, overlay, warnings } = loaded;
    const part = { items, file, overlay, warnings };
    await printer.list(listing, part);
    return;
  }
  for (const row of spellRows(items, { sources })) printer.raw(`${sanitizeLine(row)}\n`);
}

function runConvert(context: CliContext, file: string): void {
  const mask = context.stdout.isTTY === true;
  const { text, hasSecret } = convertConfig({ file, cwd: process.cwd(), mask });
  context.stdout.write(text);
  if (mask && hasSecret) context.note(context.text.line.configMasked);
}

/** Warnings go to standard error. */
function load(context: CliContext, flags: ConfigFlags): LoadedConfig {
  const loaded = loadConfig({ flags, env: context.env, cwd: process.cwd() });
  for (const warning of loaded.warnings) context.note(context.text.line.warning(sanitizeLine(warning)));
  return loaded;
}
