import stringWidth from 'string-width';

/** What a terminal shows: enough of ECMA-48 for what full-screen programs of ours write. */
export interface TerminalScreen {
  /** Takes output, in pieces of any size. */
  write(text: string): void;
  resize(columns: number, rows: number): void;
  /** Lines without trailing spaces, as many as there are rows. */
  readonly lines: readonly string[];
  /** The same, with what they look like; a line may be shorter than the screen is wide. */
  readonly cells: readonly (readonly ScreenCell[])[];
  readonly text: string;
  readonly isAlternate: boolean;
  readonly isCursorShown: boolean;
}

/** How a cell is drawn; colours are 0 to 15. */
export interface CellStyle {
  readonly foreground?: number;
  readonly background?: number;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly inverse?: boolean;
}

/** A wide character has its text in the first of its two cells, and none in the second. */
export interface ScreenCell {
  readonly text: string;
  readonly style: CellStyle;
}

interface Buffer {
  cells: ScreenCell[][];
  row: number;
  column: number;
}

const sequence =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes begin with one
  /\u001b\[([?>]?)([\d;]*)([A-Za-z])|\u001b[78=>]|\r|\n|\u0008|[^\u0000-\u001f\u007f]+|[\u0000-\u001f]/gy;

export function createTerminalScreen(columns: number, rows: number): TerminalScreen {
  let size = { columns, rows };
  const blank = (): Buffer => ({ cells: Array.from({ length: size.rows }, () => []), row: 0, column: 0 });
  const main = blank();
  let alternate: Buffer | undefined;
  let isCursorShown = true;
  let style: CellStyle = {};
  let rest = '';
  const at = () => alternate ?? main;

  function print(text: string): void {
    const buffer = at();
    for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) {
      const width = Math.max(1, stringWidth(segment));
      if (buffer.column + width > size.columns) {
        lineFeed();
        buffer.column = 0;
      }
      const line = buffer.cells[buffer.row] ?? [];
      while (line.length < buffer.column) line.push(space);
      const second = Array<ScreenCell>(width - 1).fill({ text: '', style });
      line.splice(buffer.column, width, { text: segment, style }, ...second);
      buffer.cells[buffer.row] = line;
      buffer.column += width;
    }
  }

  function lineFeed(): void {
    const buffer = at();
    if (buffer.row < size.rows - 1) buffer.row++;
    else buffer.cells = [...buffer.cells.slice(1), []];
  }

  function setMode(mode: string, isOn: boolean): void {
    if (mode === '25') isCursorShown = isOn;
    if (mode === '1049') alternate = isOn ? blank() : undefined;
  }

  function control(prefix: string, parameters: string, final: string): void {
    const buffer = at();
    const [first, second] = parameters.split(';').map((number) => (number === '' ? undefined : Number(number)));
    const clampRow = (row: number) => Math.max(0, Math.min(size.rows - 1, row));
    if (prefix === '?') {
      if (final === 'h' || final === 'l') for (const mode of parameters.split(';')) setMode(mode, final === 'h');
    } else if (final === 'A') buffer.row = clampRow(buffer.row - (first ?? 1));
    else if (final === 'B') buffer.row = clampRow(buffer.row + (first ?? 1));
    else if (final === 'E') [buffer.row, buffer.column] = [clampRow(buffer.row + (first ?? 1)), 0];
    else if (final === 'C') buffer.column = Math.min(size.columns - 1, buffer.column + (first ?? 1));
    else if (final === 'D') buffer.column = Math.max(0, buffer.column - (first ?? 1));
    else if (final === 'G') buffer.column = (first ?? 1) - 1;
    else if (final === 'H') [buffer.row, buffer.column] = [clampRow((first ?? 1) - 1), (second ?? 1) - 1];
    else if (final === 'K') eraseLine(buffer, first ?? 0);
    else if (final === 'J') eraseScreen(buffer, first ?? 0);
    else if (final === 'm') style = restyle(style, parameters);
    else throw new Error(`a sequence this screen does not know: CSI ${prefix}${parameters}${final}`);
  }

  function eraseLine(buffer: Buffer, mode: number): void {
    const line = buffer.cells[buffer.row] ?? [];
    if (mode === 2) line.length = 0;
    else if (mode === 0) line.length = Math.min(line.length, buffer.column);
    else line.fill(space, 0, buffer.column + 1);
  }

  function eraseScreen(buffer: Buffer, mode: number): void {
    if (mode === 0) eraseLine(buffer, 0);
    for (let row = mode === 0 ? buffer.row + 1 : 0; row < size.rows; row++) buffer.cells[row] = [];
  }

  return {
    write(text) {
      const all = rest + text;
      sequence.lastIndex = 0;
      let done = 0;
      for (let match = sequence.exec(all); match; match = sequence.exec(all)) {
        const [piece, prefix = '', parameters = '', final] = match;
        if (piece === '\u001b') break;
        if (final !== undefined) control(prefix, parameters, final);
        else if (piece === '\r') at().column = 0;
        else if (piece === '\n') lineFeed();
        else if (piece >= ' ') print(piece);
        done = sequence.lastIndex;
      }
      rest = all.slice(done);
    },
    resize(newColumns, newRows) {
      size = { columns: newColumns, rows: newRows };
      for (const buffer of [main, alternate]) {
        if (!buffer) continue;
        buffer.cells = Array.from({ length: newRows }, (_, row) => (buffer.cells[row] ?? []).slice(0, newColumns));
        buffer.row = Math.min(buffer.row, newRows - 1);
        buffer.column = Math.min(buffer.column, newColumns - 1);
      }
    },
    get lines() {
      return at().cells.map((line) =>
        line
          .map(({ text }) => text)
          .join('')
          .trimEnd(),
      );
    },
    get cells() {
      return at().cells;
    },
    get text() {
      return this.lines.join('\n');
    },
    get isAlternate() {
      return alternate !== undefined;
    },
    get isCursorShown() {
      return isCursorShown;
    },
  };
}

const space: ScreenCell = { text: ' ', style: {} };

/** Select Graphic Rendition, as far as programs of ours use it: ECMA-48, 8.3.117, and the bright colours of aixterm. */
function restyle(style: CellStyle, parameters: string): CellStyle {
  return parameters.split(';').map(Number).reduce(restyleOnce, style);
}

function restyleOnce(style: CellStyle, code: number): CellStyle {
  const { foreground: _f, ...noForeground } = style;
  const { background: _b, ...noBackground } = style;
  if (code === 0) return {};
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 7) return { ...style, inverse: true };
  // Italics, underlines and their ends, which shells use: not shown.
  if ([3, 4, 23, 24].includes(code)) return style;
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 27) return { ...style, inverse: false };
  if (code === 39) return noForeground;
  if (code === 49) return noBackground;
  const isBright = code >= 90;
  const colour = (code % 10) + (isBright ? 8 : 0);
  if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) return { ...style, foreground: colour };
  if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) return { ...style, background: colour };
  throw new Error(`a style this screen does not know: ${code}`);
}
