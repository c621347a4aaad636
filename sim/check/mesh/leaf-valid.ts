/**
 * `mesh.leaf-valid`: no agent holds an expired certificate while the servers sign. After a refusal it
 * has the time of its longest wait; a wall clock that was set is noticed within ten minutes.
 */
import { MeshNote } from '../../consul/agent/mesh/vocabulary.ts';
import { CaNote } from '../../consul/connect/vocabulary.ts';
import { QUIET_NOTES, Quiet } from '../catalog/quiet.ts';
import type { QuietState } from '../catalog/quiet.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import { inSeconds } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { CALM_MICROS, isCalm, meshAgents, meshAt } from './members.ts';

/** `consul:agent/leafcert/leafcert.go (DefaultQueryTimeout)`. */
const ROUND_MICROS = 600_000_000;
/** Clocks that drift are not set. */
const SET_MICROS = 1_000_000;

interface Saved {
  readonly exercised: number;
  readonly refusedMicros: number;
  readonly reported: readonly string[];
  readonly offsets: readonly (readonly [ProcessIndex, number])[];
  readonly setMicros: readonly (readonly [ProcessIndex, number])[];
  readonly quiet: QuietState;
}

class LeafValid implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [...QUIET_NOTES, MeshNote.renewed, CaNote.refused];
  /** Certificates that were renewed. */
  exercised = 0;
  private refusedMicros = -Infinity;
  private reported = new Set<string>();
  /** Wall clock of each agent's host over its own time, and when that was set. */
  private offsets = new Map<ProcessIndex, number>();
  private setMicros = new Map<ProcessIndex, number>();
  private readonly quiet: Quiet;
  private readonly agents: readonly ProcessIndex[];
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    this.quiet = new Quiet(context);
    this.agents = meshAgents(context.world);
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number, c: number): void {
    if (kind === MeshNote.renewed) this.exercised++;
    else if (kind === CaNote.refused) this.refusedMicros = this.context.world.now;
    else this.quiet.onNote(kind, process, a, b, c);
  }

  onSecond(): void {
    this.quiet.look();
    const { now } = this.context.world;
    const refusedLately = now - this.refusedMicros < CALM_MICROS;
    for (const agent of this.agents) {
      if (this.wasSetLately(agent) || refusedLately) continue;
      if (isCalm(this.quiet, agent, now)) this.tell(agent);
    }
  }

  private wasSetLately(agent: ProcessIndex): boolean {
    const { world } = this.context;
    const { clock } = world.processes[agent].host;
    const offset = clock.wall(world.now) - clock.monotonic(world.now);
    const known = this.offsets.get(agent) ?? offset;
    this.offsets.set(agent, offset);
    if (Math.abs(offset - known) > SET_MICROS) this.setMicros.set(agent, world.now);
    return world.now - (this.setMicros.get(agent) ?? -Infinity) < ROUND_MICROS + CALM_MICROS;
  }

  private tell(agent: ProcessIndex): void {
    const { world, report } = this.context;
    const wall = world.processes[agent].host.clock.wall(world.now);
    for (const { name, leaf } of meshAt(world, agent)?.services ?? []) {
      if (leaf === null || wall <= leaf.notAfterMicros) continue;
      const key = `${agent} ${name} ${leaf.index}`;
      if (this.reported.has(key)) continue;
      this.reported.add(key);
      const since = inSeconds(wall - leaf.notAfterMicros);
      const who = world.processes[agent].name;
      report(`the certificate of ${name} at ${who} expired ${since} ago and is not renewed`, [
        agent,
      ]);
    }
  }

  save(): unknown {
    const { exercised, refusedMicros } = this;
    return {
      exercised,
      refusedMicros,
      reported: [...this.reported],
      offsets: [...this.offsets],
      setMicros: [...this.setMicros],
      quiet: this.quiet.save(),
    } satisfies Saved;
  }

  restore(state: unknown): void {
    const saved = state as Saved;
    this.exercised = saved.exercised;
    this.refusedMicros = saved.refusedMicros;
    this.reported = new Set(saved.reported);
    this.offsets = new Map(saved.offsets);
    this.setMicros = new Map(saved.setMicros);
    this.quiet.restore(saved.quiet);
  }
}

export const leafValid: Invariant = {
  name: 'mesh.leaf-valid',
  expectation: 'always',
  occasional: true,
  statement: 'No agent holds an expired certificate for long while the servers sign new ones.',
  source: 'hashicorp/consul:agent/leafcert/util.go (calculateSoftExpiry), watch.go (backOffWait)',
  create: (context) => new LeafValid(context),
};
