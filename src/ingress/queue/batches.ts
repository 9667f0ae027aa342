import { createHash } from 'node:crypto';
import { YunqueError } from '../../api/errors.ts';
import type { DoorFigures } from '../../api/stats.ts';
import { Meter } from '../../util/meter.ts';
import { asRefusal, createHandOver, type Part, poisonOf } from './hand-over.ts';
import type { DoorOptions } from './options.ts';
import { type Planned, planRecord } from './planned.ts';
import type { Samples } from './samples.ts';
import type { QueueRecord, TakeBatch, Verdict } from './source.ts';
import { createStandstill } from './standstill.ts';

type BatchFigures = Pick<
  DoorFigures,
  'records' | 'messages' | 'perSecond' | 'batches' | 'duplicates' | 'parked' | 'retries'
>;

export interface Batches {
  readonly take: TakeBatch;
  readonly figures: BatchFigures;
  /** Why nothing can be handed on before somebody has done something about it. */
  readonly failure: string | undefined;
}

/** A record of the batch that is under way. */
interface Entry {
  readonly record: QueueRecord;
  /** What it is recognised by when it comes again; undefined: nothing. */
  readonly name: string | undefined;
  readonly planned: Planned;
  /** Parts that are not settled yet. */
  open: number;
  isDuplicate: boolean;
  verdict: Verdict | undefined;
}

type Through = Pick<Entry, 'verdict' | 'isDuplicate'>;

const done: Verdict = { is: 'done' };
const longestName = 256;
const nothingPlanned: Planned = new Map();

/** Takes the batches of a source, one at a time: what was handed on before is left out, the rest is one hand-over for each system. */
export function createBatches(options: DoorOptions, onPoison: Samples): Batches {
  const { seen } = options;
  const handOver = createHandOver(options);
  const figures = { records: 0, messages: 0, batches: 0, duplicates: 0, parked: 0, retries: 0 };
  const meter = new Meter();
  const standstill = createStandstill(options);
  /** Of a batch that comes again: the records that are through. */
  let through = new Map<QueueRecord, Through>();

  async function take(batch: readonly QueueRecord[]): Promise<readonly Verdict[]> {
    const entries = batch.map((record) => read(record, options, through.get(record)));
    await refuseUnknownSystems(entries, options);
    await leaveOutSeen(entries, options);
    const failure = await handOver(partsOf(entries), batch[0]);
    const names = entries.flatMap((entry) => (isHandedOn(entry) && entry.name !== undefined ? [entry.name] : []));
    if (names.length > 0) await seen.add(names);
    if (failure !== undefined) {
      through = new Map(entries.flatMap((entry) => (entry.open > 0 ? [] : [[entry.record, entry]])));
      throw failure;
    }
    through = new Map();
    for (const entry of entries) count(entry);
    figures.batches += 1;
    return entries.map(({ verdict = done }) => verdict);
  }

  function count({ record, planned, verdict, isDuplicate }: Entry): void {
    figures.records += 1;
    if (verdict?.is === 'poison') {
      figures.parked += 1;
      onPoison(record, verdict.reason);
    } else if (isDuplicate) figures.duplicates += 1;
    else for (const items of planned.values()) handedOn(items.length);
  }

  function handedOn(messages: number): void {
    figures.messages += messages;
    meter.add(messages);
  }

  return {
    get failure() {
      return standstill.failure;
    },
    get figures() {
      return { ...figures, perSecond: Math.round(meter.perSecond * 10) / 10 };
    },
    async take(batch) {
      try {
        const verdicts = await take(batch);
        standstill.onTaken();
        return verdicts;
      } catch (error) {
        figures.retries += 1;
        standstill.onRefused(error);
        throw error;
      }
    },
  };
}

function isHandedOn({ verdict, open, isDuplicate }: Entry): boolean {
  return verdict?.is === 'done' && open === 0 && !isDuplicate;
}

function read(record: QueueRecord, options: DoorOptions, known: Through | undefined): Entry {
  const base = { record, open: 0, isDuplicate: known?.isDuplicate ?? false };
  try {
    const planned = planRecord(record, options);
    return { ...base, planned, name: nameOf(record, planned, options.name), verdict: known?.verdict };
  } catch (error) {
    return { ...base, planned: nothingPlanned, name: undefined, verdict: poisonOf(asRefusal(error)) };
  }
}

/** A key of whoever published it counts in the systems it is for, on this door; else it is the id of the transport. */
function nameOf({ id, headers }: QueueRecord, planned: Planned, door: string): string | undefined {
  const key = headers?.idempotencyKey;
  if (key === undefined || key === '') return id === undefined ? undefined : `${door}\n${id}`;
  const name = `${door}\nkey\n${[...planned.keys()].join('\n')}\n${key}`;
  // Many names are remembered for minutes: how much that takes is not for whoever publishes to choose.
  return name.length <= longestName ? name : `${door}\nhash\n${createHash('sha256').update(name).digest('base64url')}`;
}

/** One that does not exist, or is nobody's to name: nothing of the record is handed on. */
async function refuseUnknownSystems(entries: readonly Entry[], options: DoorOptions): Promise<void> {
  if (!options.trusted) return;
  const exists = new Map<string, boolean>([[options.system, true]]);
  for (const entry of entries) {
    for (const system of entry.planned.keys()) {
      let isThere = exists.get(system);
      if (isThere === undefined) {
        isThere = !system.startsWith('$') && (await options.systemExists(system));
        exists.set(system, isThere);
      }
      if (!isThere) entry.verdict ??= poisonOf(new YunqueError('unknown_system'), system);
    }
  }
}

/** Marks those that were handed on before, and of several of one name in this batch all but the first. */
async function leaveOutSeen(entries: readonly Entry[], { seen }: DoorOptions): Promise<void> {
  const named = entries.filter(({ name, verdict }) => name !== undefined && verdict === undefined);
  if (named.length === 0) return;
  const known = await seen.has(named.map(({ name = '' }) => name));
  const here = new Set<string>();
  for (const entry of named) {
    const { name = '' } = entry;
    entry.isDuplicate = known.has(name) || here.has(name);
    if (entry.isDuplicate) entry.verdict = done;
    here.add(name);
  }
}

/** What there is to hand on, by system, in the order of the records. */
function partsOf(entries: readonly Entry[]): Map<string, Part[]> {
  const parts = new Map<string, Part[]>();
  for (const entry of entries) {
    if (entry.verdict !== undefined) continue;
    entry.open = entry.planned.size;
    for (const [system, items] of entry.planned) {
      const part: Part = { items, settle: (verdict) => settle(entry, verdict) };
      const others = parts.get(system);
      if (others === undefined) parts.set(system, [part]);
      else others.push(part);
    }
  }
  return parts;
}

/** Of a record for several systems the worst counts. */
function settle(entry: Entry, verdict: Verdict): void {
  entry.open -= 1;
  if (entry.verdict?.is !== 'poison') entry.verdict = verdict;
}
