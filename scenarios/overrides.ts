/** `--set path=value`: one value of a scenario changed from the command line, before it is checked. */
import type * as z from 'zod';
import { suggest } from './errors.ts';
import { unknownKey } from './schema/kit.ts';
import type { View } from './schema/walk.ts';
import { viewOf } from './schema/walk.ts';
import { scenarioSchema } from './schema.ts';
import type { MapNode, Place, TreeNode } from './tree.ts';
import { toPlain } from './tree.ts';
import type { Problem } from './yaml-guard.ts';
import { readYaml } from './yaml-guard.ts';

const OVERRIDE_CHARACTERS_MAX = 65_536;

/** One step of a path as written, with its column in the override. */
interface Segment {
  readonly text: string;
  readonly column: number;
}

/**
 * Puts the values of all overrides into the tree, in their order, so that later ones win. What
 * cannot be put anywhere comes back as problems; whether the values are right is checked later.
 */
export function applyOverrides(root: MapNode, overrides: readonly string[]): Problem[] {
  return overrides.flatMap((text, index) => new Override(text, index + 1).applyTo(root));
}

class Override {
  readonly #text: string;
  readonly #source: number;

  constructor(text: string, source: number) {
    this.#text = text;
    this.#source = source;
  }

  applyTo(root: MapNode): Problem[] {
    const text = this.#text;
    if (text.length > OVERRIDE_CHARACTERS_MAX) return [this.#problem(1, 'is too long')];
    const split = splitOverride(text);
    if (typeof split === 'string') return [this.#problem(1, split)];
    const { segments, valueAt } = split;
    if (text.slice(valueAt).trim() === '') {
      return [this.#problem(valueAt + 1, 'sets nothing; write a value after "="')];
    }
    const value = readYaml(text.slice(valueAt), { source: this.#source, indent: valueAt });
    if (!value.root || value.problems.length > 0) return [...value.problems];
    return this.#put(root, scenarioSchema, segments, value.root);
  }

  #place(column: number): Place {
    return { source: this.#source, line: 1, column };
  }

  #problem(column: number, message: string): Problem {
    return { place: this.#place(column), message };
  }

  /** Walks schema and tree together, making maps where the file has none. */
  #put(
    node: TreeNode,
    schema: z.core.$ZodType,
    segments: readonly Segment[],
    value: TreeNode,
  ): Problem[] {
    const view = reach(schema, node);
    const [first] = segments;
    if (first === undefined) return [];
    if (view.kind === 'list' && node.kind === 'list') {
      return this.#putItem(node.items, view, segments, value);
    }
    if (view.kind !== 'map' || node.kind !== 'map') {
      const message = `cannot set "${first.text}": what is above it is a value, not a map`;
      return [this.#problem(first.column, message)];
    }
    const { key, used } = chooseKey(node, view, segments);
    const under = Object.hasOwn(view.fields, key) ? view.fields[key] : view.rest;
    if (under === undefined) {
      const names = Object.keys(view.fields);
      return [this.#problem(first.column, unknownKey(key, names, view.info.later ?? new Map()))];
    }
    const place = this.#place(first.column);
    const rest = segments.slice(used);
    if (rest.length === 0) {
      node.entries.set(key, { place, node: value });
      return [];
    }
    const entry = node.entries.get(key);
    const empty = entry?.node.kind === 'scalar' && entry.node.value === null;
    if (entry && !empty) return this.#put(entry.node, under, rest, value);
    const made: TreeNode = emptyContainer(under, place);
    const problems = this.#put(made, under, rest, value);
    if (problems.length === 0) node.entries.set(key, { place, node: made });
    return problems;
  }

  #putItem(
    items: TreeNode[],
    view: View,
    segments: readonly Segment[],
    value: TreeNode,
  ): Problem[] {
    const [first, ...rest] = segments as [Segment, ...Segment[]];
    const index = /^\d{1,6}$/.test(first.text) ? Number(first.text) : -1;
    if (index < 0 || index > items.length || view.rest === undefined) {
      const last = items.length === 0 ? 'is empty' : `has items 0..${items.length - 1}`;
      const message = `no item "${first.text}": the list ${last}; ${items.length} adds one`;
      return [this.#problem(first.column, message)];
    }
    if (rest.length === 0) {
      items[index] = value;
      return [];
    }
    const item = items[index] ?? emptyContainer(view.rest, this.#place(first.column));
    const problems = this.#put(item, view.rest, rest, value);
    if (problems.length === 0) items[index] = item;
    return problems;
  }
}

/** The schema that what is written has picked, seen without its wrappers. */
function reach(schema: z.core.$ZodType, node: TreeNode): View {
  let view = viewOf(schema);
  for (let depth = 0; view.kind === 'choice' && depth < 8; depth += 1) {
    const picked = view.info.pick?.(toPlain(node));
    // A value being built has picked nothing yet: the first alternative that is a map will do.
    const next = picked && '_zod' in picked ? picked : firstMap(view);
    if (!next) return view;
    view = viewOf(next);
  }
  return view;
}

function firstMap(view: View): z.ZodType | undefined {
  const options = view.info.options ?? [];
  return (options.find(({ schema }) => viewOf(schema).kind === 'map') ?? options[0])?.schema;
}

function emptyContainer(schema: z.core.$ZodType, place: Place): TreeNode {
  return viewOf(schema).kind === 'list'
    ? { kind: 'list', place, items: [] }
    : { kind: 'map', place, entries: new Map() };
}

/**
 * A key may itself hold dots (`raft.one-leader`, `kv.latency`): the longest run of segments that is
 * a known key wins; below a map of plain values the rest of the path is one key.
 */
function chooseKey(
  node: MapNode,
  view: View,
  segments: readonly Segment[],
): { key: string; used: number } {
  for (let used = segments.length; used > 0; used -= 1) {
    const key = segments
      .slice(0, used)
      .map(({ text }) => text)
      .join('.');
    if (Object.hasOwn(view.fields, key) || node.entries.has(key)) return { key, used };
  }
  const leafBelow = view.rest !== undefined && viewOf(view.rest).kind === 'value';
  const used = leafBelow ? segments.length : 1;
  return {
    key: segments
      .slice(0, used)
      .map(({ text }) => text)
      .join('.'),
    used,
  };
}

/** `faults[0].for=5s` -> segments and where the value begins; or what is wrong. */
function splitOverride(
  text: string,
): { readonly segments: readonly Segment[]; readonly valueAt: number } | string {
  const segments: Segment[] = [];
  // Two dots belong to a range of hosts, `s4..s5`.
  const part = /"((?:[^"\\]|\\.)*)"|\[(\d{1,6})\]|([^\s.=[\]"]+(?:\.\.[^\s.=[\]"]+)*)/y;
  let position = 0;
  while (position < text.length && text[position] !== '=') {
    part.lastIndex = position;
    const match = part.exec(text);
    if (!match) return `expected path=value, as network.lan.loss=2%${near(text)}`;
    const word = match[1]?.replaceAll(/\\(.)/g, '$1') ?? match[2] ?? match[3] ?? '';
    segments.push({ text: word, column: position + 1 });
    position += match[0].length;
    if (text[position] === '.') position += 1;
  }
  if (segments.length === 0 || text[position] !== '=') {
    return `expected path=value, as network.lan.loss=2%${near(text)}`;
  }
  return { segments, valueAt: position + 1 };
}

function near(text: string): string {
  const names = Object.keys(viewOf(scenarioSchema).fields);
  const word = /^\w+/.exec(text)?.[0] ?? '';
  return names.includes(word) || word === '' ? '' : suggest(word, names);
}
