import { sanitizeLine } from '../util/control-characters.ts';
import type { Action } from './keys.ts';
import type { PagePosition } from './paging.ts';
import { firstPage, lastPage, nextPage, previousPage } from './paging.ts';

export const views = ['nodes', 'clients'] as const;
export type View = (typeof views)[number];

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** `by` undefined: the order the rows come in. */
export interface Sort {
  readonly by: string | undefined;
  readonly descending: boolean;
}

/** What one list remembers while another is shown. */
export interface ListState {
  readonly filter: string;
  readonly sort: Sort;
  /** The row meant: found again by key when rows move, by place when it is gone. */
  readonly selectedKey: string | undefined;
  readonly selectedIndex: number;
}

export const emptyList: ListState = {
  filter: '',
  sort: { by: undefined, descending: false },
  selectedKey: undefined,
  selectedIndex: 0,
};

export interface ViewState {
  readonly view: View;
  readonly overlay: 'none' | 'help' | 'details';
  readonly lists: Readonly<Record<View, ListState>>;
  readonly page: PagePosition;
  /** The row whose details are shown. */
  readonly detailsOf: string | undefined;
  /** While a filter is being typed: what it was before. */
  readonly formerFilter: string | undefined;
  readonly isPaused: boolean;
  readonly intervalMs: number;
  readonly size: Size;
  /** Set once: why the dashboard ends. */
  readonly ending: 'quit' | 'interrupt' | undefined;
}

/** What the state needs to know of the rows on the screen to move among them. */
export interface ListFacts {
  readonly keys: readonly string[];
  /** Rows that fit on the screen. */
  readonly height: number;
  /** Columns to sort by, left to right; figures start with the largest. */
  readonly sortable: readonly { readonly id: string; readonly isFigure: boolean }[];
  /** Pages of the client list around this one; absent while the page shown is not the one asked for. */
  readonly next?: { readonly cursor: string; readonly rows: number };
}

export const intervalsMs = [250, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000] as const;

export function initialState(options: {
  readonly view: View;
  readonly filter: string;
  readonly intervalMs: number;
  readonly size: Size;
}): ViewState {
  const lists = { nodes: emptyList, clients: emptyList };
  return {
    view: options.view,
    overlay: 'none',
    lists: { ...lists, [options.view]: { ...emptyList, filter: options.filter } },
    page: firstPage,
    detailsOf: undefined,
    formerFilter: undefined,
    isPaused: false,
    intervalMs: options.intervalMs,
    size: options.size,
    ending: undefined,
  };
}

export function listOf(state: ViewState): ListState {
  return state.lists[state.view];
}

/** Where the selected row is now among `keys`. */
export function selectedIndex(list: ListState, keys: readonly string[]): number {
  const found = list.selectedKey === undefined ? -1 : keys.indexOf(list.selectedKey);
  return found >= 0 ? found : Math.max(0, Math.min(list.selectedIndex, keys.length - 1));
}

/** What an action makes of the state. Pure; anything that must happen outside follows from the difference. */
export function reduce(state: ViewState, action: Action, facts: ListFacts): ViewState {
  switch (action) {
    case 'quit':
    case 'interrupt':
      return { ...state, ending: action };
    case 'help':
      return { ...state, overlay: state.overlay === 'help' ? 'none' : 'help' };
    case 'pause':
      return { ...state, isPaused: !state.isPaused };
    case 'slower':
      return { ...state, intervalMs: intervalsMs.find((ms) => ms > state.intervalMs) ?? state.intervalMs };
    case 'faster':
      return { ...state, intervalMs: intervalsMs.findLast((ms) => ms < state.intervalMs) ?? state.intervalMs };
    case 'nodes':
    case 'clients':
      return showView(state, action);
    case 'nextView':
    case 'previousView': {
      const step = action === 'nextView' ? 1 : -1;
      return showView(state, views.at((views.indexOf(state.view) + step) % views.length) ?? 'nodes');
    }
    case 'back':
      if (state.overlay !== 'none') return { ...state, overlay: 'none', detailsOf: undefined };
      return listOf(state).filter === '' ? state : setFilter(state, '');
    case 'details': {
      if (state.overlay === 'details') return { ...state, overlay: 'none', detailsOf: undefined };
      const key = facts.keys[selectedIndex(listOf(state), facts.keys)];
      return key === undefined ? state : { ...state, overlay: 'details', detailsOf: key };
    }
    case 'filter':
      return { ...state, overlay: 'none', detailsOf: undefined, formerFilter: listOf(state).filter };
    case 'sortPrevious':
    case 'sortNext':
      return state.overlay === 'none' ? sortByNeighbour(state, action === 'sortNext' ? 1 : -1, facts) : state;
    case 'reverse': {
      const { sort } = listOf(state);
      return resort(state, { ...sort, descending: !sort.descending });
    }
    case 'up':
    case 'down':
    case 'pageUp':
    case 'pageDown':
    case 'home':
    case 'end':
      return state.overlay === 'none' ? move(state, action, facts) : state;
    default:
      action satisfies never;
      return state;
  }
}

/** A key or text while a filter is typed. The list follows at every character. */
export function reduceFilterInput(state: ViewState, key: string | undefined, text: string): ViewState {
  const { filter } = listOf(state);
  switch (key) {
    case 'ctrl-c':
      return { ...state, ending: 'interrupt' };
    case 'enter':
      return { ...state, formerFilter: undefined };
    case 'esc':
      return { ...setFilter(state, state.formerFilter ?? ''), formerFilter: undefined };
    case 'ctrl-u':
      return setFilter(state, '');
    case 'backspace': {
      const graphemes = [...new Intl.Segmenter().segment(filter)];
      return setFilter(state, filter.slice(0, graphemes.at(-1)?.index ?? 0));
    }
    case undefined:
      return setFilter(state, filter + sanitizeLine(text));
    default:
      return state;
  }
}

export function resize(state: ViewState, size: Size): ViewState {
  return { ...state, size };
}

function showView(state: ViewState, view: View): ViewState {
  return { ...state, view, overlay: 'none', detailsOf: undefined };
}

function patchList(state: ViewState, patch: Partial<ListState>): ViewState {
  return { ...state, lists: { ...state.lists, [state.view]: { ...listOf(state), ...patch } } };
}

/** Another filter or order is another list: it starts at its first row. */
function setFilter(state: ViewState, filter: string): ViewState {
  return toFirst(patchList(state, { filter }));
}

function resort(state: ViewState, sort: Sort): ViewState {
  return toFirst(patchList(state, { sort }));
}

function toFirst(state: ViewState): ViewState {
  return { ...patchList(state, { selectedKey: undefined, selectedIndex: 0 }), page: firstPage };
}

function sortByNeighbour(state: ViewState, step: 1 | -1, { sortable }: ListFacts): ViewState {
  const at = sortable.findIndex(({ id }) => id === listOf(state).sort.by);
  const start = at < 0 && step < 0 ? 0 : at;
  const column = sortable.at((start + step) % sortable.length);
  return column ? resort(state, { by: column.id, descending: column.isFigure }) : state;
}

function move(state: ViewState, action: Action, facts: ListFacts): ViewState {
  const { keys, height } = facts;
  const at = selectedIndex(listOf(state), keys);
  const last = keys.length - 1;
  const select = (index: number, page = state.page): ViewState => {
    const bounded = Math.max(0, Math.min(index, last));
    const selectedKey = page === state.page ? keys[bounded] : undefined;
    return { ...patchList(state, { selectedIndex: page === state.page ? bounded : index, selectedKey }), page };
  };
  const isPaged = state.view === 'clients';
  const after = isPaged ? nextPage(state.page, facts.next) : undefined;
  const before = isPaged ? previousPage(state.page, facts.next) : undefined;
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
      return isPaged && state.page !== firstPage ? select(0, firstPage) : select(0);
    case 'end':
      return isPaged && (after || state.page.fromEnd) ? select(height - 1, lastPage) : select(last);
    default:
      return state;
  }
}
