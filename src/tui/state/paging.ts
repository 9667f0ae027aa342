/**
 * Where the client list stands. The server pages by cursor and only forwards, so the way here is remembered; to stand at
 * the end without walking there, the order is reversed and the page shown upside down (`fromEnd`).
 */
export interface PagePosition {
  readonly fromEnd: boolean;
  /** The pages passed, this one last. `skipped`: rows before it in the direction of travel. */
  readonly trail: readonly { readonly cursor?: string; readonly skipped: number }[];
}

/** What the page shown says of the one after it, in the direction of travel; undefined where there is none. */
export type PageAfter = { readonly cursor: string; readonly rows: number } | undefined;

export const firstPage: PagePosition = { fromEnd: false, trail: [{ skipped: 0 }] };
export const lastPage: PagePosition = { fromEnd: true, trail: [{ skipped: 0 }] };

/** The page below on the screen; undefined where there is none (known). */
export function nextPage(page: PagePosition, after: PageAfter): PagePosition | undefined {
  return page.fromEnd ? retreat(page) : advance(page, after);
}

/** The page above on the screen. */
export function previousPage(page: PagePosition, after: PageAfter): PagePosition | undefined {
  return page.fromEnd ? advance(page, after) : retreat(page);
}

export function cursorOf(page: PagePosition): string | undefined {
  return page.trail.at(-1)?.cursor;
}

/** Numbers of the first and last row shown, counted from 1 at the top of the whole list. */
export function rowNumbers(page: PagePosition, rows: number, total: number): readonly [first: number, last: number] {
  const skipped = page.trail.at(-1)?.skipped ?? 0;
  if (rows === 0) return [0, 0];
  return page.fromEnd ? [Math.max(1, total - skipped - rows + 1), total - skipped] : [skipped + 1, skipped + rows];
}

function advance(page: PagePosition, after: PageAfter): PagePosition | undefined {
  if (!after) return undefined;
  const skipped = (page.trail.at(-1)?.skipped ?? 0) + after.rows;
  return { ...page, trail: [...page.trail, { cursor: after.cursor, skipped }] };
}

/** One page back towards where it began. */
export function retreat(page: PagePosition): PagePosition | undefined {
  return page.trail.length > 1 ? { ...page, trail: page.trail.slice(0, -1) } : undefined;
}
