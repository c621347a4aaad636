/** Maps by selector: which of their entries are about a host. */
import type { HostTable } from '../selectors.ts';
import { fixedHosts, parseSelector, resolveSelector } from '../selectors.ts';

type Entry = readonly [selector: string, value: unknown, hosts: ReadonlySet<string>];

/** Selectors are looked up once for each map, whatever the number of hosts that ask. */
const KNOWN = new WeakMap<object, { readonly table: HostTable; readonly entries: Entry[] }>();

function entriesOf(map: Readonly<Record<string, unknown>>, table: HostTable): Entry[] {
  const known = KNOWN.get(map);
  if (known?.table === table) return known.entries;
  const entries = Object.entries(map).flatMap(([text, value]): Entry[] => {
    const syntax = parseSelector(text);
    if (!syntax.ok) return [];
    const fixed = fixedHosts(resolveSelector(syntax.value, table).selector);
    return fixed.ok ? [[text, value, new Set(fixed.value)]] : [];
  });
  KNOWN.set(map, { table, entries });
  return entries;
}

/** In the order of the file. */
export function matching<T>(
  map: Readonly<Record<string, T>>,
  host: string,
  table: HostTable,
): (readonly [selector: string, value: T])[] {
  return entriesOf(map, table).flatMap(([text, value, hosts]) =>
    hosts.has(host) ? [[text, value as T] as const] : [],
  );
}
