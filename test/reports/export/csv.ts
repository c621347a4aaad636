/** Reads CSV as RFC 4180 says, to compare with; what is not quoted and empty is null. */
export function readCsv(text: string): Record<string, string | null>[] {
  const rows: (string | null)[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\n]*))([,\n])/y;
  while (cell.lastIndex < text.length) {
    const match = cell.exec(text);
    if (!match) throw new Error('no CSV');
    const [, quoted, plain, end] = match;
    rows.at(-1)!.push(quoted === undefined ? plain || null : quoted.replaceAll('""', '"'));
    if (end === '\n') rows.push([]);
  }
  const [names, ...data] = rows.slice(0, -1);
  return data.map((row) => Object.fromEntries(names!.map((name, at) => [name!, row[at] ?? null])));
}
