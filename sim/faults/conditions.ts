/** `when:` — faults that begin because of something the servers do. */
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import { KernelNote } from '../core/observer.ts';
import type { Observer } from '../core/observer.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { Condition, FaultSpec, Selector } from '../../scenarios/scenario.ts';
import type { OfDatacenter } from '../../scenarios/selectors.ts';
import type { FaultContext } from './context.ts';
import { datacenterAt, leadsOrLed, memoryOf, serversIn, votersOf } from './roles.ts';

const NOTE_OF: Readonly<Record<Condition['kind'], NoteKind>> = {
  elected: RaftNote.becameLeader,
  leader: RaftNote.becameLeader,
  voted: RaftNote.voted,
  campaign: RaftNote.becameCandidate,
  appended: RaftNote.appended,
  committed: RaftNote.committed,
  crashed: KernelNote.crashed,
  write: KernelNote.write,
};

/** A condition that is being watched for a fault of the plan. */
interface Watch {
  readonly fault: number;
  /** How often it has come true. */
  fired: number;
  /** Entries appended since, by process. */
  counts: Map<ProcessIndex, number>;
}

export interface ConditionsState {
  readonly watches: readonly Watch[];
  readonly elections: number;
}

type When = Extract<FaultSpec['trigger'], { readonly kind: 'when' }>;

export class Conditions {
  private watches: Watch[] = [];
  /** Elections won so far; the leader that a formed cluster begins with was never elected. */
  private elections = 0;
  private readonly heard = new Set<NoteKind>();
  private readonly context: FaultContext;
  private readonly specOf: (fault: number) => FaultSpec;
  private readonly onTrue: (fault: number, afterMicros: number) => void;
  /** Somebody has come to lead, or has started: faults that wait for a target look again. */
  private readonly onArrival: () => void;

  constructor(
    context: FaultContext,
    specOf: (fault: number) => FaultSpec,
    onTrue: (fault: number, afterMicros: number) => void,
    onArrival: () => void,
  ) {
    this.context = context;
    this.specOf = specOf;
    this.onTrue = onTrue;
    this.onArrival = onArrival;
  }

  /** Hears of the notes that these faults need; asking again for the same ones costs nothing. */
  listen(specs: readonly FaultSpec[]): void {
    const wanted: NoteKind[] = [RaftNote.becameLeader, KernelNote.started];
    for (const { trigger } of specs) {
      if (trigger.kind === 'when') wanted.push(NOTE_OF[trigger.condition.kind]);
    }
    const wants = [...new Set(wanted)].filter((kind) => !this.heard.has(kind));
    if (wants.length === 0) return;
    for (const kind of wants) this.heard.add(kind);
    const onNote: Observer['onNote'] = (kind, process, a, b) => this.onNote(kind, process, a, b);
    this.context.world.observe({ wants, onNote });
  }

  /** Begins to watch for a fault; what is true of the whole run may be true already. */
  watch(fault: number): void {
    const watch: Watch = { fault, fired: 0, counts: new Map() };
    this.watches.push(watch);
    const { condition } = this.whenOf(fault);
    const elected = condition.kind === 'elected' && this.elections >= condition.count;
    const committed =
      condition.kind === 'committed' &&
      serversIn(this.context).some(
        ({ process }) => (this.context.raft(process)?.commitIndex ?? 0) >= condition.index,
      );
    if (elected || committed) this.fire(watch);
  }

  forgetAll(): void {
    this.watches = [];
  }

  private whenOf(fault: number): When {
    return this.specOf(fault).trigger as When;
  }

  private onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number): void {
    const won = kind === RaftNote.becameLeader && this.wasElected(process);
    if (won && this.isOfFirst(process)) this.elections++;
    if (kind === RaftNote.becameLeader || kind === KernelNote.started) this.onArrival();
    for (const watch of this.watches.slice()) {
      const { condition } = this.whenOf(watch.fault);
      if (NOTE_OF[condition.kind] !== kind) continue;
      if (kind === RaftNote.becameLeader && !won) continue;
      if (this.isTrue(condition, watch, process, a, b)) this.fire(watch);
    }
  }

  /** A server that leads without ever having been a candidate was made leader, not elected. */
  private wasElected(process: ProcessIndex): boolean {
    return (memoryOf(this.context, process)?.candidateRounds ?? 0) > 0;
  }

  private isTrue(
    condition: Condition,
    watch: Watch,
    process: ProcessIndex,
    a: number,
    b: number,
  ): boolean {
    switch (condition.kind) {
      case 'elected':
        return this.isOfFirst(process) && this.elections === condition.count;
      case 'committed':
        return this.isOfFirst(process) && a >= condition.index;
      case 'appended': {
        if (!this.isAmong(condition.hosts, process, false)) return false;
        const count = (watch.counts.get(process) ?? 0) + b - a + 1;
        watch.counts.set(process, count);
        return count >= condition.count;
      }
      case 'voted':
        return b !== process && this.isAmong(condition.hosts, process, false);
      default:
        return this.isAmong(condition.hosts, process, condition.kind === 'leader');
    }
  }

  /** What is said of the whole cluster means that of the first datacenter. */
  private isOfFirst(process: ProcessIndex): boolean {
    return this.isOf(undefined, process);
  }

  private isOf(datacenter: string | undefined, process: ProcessIndex): boolean {
    const { datacenters } = this.context.scenario;
    return datacenterAt(this.context, process) === (datacenter ?? datacenters[0].name);
  }

  /** `wins`: it has this moment come to lead, so what it was before counts. */
  private isAmong(selector: Selector, process: ProcessIndex, wins: boolean): boolean {
    const { context } = this;
    switch (selector.kind) {
      case 'hosts':
        return selector.hosts.includes(context.world.processes[process].host.name);
      case 'union':
        return selector.parts.some((part) => this.isAmong(part, process, wins));
      case 'leader':
        return this.isOf(selector.datacenter, process) && (wins || leadsOrLed(context, process));
      case 'followers':
        return this.isVoter(selector, process) && (wins || !leadsOrLed(context, process));
      case 'voters':
        return this.isVoter(selector, process);
      default:
        return false;
    }
  }

  private isVoter({ datacenter }: OfDatacenter, process: ProcessIndex): boolean {
    const voters = votersOf(this.context, datacenter);
    const servers = voters.length > 0 ? voters : serversIn(this.context, datacenter);
    return servers.some((server) => server.process === process);
  }

  private fire(watch: Watch): void {
    const { afterMicros, times } = this.whenOf(watch.fault);
    watch.fired++;
    watch.counts = new Map();
    if (watch.fired >= times) this.watches = this.watches.filter((one) => one !== watch);
    this.onTrue(watch.fault, afterMicros);
  }

  save(): ConditionsState {
    return { watches: this.watches.map(copyWatch), elections: this.elections };
  }

  restore(state: ConditionsState): void {
    this.watches = state.watches.map(copyWatch);
    this.elections = state.elections;
  }
}

function copyWatch(watch: Watch): Watch {
  return { ...watch, counts: new Map(watch.counts) };
}
