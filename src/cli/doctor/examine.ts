import { within } from '../../util/within.ts';
import { type CheckName, checks } from './checks.ts';
import { type Examine, type Finding, failed, type Level, levels } from './finding.ts';
import type { Patient } from './patient.ts';

export type DoctorRow = Finding & { readonly check: CheckName };

export interface ExamineOptions {
  readonly checks?: Readonly<Record<CheckName, Examine>>;
  /** Most that one check may take; those that use the network have deadlines of their own within it. */
  readonly deadlineMs: number;
  /** Told which are still under way, after each that has ended. */
  readonly onProgress?: (underWay: readonly CheckName[]) => void;
}

/** All checks at the same time; the rows in the order of the table. Never rejects. */
export async function examine(patient: Patient, options: ExamineOptions): Promise<readonly DoctorRow[]> {
  const { deadlineMs, onProgress } = options;
  const all = Object.entries(options.checks ?? checks) as [CheckName, Examine][];
  const underWay = new Set(all.map(([check]) => check));
  const rows = all.map(async ([check, look]): Promise<readonly DoctorRow[]> => {
    const findings = await within(
      deadlineMs,
      Promise.resolve().then(() => look(patient)),
    ).catch((error: Error) => [failed(error.message, 'this check could not be made')]);
    underWay.delete(check);
    onProgress?.([...underWay]);
    return findings.map((finding) => ({ check, ...finding }));
  });
  onProgress?.([...underWay]);
  return (await Promise.all(rows)).flat();
}

export function worstOf(rows: readonly Finding[]): Level {
  return levels[Math.max(1, ...rows.map(({ level }) => levels.indexOf(level)))] ?? 'failed';
}
