/**
 * Where a receiver thread's program is. The build replaces this file (`build/bundle.ts`): in the binary there is no file to name, and it is `{ code }`,
 * the program bundled as text.
 */
export function receiverThread(): { readonly url: URL } | { readonly code: string } {
  return { url: new URL('./receiver-thread.ts', import.meta.url) };
}
