/** A directed graph of transactions with labelled edges, collected first and then laid out. */

export const EDGE = { ww: 0, wr: 1, rw: 2, session: 3, realtime: 4 } as const;
export type EdgeKind = (typeof EDGE)[keyof typeof EDGE];

export class GraphBuilder {
  #from = new Int32Array(1024);
  #to = new Int32Array(1024);
  #kind = new Uint8Array(1024);
  /** Key that an edge is about, and the version there; -1 for none. */
  #key = new Int32Array(1024);
  #version = new Int32Array(1024);
  #count = 0;

  add(from: number, to: number, kind: EdgeKind, key = -1, version = -1): void {
    if (from === to) return;
    if (this.#count === this.#from.length) this.#grow();
    const at = this.#count++;
    this.#from[at] = from;
    this.#to[at] = to;
    this.#kind[at] = kind;
    this.#key[at] = key;
    this.#version[at] = version;
  }

  get count(): number {
    return this.#count;
  }

  build(nodes: number): Graph {
    const starts = new Int32Array(nodes + 1);
    for (let edge = 0; edge < this.#count; edge++) starts[this.#from[edge]! + 1]!++;
    for (let node = 0; node < nodes; node++) starts[node + 1]! += starts[node]!;
    const fill = starts.slice();
    const targets = new Int32Array(this.#count);
    const kinds = new Uint8Array(this.#count);
    const keys = new Int32Array(this.#count);
    const versions = new Int32Array(this.#count);
    for (let edge = 0; edge < this.#count; edge++) {
      const at = fill[this.#from[edge]!]!++;
      targets[at] = this.#to[edge]!;
      kinds[at] = this.#kind[edge]!;
      keys[at] = this.#key[edge]!;
      versions[at] = this.#version[edge]!;
    }
    return { nodes, starts, targets, kinds, keys, versions };
  }

  #grow(): void {
    const size = 2 * this.#from.length;
    const larger = <T extends Int32Array | Uint8Array>(old: T, fresh: T): T => {
      fresh.set(old);
      return fresh;
    };
    this.#from = larger(this.#from, new Int32Array(size));
    this.#to = larger(this.#to, new Int32Array(size));
    this.#kind = larger(this.#kind, new Uint8Array(size));
    this.#key = larger(this.#key, new Int32Array(size));
    this.#version = larger(this.#version, new Int32Array(size));
  }
}

/** Edges of node n are those from starts[n] to starts[n + 1]. */
export interface Graph {
  readonly nodes: number;
  readonly starts: Int32Array;
  readonly targets: Int32Array;
  readonly kinds: Uint8Array;
  readonly keys: Int32Array;
  readonly versions: Int32Array;
}

/** The part of a graph that lies within some nodes, renumbered; with the way back. */
export interface Subgraph {
  readonly graph: Graph;
  /** Node of the whole graph for each node, and edge for each edge. */
  readonly nodes: readonly number[];
  readonly edges: Int32Array;
}

/** @param places scratch: -1 for every node of the whole graph, and again afterwards */
export function subgraphOf(whole: Graph, nodes: readonly number[], places: Int32Array): Subgraph {
  nodes.forEach((node, place) => {
    places[node] = place;
  });
  const starts = new Int32Array(nodes.length + 1);
  const edges: number[] = [];
  nodes.forEach((node, place) => {
    for (let edge = whole.starts[node]!; edge < whole.starts[node + 1]!; edge++) {
      if (places[whole.targets[edge]!]! >= 0) edges.push(edge);
    }
    starts[place + 1] = edges.length;
  });
  const graph: Graph = {
    nodes: nodes.length,
    starts,
    targets: Int32Array.from(edges, (edge) => places[whole.targets[edge]!]!),
    kinds: Uint8Array.from(edges, (edge) => whole.kinds[edge]!),
    keys: Int32Array.from(edges, (edge) => whole.keys[edge]!),
    versions: Int32Array.from(edges, (edge) => whole.versions[edge]!),
  };
  for (const node of nodes) places[node] = -1;
  return { graph, nodes, edges: Int32Array.from(edges) };
}
