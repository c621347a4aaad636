/**
 * `balance.share`: over a run, the instances of a service get the shares of first attempts that the
 * policy promises. Judged at the end, for policies that promise any, while all instances were healthy
 * in the eyes of the client; six standard deviations of as many independent draws are allowed, and one
 * turn for each client that takes turns.
 */
import type { PolicyName } from '../../../scenarios/services.ts';
import { CallNote } from '../../service/vocabulary.ts';
import type { Upstream } from '../../client/call/upstream.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { loadAt, upstreamOf } from './callers.ts';

const EVEN: readonly PolicyName[] = ['random', 'round-robin'];
const BY_WEIGHT: readonly PolicyName[] = ['weighted-random', 'static-stride'];
const DEVIATIONS = 6;
/** Fewer attempts than that show nothing. */
const ATTEMPTS_MIN = 1000;

interface Tally {
  /** Expected share by process of the instance. */
  readonly expected: Map<ProcessIndex, number>;
  readonly counts: Map<ProcessIndex, number>;
  readonly clients: Set<ProcessIndex>;
  total: number;
}

class Share implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [CallNote.attempted];
  private tallies = new Map<string, Tally>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  /** First attempts of loads whose policies promise shares. */
  get exercised(): number {
    let total = 0;
    for (const tally of this.tallies.values()) total += tally.total;
    return total;
  }

  onNote(_kind: NoteKind, process: ProcessIndex, slot: number, to: number, first: number): void {
    const { world } = this.context;
    if (first === 0) return;
    const load = loadAt(world, process);
    if (load === undefined) return;
    const upstream = upstreamOf(world, process, slot);
    if (!promises(upstream)) return;
    const tally = this.tallyOf(load, upstream);
    tally.total++;
    tally.clients.add(process);
    tally.counts.set(to, (tally.counts.get(to) ?? 0) + 1);
  }

  private tallyOf(load: string, upstream: Upstream): Tally {
    let tally = this.tallies.get(load);
    if (tally === undefined) {
      tally = { expected: expectedOf(upstream), counts: new Map(), clients: new Set(), total: 0 };
      this.tallies.set(load, tally);
    }
    return tally;
  }

  pending(): string | null {
    const { processes } = this.context.world;
    for (const [load, { expected, counts, clients, total }] of this.tallies) {
      if (total < ATTEMPTS_MIN) continue;
      for (const [process, share] of expected) {
        const count = counts.get(process) ?? 0;
        const deviation = Math.sqrt(total * share * (1 - share));
        if (Math.abs(count - total * share) <= DEVIATIONS * deviation + clients.size) continue;
        const percent = (part: number): string => `${(part * 100).toFixed(1)}%`;
        const { name } = processes[process];
        return `${name} got ${percent(count / total)} of the calls of ${load}, not ${percent(share)}`;
      }
    }
    return null;
  }

  save(): unknown {
    return [...this.tallies].map(([load, tally]) => [load, copy(tally)]);
  }

  restore(state: unknown): void {
    const saved = state as readonly (readonly [string, Tally])[];
    this.tallies = new Map(saved.map(([load, tally]) => [load, copy(tally)]));
  }
}

function copy({ expected, counts, clients, total }: Tally): Tally {
  return { expected, counts: new Map(counts), clients: new Set(clients), total };
}

function promises({ config, healthy, listed, endpoints }: Upstream): boolean {
  const { policy, locality, subset, slowStart } = config.settings.balance;
  if (!EVEN.includes(policy) && !BY_WEIGHT.includes(policy)) return false;
  if (locality !== 'none' || subset !== null || slowStart !== null) return false;
  return listed.length === endpoints.length && healthy.every((one) => one);
}

function expectedOf({ config, endpoints }: Upstream): Map<ProcessIndex, number> {
  const isEven = EVEN.includes(config.settings.balance.policy);
  const sum = endpoints.reduce((total, { weight }) => total + (isEven ? 1 : weight), 0);
  return new Map(endpoints.map(({ process, weight }) => [process, (isEven ? 1 : weight) / sum]));
}

export const share: Invariant = {
  name: 'balance.share',
  expectation: 'eventually',
  statement:
    'Instances that are healthy get the shares of calls that weights and policy promise them.',
  source: 'RFC 2782 (weight); grpc/grpc-go:balancer/weightedroundrobin/scheduler.go',
  occasional: true,
  create: (context) => new Share(context),
};
