/**
 * A scenario as it was written: values with the place each one came from. The YAML library's nodes
 * end here, so that limits are kept in one place and an override is just another place.
 */

/** Where a value was written. `source` 0 is the file, n the n-th `--set`; the others count from 1. */
export interface Place {
  readonly source: number;
  readonly line: number;
  readonly column: number;
}

export type Scalar = string | number | boolean | null;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly place: Place;
  readonly value: Scalar;
}

export interface ListNode {
  readonly kind: 'list';
  readonly place: Place;
  readonly items: TreeNode[];
}

export interface MapEntry {
  readonly place: Place;
  node: TreeNode;
}

export interface MapNode {
  readonly kind: 'map';
  readonly place: Place;
  readonly entries: Map<string, MapEntry>;
}

export type TreeNode = ScalarNode | ListNode | MapNode;

/** Keys and indices from the root down. */
export type Path = readonly (string | number)[];

/** The value without places. Keys named like members of Object never get here. */
export function toPlain(node: TreeNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(toPlain);
    case 'map': {
      const plain: Record<string, unknown> = {};
      for (const [key, entry] of node.entries) plain[key] = toPlain(entry.node);
      return plain;
    }
    default:
      return node satisfies never;
  }
}

/** The node at a path, or undefined. */
export function nodeAt(root: TreeNode, path: Path): TreeNode | undefined {
  let node: TreeNode | undefined = root;
  for (const step of path) node = node && childOf(node, step);
  return node;
}

/** The child of a map or list, or undefined. */
export function childOf(node: TreeNode, step: string | number): TreeNode | undefined {
  if (node.kind === 'map') return node.entries.get(String(step))?.node;
  if (node.kind === 'list') return node.items[Number(step)];
  return undefined;
}

/**
 * The place a message about `path` should point at: the value, or its key where the problem is the
 * key itself; where the path leads nowhere, the nearest thing above that was written.
 */
export function placeOf(root: TreeNode, path: Path, at: 'value' | 'key' = 'value'): Place {
  let node = root;
  let place = root.place;
  for (const [index, step] of path.entries()) {
    const last = index === path.length - 1;
    if (node.kind === 'map' && last && at === 'key') {
      return node.entries.get(String(step))?.place ?? place;
    }
    const child = childOf(node, step);
    // A missing key is reported where its map is, and a map is best found by its own key.
    if (child === undefined) return place;
    const entry = node.kind === 'map' ? node.entries.get(String(step)) : undefined;
    place = last ? child.place : (entry?.place ?? child.place);
    node = child;
  }
  return place;
}

/** `faults[0].for`; keys with dots or brackets are quoted, as `thresholds."kv.latency"`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else {
      const plain = /^[^\s."[\]]+$/.test(step) ? step : JSON.stringify(step);
      text += text === '' ? plain : `.${plain}`;
    }
  }
  return text;
}
