/** A protobuf map as the generated code wants it. Without a prototype, so that `__proto__` is a key like any other. */
export function toRecord(map: ReadonlyMap<string, string>): Record<string, string> {
  const record: Record<string, string> = Object.create(null);
  for (const [key, value] of map) record[key.toWellFormed()] = value.toWellFormed();
  return record;
}

/** The generated code keeps a `__proto__` key as the record's own property. */
export function fromRecord(record: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(Object.entries(record));
}

/** The map as a JSON object of strings. */
export function mapJson(map: ReadonlyMap<string, string>): string {
  let text = '{';
  for (const [key, value] of map) {
    if (text.length > 1) text += ',';
    text += `${JSON.stringify(key)}:${JSON.stringify(value)}`;
  }
  return `${text}}`;
}
