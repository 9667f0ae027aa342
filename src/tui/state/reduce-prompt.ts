import { sanitizeLine } from '../../util/control-characters.ts';
import type { Subject } from './subject.ts';
import { listOf, type Prompt, type Question, setFilter, type ViewState } from './view-state.ts';

/** What is to happen outside. */
export type Effect =
  | { readonly kind: 'kick'; readonly subject: Subject }
  | { readonly kind: 'send'; readonly subject: Subject; readonly text: string }
  | { readonly kind: 'save'; readonly file: string; readonly overwrite: boolean };

export interface Step {
  readonly state: ViewState;
  readonly effect?: Effect;
}

/** A message to more than this many connections is asked about. */
const sendsUnasked = 10_000;

/** Also where nobody knows how many there are. */
function isAsked({ kind, receivers }: Subject): boolean {
  return receivers === undefined ? kind === 'group' || kind === 'system' : receivers > sendsUnasked;
}

/** A key or text while something is typed on the status line. */
export function reducePrompt(state: ViewState, prompt: Prompt, key: string | undefined, text: string): Step {
  const typed = textOf(state, prompt);
  const closed: ViewState = { ...state, prompt: undefined };
  switch (key) {
    case 'ctrl-c':
      return { state: { ...state, ending: 'interrupt' } };
    case 'enter':
      return submit(closed, prompt);
    case 'esc':
      return { state: prompt.kind === 'filter' ? { ...setFilter(state, prompt.former), prompt: undefined } : closed };
    case 'ctrl-u':
      return { state: withText(state, prompt, '') };
    case 'backspace': {
      const graphemes = [...new Intl.Segmenter().segment(typed)];
      return { state: withText(state, prompt, typed.slice(0, graphemes.at(-1)?.index ?? 0)) };
    }
    case 'tab':
      return {
        state:
          prompt.kind === 'message' ? { ...state, prompt: { ...prompt, subject: otherOf(prompt.subject) } } : state,
      };
    case undefined:
      return { state: withText(state, prompt, typed + sanitizeLine(text)) };
    default:
      return { state };
  }
}

/** The text of a prompt. */
export function textOf(state: ViewState, prompt: Prompt): string {
  return prompt.kind === 'filter' ? listOf(state).filter : prompt.text;
}

function withText(state: ViewState, prompt: Prompt, text: string): ViewState {
  return prompt.kind === 'filter' ? setFilter(state, text) : { ...state, prompt: { ...prompt, text } };
}

/** A client's user, and back where only the user was meant. */
function otherOf(subject: Subject): Subject {
  if (subject.kind === 'client' && subject.uid !== undefined) {
    return { kind: 'user', system: subject.system, uid: subject.uid, client: subject };
  }
  return subject.kind === 'user' && subject.client ? subject.client : subject;
}

function submit(state: ViewState, prompt: Prompt): Step {
  switch (prompt.kind) {
    case 'filter':
      return { state };
    case 'message': {
      const { subject, text } = prompt;
      if (text === '') return { state: { ...state, notice: { tone: 'muted', text: 'nothing was sent' } } };
      if (isAsked(subject)) return { state: { ...state, question: { kind: 'send', subject, text } } };
      return { state, effect: { kind: 'send', subject, text } };
    }
    case 'save':
      if (prompt.text === '') return { state: { ...state, notice: { tone: 'muted', text: 'nothing was saved' } } };
      return { state, effect: { kind: 'save', file: prompt.text, overwrite: false } };
  }
}

/** A key, or the first character typed, while something is asked. All but `y` (and `u`, for all of a user) is a no. */
export function reduceQuestion(state: ViewState, question: Question, key: string): Step {
  const answered: ViewState = { ...state, question: undefined };
  if (key === 'ctrl-c') return { state: { ...state, ending: 'interrupt' } };
  const wanted = key === 'u' && question.kind === 'kick' ? otherOf(question.subject) : undefined;
  if (wanted?.kind === 'user') return { state: answered, effect: { kind: 'kick', subject: wanted } };
  if (key !== 'y' && key !== 'Y')
    return { state: { ...answered, notice: { tone: 'muted', text: 'nothing was done' } } };
  switch (question.kind) {
    case 'kick':
      return { state: answered, effect: { kind: 'kick', subject: question.subject } };
    case 'send':
      return { state: answered, effect: { kind: 'send', subject: question.subject, text: question.text } };
    case 'overwrite':
      return { state: answered, effect: { kind: 'save', file: question.file, overwrite: true } };
  }
}
