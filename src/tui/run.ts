import { sanitizeLine } from '../util/control-characters.ts';
import type { Actions } from './actions/actions.ts';
import { savedText } from './actions/saved.ts';
import { createColumns } from './columns/columns.ts';
import { createTheme } from './draw/theme.ts';
import type { Feed, TopSource } from './feed/feed.ts';
import { Poller } from './feed/poller.ts';
import { checkRecording, readRecording } from './feed/read-recording.ts';
import type { Recorder } from './feed/record.ts';
import { Replay } from './feed/replay.ts';
import { Session } from './session.ts';
import { initialState, type View } from './state/view-state.ts';
import { stopProcess } from './stop-process.ts';
import { followResize, sizeOf, type Terminal, type TopEnding, watchForEnd } from './terminal.ts';

export interface TopOptions extends Terminal {
  readonly actions: Actions;
  /** Kicking and sending are refused with words. */
  readonly isReadonly?: boolean | undefined;
  /** Bodies of messages without their values. */
  readonly redact?: boolean | undefined;
  readonly intervalMs: number;
  readonly view: View;
  readonly filter: string;
  /** Only this system's rows, events and messages; undefined: all. */
  readonly system?: string | undefined;
  /** Ends after this many samples. */
  readonly maxRefresh?: number | undefined;
  readonly color: boolean;
  readonly unicode: boolean;
}

export interface LiveOptions {
  readonly source: TopSource;
  /** Told all that comes. */
  readonly recorder?: Recorder | undefined;
}

const maxFramesPerSecond = 10;

/**
 * Runs the dashboard on a terminal until it ends. Rejects with the source's error where the first sample fails, before
 * the screen is touched. Whatever ends it, an uncaught error included (which it rejects with), the screen, the cursor
 * and the terminal's mode are restored before it settles.
 */
export async function runTop({ source, recorder, ...options }: TopOptions & LiveOptions): Promise<TopEnding> {
  const poller = new Poller({ source, intervalMs: options.intervalMs, record: recorder?.record });
  try {
    const { link } = await poller.sample();
    if (link.state === 'failing') throw link.error;
    return await show(poller, options, recorder);
  } finally {
    poller.close();
  }
}

/** Plays a recording on a terminal, as `runTop` shows the present. Rejects with `ClientError` where it is none, or broken. */
export async function replayTop({ file, ...options }: TopOptions & { readonly file: string }): Promise<TopEnding> {
  const { endMs } = await checkRecording(file);
  const replay = new Replay({ lines: readRecording(file), endMs });
  try {
    await replay.first();
    return await show(replay, { ...options, speed: 1 });
  } finally {
    replay.close();
  }
}

async function show(
  feed: Feed,
  options: TopOptions & { readonly speed?: number },
  recorder?: Watched,
): Promise<TopEnding> {
  const [{ render }, { createElement }, { Top }] = await Promise.all([
    import('ink'),
    import('react'),
    import('./top.tsx'),
  ]);
  const { stdout, stdin } = options;
  const theme = createTheme({ color: options.color, unicode: options.unicode });
  const columns = createColumns(theme.glyphs);
  const session = new Session({
    feed,
    columns,
    actions: options.actions,
    snapshotText: savedText,
    system: options.system,
    redact: options.redact,
    initial: initialState({ ...options, size: sizeOf(stdout), isReadonly: options.isReadonly === true }),
  });

  const ending = watchForEnd(options, feed, session);
  const unwatch = recorder && tellFailure(recorder, feed, session);
  const resizeListeners = stdout.listeners('resize');
  const screen = render(createElement(Top, { session, theme, columns, stop: stopProcess }), {
    stdout,
    stdin,
    alternateScreen: true,
    interactive: true,
    exitOnCtrlC: false,
    patchConsole: false,
    incrementalRendering: true,
    maxFps: maxFramesPerSecond,
  });
  // Ink draws at once at every resize, past its own limit of frames; ours goes through the session like all else.
  for (const listener of stdout.listeners('resize')) {
    if (!resizeListeners.includes(listener)) stdout.off('resize', listener as () => void);
  }
  const resizing = followResize(stdout, session, () => screen.clear());
  let acted: Promise<void> | undefined;
  try {
    feed.start();
    const how = await Promise.race([ending.promise, screen.waitUntilExit().then((): TopEnding => 'quit')]);
    if (how === 'quit') acted = session.settled();
    return how;
  } finally {
    feed.close();
    unwatch?.();
    resizing.stop();
    // tmux 3.3 leaves rows of an alternate screen that has grown on the main one; an empty screen has none.
    screen.rerender(null);
    screen.unmount();
    await screen.waitUntilExit().catch(() => undefined);
    ending.stop();
    // What was asked for just before q is done all the same.
    await acted;
  }
}

type Watched = Pick<Recorder, 'failure' | 'skipped'>;

/** A disk that is full ends the recording, not the dashboard, and one that is slow neither. */
function tellFailure(recorder: Watched, feed: Feed, session: Session): () => void {
  let told: string | undefined;
  return feed.subscribe(() => {
    const words = failureWords(recorder);
    if (words === told) return;
    told = words;
    session.say({ tone: 'bad', text: sanitizeLine(words ?? '') });
  });
}

function failureWords({ failure, skipped }: Watched): string | undefined {
  if (failure !== undefined) return `the recording has ended: ${failure}`;
  return skipped > 0 ? 'the disk is too slow: the recording has gaps' : undefined;
}
