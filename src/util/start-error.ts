/** Something outside the program keeps it from starting: said in one line with what to do next, without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly hint: string | undefined;
  /** 1, or 78 where the configuration is at fault. */
  readonly exitCode: number;

  constructor(message: string, more: { hint?: string; exitCode?: number; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.hint = more.hint;
    this.exitCode = more.exitCode ?? 1;
  }
}
