/** What a result needs to be reproduced: version, resolved scenario and its hash, command. */
import { hashString, mix } from '../core/fingerprint.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { Manifest } from './result.ts';
import { VERSION } from './version.ts';

/** Keys in alphabetical order at every level, so that equal scenarios give equal text. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const map = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(map).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(map[key])}`).join(',')}}`;
}

/** 16 hexadecimal digits over the resolved scenario; where its parts were written does not count. */
export function scenarioHash(scenario: Scenario): string {
  const text = canonical(withoutOrigins(scenario));
  const low = hashString(text);
  const high = hashString(`${mix(low, text.length)}${text}`);
  const digits = (part: number): string => (part >>> 0).toString(16).padStart(8, '0');
  return digits(high) + digits(low);
}

function withoutOrigins(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOrigins);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'origin');
  return Object.fromEntries(entries.map(([key, part]) => [key, withoutOrigins(part)]));
}

export function manifestOf(
  scenario: Scenario,
  command: string,
  overrides: Readonly<Record<string, unknown>>,
): Manifest {
  return {
    version: VERSION,
    node: process.versions.node,
    scenarioHash: scenarioHash(scenario),
    command,
    resolved: scenario,
    overrides,
  };
}
