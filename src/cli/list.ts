import { type Command, InvalidArgumentError } from 'commander';
import { parseCondition } from '../api/condition.ts';
import { type Condition, type ListQuery, type Page, pageSize } from '../api/listing.ts';
import type { CliContext } from './context.ts';
import { missingFromAny, noteMissing } from './missing-nodes.ts';
import type { Listing } from './output/printer.ts';
import { integerArg } from './parsers.ts';

/** The flags of every `ls`. */
export interface ListFlags {
  readonly where?: readonly Condition[];
  readonly search?: string;
  readonly sort?: string;
  readonly desc?: boolean;
  readonly limit?: number;
  readonly cursor?: string;
  readonly all?: boolean;
}

export function addListOptions(command: Command, { text: { option } }: CliContext): Command {
  return command
    .option('--where <condition>', option.where, whereArg)
    .option('--search <text>', option.search)
    .option('--sort <field>', option.sort)
    .option('--desc', option.desc)
    .option('--limit <n>', option.limit, integerArg(1, pageSize.largest))
    .option('--cursor <cursor>', option.cursor)
    .option('--all', option.allPages);
}

function whereArg(text: string, before: readonly Condition[] | undefined): Condition[] {
  try {
    return [...(before ?? []), parseCondition(text)];
  } catch {
    throw new InvalidArgumentError('Write field=value, field!=value, field~part, field>number or field<number.');
  }
}

/** Prints a page, or with `--all` every page; of a single page it says on standard error that there are more. */
export async function runList<T extends object>(
  context: CliContext,
  flags: ListFlags,
  listing: Listing<T>,
  ask: (query: ListQuery) => Promise<Page<T>>,
): Promise<void> {
  const printer = await context.printer();
  const query = queryOf(flags, context.globals.system);
  if (flags.all === true) {
    const pages = await allPages(query, ask);
    const items = pages.flatMap((page) => page.items);
    const missing = missingFromAny(pages);
    await printer.list(listing, { items, total: items.length, ...missing });
    noteMissing(context, missing);
    return;
  }
  const page = await ask(query);
  await printer.list(listing, page);
  noteMissing(context, page);
  if (page.cursor !== undefined && !printer.isJson) {
    context.note(context.text.line.morePages(page.items.length, page.total, page.cursor));
  }
}

export async function allPages<T>(query: ListQuery, ask: (query: ListQuery) => Promise<Page<T>>): Promise<Page<T>[]> {
  const pages: Page<T>[] = [];
  let cursor = query.cursor;
  do {
    const page = await ask({
      ...query,
      limit: query.limit ?? pageSize.largest,
      ...(cursor !== undefined && { cursor }),
    });
    pages.push(page);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return pages;
}

function queryOf({ where, search, sort, desc, limit, cursor }: ListFlags, system: string | undefined): ListQuery {
  return {
    ...(system !== undefined && { system }),
    ...(where !== undefined && { where }),
    ...(search !== undefined && { search }),
    ...(sort !== undefined && { sort }),
    ...(desc === true && { descending: true }),
    ...(limit !== undefined && { limit }),
    ...(cursor !== undefined && { cursor }),
  };
}
