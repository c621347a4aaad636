/**
 * The median of the last three round trips to each other node (`hashicorp/serf:coordinate/client.go
 * (latencyFilter)`). The third of them is the new one, so two are kept: in one table of open
 * addresses for a whole pool, since a map for each member is most of what a large pool would cost.
 */

/** Words of an entry: `member * 2^16 + node`, the newest sample and the one before, each plus one. */
const ENTRY = 3;
const ENTRIES_INITIAL = 256;
const NODE_BITS = 16;
/** 2^32 over the golden ratio: keys in a row fall far apart. */
const SPREAD = 0x9e3779b1;

export interface LatencyFilterState {
  readonly table: Int32Array;
  readonly used: number;
}

export class LatencyFilter {
  private table = new Int32Array(ENTRY * ENTRIES_INITIAL);
  private used = 0;

  /** Takes a sample and gives the filtered one. Member 0 has no entry of node 0, which is itself. */
  add(member: number, node: number, micros: number): number {
    if (ENTRY * 2 * this.used >= this.table.length) this.grow();
    const { table } = this;
    const key = (member << NODE_BITS) | node;
    const at = placeOf(table, key);
    if (table[at] === 0) {
      table[at] = key;
      this.used++;
    }
    const newest = table[at + 1] - 1;
    const before = table[at + 2] - 1;
    table[at + 1] = micros + 1;
    table[at + 2] = newest + 1;
    // Of two samples it is the larger one: the middle of a sorted list of two, rounded up.
    if (before < 0) return newest < 0 ? micros : Math.max(newest, micros);
    const [low, high] = newest < before ? [newest, before] : [before, newest];
    return Math.max(low, Math.min(high, micros));
  }

  /** The member no longer knows the node (`ForgetNode`). */
  forget(member: number, node: number): void {
    const { table } = this;
    const at = placeOf(table, (member << NODE_BITS) | node);
    table[at + 1] = 0;
    table[at + 2] = 0;
  }

  /** The member has lost its memory. */
  forgetAll(member: number): void {
    const { table } = this;
    for (let at = 0; at < table.length; at += ENTRY) {
      if (table[at] !== 0 && table[at] >>> NODE_BITS === member) table.fill(0, at + 1, at + ENTRY);
    }
  }

  private grow(): void {
    const before = this.table;
    this.table = new Int32Array(2 * before.length);
    for (let at = 0; at < before.length; at += ENTRY) {
      if (before[at] === 0) continue;
      this.table.set(before.subarray(at, at + ENTRY), placeOf(this.table, before[at]));
    }
  }

  save(): LatencyFilterState {
    return { table: this.table.slice(), used: this.used };
  }

  restore({ table, used }: LatencyFilterState): void {
    this.table = table.slice();
    this.used = used;
  }
}

/** Where the entry of the key is, or the free place that it may have. */
function placeOf(table: Int32Array, key: number): number {
  const mask = table.length / ENTRY - 1;
  let place = Math.imul(key, SPREAD) >>> Math.clz32(mask);
  for (;;) {
    const found = table[ENTRY * place];
    if (found === key || found === 0) return ENTRY * place;
    place = (place + 1) & mask;
  }
}
