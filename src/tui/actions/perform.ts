import type { Receipt } from '../../api/receipt.ts';
import { sanitizeLine } from '../../util/control-characters.ts';
import { formatExact } from '../../util/figures.ts';
import { nameOfSubject } from '../columns/subjects.ts';
import { wordsOf } from '../feed/sampler.ts';
import type { Effect } from '../state/reduce-prompt.ts';
import type { Notice, Question } from '../state/view-state.ts';
import type { Actions } from './actions.ts';

/** What the status line says of it, or asks next. */
export interface Outcome {
  readonly notice?: Notice;
  readonly question?: Question;
}

/** While it is under way. */
export function beginningOf(effect: Effect): Notice {
  switch (effect.kind) {
    case 'kick':
      return { tone: 'muted', text: sanitizeLine(`disconnecting ${nameOfSubject(effect.subject)} …`) };
    case 'send':
      return { tone: 'muted', text: sanitizeLine(`sending to ${nameOfSubject(effect.subject)} …`) };
    case 'save':
      return { tone: 'muted', text: sanitizeLine(`saving ${effect.file} …`) };
  }
}

/** Does it. Never rejects: a refusal is what the notice says. `snapshotText`: what is saved. */
export async function perform(effect: Effect, actions: Actions, snapshotText: () => string): Promise<Outcome> {
  try {
    return await outcomeOf(effect, actions, snapshotText);
  } catch (error) {
    const words = error instanceof Error ? wordsOf(error) : String(error);
    return { notice: { tone: 'bad', text: sanitizeLine(words) } };
  }
}

async function outcomeOf(effect: Effect, actions: Actions, snapshotText: () => string): Promise<Outcome> {
  switch (effect.kind) {
    case 'kick': {
      const { subject } = effect;
      if (subject.kind !== 'client' && subject.kind !== 'user') return {};
      const { closed, missingNodes = [] } = await actions.kick(subject);
      const words = `${nameOfSubject(subject)}: ${formatExact(closed)} ${closed === 1 ? 'connection' : 'connections'} closed`;
      return noticeOf(closed === 0 || missingNodes.length > 0 ? 'warn' : 'ok', words + missingWords(missingNodes));
    }
    case 'send': {
      const receipt = await actions.send(effect.subject, effect.text);
      const isWhole = receipt.delivered === receipt.matched && receipt.matched > 0 && receipt.missingNodes.length === 0;
      return noticeOf(isWhole ? 'ok' : 'warn', `${nameOfSubject(effect.subject)}: ${receiptWords(receipt)}`);
    }
    case 'save': {
      const { file, overwrite } = effect;
      if ((await actions.save(file, snapshotText(), overwrite)) === 'exists')
        return { question: { kind: 'overwrite', file } };
      return noticeOf('ok', `saved ${file}`);
    }
  }
}

function noticeOf(tone: Notice['tone'], text: string): Outcome {
  return { notice: { tone, text: sanitizeLine(text) } };
}

function receiptWords({ matched, delivered, queued, dropped, missingNodes }: Receipt): string {
  if (matched === 0) return `nobody is there, nothing was sent${missingWords(missingNodes)}`;
  const lost = Object.entries(dropped).filter(([, count]) => count > 0);
  return (
    [
      `delivered ${formatExact(delivered)} of ${formatExact(matched)}`,
      ...(queued > 0 ? [`${formatExact(queued)} of them still queued`] : []),
      ...lost.map(([reason, count]) => `${formatExact(count)} ${reason}`),
    ].join(', ') + missingWords(missingNodes)
  );
}

function missingWords(nodes: readonly string[]): string {
  return nodes.length === 0 ? '' : `; without an answer: ${nodes.join(' ')}`;
}
