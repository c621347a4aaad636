/** The table of keys, for the screen and for the documentation. */
import { BREAK_KEYS, KEYS, KEY_GROUPS, keyText } from './keys.ts';
import type { KeyGroup, KeySpec } from './keys.ts';
import { beside, fit, heading, line, span } from './line.ts';
import type { Line } from './line.ts';

interface HelpRow {
  readonly keys: string;
  readonly help: string;
}

/** Groups with their keys, in the order of the registry. */
export function helpGroups(): { readonly title: string; readonly rows: readonly HelpRow[] }[] {
  const specs: readonly KeySpec[] = Object.values(KEYS);
  const groups = (Object.keys(KEY_GROUPS) as KeyGroup[]).map((group) => ({
    title: KEY_GROUPS[group],
    rows: specs
      .filter((spec) => spec.group === group)
      .map(({ keys, help }) => ({ keys: keys.map(keyText).join(' '), help })),
  }));
  const breaking = Object.values(BREAK_KEYS).map(({ key, help }) => ({ keys: `b ${key}`, help }));
  return [...groups, { title: 'After b', rows: breaking }];
}

export function helpLines(width: number): Line[] {
  const groups = helpGroups().map(({ title, rows }) => [
    heading(title),
    ...rows.map(({ keys, help }) => line(span(` ${keys.padEnd(11)}`, 'key'), span(help))),
    line(),
  ]);
  if (width < 120) return groups.flat().map((one) => fit(one, width));
  const half = Math.floor(width / 2);
  const [time, views, look, breaking, program, after] = groups;
  return beside(
    [...time!, ...look!, ...breaking!],
    half,
    [...views!, ...program!, ...after!],
    width - half,
  );
}
