const BAR_CELLS = 24;

/** Runs named steps one after the other and shows how far they are: a bar on a terminal, a line each elsewhere. */
export interface Progress {
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** A remark below the step that made it. */
  note(text: string): void;
}

export function createProgress(totalSteps: number, out: NodeJS.WriteStream = process.stderr): Progress {
  let done = 0;
  const report = (text: string, startedAt: number) => {
    done++;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    out.write(`${out.isTTY ? '\r\x1b[2K' : ''}[${done}/${totalSteps}] ${text} ${seconds} s\n`);
  };
  const draw = (name: string) => {
    const filled = Math.round((done / totalSteps) * BAR_CELLS);
    if (out.isTTY) out.write(`\r\x1b[2K[${'#'.repeat(filled)}${'-'.repeat(BAR_CELLS - filled)}] ${name}`);
  };
  return {
    async step(name, work) {
      draw(name);
      const startedAt = performance.now();
      try {
        const result = await work();
        report(name, startedAt);
        return result;
      } catch (error) {
        report(`FAILED: ${name}`, startedAt);
        throw error;
      }
    },
    note(text) {
      out.write(`      ${text}\n`);
    },
  };
}
