/**
 * `wan.routes`: a server of another datacenter may be asked for as long as the WAN pool has not let go
 * of it, and a datacenter is given up by a rebalance only when none of its servers answers.
 */
import { KernelNote } from '../../core/observer.ts';
import type { Member } from '../../protocol/gossip/member.ts';
import { Status, statusOf } from '../../protocol/serf/members.ts';
import { serfOf } from '../../protocol/serf/state.ts';
import type { RouterState } from '../../consul/wan/state.ts';
import { ROUTER_MACHINE, RouterNote, WAN_MACHINE } from '../../consul/wan/vocabulary.ts';
import type {
  CheckContext,
  Invariant,
  InvariantCheck,
  NoteKind,
  ProcessIndex,
} from '../invariant.ts';

/** Longer than all pings of a rebalance take where the others refuse them. */
const QUIET_MICROS = 60_000_000;

interface Saved {
  readonly exercised: number;
  readonly disturbed: readonly (readonly [ProcessIndex, number])[];
  readonly cutMicros: number;
}

class Routes implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [
    RouterNote.rebalanced,
    KernelNote.started,
    KernelNote.crashed,
    KernelNote.paused,
    KernelNote.resumed,
  ];
  /** Servers that had failed and were kept, and rebalances that met one. */
  exercised = 0;
  /** When a process last began, ended, or stood still. */
  private disturbed = new Map<ProcessIndex, number>();
  /** When the network was last not whole. */
  private cutMicros = -QUIET_MICROS;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number, c: number): void {
    if (kind !== RouterNote.rebalanced) {
      this.disturbed.set(process, this.context.world.now);
    } else if (this.context.concerns(process) && b > 1 - c) {
      if (b > 1) this.exercised++;
      if (c === 0) this.onGivenUp(process, a);
    }
  }

  private onGivenUp(process: ProcessIndex, number: number): void {
    const { world, report } = this.context;
    const { config } = this.routerOf(process)!;
    const { now } = world;
    if (now < this.cutMicros + QUIET_MICROS || world.network.rules.size > 0) return;
    const datacenter = config.datacenters[number - 1];
    const well = config.servers.find(
      (one) =>
        one.datacenter === datacenter &&
        world.processes[one.process].attentive &&
        now >= (this.disturbed.get(one.process) ?? -QUIET_MICROS) + QUIET_MICROS,
    );
    if (well === undefined) return;
    const [who, whom] = [world.processes[process].name, world.processes[well.process].name];
    report(`${who} has given up ${datacenter} although ${whom} answers`, [process, well.process]);
  }

  onSecond(): void {
    const { world, servers } = this.context;
    if (world.network.rules.size > 0) this.cutMicros = world.now;
    for (const { process } of servers) {
      if (world.processes[process].status === 'running') this.look(process);
    }
  }

  private look(process: ProcessIndex): void {
    const { world, report } = this.context;
    const router = this.routerOf(process);
    if (router === undefined) return;
    const member = world.processes[process].slotByNumber[WAN_MACHINE]!.state as Member;
    const { config, managers } = router;
    config.servers.forEach((server, node) => {
      if (server.datacenter === config.datacenter) return;
      const status = statusOf(serfOf(member), node);
      const wanted = status !== Status.none && status !== Status.left;
      if (status === Status.failed) this.exercised++;
      const list = managers.get(server.datacenter)?.servers ?? [];
      if (list.some((one) => one.process === server.process) === wanted) return;
      const [who, whom] = [world.processes[process].name, world.processes[server.process].name];
      const text = wanted ? 'no longer asks' : 'still asks';
      report(`${who} ${text} ${whom}`, [process, server.process]);
    });
  }

  private routerOf(process: ProcessIndex): RouterState | undefined {
    const { processes } = this.context.world;
    return processes[process].slotByNumber[ROUTER_MACHINE]?.state as RouterState | undefined;
  }

  save(): unknown {
    const { exercised, disturbed, cutMicros } = this;
    return { exercised, disturbed: [...disturbed], cutMicros } satisfies Saved;
  }

  restore(state: unknown): void {
    const { exercised, disturbed, cutMicros } = state as Saved;
    this.exercised = exercised;
    this.disturbed = new Map(disturbed);
    this.cutMicros = cutMicros;
  }
}

export const routes: Invariant = {
  name: 'wan.routes',
  expectation: 'always',
  occasional: true,
  statement:
    'Servers of other datacenters are asked until the WAN pool lets go of them, and a datacenter is ' +
    'given up only when none of its servers answers.',
  source: 'consul:agent/router/router.go; hashicorp/consul issue 3463, pull 2801',
  create: (context) => new Routes(context),
};
