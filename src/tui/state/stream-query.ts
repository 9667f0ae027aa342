import type { TailQuery } from '../../api/tail.ts';
import type { EventQuery } from '../../client/events.ts';
import { parseMessageFilter } from './message-filter.ts';
import type { ViewState } from './view-state.ts';

/** Past events that the events view begins with. */
const backlog = 200;

/** Copies a second and node: more than anybody reads. */
const perSecond = 100;

/** The event stream, while its view is open. */
export function eventQueryOf(state: ViewState, system: string | undefined): EventQuery | undefined {
  if (state.view !== 'events') return undefined;
  return { backlog, ...(system !== undefined && { system }) };
}

/** The stream of copies, while they are shown: in their view what its filter asks the nodes for, over a list those of one row. */
export function tailQueryOf(
  state: ViewState,
  { system, redact }: { readonly system?: string | undefined; readonly redact?: boolean | undefined },
): TailQuery | undefined {
  const how = { perSecond, ...(redact === true && { redact }) };
  if (state.overlay === 'tail' && state.tailOf) return { ...subjectQuery(state.tailOf), ...how };
  if (state.view !== 'messages') return undefined;
  // While it is typed no stream is opened at every character.
  const { query } = parseMessageFilter(
    state.prompt?.kind === 'filter' ? state.prompt.former : state.lists.messages.filter,
  );
  return { ...query, ...(system !== undefined && { system }), ...how };
}

function subjectQuery(subject: NonNullable<ViewState['tailOf']>): TailQuery {
  const { system } = subject;
  switch (subject.kind) {
    case 'client':
      return { system, client: subject.cid };
    case 'user':
      return { system, uid: subject.uid };
    case 'group':
      return { system, group: subject.group };
    case 'system':
      return { system };
  }
}
