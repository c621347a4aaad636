/**
 * What every member of a pool holds of every node. Nearly always all agree, so a view stores only
 * what deviates: a node has one default, and a column of keys, one for each member, from the moment
 * somebody sees it differently until all who run agree again. Ten thousand dense views of ten
 * thousand nodes are 200 MB; these are nearly nothing.
 *
 * A member that has lost its memory knows nobody, which deviates everywhere: it keeps a map of its
 * own until it has learnt nearly as much as the others.
 *
 * Known deviations: none; a plain table gives the same answers (tested).
 */
import { LimitReached } from '../../core/limits.ts';
import { INCARNATION_MAX, State, isSuspect } from './messages.ts';

export interface ViewsState {
  readonly defaults: Uint16Array;
  readonly slotOf: Int32Array;
  readonly capacity: number;
  readonly keys: Uint16Array;
  readonly times: Float64Array | null;
  readonly cells: Int32Array | null;
  readonly slotNodes: readonly number[];
  readonly freeSlots: readonly number[];
  readonly deviating: readonly number[];
  readonly strangers: readonly (ReadonlyMap<number, number> | null)[];
}

/** Time of a change that nobody remembers: it is longer ago than anything that is asked about. */
export const LONG_AGO = -Infinity;

const CAPACITY_INITIAL = 8;

export class Views {
  readonly members: number;
  readonly nodes: number;
  /** Key of each node where it has no column. */
  readonly defaults: Uint16Array;
  /** Column of each node that has one, else -1. */
  readonly slotOf: Int32Array;
  /** Words beside the keys of each member, for suspicions (suspicion.ts); null: nobody had one. */
  cells: Int32Array | null = null;
  /** Room for columns. What a member holds of all of them lies together, since news come in packets. */
  private capacity = CAPACITY_INITIAL;
  private keys: Uint16Array;
  /** When each view came to its state, by that member's clock; null: nobody's ever changed. */
  private times: Float64Array | null = null;
  private readonly cellWords: number;
  /** Members without memory, and what they know. */
  private strangers: (Map<number, number> | null)[];
  /** Node of each slot. */
  private slotNodes: number[] = [];
  private freeSlots: number[] = [];
  /** Nodes that have a column, in the order in which they got it. */
  private deviating: number[] = [];
  /** Copy of the defaults for those who keep one; null since they changed. */
  private shared: Uint16Array | null = null;

  constructor(members: number, nodes: number, cellWords: number) {
    this.members = members;
    this.nodes = nodes;
    this.cellWords = cellWords;
    this.defaults = new Uint16Array(nodes);
    this.slotOf = new Int32Array(nodes).fill(-1);
    this.keys = new Uint16Array(members * CAPACITY_INITIAL);
    this.strangers = Array.from({ length: members }, () => null);
  }

  /** `incarnation << 3 | state`, or 0 for a node that the member does not know. */
  get(member: number, node: number): number {
    const known = this.strangers[member];
    if (known !== null) return known.get(node) ?? 0;
    const slot = this.slotOf[node];
    return slot < 0 ? this.defaults[node] : this.keys[member * this.capacity + slot];
  }

  /** Sets the key. `now` names the time of a limit. */
  set(member: number, node: number, held: number, now: number): void {
    if (held >>> 3 > INCARNATION_MAX) throw new LimitReached('incarnation', now);
    const known = this.strangers[member];
    if (known === null) this.put(member, node, held);
    else if (held === 0) known.delete(node);
    else known.set(node, held);
  }

  private put(member: number, node: number, held: number): void {
    // First the place, since making a column may replace the array.
    const at = this.at(member, node);
    this.keys[at] = held;
  }

  /** Place of the member's key in the node's column, which is made if need be. */
  private at(member: number, node: number): number {
    const slot = this.slotOf[node] < 0 ? this.addColumn(node) : this.slotOf[node];
    return member * this.capacity + slot;
  }

  private addColumn(node: number): number {
    const slot = this.freeSlots.pop() ?? this.slotNodes.length;
    if (slot === this.capacity) this.widen();
    this.slotNodes[slot] = node;
    this.slotOf[node] = slot;
    this.deviating.push(node);
    const { keys, times, capacity } = this;
    const held = this.defaults[node];
    for (let at = slot; at < keys.length; at += capacity) keys[at] = held;
    if (times !== null) for (let at = slot; at < times.length; at += capacity) times[at] = LONG_AGO;
    return slot;
  }

  private widen(): void {
    const { members, capacity, cellWords, keys, times, cells } = this;
    this.capacity = 2 * capacity;
    const room = members * this.capacity;
    this.keys = spread(keys, new Uint16Array(room), members);
    if (times !== null) this.times = spread(times, new Float64Array(room).fill(LONG_AGO), members);
    if (cells !== null) this.cells = spread(cells, new Int32Array(room * cellWords), members);
  }

  /** First word of the member's cell for the node. */
  cellOf(member: number, node: number): number {
    const at = this.at(member, node);
    this.cells ??= new Int32Array(this.keys.length * this.cellWords);
    return at * this.cellWords;
  }

  /** Nodes that some member sees differently from the others, by number. */
  deviations(): number[] {
    return this.deviating.toSorted((one, other) => one - other);
  }

  /** The defaults as they are now; nobody changes what is returned. */
  defaultsNow(): Uint16Array {
    return (this.shared ??= this.defaults.slice());
  }

  /** Sets what all hold of a node before anything has begun. */
  setDefault(node: number, held: number): void {
    this.defaults[node] = held;
    this.shared = null;
  }

  /** Node that a suspicion's slot stands for. */
  nodeOfSlot(slot: number): number {
    return this.slotNodes[slot];
  }

  /** When the member's view of the node last changed its state. */
  changedAt(member: number, node: number): number {
    const slot = this.slotOf[node];
    if (slot < 0 || this.times === null) return LONG_AGO;
    return this.times[member * this.capacity + slot];
  }

  setChangedAt(member: number, node: number, now: number): void {
    const at = this.at(member, node);
    this.times ??= new Float64Array(this.keys.length).fill(LONG_AGO);
    this.times[at] = now;
  }

  isStranger(member: number): boolean {
    return this.strangers[member] !== null;
  }

  /** The member has lost its memory. */
  forget(member: number): void {
    this.strangers[member] = new Map();
  }

  /** Nodes that a stranger knows. */
  known(member: number): ReadonlyMap<number, number> {
    return this.strangers[member]!;
  }

  /** A stranger that has learnt nearly everything stores what deviates, like the others. */
  settle(member: number): boolean {
    const known = this.strangers[member]!;
    let deviations = 0;
    for (let node = 0; node < this.nodes; node++) {
      const agreed = this.slotOf[node] < 0 ? this.defaults[node] : -1;
      if ((known.get(node) ?? 0) !== agreed) deviations++;
    }
    if (deviations > 16 + this.nodes / 8) return false;
    for (let node = 0; node < this.nodes; node++) {
      const held = known.get(node) ?? 0;
      if (this.slotOf[node] >= 0 || held !== this.defaults[node]) {
        this.put(member, node, held);
      }
    }
    this.strangers[member] = null;
    return true;
  }

  /**
   * Drops the columns on which all members that `run` agree: what they hold is the default from then
   * on. A suspicion keeps its column, and so does a change less than `rememberMicros` ago by the
   * clock of `now` where its time still matters: that of a death, and those of members without
   * memory, which have suspicions of their own.
   */
  sweep(run: Uint8Array, now: number, rememberMicros: number): void {
    const since = now - rememberMicros;
    this.deviating = this.deviating.filter((node) => {
      const slot = this.slotOf[node];
      const held = this.agreed(slot, run);
      if (held < 0 || isSuspect(held)) return true;
      const timed = (held & 7) >= State.dead || this.strangers.some((known) => known !== null);
      if (timed && this.isRecent(slot, run, since)) return true;
      if (this.defaults[node] !== held) this.setDefault(node, held);
      this.slotOf[node] = -1;
      this.freeSlots.push(slot);
      return false;
    });
  }

  /** The key that all who run and remember hold, or -1. */
  private agreed(slot: number, run: Uint8Array): number {
    const { keys, capacity } = this;
    let held = -1;
    for (let member = 0; member < run.length; member++) {
      if (run[member] === 0 || this.strangers[member] !== null) continue;
      const one = keys[member * capacity + slot];
      if (held < 0) held = one;
      else if (one !== held) return -1;
    }
    return held;
  }

  private isRecent(slot: number, run: Uint8Array, since: number): boolean {
    const { times, capacity } = this;
    if (times === null) return false;
    for (let member = 0; member < run.length; member++) {
      if (run[member] !== 0 && times[member * capacity + slot] >= since) return true;
    }
    return false;
  }

  save(): ViewsState {
    return {
      defaults: this.defaults.slice(),
      slotOf: this.slotOf.slice(),
      capacity: this.capacity,
      keys: this.keys.slice(),
      times: this.times?.slice() ?? null,
      cells: this.cells?.slice() ?? null,
      slotNodes: this.slotNodes.slice(),
      freeSlots: this.freeSlots.slice(),
      deviating: this.deviating.slice(),
      strangers: this.strangers.map((known) => (known === null ? null : new Map(known))),
    };
  }

  restore(state: ViewsState): void {
    this.defaults.set(state.defaults);
    this.shared = null;
    this.capacity = state.capacity;
    this.keys = state.keys.slice();
    this.times = state.times?.slice() ?? null;
    this.cells = state.cells?.slice() ?? null;
    this.slotNodes = state.slotNodes.slice();
    this.freeSlots = state.freeSlots.slice();
    this.deviating = state.deviating.slice();
    this.slotOf.set(state.slotOf);
    this.strangers = state.strangers.map((known) => (known === null ? null : new Map(known)));
  }
}

/** The rows of one matrix in another of longer rows. */
function spread<Column extends Uint16Array | Float64Array | Int32Array>(
  from: Column,
  to: Column,
  rows: number,
): Column {
  const short = from.length / rows;
  const long = to.length / rows;
  for (let row = 0; row < rows; row++) {
    to.set(from.subarray(row * short, (row + 1) * short), row * long);
  }
  return to;
}
