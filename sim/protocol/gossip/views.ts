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
import { INCARNATION_MAX, State } from './messages.ts';

/** Of one node: what each member holds of it, by member. */
export interface Column {
  readonly node: number;
  /** Small number that names the suspicions of this node; free again with the column. */
  readonly slot: number;
  readonly keys: Uint16Array;
  /** When each view came to its state, by that member's clock; null: nobody's ever changed. */
  times: Float64Array | null;
  /** `stride` words for each member with an open suspicion: see suspicion.ts. */
  cells: Int32Array | null;
}

export interface ViewsState {
  readonly defaults: Uint16Array;
  readonly columns: readonly Column[];
  readonly slotNodes: readonly number[];
  readonly freeSlots: readonly number[];
  readonly strangers: readonly (ReadonlyMap<number, number> | null)[];
}

/** Time of a change that nobody remembers: it is longer ago than anything that is asked about. */
export const LONG_AGO = -Infinity;

export class Views {
  readonly members: number;
  readonly nodes: number;
  /** Key of each node where it has no column. */
  readonly defaults: Uint16Array;
  /** Nodes that have one, by node. */
  readonly columns: (Column | null)[];
  /** Members without memory, and what they know. */
  private strangers: (Map<number, number> | null)[];
  /** Node of each slot in use. */
  private slotNodes: number[] = [];
  /** Nodes that have a column, in the order in which they got it. */
  private deviating: number[] = [];
  /** Copy of the defaults for those who keep one; null since they changed. */
  private shared: Uint16Array | null = null;
  private freeSlots: number[] = [];

  constructor(members: number, nodes: number) {
    this.members = members;
    this.nodes = nodes;
    this.defaults = new Uint16Array(nodes);
    this.columns = Array.from({ length: nodes }, () => null);
    this.strangers = Array.from({ length: members }, () => null);
  }

  /** `incarnation << 3 | state`, or 0 for a node that the member does not know. */
  get(member: number, node: number): number {
    const known = this.strangers[member];
    if (known !== null) return known.get(node) ?? 0;
    const column = this.columns[node];
    return column === null ? this.defaults[node] : column.keys[member];
  }

  /** Sets the key, and the time when it is the state that changes. `now` names a limit's time. */
  set(member: number, node: number, held: number, now: number): void {
    if (held >>> 3 > INCARNATION_MAX) throw new LimitReached('incarnation', now);
    const known = this.strangers[member];
    if (known !== null) {
      if (held === 0) known.delete(node);
      else known.set(node, held);
    } else {
      this.column(node).keys[member] = held;
    }
  }

  /** The node's column, made if need be. */
  column(node: number): Column {
    const present = this.columns[node];
    if (present !== null) return present;
    const slot = this.freeSlots.pop() ?? this.slotNodes.length;
    this.slotNodes[slot] = node;
    this.deviating.push(node);
    const keys = new Uint16Array(this.members).fill(this.defaults[node]);
    const column: Column = { node, slot, keys, times: null, cells: null };
    this.columns[node] = column;
    return column;
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
    return this.columns[node]?.times?.[member] ?? LONG_AGO;
  }

  setChangedAt(member: number, node: number, now: number): void {
    const column = this.column(node);
    column.times ??= new Float64Array(this.members).fill(LONG_AGO);
    column.times[member] = now;
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
      const agreed = this.columns[node] === null ? this.defaults[node] : -1;
      if ((known.get(node) ?? 0) !== agreed) deviations++;
    }
    if (deviations > 16 + this.nodes / 8) return false;
    for (let node = 0; node < this.nodes; node++) {
      const held = known.get(node) ?? 0;
      if (this.columns[node] !== null || held !== this.defaults[node]) {
        this.column(node).keys[member] = held;
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
      const column = this.columns[node]!;
      const held = this.agreed(column, run);
      if (held < 0 || (held & 7) === State.suspect) return true;
      const timed = (held & 7) >= State.dead || this.strangers.some((known) => known !== null);
      if (timed && this.isRecent(column, run, since)) return true;
      if (this.defaults[node] !== held) this.setDefault(node, held);
      this.columns[node] = null;
      this.freeSlots.push(column.slot);
      return false;
    });
  }

  /** The key that all who run and remember hold, or -1. */
  private agreed({ keys }: Column, run: Uint8Array): number {
    let held = -1;
    for (let member = 0; member < keys.length; member++) {
      if (run[member] === 0 || this.strangers[member] !== null) continue;
      if (held < 0) held = keys[member];
      else if (keys[member] !== held) return -1;
    }
    return held;
  }

  private isRecent({ times }: Column, run: Uint8Array, since: number): boolean {
    if (times === null) return false;
    for (let member = 0; member < times.length; member++) {
      if (run[member] !== 0 && times[member] >= since) return true;
    }
    return false;
  }

  save(): ViewsState {
    return {
      defaults: this.defaults.slice(),
      columns: this.deviating.map((node) => copyColumn(this.columns[node]!)),
      slotNodes: this.slotNodes.slice(),
      freeSlots: this.freeSlots.slice(),
      strangers: this.strangers.map((known) => (known === null ? null : new Map(known))),
    };
  }

  restore(state: ViewsState): void {
    this.defaults.set(state.defaults);
    this.columns.fill(null);
    for (const column of state.columns) this.columns[column.node] = copyColumn(column);
    this.slotNodes = state.slotNodes.slice();
    this.deviating = state.columns.map(({ node }) => node);
    this.shared = null;
    this.freeSlots = state.freeSlots.slice();
    this.strangers = state.strangers.map((known) => (known === null ? null : new Map(known)));
  }
}

function copyColumn({ node, slot, keys, times, cells }: Column): Column {
  return {
    node,
    slot,
    keys: keys.slice(),
    times: times?.slice() ?? null,
    cells: cells?.slice() ?? null,
  };
}
