import type { RuntimeEnv } from '../../util/runtime-paths.ts';
import type { Texts } from './en.ts';
import type { ManTexts } from './man-en.ts';

/** The language of `--lang`, else of the locale: LC_ALL, LC_MESSAGES, LANG, the first that is set. */
export function chooseLanguage(args: readonly string[], env: RuntimeEnv): 'en' | 'zh' {
  const end = args.indexOf('--');
  const flags = end < 0 ? args : args.slice(0, end);
  const at = flags.lastIndexOf('--lang');
  const named = at < 0 ? flags.findLast((arg) => arg.startsWith('--lang='))?.slice('--lang='.length) : flags[at + 1];
  const locale = named ?? (env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '');
  return /^zh/i.test(locale) ? 'zh' : 'en';
}

export async function loadTexts(language: 'en' | 'zh'): Promise<Texts> {
  return language === 'zh' ? (await import('./zh.ts')).zh : (await import('./en.ts')).en;
}

/** Apart from the others: only one command shows them. */
export async function loadManTexts(language: 'en' | 'zh'): Promise<ManTexts> {
  return language === 'zh' ? (await import('./man-zh.ts')).manZh : (await import('./man-en.ts')).manEn;
}
