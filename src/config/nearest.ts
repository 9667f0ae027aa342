/** No known name is longer; comparing costs the product of both lengths. */
const maxLength = 80;

/**
 * The known name that `given` was probably meant to be: case, `-` and `_` do not count, and a name is also recognised by
 * its last part (`trust_loopback` → `auth.trustLoopback`). Undefined where nothing is near.
 */
export function nearest(given: string, known: readonly string[]): string | undefined {
  if (given.length > maxLength) return undefined;
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const name of known) {
    const whole = distance(plain(given), plain(name));
    const last = distance(plain(lastPart(given)), plain(lastPart(name)));
    const found = Math.min(
      isNear(whole, given) ? whole : Number.POSITIVE_INFINITY,
      isNear(last, lastPart(given)) ? last + 0.5 : Number.POSITIVE_INFINITY,
    );
    if (found < bestDistance) [best, bestDistance] = [name, found];
  }
  return best;
}

/** ` – did you mean "heartbeat"?`, or nothing. */
export function suggestion(near: string | undefined): string {
  return near === undefined ? '' : ` – did you mean "${near}"?`;
}

/** Edits from one text to the other: insert, delete, replace, or swap two neighbours (optimal string alignment). */
export function distance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= from.length; row++) {
    const cells = [row];
    rows.push(cells);
    for (let column = 1; column <= to.length; column++) {
      const cost = from[row - 1] === to[column - 1] ? 0 : 1;
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      cells.push(
        Math.min(
          at(row - 1, column) + 1,
          (cells[column - 1] ?? row) + 1,
          at(row - 1, column - 1) + cost,
          swapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(from.length, to.length);
}

function isNear(edits: number, given: string): boolean {
  return edits <= Math.max(1, Math.min(3, Math.floor(plain(given).length / 3)));
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
