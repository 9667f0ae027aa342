import { createClock } from '../../load/clock.ts';
import { type Audience, createDoor, type DoorKind, doorFor, foreignDoorFor } from '../../load/doors.ts';
import { createMagic } from '../../load/marker.ts';
import { runMessages } from '../../load/run-messages.ts';
import { Sender } from '../../load/sender.ts';
import { planStreams } from '../../load/streams.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { createLiveProgress } from '../output/live-progress.ts';
import { planClients, requireDescriptors } from './clients.ts';
import { mostFrequent, openCrowd } from './crowd.ts';
import type { MessageFlags } from './flags.ts';
import { joinGroups, registerSystem, removeGroups } from './groups.ts';
import { findPlace, type Place } from './place.ts';
import { report } from './report.ts';
import { messageResult } from './result.ts';

export type MessageScenario = 'fanout' | 'group' | 'unicast';

/** Puts a server under load with messages, prints what came of it, and sets the exit code. */
export async function runMessageBench(
  context: CliContext,
  scenario: MessageScenario,
  flags: MessageFlags,
): Promise<void> {
  const signal = context.endingSignal();
  const shape = shapeOf(scenario, flags);
  requireDescriptors(shape.targets.length + flags.inFlight);
  await using place = await findPlace(context, flags);
  const { kind, audience, isGrouped } = chooseDoor(place, scenario, flags);
  if (place.admin === undefined && flags.dialect === 'json' && context.globals.system === undefined)
    await registerSystem(place);

  const clock = createClock();
  const magic = createMagic(Math.random);
  const epochMs = clock();
  const progress = createLiveProgress(context);
  const streams = planStreams(shape.count, flags.inFlight);
  const { plans, uids } = await planClients(context, flags, place, shape.targets);
  const { lanesPerTarget: lanes } = streams;
  const crowd = await openCrowd(context, { place, flags, plans, lanes, magic, epochMs, progress, signal });
  await using receivers = crowd.receivers;
  const { opened } = crowd;
  if (signal.aborted) {
    context.exitCode = context.interruptedExit;
    return;
  }
  const idOf = (client: number) => (flags.dialect === 'json' ? opened.ids[client] : uids[client]) ?? '';
  const names = targetNames(place, scenario, shape, isGrouped, idOf);
  try {
    if (isGrouped) {
      using _shown = progress.follow(() => [0, context.text.line.benchGrouping(names.length)]);
      const members = shape.targets.flatMap((group, client) =>
        group >= 0 && opened.isReady[client] === true ? [{ group, id: idOf(client) }] : [],
      );
      await joinGroups(place, flags.dialect, names, members);
    }
    const api = flags.via === 'admin' || kind === 'admin' ? place.operator : place.api;
    if (api === undefined) throw new CliError('--via admin: that is no yunque node');
    const door = createDoor(kind, { ...api, audience, names, size: flags.size });
    const sender = new Sender({
      endpoint: api.endpoint,
      streams,
      batch: flags.batch,
      magic,
      epochMs,
      clock,
      requestFor: door.requestFor,
      isTaken: door.isTaken,
      timeoutMs: context.globals.timeout,
    });
    const receiversOf: number[] = new Array(shape.count).fill(0);
    for (const [client, target] of shape.targets.entries())
      if (target >= 0 && opened.isReady[client] === true) receiversOf[target] = (receiversOf[target] ?? 0) + 1;
    let phaseText = '';
    const phaseFrom = { at: clock(), ms: 1 };
    using _shown = progress.follow(() => [(clock() - phaseFrom.at) / phaseFrom.ms, `${phaseText} ${sender.messages}`]);
    const figures = await runMessages({
      receivers,
      sender,
      receiversOf,
      warmupMs: flags.warmup,
      durationMs: flags.duration,
      perSecond: flags.rate,
      settleMs: context.globals.timeout,
      signal,
      onPhase(phase) {
        phaseFrom.at = clock();
        phaseFrom.ms =
          phase === 'measure' ? flags.duration : phase === 'warmup' ? flags.warmup : context.globals.timeout;
        phaseText = context.text.line.benchPhases[phase];
      },
    }).finally(() => sender.close());
    _shown[Symbol.dispose]();
    const counts = receivers.counts();
    const result = messageResult({ scenario, flags, crowd, counts, figures, outsiders: shape.outsiders });
    await report(context, result, {
      assertions: flags.assert ?? [],
      isInterrupted: figures.isInterrupted,
      trouble: figures.sending.trouble,
      failure: mostFrequent(opened.failures),
    });
  } finally {
    if (isGrouped) await removeGroups(place, names);
  }
}

interface Shape {
  /** Targets of messages. */
  readonly count: number;
  /** By client; -1: must see nothing. */
  readonly targets: readonly number[];
  /** How many those are. */
  readonly outsiders: number;
}

function shapeOf(scenario: MessageScenario, { clients, groups = 10, outsiders }: MessageFlags): Shape {
  const all = Array.from({ length: clients }, (_, at) => at);
  if (scenario === 'unicast') return { count: clients, targets: all, outsiders: 0 };
  if (scenario === 'fanout') return { count: 1, targets: all.map(() => 0), outsiders: 0 };
  const count = Math.min(groups, clients);
  // Besides the members: who is in no group must see nothing.
  const outside = outsiders ?? Math.ceil(clients / 100);
  const targets = [...all.map((at) => at % count), ...Array.from({ length: outside }, () => -1)];
  return { count, targets, outsiders: outside };
}

interface ChosenDoor {
  readonly kind: DoorKind;
  readonly audience: Audience;
  /** The clients have to be put into groups first. */
  readonly isGrouped: boolean;
}

function chooseDoor(place: Place, scenario: MessageScenario, { dialect, via }: MessageFlags): ChosenDoor {
  const audience: Audience =
    scenario === 'group' ? 'group' : scenario === 'fanout' ? 'everyone' : dialect === 'json' ? 'connection' : 'user';
  if (place.admin !== undefined) {
    return { kind: via === 'admin' ? 'admin' : doorFor(dialect, audience), audience, isGrouped: audience === 'group' };
  }
  if (via === 'admin') throw new CliError('--via admin is for nodes of yunque, and --http-url for others');
  // go-websocket has no call for everyone: one group with everybody in it is as much work.
  const asGroup = dialect === 'json' && audience === 'everyone' ? 'group' : audience;
  const kind = foreignDoorFor(dialect, asGroup);
  if (kind !== undefined) return { kind, audience: asGroup, isGrouped: asGroup === 'group' };
  throw new CliError(`a server of the dialect ${dialect} has no call for ${scenario}`, {
    hint: 'without --http-url the server is taken for a yunque node, whose calls reach every dialect',
  });
}

function targetNames(
  { prefix }: Place,
  scenario: MessageScenario,
  { count }: Shape,
  isGrouped: boolean,
  idOf: (client: number) => string,
): readonly string[] {
  if (isGrouped) return Array.from({ length: count }, (_, at) => `${prefix}-g${String(at).padStart(5, '0')}`);
  return scenario === 'unicast' ? Array.from({ length: count }, (_, at) => idOf(at)) : [''];
}
