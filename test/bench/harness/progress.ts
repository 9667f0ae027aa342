/** Says how far the bench is: one line that changes on a terminal, a line for each row elsewhere. */
export interface BenchProgress {
  row(at: number, id: string, scenario: string): void;
  detail(text: string): void;
  done(text: string): void;
}

export function createBenchProgress(total: number, out: NodeJS.WriteStream): BenchProgress {
  let heading = '';
  const show = (text: string) => {
    if (out.isTTY) out.write(`\r\x1b[2K${text.slice(0, out.columns - 1)}`);
  };
  return {
    row(at, id, scenario) {
      heading = `[${at}/${total}] ${id} ${scenario}`;
      show(heading);
    },
    detail: (text) => show(`${heading.split(' ').slice(0, 2).join(' ')}: ${text}`),
    done: (text) => void out.write(`${out.isTTY ? '\r\x1b[2K' : ''}${heading}: ${text}\n`),
  };
}
