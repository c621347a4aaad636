/**
 * `gossip.accuracy`: a network that loses nothing, members that nobody slows: nobody who runs is
 * suspected. From the first fault on that touches the network or a member's time, anything may be.
 */
import { KernelNote } from '../../core/observer.ts';
import type { MemberConfig } from '../../protocol/gossip/member.ts';
import { GOSSIP_MACHINE, GossipNote } from '../../protocol/gossip/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { memberProcesses } from './members.ts';

/** A round trip beyond this share of the probe timeout is no longer certain to be in time. */
const ROUND_TRIP_SHARE = 0.5;
/** Stands for the longest latency: one in a million is longer. */
const LONGEST = 1 - 1e-6;

class Accuracy implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [
    GossipNote.suspected,
    KernelNote.crashed,
    KernelNote.paused,
  ];
  /** Seconds in which nobody may have been suspected. */
  exercised = 0;
  private crashed = new Set<ProcessIndex>();
  private disturbed: boolean;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    this.disturbed = !isCertain(context);
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number): void {
    if (kind === KernelNote.crashed) this.crashed.add(process);
    else if (kind === KernelNote.paused) this.disturbed = true;
    else if (!this.crashed.has(a) && !this.isDisturbed()) {
      const { processes } = this.context.world;
      const [who, whom] = [processes[process].name, processes[a].name];
      this.context.report(`${who} suspects ${whom}, which has always run`, [process, a]);
    }
  }

  onSecond(): void {
    if (!this.isDisturbed()) this.exercised++;
  }

  private isDisturbed(): boolean {
    if (this.disturbed) return true;
    const { network, processes } = this.context.world;
    const slowed = (): boolean =>
      processes.some((one) => one.slowedMessages > 0 || network.slowedAt(one.host.index) > 0);
    // A rule that has ended has left its number.
    this.disturbed = network.rules.size > 0 || network.rules.save().nextId > 1 || slowed();
    return this.disturbed;
  }

  save(): unknown {
    return { exercised: this.exercised, crashed: [...this.crashed], disturbed: this.disturbed };
  }

  restore(state: unknown): void {
    const { exercised, crashed, disturbed } = state as {
      exercised: number;
      crashed: ProcessIndex[];
      disturbed: boolean;
    };
    this.exercised = exercised;
    this.crashed = new Set(crashed);
    this.disturbed = disturbed;
  }
}

/** No packet is lost, and every round trip takes less than half of the probe timeout. */
function isCertain(context: CheckContext): boolean {
  const { world } = context;
  const [first] = memberProcesses(context);
  if (first === undefined) return false;
  const { config } = world.processes[first].slotByNumber[GOSSIP_MACHINE]!;
  const { probeTimeoutMicros } = (config as MemberConfig).memberlist;
  if (world.processes.some(({ cpu }) => cpu !== null)) return false;
  return world.spec.network.links.every(
    ({ latency, loss }) =>
      loss === 0 && 2 * latency.draw(LONGEST) < ROUND_TRIP_SHARE * probeTimeoutMicros,
  );
}

export const accuracy: Invariant = {
  name: 'gossip.accuracy',
  expectation: 'always',
  statement: 'Without loss, delay and pauses, nobody who has always run is ever suspected.',
  source: 'SWIM, §3.1 and §4.2 (accuracy of the failure detector)',
  create: (context) => new Accuracy(context),
};
