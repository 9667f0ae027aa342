import type { Actions } from '../../src/tui/actions/actions.ts';
import type { Effect } from '../../src/tui/state/reduce-prompt.ts';

export interface FakeActions extends Actions {
  /** What was done, in order. */
  readonly done: readonly Effect[];
  /** While set, every action is refused with it. */
  failure: Error | undefined;
}

/** Actions that only remember what they were asked for. Files named `taken` exist. */
export function fakeActions(): FakeActions {
  const done: Effect[] = [];
  const note = (effect: Effect) => {
    if (fake.failure) throw fake.failure;
    done.push(effect);
  };
  const fake: FakeActions = {
    done,
    failure: undefined,
    async kick(subject) {
      note({ kind: 'kick', subject });
      return { matched: 1, closed: 1 };
    },
    async send(subject, text) {
      note({ kind: 'send', subject, text });
      const count = subject.receivers ?? 1;
      return {
        messageId: 'm-1',
        matched: count,
        delivered: count,
        queued: 0,
        stored: 0,
        dropped: {},
        missingNodes: [],
      };
    },
    async save(file, _text, overwrite) {
      if (file === 'taken' && !overwrite) return 'exists';
      note({ kind: 'save', file, overwrite });
      return 'saved';
    },
  };
  return fake;
}
