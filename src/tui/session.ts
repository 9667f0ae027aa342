import { isDeepStrictEqual } from 'node:util';
import type { SnapshotQuery } from '../api/snapshot.ts';
import type { TailQuery } from '../api/tail.ts';
import type { EventQuery } from '../client/events.ts';
import type { Actions } from './actions/actions.ts';
import { beginningOf, perform } from './actions/perform.ts';
import type { Columns } from './columns/columns.ts';
import { factsOf } from './facts.ts';
import type { Feed } from './feed/feed.ts';
import type { ListPage, Snapshot } from './feed/snapshot.ts';
import { actionFor } from './state/keys.ts';
import { listQueryOf } from './state/list-query.ts';
import { retreat } from './state/paging.ts';
import { reduce } from './state/reduce.ts';
import { type Effect, reducePrompt, reduceQuestion, type Step } from './state/reduce-prompt.ts';
import { eventQueryOf, tailQueryOf } from './state/stream-query.ts';
import { listOf, type Notice, patchList, resize, type Size, type View, type ViewState } from './state/view-state.ts';

/** What one frame shows. */
export interface Frame {
  readonly snapshot: Snapshot;
  readonly state: ViewState;
}

export interface SessionOptions {
  readonly feed: Feed;
  readonly initial: ViewState;
  readonly columns: Columns;
  readonly actions: Actions;
  /** What `S` saves. */
  readonly snapshotText: (frame: Frame) => string;
  /** Only this system's rows, events and messages; undefined: all. */
  readonly system?: string | undefined;
  /** Bodies without their values. */
  readonly redact?: boolean | undefined;
}

/** What the feed was asked to bring. */
interface Asked {
  readonly list: SnapshotQuery | undefined;
  readonly events: EventQuery | undefined;
  readonly copies: TailQuery | undefined;
}

/**
 * Joins the feed and the view state: keys change the state, the state tells the feed what to bring, and both make
 * frames. Knows neither React nor a terminal.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #listeners = new Set<() => void>();
  #frame: Frame;
  /** What was on the screen when it was paused. */
  #frozen: Snapshot | undefined;
  readonly #underWay = new Set<Promise<void>>();
  #asked: Asked = { list: undefined, events: undefined, copies: undefined };
  /** The last list of each view that answered, shown until the one now asked for has. */
  readonly #lastLists: Partial<Record<View, ListPage>> = {};

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#frame = { snapshot: options.feed.snapshot, state: options.initial };
    options.feed.subscribe(() => this.#onFeed());
    this.#apply(options.initial);
  }

  readonly frame = (): Frame => this.#frame;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** A key by its name, or what was typed: several keys where they came at once. */
  press(key: string | undefined, text: string): void {
    // Esc and a key in one piece, as a slow line or tmux hands them on, are what Alt with that key is.
    if (key?.startsWith('alt-') && !this.#frame.state.prompt) {
      this.#pressOne('esc');
      this.press(undefined, key.slice('alt-'.length));
      return;
    }
    if (key !== undefined) {
      this.#pressOne(key);
      return;
    }
    for (const typed of keysIn(text)) {
      // While something is typed, characters are text, and only the others are keys.
      if (this.#frame.state.prompt && typed.text !== undefined) this.#type(typed.text);
      else this.#pressOne(typed.key);
      // What was typed on before the question could be read is no answer to it.
      if (this.#frame.state.question) return;
    }
  }

  /** What was pasted: text for what is being typed, and nothing else. */
  paste(text: string): void {
    if (this.#frame.state.prompt) this.#type(text);
  }

  /** On the status line, until the next key. */
  say(notice: Notice): void {
    this.#apply({ ...this.#frame.state, notice });
  }

  /** Resolves once everything that was asked for is done, or refused. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  resize(size: Size): void {
    this.#apply(resize(this.#frame.state, size));
  }

  #pressOne(key: string): void {
    const state: ViewState = { ...this.#frame.state, notice: undefined };
    if (state.prompt) this.#take(reducePrompt(state, state.prompt, key, ''));
    else if (state.question) this.#take(reduceQuestion(state, state.question, key));
    else {
      const action = actionFor(key);
      if (action) this.#apply(reduce(state, action, this.#facts()));
    }
  }

  #type(text: string): void {
    const { state } = this.#frame;
    if (state.prompt) this.#take(reducePrompt(state, state.prompt, undefined, text));
  }

  #take({ state, effect }: Step): void {
    this.#apply(state);
    if (!effect) return;
    const done = this.#do(effect).finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }

  async #do(effect: Effect): Promise<void> {
    const { actions, snapshotText } = this.#options;
    this.#apply({ ...this.#frame.state, notice: beginningOf(effect) });
    const { notice, question } = await perform(effect, actions, () => snapshotText(this.#frame));
    const { state } = this.#frame;
    const isBusy = state.question !== undefined || state.prompt !== undefined;
    if (question && isBusy)
      this.#apply({ ...state, notice: { tone: 'warn', text: 'nothing was saved: the file exists' } });
    else this.#apply({ ...state, notice, question: question ?? state.question });
  }

  #facts() {
    const { snapshot, state } = this.#frame;
    return factsOf(snapshot, state, this.#options.columns, snapshot.list?.query === this.#asked.list?.query);
  }

  #apply(state: ViewState): void {
    const { feed, system, redact } = this.#options;
    const before = this.#frame.state;
    // A feed may answer at once.
    this.#frame = { ...this.#frame, state };
    if (state.isPaused !== before.isPaused) {
      this.#frozen = state.isPaused ? feed.snapshot : undefined;
      feed.hold(state.isPaused);
    }
    if (state.intervalMs !== before.intervalMs) feed.setIntervalMs(state.intervalMs);
    if (state.speed !== undefined && state.speed !== before.speed) feed.setSpeed(state.speed);
    this.#ask({
      list: listQueryOf(state, system),
      events: eventQueryOf(state, system),
      copies: tailQueryOf(state, { system, redact }),
    });
    this.#show(this.#frame.state);
  }

  #onFeed(): void {
    this.#show(this.#frame.state);
    const { snapshot, state } = this.#frame;
    const { page, query } = snapshot.list ?? {};
    if (state.openKey !== undefined || page?.items.length !== 0 || query !== this.#asked.list?.query) return;
    // All of the page has left.
    const before = retreat(listOf(state).page);
    if (before) this.#apply(patchList(state, { page: before }));
  }

  #ask(wanted: Asked): void {
    const { feed } = this.#options;
    const { list, events, copies } = this.#asked;
    const keep = <T>(before: T, now: T): T => (isDeepStrictEqual(before, now) ? before : now);
    this.#asked = {
      list: keep(list, wanted.list),
      events: keep(events, wanted.events),
      copies: keep(copies, wanted.copies),
    };
    if (this.#asked.list !== list) feed.watchList(this.#asked.list);
    if (this.#asked.events !== events) feed.watchEvents(this.#asked.events);
    if (this.#asked.copies !== copies) feed.watchCopies(this.#asked.copies);
  }

  #show(state: ViewState): void {
    const live = this.#options.feed.snapshot;
    this.#frame = { snapshot: { ...(this.#frozen ?? live), list: this.#listFor(state, live.list) }, state };
    for (const listener of [...this.#listeners]) listener();
  }

  #listFor(state: ViewState, live: ListPage | undefined): ListPage | undefined {
    if (this.#asked.list === undefined || state.openKey !== undefined) return live;
    if (live !== undefined && live.query === this.#asked.list.query) this.#lastLists[state.view] = live;
    return this.#lastLists[state.view];
  }
}

const controls: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u0003': 'ctrl-c',
  '\u0015': 'ctrl-u',
  '\u007f': 'backspace',
  '\b': 'backspace',
};

/** What came in one piece, key by key. `text`: what it is where something is typed. */
function keysIn(text: string): readonly { readonly key: string; readonly text?: string }[] {
  return [...new Intl.Segmenter().segment(text)].flatMap(({ segment }) => {
    const control = controls[segment] ?? (segment === '\r\n' ? 'enter' : undefined);
    return [control === undefined ? { key: segment, text: segment } : { key: control }];
  });
}
