/** By the code that Node gives; "CODE host:port" follows the name of the call. */
const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no way to that host',
  ENETUNREACH: 'no way to that network',
  ETIMEDOUT: 'no answer to the connection',
};

/** Why a link ended, or did not come about, in plain words with the address that was dialled: gRPC wraps what Node said in texts of its own. */
export function plainEnd(why: string): string {
  const unknownName = /^Name resolution failed for target dns:(.*?):\d+$/.exec(why)?.[1];
  if (unknownName !== undefined) return `the name ${unknownName} is not known`;
  const said = /Last error: (?:Error: )?(.*?)\. Resolution note:/s.exec(why)?.[1] ?? why;
  const [, code = '', address] = /^(?:connect|read|write) ([A-Z]+)(?: (\S+))?/.exec(said) ?? [];
  const plain = words[code];
  if (plain === undefined) return said === 'null' ? 'no connection' : said;
  return address === undefined ? plain : `${plain} (${address})`;
}
