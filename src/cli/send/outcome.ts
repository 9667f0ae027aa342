import { exitCodes } from '../../api/errors.ts';
import type { Receipt } from '../../api/receipt.ts';
import type { CliContext } from '../context.ts';

export interface OutcomeOptions {
  readonly allowOffline?: boolean | undefined;
}

/**
 * The exit code of a receipt: nodes that did not answer, or connections that did not get it → partly. Nobody matched →
 * nobody, and some of those named not there → partly, unless that is allowed.
 */
export function exitOfReceipt(
  receipt: Pick<Receipt, 'matched' | 'dropped' | 'missingNodes' | 'offline' | 'unknown'>,
  { allowOffline }: OutcomeOptions,
): number {
  if (receipt.missingNodes.length > 0 || droppedOf(receipt) > 0) return exitCodes.partly;
  if (allowOffline === true) return exitCodes.done;
  if (receipt.matched === 0) return exitCodes.nobody;
  return absentOf(receipt).length > 0 ? exitCodes.partly : exitCodes.done;
}

/** Makes it the command's exit code, and says what it means. */
export function settle(context: CliContext, exit: number): void {
  context.exitCode = exit;
  if (exit === exitCodes.nobody) context.note(context.text.line.nobody);
  if (exit === exitCodes.partly) context.note(context.text.line.partly);
}

/** Names in the target that nobody had. */
function absentOf({ offline = [], unknown = [] }: Pick<Receipt, 'offline' | 'unknown'>): readonly string[] {
  return [...offline, ...unknown];
}

/** All a receipt can hold. */
export const receiptFields = [
  'messageId',
  'matched',
  'delivered',
  'queued',
  'stored',
  'dropped',
  'missingNodes',
  'offline',
  'unknown',
] as const satisfies readonly (keyof Receipt)[];

export function droppedOf({ dropped }: Pick<Receipt, 'dropped'>): number {
  return Object.values(dropped).reduce((sum, count) => sum + count, 0);
}

/** Lines of a receipt for people; what is zero and usually so is left out. */
export function receiptLines(receipt: Receipt): (readonly [string, string])[] {
  const lines: (readonly [string, string])[] = [
    ['message', receipt.messageId],
    ['matched', String(receipt.matched)],
    ['delivered', String(receipt.delivered)],
  ];
  if (receipt.queued > 0) lines.push(['queued', String(receipt.queued)]);
  if (receipt.stored > 0) lines.push(['stored', String(receipt.stored)]);
  for (const [reason, count] of Object.entries(receipt.dropped)) lines.push(['dropped', `${count} ${reason}`]);
  if (receipt.missingNodes.length > 0) lines.push(['no answer', receipt.missingNodes.join(' ')]);
  if (receipt.offline !== undefined && receipt.offline.length > 0) lines.push(['offline', receipt.offline.join(' ')]);
  if (receipt.unknown !== undefined && receipt.unknown.length > 0) lines.push(['unknown', receipt.unknown.join(' ')]);
  return lines;
}

/** Lines of a sum for people. */
export function summaryLines(summary: SendSummary): (readonly [string, string])[] {
  const { sent, failed, matched, delivered, dropped, absent, missingNodes, seconds } = summary;
  const reasons = Object.entries(dropped).map(([reason, count]) => `${count} ${reason}`);
  return [
    ['sent', String(sent)],
    ['failed', String(failed)],
    ['matched', String(matched)],
    ['delivered', String(delivered)],
    ['dropped', reasons.join(', ') || '0'],
    ['not there', absent.join(' ')],
    ['no answer', missingNodes.join(' ')],
    ['seconds', String(seconds)],
  ];
}

/** Many sends in a row. */
export interface SendSummary {
  readonly sent: number;
  readonly failed: number;
  readonly matched: number;
  readonly delivered: number;
  readonly dropped: Readonly<Record<string, number>>;
  /** Names in the target that nobody had, at one of the sends at least: users offline, connections unknown. */
  readonly absent: readonly string[];
  readonly missingNodes: readonly string[];
  readonly seconds: number;
}

/** Adds receipts and failures up. */
export interface SendTally {
  add(receipt: Receipt): void;
  fail(error: unknown): void;
  summary(): SendSummary;
  /** Of everything so far. */
  exit(options: OutcomeOptions): number;
}

/** `exitOfFailure` is asked for the first failure only: it counts where nothing succeeded. */
export function createSendTally(exitOfFailure: (error: unknown) => number): SendTally {
  const started = performance.now();
  const dropped: Record<string, number> = {};
  const missingNodes = new Set<string>();
  const absent = new Set<string>();
  let sent = 0;
  let failed = 0;
  let matched = 0;
  let delivered = 0;
  let failureExit: number = exitCodes.failed;
  return {
    add(receipt) {
      sent++;
      matched += receipt.matched;
      delivered += receipt.delivered;
      for (const [reason, count] of Object.entries(receipt.dropped)) dropped[reason] = (dropped[reason] ?? 0) + count;
      for (const node of receipt.missingNodes) missingNodes.add(node);
      for (const name of absentOf(receipt)) absent.add(name);
    },
    fail(error) {
      if (failed === 0) failureExit = exitOfFailure(error);
      failed++;
    },
    summary: () => ({
      sent,
      failed,
      matched,
      delivered,
      dropped,
      absent: [...absent],
      missingNodes: [...missingNodes],
      seconds: Math.round(performance.now() - started) / 1000,
    }),
    exit(options) {
      if (failed > 0) return sent === 0 ? failureExit : exitCodes.partly;
      if (sent === 0) return exitCodes.done;
      return exitOfReceipt({ matched, dropped, missingNodes: [...missingNodes], offline: [...absent] }, options);
    },
  };
}
