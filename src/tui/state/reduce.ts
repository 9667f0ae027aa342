import type { Action } from './keys.ts';
import { move, scroll } from './move.ts';
import type { Subject } from './subject.ts';
import {
  closeOverlay,
  intervalsMs,
  type ListFacts,
  listOf,
  type Overlay,
  patchList,
  resort,
  selectedIndex,
  setFilter,
  speeds,
  type View,
  type ViewState,
  views,
} from './view-state.ts';

/** What an action makes of the state. Pure; what must happen outside follows from the difference, or from a question or prompt. */
export function reduce(state: ViewState, action: Action, facts: ListFacts): ViewState {
  switch (action) {
    case 'quit':
    case 'interrupt':
      return { ...state, ending: action };
    case 'help':
      return state.overlay === 'help' ? closeOverlay(state) : { ...closeOverlay(state), overlay: 'help' };
    case 'pause':
      return { ...state, isPaused: !state.isPaused };
    case 'slower':
    case 'faster':
      return changePace(state, action);
    case 'nodes':
    case 'clients':
    case 'groups':
    case 'systems':
    case 'messages':
    case 'slow':
    case 'events':
    case 'queues':
      return showView(state, action);
    case 'nextView':
    case 'previousView': {
      const step = action === 'nextView' ? 1 : -1;
      return showView(state, views.at((views.indexOf(state.view) + step) % views.length) ?? 'nodes');
    }
    case 'back':
      if (state.overlay !== 'none') return closeOverlay(state);
      return listOf(state).filter === '' ? state : setFilter(state, '');
    case 'details':
    case 'json':
      return toggleRow(state, action, facts);
    case 'filter':
      return { ...closeOverlay(state), prompt: { kind: 'filter', former: listOf(state).filter } };
    case 'sortPrevious':
    case 'sortNext':
      return state.overlay === 'none' ? sortByNeighbour(state, action === 'sortNext' ? 1 : -1, facts) : state;
    case 'reverse': {
      if (state.overlay !== 'none') return state;
      const { sort } = listOf(state);
      return resort(state, { ...sort, descending: !sort.descending });
    }
    case 'figures':
      return { ...state, figures: state.figures === 'rates' ? 'totals' : 'rates' };
    case 'kick':
    case 'message':
      return askToAct(state, action, facts.subject);
    case 'tail':
      return toggleTail(state, facts);
    case 'save':
      return { ...state, prompt: { kind: 'save', text: facts.saveName ?? '' } };
    case 'up':
    case 'down':
    case 'pageUp':
    case 'pageDown':
    case 'home':
    case 'end':
      return state.overlay === 'none' ? move(state, action, facts) : scroll(state, action, facts);
    default:
      action satisfies never;
      return state;
  }
}

function showView(state: ViewState, view: View): ViewState {
  return { ...closeOverlay(state), view };
}

/** A recording is played slower or faster, the present looked at less or more often. */
function changePace(state: ViewState, action: 'slower' | 'faster'): ViewState {
  const { speed, intervalMs } = state;
  // `+` is more: of time between two samples, or of speed.
  if (speed !== undefined) {
    const next = action === 'slower' ? speeds.find((each) => each > speed) : speeds.findLast((each) => each < speed);
    return { ...state, speed: next ?? speed };
  }
  const next =
    action === 'slower' ? intervalsMs.find((ms) => ms > intervalMs) : intervalsMs.findLast((ms) => ms < intervalMs);
  return { ...state, intervalMs: next ?? intervalMs };
}

function toggleRow(state: ViewState, overlay: Overlay & ('details' | 'json'), facts: ListFacts): ViewState {
  if (state.overlay === overlay) return closeOverlay(state);
  // The tail of one row has taken the place of all messages.
  if (state.overlay === 'tail' && state.view === 'messages') return state;
  // From one to the other it stays the same row.
  const key = state.openKey ?? facts.keys[selectedIndex(listOf(state), facts.keys)];
  return key === undefined ? state : { ...closeOverlay(keepRow(state, key)), overlay, openKey: key };
}

function askToAct(state: ViewState, action: 'kick' | 'message', subject: Subject | undefined): ViewState {
  const refuse = (text: string): ViewState => ({ ...state, notice: { tone: 'warn', text } });
  if (state.speed !== undefined) return refuse('a recording is shown: nothing in it can be changed');
  if (state.isReadonly) return refuse('started with --readonly: nothing is disconnected or sent');
  if (subject === undefined) return refuse('this row is nobody to act on');
  if (action === 'message') return { ...state, prompt: { kind: 'message', subject, text: '' } };
  if (subject.kind !== 'client' && subject.kind !== 'user') {
    return refuse(`a ${subject.kind} is not disconnected as a whole: choose a client in view 2`);
  }
  return { ...state, question: { kind: 'kick', subject } };
}

/** What lies over the list is about one row: that one stays selected, whatever moves below. */
function keepRow(state: ViewState, key: string | undefined): ViewState {
  return key === undefined ? state : patchList(state, { selectedKey: key });
}

/** Of a client: its own messages first, then all of its user, then back to the list. */
function toggleTail(state: ViewState, { subject, keys }: ListFacts): ViewState {
  const { tailOf } = state;
  if (state.overlay === 'tail' && tailOf) {
    if (tailOf.kind !== 'client' || tailOf.uid === undefined) return closeOverlay(state);
    return { ...state, scroll: 0, tailOf: { kind: 'user', system: tailOf.system, uid: tailOf.uid } };
  }
  if (state.speed !== undefined)
    return { ...state, notice: { tone: 'warn', text: 'a recording is shown: it cannot be asked for more' } };
  if (subject === undefined) return { ...state, notice: { tone: 'warn', text: 'this row has no messages of its own' } };
  const key = state.openKey ?? keys[selectedIndex(listOf(state), keys)];
  return { ...closeOverlay(keepRow(state, key)), overlay: 'tail', tailOf: subject };
}

function sortByNeighbour(state: ViewState, step: 1 | -1, { sortable }: ListFacts): ViewState {
  const at = sortable.findIndex(({ id }) => id === listOf(state).sort.by);
  const start = at < 0 && step < 0 ? 0 : at;
  const column = sortable.at((start + step) % sortable.length);
  return column ? resort(state, { by: column.id, descending: column.isFigure }) : state;
}
