/** The setting that names what cannot be used, and the part of its value: `auth.tokens` and `[0, 'secretFile']`. */
export interface SettingPlace {
  readonly key: string;
  readonly path?: readonly (string | number)[];
}

interface StartErrorDetails {
  readonly hint?: string;
  readonly exitCode?: number;
  readonly cause?: unknown;
  readonly at?: SettingPlace;
  readonly parts?: readonly StartError[];
}

/** Something outside the program keeps it from starting: said in one line with what to do next, without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
  /** The message without the setting it begins with. */
  readonly words: string;
  readonly hint: string | undefined;
  /** 1, or 78 where the configuration is at fault. */
  readonly exitCode: number;
  readonly at: SettingPlace | undefined;
  /** Itself; or each, where several are one. */
  readonly parts: readonly StartError[];

  constructor(words: string, { hint, exitCode = 1, cause, at, parts }: StartErrorDetails = {}) {
    super(at === undefined ? words : `${spellPlace(at)}: ${words}`, cause === undefined ? undefined : { cause });
    this.words = words;
    this.hint = hint;
    this.exitCode = exitCode;
    this.at = at;
    this.parts = parts ?? [this];
  }

  /** With what to do next. */
  get sentence(): string {
    return withHint(this.message, this.hint);
  }

  /** As `sentence`, without the setting. */
  get wordsAndHint(): string {
    return withHint(this.words, this.hint);
  }
}

/** Does all of it, and answers what each came to. Throws a `StartError` with those of all; other errors as they come. */
export function together<T extends readonly unknown[]>(works: { readonly [K in keyof T]: () => T[K] }): T {
  const failures: StartError[] = [];
  const results = works.map((work) => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      failures.push(...error.parts);
      return undefined;
    }
  });
  const [first] = failures;
  if (first === undefined) return results as unknown as T;
  if (failures.length === 1) throw first;
  const sentences = failures.map(({ sentence }) => sentence);
  throw new StartError(sentences.join('\n'), { exitCode: first.exitCode, parts: failures });
}

function spellPlace({ key, path = [] }: SettingPlace): string {
  return key + path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
}

function withHint(text: string, hint: string | undefined): string {
  return hint === undefined ? text : `${text}; ${hint}`;
}
