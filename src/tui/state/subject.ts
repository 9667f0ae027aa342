/** Whom the action of a row is about. `receivers`: connections, as the row has it. */
export type Subject =
  | {
      readonly kind: 'client';
      readonly system: string;
      readonly cid: string;
      readonly uid?: string | undefined;
      readonly receivers: number;
    }
  | {
      readonly kind: 'user';
      readonly system: string;
      readonly uid: string;
      readonly receivers?: number | undefined;
      /** The one of its connections that was chosen. */
      readonly client?: Subject;
    }
  | { readonly kind: 'group'; readonly system: string; readonly group: string; readonly receivers?: number | undefined }
  | { readonly kind: 'system'; readonly system: string; readonly receivers?: number | undefined };
