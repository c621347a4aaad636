/** Tables as exports write them: columns with a name and a type, null where there is no value. */

export type Cell = string | number | boolean | null;

export interface Column {
  readonly name: string;
  readonly type: 'text' | 'integer' | 'number' | 'boolean';
  readonly values: readonly Cell[];
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
}

export function column(name: string, type: Column['type'], values: readonly Cell[]): Column {
  return { name, type, values };
}

export function rowCount({ columns }: Table): number {
  return columns[0]?.values.length ?? 0;
}

/** RFC 4180 with line feeds; nothing is empty, and an empty text is quoted to tell it apart. */
export function toCsv(table: Table): string {
  const { columns } = table;
  const lines = [columns.map(({ name }) => csvCell(name)).join(',')];
  for (let row = 0; row < rowCount(table); row++) {
    lines.push(columns.map(({ values }) => csvCell(values[row] ?? null)).join(','));
  }
  return `${lines.join('\n')}\n`;
}

function csvCell(value: Cell): string {
  if (value === null) return '';
  if (value === '') return '""';
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
