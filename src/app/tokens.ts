import { isDeepStrictEqual } from 'node:util';
import { createTokens } from '../access/tokens/create-tokens.ts';
import { createHealth, type OnAnswer } from '../access/tokens/health.ts';
import { createLiveTokens } from '../access/tokens/live-tokens.ts';
import type { TokenSource } from '../access/tokens/source.ts';
import type { Tokens } from '../access/tokens/tokens.ts';
import type { Config } from '../config/schema.ts';
import { together } from '../util/start-error.ts';
import type { Owned } from './owned.ts';
import { openSource, planSource, type SourcePlan } from './token-source.ts';

type TokensConfig = Pick<Config, 'auth' | 'limits'>;

export interface TokensSetup {
  readonly config: TokensConfig;
  /** One line each: files that others can read, sources that fail and answer again. */
  readonly warn: (line: string) => void;
}

/** Tokens of a node, whose sources a reload changes. */
export interface NodeTokens extends Tokens {
  /**
   * Reads all files of the sources again and opens those sources that are new or made from something else now; the others go on as they are. Nothing changes
   * before `commit`. Throws `StartError` (78) where a file is not right.
   */
  prepare(config: TokensConfig): Promise<{ commit(): void; discard(): Promise<void> }>;
}

/** Reads the files of all sources; asks nobody. Throws `StartError` (78) with every file that is not right. */
export function planSources({ config, warn }: TokensSetup): readonly SourcePlan[] {
  const rules = { clockSkewMs: config.auth.clockSkewMs, idBytes: config.limits.idBytes };
  return together<readonly SourcePlan[]>(
    config.auth.tokens.map((setting, index) => () => planSource(setting, { index, rules, warn })),
  );
}

/** The sources of `auth.tokens`, their keys read; the caller closes them. Throws `StartError` (78) where a file is not right. */
export async function loadTokens({ config, warn }: TokensSetup): Promise<Tokens> {
  const { sources } = await openSources(config, [], warn);
  return tokensOf(config, sources, createHealth(wordsTo(warn)));
}

/** As `loadTokens`, closed with the node. */
export async function openTokens({ config, warn }: TokensSetup, owned: Owned): Promise<NodeTokens> {
  const onAnswer = createHealth(wordsTo(warn));
  let { sources } = await openSources(config, [], warn);
  const tokens = createLiveTokens(tokensOf(config, sources, onAnswer));
  owned.add('the sources of tokens', () => tokens.close());
  return {
    ...tokens,
    async prepare(next) {
      const { sources: wanted, opened } = await openSources(next, sources, warn);
      return {
        commit() {
          const gone = sources.filter((each) => !wanted.includes(each));
          sources = wanted;
          tokens.replace(tokensOf(next, sources, onAnswer), gone.map(sourceOf));
        },
        discard: () => closeAll(opened),
      };
    },
  };
}

interface OpenSource {
  readonly plan: SourcePlan;
  /** Its name says its place in the configuration, which may become another. */
  readonly source: TokenSource & { name: string };
}

const sourceOf = ({ source }: OpenSource): TokenSource => source;

function tokensOf({ auth }: TokensConfig, sources: readonly OpenSource[], onAnswer: OnAnswer): Tokens {
  for (const [index, { plan, source }] of sources.entries()) source.name = nameOf(index, plan);
  return createTokens({ sources: sources.map(sourceOf), connect: auth.connect, onAnswer });
}

/** Those of the configuration, in its order; of `open` whichever can stay. `opened`: the others. */
async function openSources(config: TokensConfig, open: readonly OpenSource[], warn: (line: string) => void) {
  const plans = planSources({ config, warn });
  const free = new Set(open);
  const sources: OpenSource[] = [];
  const opened: OpenSource[] = [];
  try {
    for (const [index, plan] of plans.entries()) {
      const same = [...free].find((each) => isDeepStrictEqual(each.plan, plan));
      const chosen = same ?? { plan, source: { ...(await openSource(plan, nameOf(index, plan))) } };
      free.delete(chosen);
      sources.push(chosen);
      if (same === undefined) opened.push(chosen);
    }
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
  return { sources, opened };
}

function nameOf(index: number, { setting }: SourcePlan): string {
  return `auth.tokens[${index}] (${setting.type})`;
}

async function closeAll(sources: readonly OpenSource[]): Promise<void> {
  await Promise.all(sources.map(({ source }) => source.close()));
}

function wordsTo(warn: (line: string) => void) {
  return (source: string, failure: string | undefined) =>
    warn(failure === undefined ? `${source} answers again` : `${source}: ${failure}`);
}
