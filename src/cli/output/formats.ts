export const outputFormats = ['table', 'json', 'ndjson', 'csv', 'plain'] as const;
export type OutputFormat = (typeof outputFormats)[number];
