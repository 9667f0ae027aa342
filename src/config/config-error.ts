/** One thing that is wrong with the configuration. */
export interface Problem {
  /** Complete: place, key, what was expected, what was found, what to do. One line. */
  readonly text: string;
  /** As the operator named it. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  readonly key?: string;
}

/** The configuration cannot be used. Carries everything found wrong, not only the first; the command line exits with `exitCode`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly exitCode = 78;
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map((problem) => problem.text).join('\n'));
    this.problems = problems;
  }
}
