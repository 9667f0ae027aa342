import type { Command } from 'commander';
import type { SettingChange } from '../../api/admin.ts';
import { spell } from '../../config/spelling.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';
import type { Listing } from '../output/printer.ts';
import type { Texts } from '../text/en.ts';

export function registerReload(program: Command, context: CliContext): void {
  const command = program
    .command('reload')
    .description(context.text.summary.reload)
    .action(async () => {
      const { line } = context.text;
      if (context.globals.system !== undefined) throw new CliError(line.reloadIsOfNode);
      const { changes, warnings } = await (await context.client()).reload();
      for (const warning of warnings) context.note(line.warning(warning));
      const printer = await context.printer();
      if (changes.length > 0 || printer.format !== 'table') {
        await printer.list(changeListing(context.text), { items: changes, total: changes.length });
      }
      if (changes.length === 0) context.note(line.nothingChanged);
      else if (changes.some(({ effect }) => effect === 'needs_restart')) context.note(line.someNeedRestart);
    });
  addExamples(command, context, ['reload', 'reload -s 7001 --json']);
}

function changeListing({ line }: Texts): Listing<SettingChange> {
  return {
    schema: 'yunque.reload/1',
    rowSchema: 'yunque.setting-change/1',
    columns: [
      { header: 'SETTING', cell: ({ key }) => key },
      { header: 'OLD', cell: ({ old }) => value(old), least: 12 },
      { header: 'NEW', cell: (change) => value(change.new), least: 12 },
      { header: 'EFFECT', cell: ({ effect }) => (effect === 'applied' ? line.applied : line.needsRestart) },
    ],
    fields: ['key', 'old', 'new', 'effect'],
  };
  function value(given: unknown): string {
    return given === null ? line.unset : spell(given);
  }
}
