import type { KickResult } from '../../api/command.ts';
import type { Receipt } from '../../api/receipt.ts';
import type { Subject } from '../state/subject.ts';

/** What the dashboard may do to the cluster, and to this machine's files. Every refusal is a rejection with words for people. */
export interface Actions {
  kick(subject: Subject & { readonly kind: 'client' | 'user' }): Promise<KickResult>;
  send(subject: Subject, text: string): Promise<Receipt>;
  /** `exists`: there is such a file, and `overwrite` was not asked for. */
  save(file: string, text: string, overwrite: boolean): Promise<'saved' | 'exists'>;
}
