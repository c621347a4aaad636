/**
 * How long silent sessions live and keep their locks. A leader ends a session with a TTL of 10 s 20 s
 * after its last renewal, and 20 s after its own beginning where it has inherited it
 * (hashicorp/consul:agent/consul/session_ttl.go). The lock is free 15 s of lock-delay later; whoever
 * waits for it asks every 5 s from the end of the session on (hashicorp/consul:api/lock.go), and three
 * times that is the lock-delay, but for a few round trips.
 */
import type { NoteKind, ProcessIndex } from '../../sim/core/machine.ts';
import type { Observer } from '../../sim/core/observer.ts';
import { LeaderNote } from '../../sim/consul/leader/vocabulary.ts';
import { SESSION_MACHINE, SessionNote } from '../../sim/consul/session/vocabulary.ts';
import type { SessionState } from '../../sim/consul/session/state.ts';
import { Role } from '../../sim/protocol/raft/types.ts';
import { Execution } from '../../sim/run/execution.ts';
import { parse } from '../run/kit.ts';

const SECOND = 1_000_000;

/** In seconds, as they happened. */
export interface SessionTimes {
  readonly expiry: number[];
  readonly inherited: number[];
  readonly release: number[];
}

/** One falls silent with the lock each turn, and the others hold it for a moment only. */
const LOADS = `
load:
  silent: { kind: lock, hold: 5s..15s, think: 20s..30s, ttl: 10s, lock_delay: 15s, silent: 100%, checks: [], timeout: 10s }
  others: { kind: lock, clients: 2, hold: 100ms, think: exp 2s, ttl: 10s, checks: [], timeout: 10s }
`;

class Timers implements Observer {
  readonly wants: readonly NoteKind[] = [SessionNote.expired, LeaderNote.established];
  readonly times: SessionTimes = { expiry: [], inherited: [], release: [] };
  /** When each session was last renewed, as its client called. */
  private readonly renewed = new Map<string, number>();
  private readonly calls = new Map<number, number>();
  private establishedAt = 0;
  /** Who was given the lock last, and has not let it go. */
  private holder = '';
  private readonly execution: Execution;

  constructor(execution: Execution) {
    this.execution = execution;
    execution.world.observe(this);
    execution.history.listen(({ type, f, op, time, value, session = '' }) => {
      if (type === 'invoke') this.calls.set(op, time);
      if (f === 'release') this.holder = '';
      if (type !== 'ok') return;
      if (f === 'session-create') this.renewed.set(value as string, this.calls.get(op)!);
      else if (f === 'session-renew') this.renewed.set(session, this.calls.get(op)!);
      else if (f === 'acquire') this.onAcquired(session, time);
    });
  }

  private onAcquired(session: string, time: number): void {
    const since = this.renewed.get(this.holder);
    if (this.holder !== '' && since !== undefined && since > this.establishedAt) {
      this.times.release.push((time - since) / SECOND);
    }
    this.holder = session;
  }

  onNote(kind: NoteKind, process: ProcessIndex, timer: number): void {
    const { simulation, world } = this.execution;
    if (simulation.raft(process)?.role !== Role.leader) return;
    if (kind === LeaderNote.established) {
      this.establishedAt = world.now;
      this.holder = '';
      return;
    }
    const { state } = world.processes[process]!.slotByNumber[SESSION_MACHINE]!;
    const since = this.renewed.get((state as SessionState).ids[timer]!)!;
    const inherited = since < this.establishedAt;
    const from = inherited ? this.establishedAt : since;
    this.times[inherited ? 'inherited' : 'expiry'].push((world.now - from) / SECOND);
  }
}

/** @param cluster settings that all measurements share */
export function measureSessions(cluster: string, seconds: number, seed: number): SessionTimes {
  const faults = 'faults: [{ every: 70s..110s, for: 5s, crash: leader }]';
  const scenario = parse(`duration: ${seconds}s\n${cluster}${LOADS}${faults}\n`);
  const options = { trace: 'off', observers: true, invariants: false, measures: false } as const;
  const execution = new Execution(scenario, seed, options);
  const { times } = new Timers(execution);
  execution.start();
  while (execution.step());
  return times;
}
