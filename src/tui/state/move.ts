import type { Action } from './keys.ts';
import { firstPage, lastPage, nextPage, previousPage } from './paging.ts';
import { type ListFacts, listOf, patchList, selectedIndex, type ViewState } from './view-state.ts';

export type Movement = Action & ('up' | 'down' | 'pageUp' | 'pageDown' | 'home' | 'end');

/** Moves the selection, over the edge of a page where the server pages. */
export function move(state: ViewState, action: Movement, facts: ListFacts): ViewState {
  const { keys, height, isPaged = false } = facts;
  const list = listOf(state);
  const at = selectedIndex(list, keys);
  const last = keys.length - 1;
  const select = (index: number, page = list.page): ViewState => {
    const bounded = Math.max(0, Math.min(index, last));
    const selectedKey = page === list.page ? keys[bounded] : undefined;
    return patchList(state, { selectedIndex: page === list.page ? bounded : index, selectedKey, page });
  };
  const after = isPaged ? nextPage(list.page, facts.next) : undefined;
  const before = isPaged ? previousPage(list.page, facts.next) : undefined;
  switch (action) {
    case 'up':
      return at === 0 && before ? select(height - 1, before) : select(at - 1);
    case 'down':
      return at >= last && after ? select(0, after) : select(at + 1);
    case 'pageUp':
      if (isPaged) return before ? select(at, before) : select(0);
      return select(at - height);
    case 'pageDown':
      if (isPaged) return after ? select(at, after) : select(last);
      return select(at + height);
    case 'home':
      // The first row, whichever that is by then.
      return patchList(state, { selectedIndex: 0, selectedKey: undefined, page: firstPage });
    case 'end':
      return isPaged && (after || list.page.fromEnd) ? select(height - 1, lastPage) : select(last);
  }
}

/** Moves the lines of an overlay. */
export function scroll(state: ViewState, action: Movement, { lines = 0, height }: ListFacts): ViewState {
  // An overlay has the line of the titles too.
  const visible = height + 1;
  const most = Math.max(0, lines - visible);
  const from = Math.min(state.scroll, most);
  const to = {
    up: from - 1,
    down: from + 1,
    pageUp: from - visible,
    pageDown: from + visible,
    home: 0,
    end: most,
  }[action];
  const bounded = Math.max(0, Math.min(to, most));
  return bounded === state.scroll ? state : { ...state, scroll: bounded };
}

/** The first of an overlay's `lines` to show where `visible` fit: there may be fewer than when it was scrolled. */
export function firstLine({ scroll: first }: ViewState, lines: number, visible: number): number {
  return Math.max(0, Math.min(first, lines - visible));
}
