/** The .proto files as they are published, by name without the extension. */
export const protoSources: Readonly<Record<'yunque' | 'cim' | 'push', string>>;
