/**
 * Who belongs to one pool, and what its members share. Ten thousand members hold nearly the same of
 * each other, so what they hold lies in one store (views.ts); each of their machines is given the
 * pool and its own number when it is created. The world saves and restores the pool once, as a shared
 * store, and tells it of processes that end, whose memory it then forgets.
 *
 * A node is a name, a member a process that takes part. They have the same number, unless a member
 * has taken another's name.
 */
import type { ProcessIndex, SharedStore } from '../../core/machine.ts';
import type { Coordinates, CoordinatesState } from '../coordinate/coordinates.ts';
import type { MemberlistConfig } from './config.ts';
import type { Delegate } from './delegate.ts';
import { State, key } from './messages.ts';
import { recordBytes } from './sizes.ts';
import { suspicionWords } from './suspicion.ts';
import { confirmationsWanted, suspicionMicros, suspicionMicrosMin } from './timing.ts';
import { Views } from './views.ts';
import type { ViewsState } from './views.ts';

export interface MemberSpec {
  readonly process: ProcessIndex;
  readonly name: string;
  /** Bytes of its tags. */
  readonly metaBytes: number;
  /** It takes this member's name instead of its own. */
  readonly nameOf?: number;
}

/** An announcement that is not what everybody expects of (node, incarnation). */
export interface Announcement {
  /** Member that says it has the name. */
  readonly address: number;
  /** Version of its tags. */
  readonly tags: number;
}

/** How a suspicion goes that begins in a cluster of this size. */
export interface SuspicionPlan {
  readonly wanted: number;
  /** Time from suspicion to death after 0, 1, ... confirmations. */
  readonly timeouts: readonly number[];
}

interface PoolState {
  readonly views: ViewsState;
  readonly run: Uint8Array;
  readonly formed: Uint8Array;
  readonly unusual: readonly Announcement[];
  readonly held: ReadonlyMap<number, number>;
  readonly tagLog: ReadonlyMap<number, readonly number[]>;
  readonly version: number;
  readonly sweptAt: number;
  readonly coordinates: CoordinatesState | null;
}

const NODE_STRIDE = 65_536;
const SWEEP_MICROS = 1_000_000;

export class GossipPool implements SharedStore {
  readonly views: Views;
  readonly processOf: Int32Array;
  /** Node whose name a member bears. */
  readonly nodeOf: Int32Array;
  readonly nameBytes: Uint8Array;
  readonly metaBytes: Uint16Array;
  readonly delegate: Delegate | null;
  /** Null where acks carry none, as those of memberlist alone do. */
  readonly coordinates: Coordinates | null;
  /** Members that run. */
  readonly run: Uint8Array;
  /** Rises when a member learns everything: older snapshots do not tell it all. */
  version = 0;
  private readonly memberOfProcess: Int32Array;
  /** Nodes that have known each other since before the run. */
  readonly founders: Uint8Array;
  /** Members that a formed pool has when it starts; each is so once. */
  private readonly formed: Uint8Array;
  private unusual: Announcement[] = [];
  /** Number of the unusual announcement that a view rests on, by member and node. */
  private held = new Map<number, number>();
  /** Incarnations from which on a node's tags are another version, for nodes that changed them. */
  private tagLog = new Map<number, readonly number[]>();
  private readonly plans = new Map<MemberlistConfig, SuspicionPlan[]>();
  private readonly rememberMicros: number;
  private sweptAt = 0;
  /** Bytes of these defaults, which need not be counted again. */
  private countedDefaults: Uint16Array | null = null;
  private countedBytes = 0;

  constructor(
    members: readonly MemberSpec[],
    configs: readonly MemberlistConfig[],
    delegate: Delegate | null = null,
    coordinates: Coordinates | null = null,
  ) {
    const count = members.length;
    this.processOf = Int32Array.from(members, ({ process }) => process);
    this.nodeOf = Int32Array.from(members, ({ nameOf }, index) => nameOf ?? index);
    this.nameBytes = Uint8Array.from(members, ({ name }) => name.length);
    this.metaBytes = Uint16Array.from(members, ({ metaBytes }) => metaBytes);
    this.run = new Uint8Array(count);
    this.formed = new Uint8Array(count);
    this.founders = new Uint8Array(count);
    this.delegate = delegate;
    this.coordinates = coordinates;
    const processes = this.processOf.reduce((most, process) => Math.max(most, process + 1), 0);
    this.memberOfProcess = new Int32Array(processes).fill(-1);
    members.forEach(({ process }, member) => (this.memberOfProcess[process] = member));
    const most = configs.map((config) => confirmationsWanted(config, NODE_STRIDE));
    const words = suspicionWords(most.reduce((sum, one) => Math.max(sum, one), 0));
    this.views = new Views(count, count, words);
    this.rememberMicros = configs.reduce(
      (sum, one) => Math.max(sum, one.gossipToTheDeadMicros, one.deadNodeReclaimMicros),
      0,
    );
  }

  /** Number of members, running or not. */
  get size(): number {
    return this.nodeOf.length;
  }

  memberOf(process: ProcessIndex): number {
    return process < this.memberOfProcess.length ? this.memberOfProcess[process] : -1;
  }

  /** These members have joined long ago and all know each other: nothing before is simulated. */
  form(members: readonly number[]): void {
    for (const member of members) {
      this.formed[member] = 1;
      this.founders[this.nodeOf[member]] = 1;
      this.views.setDefault(this.nodeOf[member], key(State.alive, 1));
    }
  }

  /** Will its next start be that of a member of a formed pool? */
  startsFormed(member: number): boolean {
    return this.formed[member] === 1;
  }

  /** A member starts; whether it is one of a formed pool that has not started before. */
  begin(member: number): boolean {
    const formed = this.formed[member] === 1;
    this.formed[member] = 0;
    this.run[member] = 1;
    if (!formed) this.views.forget(member);
    return formed;
  }

  onProcessGone(process: ProcessIndex): void {
    const member = this.memberOf(process);
    if (member < 0) return;
    this.run[member] = 0;
    this.coordinates?.begin(member);
    for (const at of this.held.keys()) {
      if (Math.floor(at / NODE_STRIDE) === member) this.held.delete(at);
    }
  }

  /** Now and then the views are swept. `now` is whose clock it may be. */
  maybeSweep(now: number): void {
    if (now < this.sweptAt + SWEEP_MICROS) return;
    this.sweptAt = now;
    this.views.sweep(this.run, now, this.rememberMicros);
  }

  /** Bytes of a node in a push/pull. */
  recordBytes(node: number): number {
    return recordBytes(this.nameBytes[node], this.metaBytes[node]);
  }

  /** Bytes of all nodes that the defaults know. */
  defaultBytes(): number {
    const defaults = this.views.defaultsNow();
    if (this.countedDefaults !== defaults) {
      this.countedDefaults = defaults;
      this.countedBytes = defaults.reduce(
        (sum, held, node) => (held === 0 ? sum : sum + this.recordBytes(node)),
        0,
      );
    }
    return this.countedBytes;
  }

  plan(config: MemberlistConfig, n: number): SuspicionPlan {
    let plans = this.plans.get(config);
    if (plans === undefined) this.plans.set(config, (plans = []));
    return (plans[n] ??= planOf(config, n));
  }

  /** What an announcement says; 0 is the usual one of (node, incarnation). */
  announcement(aux: number, node: number, incarnation: number): Announcement {
    if (aux > 0) return this.unusual[aux - 1];
    return { address: node, tags: this.tagsAt(node, incarnation) };
  }

  private tagsAt(node: number, incarnation: number): number {
    const changes = this.tagLog.get(node);
    if (changes === undefined) return 0;
    return changes.filter((from) => from <= incarnation).length;
  }

  /** Number for messages of what a member says of itself. */
  announce(address: number, node: number, incarnation: number, tags: number): number {
    if (address === node && tags === this.tagsAt(node, incarnation)) return 0;
    const known = this.unusual.findIndex((one) => one.address === address && one.tags === tags);
    return 1 + (known >= 0 ? known : this.unusual.push({ address, tags }) - 1);
  }

  /** From this incarnation on a node has other tags. */
  changeTags(node: number, incarnation: number): void {
    this.tagLog.set(node, [...(this.tagLog.get(node) ?? []), incarnation]);
  }

  /** What a member's view of a node rests on. */
  heldBy(member: number, node: number): number {
    return this.held.size === 0 ? 0 : (this.held.get(member * NODE_STRIDE + node) ?? 0);
  }

  hold(member: number, node: number, aux: number): void {
    if (aux !== 0) this.held.set(member * NODE_STRIDE + node, aux);
    else if (this.held.size !== 0) this.held.delete(member * NODE_STRIDE + node);
  }

  /** Some view rests on an unusual announcement: equal keys then do not mean equal views. */
  get hasUnusual(): boolean {
    return this.unusual.length !== 0 || this.tagLog.size !== 0;
  }

  /** Process that a member finds a node at. */
  addressOf(member: number, node: number): ProcessIndex {
    const aux = this.heldBy(member, node);
    return this.processOf[aux === 0 ? node : this.unusual[aux - 1].address];
  }

  save(): unknown {
    return {
      views: this.views.save(),
      run: this.run.slice(),
      formed: this.formed.slice(),
      unusual: this.unusual.slice(),
      held: new Map(this.held),
      tagLog: new Map(this.tagLog),
      version: this.version,
      sweptAt: this.sweptAt,
      coordinates: this.coordinates?.save() ?? null,
    } satisfies PoolState;
  }

  restore(state: unknown): void {
    const { views, run, formed, unusual, held, tagLog, version, sweptAt, coordinates } =
      state as PoolState;
    this.views.restore(views);
    this.run.set(run);
    this.formed.set(formed);
    this.unusual = unusual.slice();
    this.held = new Map(held);
    this.tagLog = new Map(tagLog);
    this.version = version;
    this.sweptAt = sweptAt;
    if (coordinates !== null) this.coordinates?.restore(coordinates);
  }
}

function planOf(config: MemberlistConfig, n: number): SuspicionPlan {
  const wanted = confirmationsWanted(config, n);
  const least = suspicionMicrosMin(config, n);
  const most = config.suspicionMaxTimeoutMult * least;
  const timeouts = Array.from({ length: wanted + 1 }, (_, confirmed) =>
    suspicionMicros(confirmed, wanted, least, most),
  );
  return { wanted, timeouts };
}
