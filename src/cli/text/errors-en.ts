import { type ErrorCode, errorTable } from '../../api/errors.ts';
import { type Sentences, situations } from '../../client/situations.ts';

/** The words for every row of the error table, and for what happens before a node answers. */
export interface ErrorTexts {
  readonly codes: Readonly<Record<ErrorCode, string>>;
  readonly situations: Sentences;
  /** A code's words, with what the node said beyond them. */
  readonly withDetail: (words: string, detail: string) => string;
}

/** The node speaks English too: what it says is the table's words or more exact ones. */
export const errorsEn: ErrorTexts = {
  codes: Object.fromEntries(Object.entries(errorTable).map(([code, { message }]) => [code, message])) as Record<
    ErrorCode,
    string
  >,
  situations,
  withDetail: (_words, detail) => detail,
};
