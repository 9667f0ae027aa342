const BAR_CELLS = 24;

/** Runs named steps, several at a time if need be, and shows how far they are: a bar on a terminal, a line each elsewhere. */
export interface Progress {
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** A remark on a step that has ended. */
  note(text: string): void;
}

export function createProgress(totalSteps: number, out: NodeJS.WriteStream = process.stderr): Progress {
  const running = new Set<string>();
  let done = 0;
  const draw = () => {
    if (!out.isTTY || running.size === 0) return;
    const filled = Math.round((done / totalSteps) * BAR_CELLS);
    const bar = `[${'#'.repeat(filled)}${'-'.repeat(BAR_CELLS - filled)}]`;
    out.write(`\r\x1b[2K${`${bar} ${[...running].join(', ')}`.slice(0, out.columns - 1)}`);
  };
  const write = (line: string) => {
    out.write(`${out.isTTY ? '\r\x1b[2K' : ''}${line}\n`);
    draw();
  };
  return {
    async step(name, work) {
      const startedAt = performance.now();
      running.add(name);
      draw();
      let outcome = 'FAILED: ';
      try {
        const result = await work();
        outcome = '';
        return result;
      } finally {
        running.delete(name);
        done++;
        const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
        write(`[${done}/${totalSteps}] ${outcome}${name} ${seconds} s`);
      }
    },
    note(text) {
      write(`      ${text}`);
    },
  };
}
