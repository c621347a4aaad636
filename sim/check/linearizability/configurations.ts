/**
 * The memory of a search: which configurations it has been in. A configuration is the set of
 * operations ordered so far, the state they led to, and how many operations of each group of
 * unknown outcome were used. One that used more of these than another with the same set and state
 * cannot lead anywhere the other cannot, so it counts as known.
 *
 * Sets are compared exactly, never by hash alone: a collision would be a false alarm.
 */
import type { Budget } from './budget.ts';

const CHUNK_WORDS = 1 << 16;
const FIRST_CHUNK_WORDS = 1 << 11;
/** Layout of an entry: hash, state, index of the first word, number of words, uses, words... */
const HEADER_WORDS = 5;
const TABLE_SLOTS_FIRST = 512;

export class Configurations {
  readonly #budget: Budget;
  readonly #groupWords: number;
  #table = new Int32Array(TABLE_SLOTS_FIRST);
  #entries = 0;
  #chunks: Int32Array[] = [new Int32Array(FIRST_CHUNK_WORDS)];
  #used = 1;
  /** Bytes held by the caller besides the tables here. */
  otherBytes = 0;
  /** The budget allows no more; nothing may be added any longer. */
  /** Entries of lists looked at since somebody asked: lists grow long, and that is work too. */
  walked = 0;
  full = false;

  /** @param groupWords words that hold the counts of used operations, four to a word */
  constructor(budget: Budget, groupWords: number) {
    this.#budget = budget;
    this.#groupWords = groupWords;
  }

  get bytes(): number {
    const arena = (this.#chunks.length - 1) * CHUNK_WORDS + this.#chunks.at(-1)!.length;
    return 4 * (this.#table.length + arena);
  }

  get count(): number {
    return this.#entries;
  }

  /**
   * Remembers a configuration. `ordered` is a bit set whose words before `low` are full and after
   * `high` empty. Returns false when it, or one that can do all it can, was there before, and
   * when there is no room for it (`full`).
   */
  add(ordered: Int32Array, low: number, high: number, state: number, uses: Int32Array): boolean {
    let hash = Math.imul(state ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(low + 1, 0xc2b2ae35);
    for (let word = low; word <= high; word++) {
      hash = Math.imul(hash ^ ordered[word]! ^ (hash >>> 15), 0x2c1b3c6d);
    }
    hash ^= hash >>> 13;
    const words = Math.max(0, high - low + 1);
    const mask = this.#table.length - 1;
    let slot = hash & mask;
    for (let address = this.#table[slot]!; address !== 0; address = this.#table[slot]!) {
      if (this.#same(address, hash, state, low, words, ordered)) {
        return this.#groupWords > 0 && this.#addUses(address, uses);
      }
      slot = (slot + 1) & mask;
    }
    const address = this.#allocate(HEADER_WORDS + words);
    if (address === 0) return false;
    const chunk = this.#chunks[address >>> 16]!;
    const offset = address & (CHUNK_WORDS - 1);
    chunk[offset] = hash;
    chunk[offset + 1] = state;
    chunk[offset + 2] = low;
    chunk[offset + 3] = words;
    chunk[offset + 4] = 0;
    for (let i = 0; i < words; i++) chunk[offset + HEADER_WORDS + i] = ordered[low + i]!;
    this.#table[slot] = address;
    this.#entries++;
    if (this.#groupWords > 0) this.#addUses(address, uses);
    if (2 * this.#entries > this.#table.length) this.#growTable();
    return true;
  }

  #same(
    address: number,
    hash: number,
    state: number,
    low: number,
    words: number,
    ordered: Int32Array,
  ): boolean {
    const chunk = this.#chunks[address >>> 16]!;
    const offset = address & (CHUNK_WORDS - 1);
    if (chunk[offset] !== hash || chunk[offset + 1] !== state) return false;
    if (chunk[offset + 2] !== low || chunk[offset + 3] !== words) return false;
    for (let i = 0; i < words; i++) {
      if (chunk[offset + HEADER_WORDS + i] !== ordered[low + i]) return false;
    }
    return true;
  }

  /** Adds to the entry's list of uses unless one there is at most as large in every count. */
  #addUses(entry: number, uses: Int32Array): boolean {
    const head = (entry & (CHUNK_WORDS - 1)) + 4;
    const entryChunk = this.#chunks[entry >>> 16]!;
    for (let node = entryChunk[head]!; node !== 0;) {
      this.walked++;
      const chunk = this.#chunks[node >>> 16]!;
      const offset = node & (CHUNK_WORDS - 1);
      if (this.#covers(chunk, offset + 1, uses)) return false;
      node = chunk[offset]!;
    }
    const node = this.#allocate(1 + this.#groupWords);
    if (node === 0) return false;
    const chunk = this.#chunks[node >>> 16]!;
    const offset = node & (CHUNK_WORDS - 1);
    // Allocation may have replaced the first chunk by a larger copy.
    const owner = this.#chunks[entry >>> 16]!;
    chunk[offset] = owner[head]!;
    chunk.set(uses, offset + 1);
    owner[head] = node;
    return true;
  }

  /** Every seven-bit count stored there is at most the one in `uses`. */
  #covers(chunk: Int32Array, offset: number, uses: Int32Array): boolean {
    for (let i = 0; i < this.#groupWords; i++) {
      const difference = (uses[i]! | 0x80808080) - chunk[offset + i]!;
      if ((difference & 0x80808080) !== (0x80808080 | 0)) return false;
    }
    return true;
  }

  /** Address of so many words, never 0; 0 when the budget does not allow them. */
  #allocate(words: number): number {
    const last = this.#chunks.length - 1;
    let chunk = this.#chunks[last]!;
    if (this.#used + words > chunk.length) {
      if (last === 0 && chunk.length < CHUNK_WORDS && this.#used + words <= CHUNK_WORDS) {
        const size = Math.min(CHUNK_WORDS, 4 * chunk.length);
        if (!this.#mayGrowBy(4 * size)) return 0;
        const larger = new Int32Array(size);
        larger.set(chunk);
        chunk = this.#chunks[0] = larger;
        return this.#allocate(words);
      }
      if (words > CHUNK_WORDS) this.full ||= !this.#budget.allows(Infinity);
      if (this.full || !this.#mayGrowBy(4 * CHUNK_WORDS)) return 0;
      this.#chunks.push(new Int32Array(CHUNK_WORDS));
      this.#used = 0;
    }
    const address = (this.#chunks.length - 1) * CHUNK_WORDS + this.#used;
    this.#used += words;
    return address;
  }

  #growTable(): void {
    const slots = 2 * this.#table.length;
    if (!this.#mayGrowBy(4 * slots)) return;
    const larger = new Int32Array(slots);
    for (const address of this.#table) {
      if (address === 0) continue;
      const hash = this.#chunks[address >>> 16]![address & (CHUNK_WORDS - 1)]!;
      let slot = hash & (slots - 1);
      while (larger[slot] !== 0) slot = (slot + 1) & (slots - 1);
      larger[slot] = address;
    }
    this.#table = larger;
  }

  #mayGrowBy(bytes: number): boolean {
    this.full ||= !this.#budget.allows(this.bytes + bytes + this.otherBytes);
    return !this.full;
  }
}
