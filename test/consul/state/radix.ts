/**
 * An immutable radix tree in its plainest form, to compare watches with: a change makes new nodes of
 * those that it passes, and a watch fires when the node it was taken from is one of them.
 */
export interface Leaf {
  readonly key: string;
}

export interface RadixNode {
  readonly prefix: string;
  readonly leaf: Leaf | null;
  readonly edges: readonly RadixNode[];
}

export interface Change {
  readonly root: RadixNode;
  /** Nodes and leaves that are no longer what they were. */
  readonly left: ReadonlySet<object>;
}

export const EMPTY: RadixNode = { prefix: '', leaf: null, edges: [] };

function common(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

function edgeOf({ edges }: RadixNode, search: string): RadixNode | undefined {
  return edges.find(({ prefix }) => prefix[0] === search[0]);
}

function withEdge(node: RadixNode, old: RadixNode | undefined, edge: RadixNode | null): RadixNode {
  const others = node.edges.filter((one) => one !== old);
  return { ...node, edges: edge === null ? others : [...others, edge] };
}

export function insert(root: RadixNode, key: string): Change {
  const left = new Set<object>();
  const into = (node: RadixNode, search: string): RadixNode => {
    left.add(node);
    if (search === '') {
      if (node.leaf !== null) left.add(node.leaf);
      return { ...node, leaf: { key } };
    }
    const edge = edgeOf(node, search);
    const fresh = (rest: string): RadixNode => ({ prefix: rest, leaf: { key }, edges: [] });
    if (edge === undefined) return withEdge(node, undefined, fresh(search));
    const shared = common(search, edge.prefix);
    if (shared === edge.prefix.length) {
      return withEdge(node, edge, into(edge, search.slice(shared)));
    }
    left.add(edge);
    const lower = { ...edge, prefix: edge.prefix.slice(shared) };
    const split = { prefix: search.slice(0, shared), leaf: null, edges: [lower] };
    const rest = search.slice(shared);
    const upper =
      rest === '' ? { ...split, leaf: { key } } : withEdge(split, undefined, fresh(rest));
    return withEdge(node, edge, upper);
  };
  return { root: into(root, key), left };
}

/** The key must be there. */
export function remove(root: RadixNode, key: string): Change {
  const left = new Set<object>();
  const merged = (node: RadixNode): RadixNode => {
    if (node.leaf !== null || node.edges.length !== 1) return node;
    const [child] = node.edges;
    left.add(child);
    return { ...child, prefix: node.prefix + child.prefix };
  };
  const from = (node: RadixNode, search: string, isRoot: boolean): RadixNode => {
    left.add(node);
    if (search === '') {
      left.add(node.leaf!);
      const rest = { ...node, leaf: null };
      return isRoot ? rest : merged(rest);
    }
    const edge = edgeOf(node, search)!;
    const after = from(edge, search.slice(edge.prefix.length), false);
    const gone = after.leaf === null && after.edges.length === 0;
    const rest = withEdge(node, edge, gone ? null : after);
    return gone && !isRoot ? merged(rest) : rest;
  };
  return { root: from(root, key, true), left };
}

/** What a read of one key watches. */
export function watchOfKey(root: RadixNode, key: string): object {
  let node = root;
  let search = key;
  for (;;) {
    if (search === '') return node.leaf ?? node;
    const edge = edgeOf(node, search);
    if (edge === undefined) return node;
    if (!search.startsWith(edge.prefix)) return edge;
    search = search.slice(edge.prefix.length);
    node = edge;
  }
}

/** What a read of a prefix watches. */
export function watchOfPrefix(root: RadixNode, prefix: string): object {
  let node = root;
  let search = prefix;
  while (search !== '') {
    const edge = edgeOf(node, search);
    if (edge === undefined) return node;
    if (!search.startsWith(edge.prefix)) return edge;
    search = search.slice(edge.prefix.length);
    node = edge;
  }
  return node;
}
