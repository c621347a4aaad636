/** Faults as they are typed: in the words of a scenario file. */
import { stringify } from 'yaml';
import { loadScenario } from '../../../scenarios/load.ts';
import type { Config } from '../../../scenarios/load.ts';
import type { FaultAction } from '../../../scenarios/scenario.ts';

export interface TypedFault {
  readonly action: FaultAction;
  /** Null: until it is healed. */
  readonly lastsMicros: number | null;
}

export type Typed =
  | { readonly ok: true; readonly fault: TypedFault }
  | { readonly ok: false; readonly message: string };

/** `crash: s1, how: power, for: 5s`; the scenario says who there is. */
export function parseFault(config: Config, text: string, atMicros: number): Typed {
  const bare = text
    .trim()
    .replace(/^\{(.*)\}$/s, '$1')
    .trim();
  const { faults: _faults, sweep: _sweep, repeat: _repeat, expect: _expect, ...rest } = config;
  const { thresholds: _thresholds, ...whole } = rest;
  const lines = `${stringify(whole)}faults:\n  - { at: ${atMicros}us, ${bare} }\n`;
  const loaded = loadScenario(lines, { file: 'typed' });
  if (!loaded.ok) {
    const own = loaded.issues.find(({ path }) => path.startsWith('faults')) ?? loaded.issues[0];
    const reason = (own?.message ?? 'it cannot be read').replaceAll(/\s*\n\s*/g, ' ');
    return refused(bare, reason);
  }
  const [item] = loaded.scenario.faults.slice(-1);
  if (item?.kind !== 'fault') return refused(bare, 'it is not one fault');
  const { action, lasts, trigger } = item;
  if (trigger.kind !== 'at' || trigger.atMicros !== atMicros) {
    return refused(bare, 'it begins now, and has no at:, every: or when:');
  }
  if (lasts !== null && lasts.kind !== 'constant') {
    return refused(bare, 'by hand its duration is one value');
  }
  return { ok: true, fault: { action, lastsMicros: lasts?.micros ?? null } };
}

function refused(text: string, reason: string): Typed {
  return {
    ok: false,
    message: `Cannot make "${text}" happen: ${reason}. Write it as in a file: crash: s1, for: 5s`,
  };
}
