/** Everything that goes wrong, from the moment it is due: waiting, in force, over. */
import type { Sampler } from '../core/distribution.ts';
import { compileSampler } from '../core/distribution.ts';
import type { Draws } from '../core/draws.ts';
import type { DistributionSpec, FaultSpec } from '../../scenarios/scenario.ts';
import type { FaultContext } from './context.ts';
import { crashStruck, goOnCrashing, isDown, leftCleanly, letGo } from './crash.ts';
import { setCrashPoints } from './crash-points.ts';
import { isSignal } from './departure.ts';
import { describeAction, joinNames } from './label.ts';
import type { Occurrence } from './occurrence.ts';
import { verbOf } from './registry.ts';
import { goOnLeaving } from './leave.ts';
import { goOn } from './restart.ts';
import { takeAim } from './selectors.ts';
import type { Aim } from './selectors.ts';
import { Act, tagOf } from './tags.ts';
import type { ActionKind, Begun, Held, HeldOf, Stage } from './verb.ts';

/** What ends processes or keeps them from running. */
const PROCESS_KINDS: readonly Held['kind'][] = ['crash', 'pause', 'restart', 'leave'];
/** Kinds that are over by themselves, some time after they began. */
const RESTARTS: readonly ActionKind[] = ['restart', 'recover', 'upgrade'];

export class Occurrences {
  /** By id; over ones stay for the report. */
  private list: Occurrence[] = [];
  /** Ids of those that are not over, ascending. */
  private live: number[] = [];
  private networkChanged = false;
  private readonly samplers = new Map<DistributionSpec, Sampler>();
  private readonly context: FaultContext;
  private readonly specOf: (fault: number) => FaultSpec;
  /** Told when a step of a sequence may have ended. */
  private readonly onProgress: (fault: number) => void;

  constructor(
    context: FaultContext,
    specOf: (fault: number) => FaultSpec,
    onProgress: (fault: number) => void,
  ) {
    this.context = context;
    this.specOf = specOf;
    this.onProgress = onProgress;
  }

  get all(): readonly Occurrence[] {
    return this.list;
  }

  /** Those that are not over, oldest first. */
  active(): Occurrence[] {
    return this.live.map((id) => this.list[id]);
  }

  /** A fault is due: it begins, or waits for somebody to aim at. */
  begin(fault: number): void {
    const { world } = this.context;
    const { label, patienceMicros } = this.specOf(fault);
    const { id } = this.add(fault, label, world.now + patienceMicros);
    if (this.attempt(id)) return;
    if (patienceMicros === 0) this.finish(id);
    else world.control(world.now + patienceMicros, tagOf(Act.giveUp, id));
  }

  private add(fault: number, label: string, patienceMicros: number): Occurrence {
    const occurrence: Occurrence = {
      id: this.list.length,
      fault,
      phase: 'waiting',
      label,
      beginMicros: this.context.world.now,
      endMicros: -1,
      patienceMicros,
      process: -1,
      happened: false,
      affected: 0,
      held: null,
    };
    this.list.push(occurrence);
    this.live.push(occurrence.id);
    return occurrence;
  }

  private update(id: number, change: Partial<Occurrence>): void {
    this.list[id] = { ...this.list[id], ...change };
  }

  /** Somebody to aim at may be there now. */
  retry(id: number): void {
    if (this.list[id].phase === 'waiting') this.attempt(id);
  }

  private attempt(id: number): boolean {
    const { fault } = this.list[id];
    const { action } = this.specOf(fault);
    const aim = takeAim(action, this.context, () => this.drawsOf(fault));
    if (aim === null) return false;
    if (action.kind === 'crash' && action.atWrite !== null) {
      this.arm(id, aim.get(action.hosts)!);
      return true;
    }
    const { held, over, label } = verbOf(action).begin(action, aim, this.stage(id));
    this.enforce(id, held, label ?? describeAction(action, this.namer(aim)));
    if (over === true) this.finish(id);
    return true;
  }

  private namer(aim: Aim): (selector: object) => string {
    const { context } = this;
    return (selector) => joinNames(aim.get(selector as never)!.map((one) => context.nameOf(one)));
  }

  private enforce(id: number, held: Held, label: string): void {
    const { world } = this.context;
    const { fault } = this.list[id];
    const { lasts } = this.specOf(fault);
    const beginMicros = world.now;
    this.update(id, { phase: 'in force', happened: true, held, label, beginMicros });
    if (lasts !== null) {
      const micros = Math.max(1, this.drawsOf(fault).sample(this.sampler(lasts)));
      world.control(world.now + micros, tagOf(Act.end, id));
    }
    this.onProgress(fault);
  }

  /** Each process strikes at its own write, so each becomes an occurrence of its own. */
  private arm(id: number, targets: readonly number[]): void {
    const { world } = this.context;
    const { fault, patienceMicros } = this.list[id];
    const { action } = this.specOf(fault);
    const ofAgent = action.kind === 'crash' && action.agent === true;
    const concerned = targets.flatMap((one) => (ofAgent ? this.context.agentsOf(one) : [one]));
    const processes = [...new Set(concerned)].map((index) => world.processes[index]);
    processes.forEach((process, index) => {
      const label = `crash ${ofAgent ? process.host.name : process.name}`;
      const own = index === 0 ? id : this.add(fault, label, patienceMicros).id;
      this.update(own, { phase: 'armed', label, process: process.index, beginMicros: world.now });
      if (isDown(process)) this.finish(own);
      else world.control(patienceMicros, tagOf(Act.giveUp, own));
    });
  }

  /** A crash point has struck, inside a handler of the process it ended. */
  strike(process: number, id: number): void {
    const { world } = this.context;
    const { phase, held, fault, label } = this.list[id];
    const { action } = this.specOf(fault);
    if (phase === 'armed' && action.kind === 'crash') {
      const how = isSignal(action.how) ? 'exit' : action.how;
      this.enforce(id, crashStruck(how, world.processes[process]), label);
    } else if (held?.kind === 'crash') {
      this.update(id, { held: leftCleanly(held, process) });
    } else if (held?.kind === 'restart') {
      world.control(world.now, tagOf(Act.advance, id));
    }
  }

  /** A restart, a leave, or a crash of whom leaves first, looks whether it may go on. */
  advance(id: number): void {
    const { held } = this.list[id];
    if (held?.kind !== 'restart' && held?.kind !== 'leave' && held?.kind !== 'crash') return;
    const begun = this.goOn(held, this.stage(id));
    this.update(id, { held: begun.held });
    if (begun.over === true) this.finish(id);
  }

  private goOn(held: HeldOf<'restart' | 'leave' | 'crash'>, stage: Stage): Begun<Held> {
    if (held.kind === 'restart') return goOn(held, stage);
    return held.kind === 'leave' ? goOnLeaving(held, stage) : goOnCrashing(held, stage);
  }

  /** Nobody was there to aim at, or no write came, until patience ran out. */
  giveUp(id: number): void {
    const { phase } = this.list[id];
    if (phase === 'waiting' || phase === 'armed') this.finish(id);
  }

  /** Undoes an occurrence in force; one that still waits is given up. */
  finish(id: number): void {
    const { phase, held, fault } = this.list[id];
    if (phase === 'over') return;
    this.live = this.live.filter((one) => one !== id);
    this.update(id, { phase: 'over', held: null, endMicros: this.context.world.now });
    if (held !== null) {
      const affected = verbOf(this.specOf(fault).action).end(held, this.stage(id));
      this.update(id, { affected });
    }
    this.onProgress(fault);
  }

  /** Ends all in force but one; those of network, disks and clocks first, processes after them. */
  endAll(except: number): number {
    const ending = this.active().filter(({ id, phase }) => phase === 'in force' && id !== except);
    const isProcess = ({ held }: Occurrence): boolean => PROCESS_KINDS.includes(held!.kind);
    for (const one of ending) if (!isProcess(one)) this.finish(one.id);
    this.onNetworkChanged();
    for (const one of ending) if (isProcess(one)) this.finish(one.id);
    return ending.length;
  }

  /** Those that wait, or are armed, will not happen any more. */
  giveUpAll(): void {
    for (const { id, phase } of this.active()) if (phase !== 'in force') this.finish(id);
  }

  /** Starts every process that has run before and is down; returns how many. */
  startDown(): number {
    const { world } = this.context;
    const down = world.processes.filter((process) => isDown(process) && process.generation > 0);
    for (const process of down) world.power.start(process);
    return down.length;
  }

  /** What an occurrence has touched, so far or in all. */
  affected(id: number): number {
    const { held, fault, affected } = this.list[id];
    if (held === null) return affected;
    return verbOf(this.specOf(fault).action).affected(held, this.stage(id));
  }

  /** A step counts as ended when all of it is over, or in force with no end of its own. */
  hasEnded(fault: number): boolean {
    const { lasts, action } = this.specOf(fault);
    const endless = lasts === null && !RESTARTS.includes(action.kind);
    return !this.active().some(
      (one) => one.fault === fault && !(endless && one.phase === 'in force'),
    );
  }

  /** After every act: streams that wait for a heal go on, crash points are where they belong. */
  afterAct(): void {
    this.onNetworkChanged();
    setCrashPoints(this.active(), this.specOf, this.context.world.processes);
  }

  private onNetworkChanged(): void {
    if (!this.networkChanged) return;
    this.networkChanged = false;
    this.context.world.connections.onNetworkChanged();
  }

  private sampler(spec: DistributionSpec): Sampler {
    let sampler = this.samplers.get(spec);
    if (sampler === undefined) this.samplers.set(spec, (sampler = compileSampler(spec)));
    return sampler;
  }

  /** Time until the next occurrence of a fault that comes again and again. */
  drawPeriod(fault: number, period: DistributionSpec): number {
    return Math.max(1, this.drawsOf(fault).sample(this.sampler(period)));
  }

  private drawsOf(fault: number): Draws {
    return this.context.world.streams.stream(`fault/${this.specOf(fault).number}`);
  }

  private stage(id: number): Stage {
    const { context } = this;
    const { world } = context;
    const { fault } = this.list[id];
    const { number } = this.specOf(fault);
    return {
      context,
      id,
      fault: number,
      draws: () => this.drawsOf(fault),
      messageDraws: () => world.streams.stream(`fault/${number}/messages`),
      sampler: (spec) => this.sampler(spec),
      others: (kind) => this.heldOf(kind, id),
      networkChanged: () => void (this.networkChanged = true),
      wakeAt: (micros) => void world.control(micros, tagOf(Act.advance, id)),
      takeOver: (process) => this.takeOver(process),
      healEverything: () => this.endAll(id) + this.startDown(),
    };
  }

  private heldOf<K extends Held['kind']>(kind: K, except: number): HeldOf<K>[] {
    const found: HeldOf<K>[] = [];
    for (const { id, held } of this.active()) {
      if (id !== except && held?.kind === kind) found.push(held as HeldOf<K>);
    }
    return found;
  }

  /** A crash that has nothing left to hold down is over. */
  private takeOver(process: number): void {
    const host = this.context.world.processes[process].host.index;
    for (const { id, held } of this.active()) {
      if (held?.kind !== 'crash') continue;
      const less = letGo(held, process, host);
      if (less.victims.length === held.victims.length && less.dark.length === held.dark.length) {
        continue;
      }
      this.update(id, { held: less });
      if (less.victims.length === 0 && less.dark.length === 0) this.finish(id);
    }
  }

  save(): readonly Occurrence[] {
    return this.list.slice();
  }

  restore(state: readonly Occurrence[]): void {
    this.list = state.slice();
    this.live = this.list.filter(({ phase }) => phase !== 'over').map(({ id }) => id);
    this.networkChanged = false;
  }
}
