import type { Command } from 'commander';
import { commit, version } from '../../util/version.ts';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';

export function registerVersion(program: Command, context: CliContext): void {
  const command = program
    .command('version')
    .description(context.text.summary.version)
    .action(async () => {
      const { platform, arch } = process;
      const record = {
        name: 'yunque',
        version: version(),
        commit: commit(),
        runtime: process.version,
        platform: `${platform}-${arch}`,
      };
      const printer = await context.printer();
      if (printer.format === 'table') printer.raw(`yunque ${record.version}\n`);
      else await printer.record('yunque.version/1', record);
    });
  addExamples(command, context, ['version', 'version --json']);
}
