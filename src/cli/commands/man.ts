import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';

export function registerMan(program: Command, context: CliContext): void {
  const command = program
    .command('man')
    .description(context.text.summary.man)
    .action(async () => {
      const { commandTree } = await import('../command-tree.ts');
      const { manPage } = await import('../man/man-page.ts');
      const { loadManTexts } = await import('../text/choose.ts');
      const { version } = await import('../../util/version.ts');
      const tree = commandTree(await context.loadAllCommands());
      const man = await loadManTexts(context.language);
      const page = manPage({ tree, text: context.text, man, version: version() });
      const printer = await context.printer();
      if (printer.isJson) printer.line('yunque.man/1', { page }, '');
      else printer.raw(page);
    });
  addExamples(command, context, [
    'man > yunque.1 && man -l yunque.1',
    'man > /usr/local/share/man/man1/yunque.1',
    'man --lang zh > /usr/local/share/man/zh_CN/man1/yunque.1',
  ]);
}
