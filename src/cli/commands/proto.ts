import { Argument, type Command } from 'commander';
import { protoSources } from '../../wire/proto/sources.js';
import type { CliContext } from '../context.ts';
import { addExamples } from '../examples.ts';
import type { Printer } from '../output/printer.ts';

const names = ['yunque', 'cim', 'push'] as const;
type ProtoName = (typeof names)[number];

/** Prints the .proto files, which are in the binary: whoever has it needs no copy of the sources to write a client. */
export function registerProto(program: Command, context: CliContext): void {
  const { summary, argument } = context.text;
  const command = program
    .command('proto')
    .description(summary.proto)
    .addArgument(new Argument('[name]', argument.proto).choices(names))
    .action(async (name: ProtoName | undefined) => {
      const printer = await context.printer();
      const asked = name === undefined ? names : [name];
      if (printer.isJson) return printProtoJson(printer, asked);
      printer.raw(
        asked.map((each) => (name === undefined ? `// ${each}.proto\n` : '') + protoSources[each]).join('\n'),
      );
      if (name === undefined) context.note(context.text.line.protoSeveralFiles);
    });
  addExamples(command, context, ['proto yunque > yunque.proto', 'proto push > push.proto', 'proto --json']);
}

function printProtoJson(printer: Printer, asked: readonly ProtoName[]): void {
  const files = asked.map((each) => ({ name: `${each}.proto`, text: protoSources[each] }));
  printer.line('yunque.proto/1', { files }, '');
}
