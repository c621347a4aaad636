/** Parts of one search that were run apart, as if they had been run at once. */
import type { SearchPlan } from './plan.ts';
import { NOTHING } from './search.ts';
import type { Finding, SearchState } from './search.ts';

/** What one part of a search knows: a file of `--reporter blob`. */
export interface SearchPart {
  readonly schema: 'lictor.search-part/1';
  readonly version: string;
  readonly plan: SearchPlan;
  readonly state: SearchState;
  readonly interrupted: boolean;
  readonly wallSeconds: number;
}

export interface Joined {
  readonly plan: SearchPlan;
  readonly state: SearchState;
  /** Parts of the whole that nobody has brought, from 1. */
  readonly missing: readonly number[];
}

/** Whether parts are of the same search. */
export function sameSearch(left: SearchPart, right: SearchPart): boolean {
  const whole = ({ version, plan }: SearchPart): string =>
    JSON.stringify([version, { ...plan, part: 0 }]);
  return whole(left) === whole(right);
}

/** The order of the parts does not matter; of a part that comes twice the longer one counts. */
export function joinParts(parts: readonly SearchPart[]): Joined {
  const { plan } = parts[0]!;
  const byPart = new Map<number, SearchPart>();
  for (const one of parts) {
    const known = byPart.get(one.plan.part);
    if (known === undefined || known.state.runs < one.state.runs) byPart.set(one.plan.part, one);
  }
  const places = Array.from({ length: plan.parts }, (_, part) => part);
  const missing = places.filter((part) => !byPart.has(part)).map((part) => part + 1);
  const states = places.flatMap((part) => byPart.get(part)?.state ?? []);
  return { plan: { ...plan, part: 0, parts: 1 }, state: states.reduce(join, NOTHING), missing };
}

function join(left: SearchState, right: SearchState): SearchState {
  const codes: Record<string, number> = { ...left.codes };
  for (const [code, count] of Object.entries(right.codes)) codes[code] = (codes[code] ?? 0) + count;
  const states = [...new Set([...left.states, ...right.states])].sort((one, two) => one - two);
  return {
    next: Math.max(left.next, right.next),
    runs: left.runs + right.runs,
    events: left.events + right.events,
    simulatedSeconds: left.simulatedSeconds + right.simulatedSeconds,
    codes,
    states,
    findings: joinFindings([...left.findings, ...right.findings]),
    corpus: [],
  };
}

/** In the order in which they were seen first. */
function joinFindings(findings: readonly Finding[]): Finding[] {
  const joined = new Map<string, Finding>();
  for (const one of findings) {
    const known = joined.get(one.key);
    if (known === undefined) {
      joined.set(one.key, one);
      continue;
    }
    const better = one.events < known.events ? one : known;
    const count = known.count + one.count;
    const firstIndex = Math.min(known.firstIndex, one.firstIndex);
    joined.set(one.key, { ...better, count, firstIndex });
  }
  return [...joined.values()].sort((left, right) => left.firstIndex - right.firstIndex);
}
