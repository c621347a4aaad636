/**
 * `check.threshold`: a check changes its status when so many results in a row say so, or the first
 * ones after its registration; a `ttl` becomes critical when its program says so, or has been silent
 * for long enough. Nothing else changes a status, least of all registering the service again.
 */
import { AgentNote } from '../../consul/agent/specs.ts';
import type { CheckSpec } from '../../consul/agent/state.ts';
import type { CheckStatus } from '../../consul/state/rows.ts';
import { KernelNote } from '../../core/observer.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { agentAt } from '../catalog/agents.ts';
import { countResult, definitionAt, noResults, statusAt } from './results.ts';
import type { Results } from './results.ts';

const { checked, deregistered, registered, result, told } = AgentNote;
/** Clocks of hosts drift. */
const TTL_SHARE = 0.99;

class Threshold implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [
    KernelNote.started,
    checked,
    deregistered,
    registered,
    result,
    told,
  ];
  /** Changes of status that were judged. */
  exercised = 0;
  private checks = new Map<string, Results>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number, c: number): void {
    if (kind === KernelNote.started) {
      this.forget(process);
    } else if (kind === registered) {
      this.onRegistered(process, a);
    } else if (kind === deregistered) {
      this.forgetDeleted(process);
    } else {
      const results = this.of(process, a);
      if (kind === result) {
        this.expect(process, a, results);
        countResult(results, statusAt(b), c === 1);
      } else if (kind === told) {
        results.toldMicros = this.context.world.now;
        results.outright = true;
      } else {
        this.weigh(process, a, statusAt(b), results);
      }
    }
  }

  /** A new life knows nothing of the last one. */
  private forget(process: ProcessIndex): void {
    for (const key of this.checks.keys()) {
      if (key.startsWith(`${process}/`)) this.checks.delete(key);
    }
  }

  /** Who is registered later begins anew. */
  private forgetDeleted(process: ProcessIndex): void {
    const { checkIds, local } = agentAt(this.context.world, process)!;
    checkIds.forEach((check, number) => {
      if (local.checks.get(check)?.deleted !== false) this.checks.delete(`${process}/${number}`);
    });
  }

  private of(process: ProcessIndex, number: number): Results {
    const key = `${process}/${number}`;
    const known = this.checks.get(key);
    if (known !== undefined) return known;
    const made = noResults(this.statusOf(process, number), this.context.world.now);
    this.checks.set(key, made);
    return made;
  }

  private statusOf(process: ProcessIndex, number: number): CheckStatus {
    const agent = agentAt(this.context.world, process)!;
    return agent.local.checks.get(agent.checkIds[number])?.check?.status ?? 'critical';
  }

  /** Counters begin anew; the status does not. */
  private onRegistered(process: ProcessIndex, service: number): void {
    const agent = agentAt(this.context.world, process)!;
    const id = agent.serviceIds[service];
    agent.checkIds.forEach((check, number) => {
      const entry = agent.local.checks.get(check);
      if (entry?.check?.serviceId !== id) return;
      const known = this.checks.get(`${process}/${number}`);
      const { status } = entry.check;
      if (known !== undefined && known.status !== status && !entry.deleted) {
        const message = `${check} is ${status} without a result, because ${id} was registered again`;
        this.context.report(message, [process]);
      }
      const made = noResults(status, this.context.world.now);
      this.checks.set(`${process}/${number}`, made);
    });
  }

  /** The run before has had its effect. */
  private expect(process: ProcessIndex, number: number, results: Results): void {
    const spec = definitionAt(this.context.world, process, number);
    if (spec === undefined || results.total === 0) return;
    const wanted = demanded(spec, results);
    const status = this.statusOf(process, number);
    if (wanted === null || wanted === status || (wanted === 'passing' && status === 'warning')) {
      return;
    }
    const { checkIds } = agentAt(this.context.world, process)!;
    this.context.report(`${checkIds[number]} is still ${status}, not ${wanted}`, [process]);
  }

  private weigh(
    process: ProcessIndex,
    number: number,
    status: CheckStatus,
    results: Results,
  ): void {
    const { world, report } = this.context;
    const spec = definitionAt(world, process, number);
    this.exercised++;
    results.status = status;
    if (spec === undefined || spec.kind === 'alias') return;
    const { checkIds } = agentAt(world, process)!;
    const id = checkIds[number];
    if (spec.kind === 'ttl') {
      const silent = world.now - results.toldMicros;
      const expired = status === 'critical' && silent >= spec.ttlMicros * TTL_SHARE;
      if (results.outright && status !== 'critical') return;
      if (!expired && !(results.outright && this.saidCritical(process, id))) {
        report(`${id} is ${status} though its program has spoken in time`, [process]);
      }
      return;
    }
    if (!isEarned(spec, status, results)) {
      const { successes, failures } = results;
      const row = `${successes} successes and ${failures} failures in a row`;
      report(`${id} is ${status} after ${row}`, [process]);
    }
  }

  /** The last word of the program, which goes into the check's output as well. */
  private saidCritical(process: ProcessIndex, id: string): boolean {
    const agent = agentAt(this.context.world, process)!;
    return !(agent.local.checks.get(id)?.check?.output ?? '').startsWith('TTL expired');
  }

  save(): unknown {
    const checks = [...this.checks].map(([key, one]) => [key, { ...one }] as const);
    return { exercised: this.exercised, checks };
  }

  restore(state: unknown): void {
    const saved = state as { exercised: number; checks: readonly (readonly [string, Results])[] };
    this.exercised = saved.exercised;
    this.checks = new Map(saved.checks.map(([key, one]) => [key, { ...one }]));
  }
}

/** Null: the results so far demand nothing. */
function demanded({ thresholds }: CheckSpec, results: Results): CheckStatus | null {
  const { successes, failures, total, outright } = results;
  if (outright) return null;
  const { successBeforePassing, failuresBeforeWarning, failuresBeforeCritical } = thresholds;
  if (failures > 0) {
    if (failures === total || failures >= failuresBeforeCritical) return 'critical';
    return failures >= failuresBeforeWarning ? 'warning' : null;
  }
  return successes === total || successes >= successBeforePassing ? 'passing' : null;
}

function isEarned({ thresholds }: CheckSpec, status: CheckStatus, results: Results): boolean {
  const { successes, failures, total, outright } = results;
  const { successBeforePassing, failuresBeforeWarning, failuresBeforeCritical } = thresholds;
  if (status === 'critical') {
    return failures > 0 && (outright || failures === total || failures >= failuresBeforeCritical);
  }
  const enough = successes > 0 && (successes === total || successes >= successBeforePassing);
  return enough || (status === 'warning' && failures > 0 && failures >= failuresBeforeWarning);
}

export const threshold: Invariant = {
  name: 'check.threshold',
  expectation: 'always',
  occasional: true,
  statement:
    'A check changes its status after as many results in a row as its thresholds say, and a TTL ' +
    'expires only for want of a word: nothing else makes a check critical.',
  source: 'hashicorp/consul:agent/checks/check.go (StatusHandler.updateCheck)',
  create: (context) => new Threshold(context),
};
