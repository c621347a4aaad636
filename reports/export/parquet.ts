/** Tables as Parquet, which DuckDB, pandas and others read without being told the types. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Column, Table } from './table.ts';

const TYPES = { text: 'STRING', integer: 'INT64', number: 'DOUBLE', boolean: 'BOOLEAN' } as const;

export function toParquet({ columns }: Table): Uint8Array {
  const columnData = columns.map((column) => ({
    name: column.name,
    type: TYPES[column.type],
    data: dataOf(column),
    nullable: true,
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

function dataOf({ type, values }: Column): unknown[] {
  if (type !== 'integer') return [...values];
  return values.map((value) => (value === null ? null : BigInt(value as number)));
}
