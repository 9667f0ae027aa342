import type { Patient } from './patient.ts';

/** `skipped`: not configured, or nothing that this system has. */
export const levels = ['skipped', 'ok', 'warning', 'failed'] as const;
export type Level = (typeof levels)[number];

/** What was found, in one line; `hint`: what to do about it. */
export interface Finding {
  readonly level: Level;
  readonly found: string;
  readonly hint?: string;
}

/** One thing that is looked at. What it throws is a finding, too. */
export type Examine = (patient: Patient) => readonly Finding[] | Promise<readonly Finding[]>;

export const ok = (found: string): Finding => ({ level: 'ok', found });
export const skipped = (found: string): Finding => ({ level: 'skipped', found });
export const warning = (found: string, hint: string): Finding => ({ level: 'warning', found, hint });
export const failed = (found: string, hint: string): Finding => ({ level: 'failed', found, hint });

export const linuxOnly = [skipped('Linux only')];
