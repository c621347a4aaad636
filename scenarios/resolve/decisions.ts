/** Decisions of the language -> decisions of the simulator. */
import { suggest } from '../errors.ts';
import type { DecisionSpec } from '../scenario.ts';
import type { ScenarioDraft } from '../schema.ts';
import type { HostTable } from '../selectors.ts';
import type { Path } from '../tree.ts';
import type { Complain } from './hosts.ts';

/** What draws give lies below 1. */
const BELOW_ONE = 1 - 2 ** -32;

export function resolveDecisions(
  { decisions }: ScenarioDraft,
  table: HostTable,
  complain: Complain,
): DecisionSpec[] {
  const processes = [...table.servers, ...table.clients, ...table.agents];
  const named = (name: string, path: Path): string => {
    const hint = suggest(name, processes);
    if (!processes.includes(name)) complain(path, `there is no process "${name}"${hint}`);
    return name;
  };
  return decisions.map((one, index): DecisionSpec => {
    const at = (key: string): Path => ['decisions', index, key];
    if ('delay' in one) {
      return {
        kind: 'delay',
        messageClass: one.delay,
        from: named(one.from, at('from')),
        to: named(one.to, at('to')),
        nth: one.nth,
        micros: one.takes,
      };
    }
    if ('select' in one) {
      const { select, lane, nth, choice } = one;
      return { kind: 'select', process: named(select, at('select')), lane, nth, choice };
    }
    const { draw: purpose, of, nth, value } = one;
    const below = Math.min(value, BELOW_ONE);
    return { kind: 'draw', process: named(of, at('of')), purpose, nth, value: below };
  });
}
