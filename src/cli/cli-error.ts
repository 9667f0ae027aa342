import { exitCodes } from '../api/errors.ts';

/** A mistake of the operator's, or a result that must not pass for success: shown without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exit: number;
  readonly hint: string | undefined;

  constructor(message: string, more: { readonly exit?: number; readonly hint?: string | undefined } = {}) {
    super(message);
    this.exit = more.exit ?? exitCodes.usage;
    this.hint = more.hint;
  }
}
