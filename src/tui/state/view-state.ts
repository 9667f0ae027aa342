import type { PagePosition } from './paging.ts';
import { firstPage } from './paging.ts';
import type { Subject } from './subject.ts';

export const views = ['nodes', 'clients', 'groups', 'systems', 'messages', 'slow', 'events', 'queues'] as const;
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
  /** Of a list that the server pages. */
  readonly page: PagePosition;
}

export const emptyList: ListState = {
  filter: '',
  sort: { by: undefined, descending: false },
  selectedKey: undefined,
  selectedIndex: 0,
  page: firstPage,
};

/** What lies over the list. */
export type Overlay = 'none' | 'help' | 'details' | 'json' | 'tail';

/** What is being typed on the status line. A filter's text is that of its list, which follows every character. */
export type Prompt =
  | { readonly kind: 'filter'; readonly former: string }
  | { readonly kind: 'message'; readonly subject: Subject; readonly text: string }
  | { readonly kind: 'save'; readonly text: string };

/** What is asked on the status line before it is done. */
export type Question =
  | { readonly kind: 'kick'; readonly subject: Subject }
  | { readonly kind: 'send'; readonly subject: Subject; readonly text: string }
  | { readonly kind: 'overwrite'; readonly file: string };

/** What came of the last thing done, on the status line until the next key. */
export interface Notice {
  readonly tone: 'muted' | 'ok' | 'warn' | 'bad';
  /** One line, safe to print. */
  readonly text: string;
}

export interface ViewState {
  readonly view: View;
  readonly overlay: Overlay;
  readonly lists: Readonly<Record<View, ListState>>;
  /** Key of the row whose details or JSON are shown. */
  readonly openKey: string | undefined;
  /** Whose messages the tail overlay shows. */
  readonly tailOf: Subject | undefined;
  /** First line of the overlay that is shown. */
  readonly scroll: number;
  readonly prompt: Prompt | undefined;
  readonly question: Question | undefined;
  readonly notice: Notice | undefined;
  /** What columns of figures that grow show. */
  readonly figures: 'rates' | 'totals';
  readonly isPaused: boolean;
  /** Kicking and sending are refused. */
  readonly isReadonly: boolean;
  readonly intervalMs: number;
  /** Of a recording: its seconds in one of ours. Undefined: what is shown is live. */
  readonly speed: number | undefined;
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
  /** The server pages the list. */
  readonly isPaged?: boolean;
  /** The page after this one; absent where there is none, and while the page shown is not the one asked for. */
  readonly next?: { readonly cursor: string; readonly rows: number };
  /** Whom the selected row is about; absent where there is nobody to act on. */
  readonly subject?: Subject | undefined;
  /** Lines of the overlay that is open. */
  readonly lines?: number;
  /** A file that a snapshot may be saved to. */
  readonly saveName?: string;
}

export const intervalsMs = [250, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000] as const;
export const speeds = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64] as const;

export function initialState(options: {
  readonly view: View;
  readonly filter: string;
  readonly intervalMs: number;
  readonly size: Size;
  readonly isReadonly?: boolean;
  readonly speed?: number | undefined;
}): ViewState {
  const lists = Object.fromEntries(views.map((view) => [view, emptyList])) as Record<View, ListState>;
  return {
    view: options.view,
    overlay: 'none',
    lists: {
      ...lists,
      slow: { ...emptyList, sort: { by: 'queueBytes', descending: true } },
      [options.view]: {
        ...emptyList,
        ...(options.view === 'slow' && { sort: { by: 'queueBytes', descending: true } }),
        filter: options.filter,
      },
    },
    openKey: undefined,
    tailOf: undefined,
    scroll: 0,
    prompt: undefined,
    question: undefined,
    notice: undefined,
    figures: 'rates',
    isPaused: false,
    isReadonly: options.isReadonly ?? false,
    intervalMs: options.intervalMs,
    speed: options.speed,
    size: options.size,
    ending: undefined,
  };
}

export function listOf(state: ViewState): ListState {
  return state.lists[state.view];
}

export function patchList(state: ViewState, patch: Partial<ListState>): ViewState {
  return { ...state, lists: { ...state.lists, [state.view]: { ...listOf(state), ...patch } } };
}

/** Another filter or order is another list: it starts at its first row. */
export function setFilter(state: ViewState, filter: string): ViewState {
  return patchList(state, { filter, ...start });
}

export function resort(state: ViewState, sort: Sort): ViewState {
  return patchList(state, { sort, ...start });
}

const start = { selectedKey: undefined, selectedIndex: 0, page: firstPage } as const;

/** Where the selected row is now among `keys`. */
export function selectedIndex(list: ListState, keys: readonly string[]): number {
  const found = list.selectedKey === undefined ? -1 : keys.indexOf(list.selectedKey);
  return found >= 0 ? found : Math.max(0, Math.min(list.selectedIndex, keys.length - 1));
}

export function closeOverlay(state: ViewState): ViewState {
  return { ...state, overlay: 'none', openKey: undefined, tailOf: undefined, scroll: 0 };
}

export function resize(state: ViewState, size: Size): ViewState {
  return { ...state, size };
}
