import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Rows by id in lower case (`p4`), a word of their scenario, `rows` for those with targets. None: all. */
  readonly words: readonly string[];
  readonly quick: boolean;
  /** Figures into `results/latest.json`, the chart and the page of the documentation. */
  readonly writeDocs: boolean;
  /** Page and chart once more from the figures there are; nothing is measured. */
  readonly render: boolean;
  /** Folder for the CPU profiles as V8 wrote them. */
  readonly profile?: string;
  readonly help: boolean;
}

export const usage = `npm run bench -- [ROW…] [options]
  ROW                p4, a word of the scenario, rows (all but the chart); none: all, and the chart
  --quick            three short pairs instead of five: under 4 minutes, for a look; never written into the documentation
  --write-docs       write the figures into results/latest.json, docs/performance.md and its chart
  --render           write page and chart again from results/latest.json, without measuring
  --profile FOLDER   keep the CPU profiles of yunque (P1, P2, P4, P8, P9, P11, P12, P13, P17, P19) there, for a browser's developer tools
`;

/** Throws a TypeError with a sentence for its reader where a flag is unknown. */
export function readOptions(argv: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      'write-docs': { type: 'boolean', default: false },
      render: { type: 'boolean', default: false },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  if (values.quick && values['write-docs']) {
    throw new TypeError('--quick and --write-docs do not go together: the documentation takes figures of a full run');
  }
  return {
    words: positionals.map((word) => word.toLowerCase()),
    quick: values.quick,
    writeDocs: values['write-docs'],
    render: values.render,
    ...(values.profile !== undefined && { profile: values.profile }),
    help: values.help,
  };
}

/** Whether a row is asked for: its id exactly, or a word of its scenario. */
export function isChosen({ id, scenario }: { id: string; scenario: string }, words: readonly string[]): boolean {
  return words.length === 0 || words.some((word) => isAbout(id, scenario, word));
}

function isAbout(id: string, scenario: string, word: string): boolean {
  if (word === 'rows') return /^P\d+$/.test(id);
  if (/^p\d+$/.test(word)) return id.toLowerCase() === word.replace(/^p0+/, 'p');
  return scenario.toLowerCase().includes(word) || id.toLowerCase() === word;
}
