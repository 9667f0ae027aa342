import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { openTerminal } from '../pty.ts';
import { drawScreen } from './svg.ts';

const usage = `usage: node test/support/pictures/picture.ts --out FILE.svg [--columns 100] [--rows 30] [--title TEXT]
       [--keys TEXT] [--wait PATTERN] [--after MS] -- COMMAND ARGUMENT...

Draws what COMMAND shows on a terminal. PATTERN is waited for before the keys are pressed, and then so many milliseconds
(default 1500). A recording is drawn with:  -- bin/yunque top --replay FILE
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    columns: { type: 'string', default: '100' },
    rows: { type: 'string', default: '30' },
    title: { type: 'string' },
    keys: { type: 'string', default: '' },
    wait: { type: 'string', default: '.' },
    after: { type: 'string', default: '1500' },
  },
});
const [command, ...args] = positionals;
if (values.out === undefined || command === undefined) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  const [columns, rows] = [Number(values.columns), Number(values.rows)];
  await using terminal = await openTerminal({ command, args, columns, rows });
  await terminal.shows(new RegExp(values.wait));
  terminal.type(values.keys);
  await new Promise((resolve) => setTimeout(resolve, Number(values.after)));
  const title = values.title ?? [basename(command), ...args].join(' ');
  await writeFile(values.out, drawScreen(terminal.screen.cells, { columns, rows, title }));
}
