/**
 * `gossip.converges`: when all faults have healed, members that run are alive to each other. Whom serf
 * calls failed it tries to join again every 30 s, so that what was split finds together within two
 * ticks and the time they take. Whoever both sides have let go of, or forgotten, stays apart (serf#605).
 */
import type { NoteKind, ProcessIndex } from '../../core/machine.ts';
import { State, STATE_NAMES, isSuspect, stateOf } from '../../protocol/gossip/messages.ts';
import { Status, statusOf } from '../../protocol/serf/members.ts';
import { serfOf } from '../../protocol/serf/state.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import { heldBy, memberAt, memberProcesses, poolOf } from './members.ts';

const SPLIT = { status: 'allowed', reference: 'serf#605' } as const;
/** Two ticks of the reconnect loop, with a dial that times out in each. */
const RECONNECTED_MICROS = 80_000_000;

class Converges implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [];
  /** Pairs of members that were looked at. */
  exercised = 0;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(): void {}

  pending(): string | null {
    const { world, settle } = this.context;
    const pool = poolOf(this.context);
    if (pool === null) return null;
    const running = memberProcesses(this.context).filter(
      (process) => world.processes[process].status === 'running',
    );
    for (const viewer of running) {
      for (const node of running) {
        this.exercised++;
        if (memberAt(world, node)!.leaving) continue;
        const held = heldBy(pool, viewer, node);
        if (stateOf(held) === State.alive) continue;
        const text = `${this.name(viewer)} holds ${this.name(node)} to be ${STATE_NAMES[held & 7]}`;
        if (isSuspect(held)) return text;
        if (this.isTried(viewer, node) || this.isTried(node, viewer)) {
          if (world.now > settle.fromMicros + RECONNECTED_MICROS)
            return `${text}, and tries in vain`;
        } else if (this.isLetGo(viewer, node) || this.isLetGo(node, viewer)) {
          this.context.report(text, [viewer, node], SPLIT);
        } else {
          return text;
        }
      }
    }
    return null;
  }

  /** Serf reconnects to whom it calls failed. */
  private isTried(viewer: ProcessIndex, process: ProcessIndex): boolean {
    return this.statusOf(viewer, process) === Status.failed;
  }

  private isLetGo(viewer: ProcessIndex, process: ProcessIndex): boolean {
    const status = this.statusOf(viewer, process);
    return status === Status.left || status === Status.none;
  }

  private statusOf(viewer: ProcessIndex, process: ProcessIndex): Status {
    const { world } = this.context;
    return statusOf(serfOf(memberAt(world, viewer)!), memberAt(world, process)!.node);
  }

  private name(process: ProcessIndex): string {
    return this.context.world.processes[process].name;
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

export const converges: Invariant = {
  name: 'gossip.converges',
  expectation: 'eventually',
  statement: 'When all faults have healed, members that run hold each other to be alive.',
  source: 'SWIM, §3.2 and §4.1 (dissemination); hashicorp/serf:serf/serf.go (handleReconnect)',
  create: (context) => new Converges(context),
};
