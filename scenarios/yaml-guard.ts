/**
 * YAML text -> tree, for input that may be hostile. Size, depth and number of values have limits,
 * and whatever the YAML library throws becomes one more problem of the file.
 */
import type { Document, Node as YamlNode, YAMLError } from 'yaml';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { MapEntry, MapNode, Place, TreeNode } from './tree.ts';

/** Bytes of a scenario file: large enough for a saved failure, small enough to parse in seconds. */
export const FILE_BYTES_MAX = 512 * 1024;
const DEPTH_MAX = 32;
/** Values after aliases have been followed, so that a bomb of aliases ends here. */
const VALUES_MAX = 50_000;

/** A problem with a place instead of a file name. */
export interface Problem {
  readonly place: Place;
  readonly message: string;
}

export interface Guarded {
  /** Undefined where nothing usable was found; then there is at least one problem. */
  readonly root: TreeNode | undefined;
  readonly problems: readonly Problem[];
}

/** Where the text lies: the file itself, or the value of an override further right on its line. */
export interface TextOrigin {
  readonly source: number;
  /** Columns to the left of the text on its first line. */
  readonly indent: number;
}

/** Reads text as one YAML document; never throws. */
export function readYaml(text: string, origin: TextOrigin = { source: 0, indent: 0 }): Guarded {
  const start = { source: origin.source, line: 1, column: 1 + origin.indent };
  const fail = (message: string, place: Place = start): Guarded => ({
    root: undefined,
    problems: [{ place, message }],
  });
  if (text.length > FILE_BYTES_MAX) {
    return fail(
      `the file has ${(text.length / 1024 / 1024).toFixed(1)} MiB; a scenario has at most ` +
        `${FILE_BYTES_MAX / 1024} KiB`,
    );
  }
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    const column = Math.max(1, col) + (line <= 1 ? origin.indent : 0);
    return { source: origin.source, line: Math.max(1, line), column };
  };
  const stray = strayCharacter(text);
  if (stray) {
    lines.addNewLine(0);
    for (
      let at = text.indexOf('\n');
      at >= 0 && at < stray.offset;
      at = text.indexOf('\n', at + 1)
    ) {
      lines.addNewLine(at + 1);
    }
    return fail(stray.message, placeAt(stray.offset));
  }
  try {
    const document = parseDocument(text.startsWith('\uFEFF') ? text.slice(1) : text, {
      lineCounter: lines,
      // Finding duplicates here would compare every key with every other; the tree does it.
      uniqueKeys: false,
      prettyErrors: false,
      // At 'silent' a second document would be dropped without a word.
      logLevel: 'error',
      version: '1.2',
      merge: false,
    });
    const syntax = [...document.errors, ...document.warnings].slice(0, 50);
    if (syntax.length > 0) {
      const problems = syntax.map((error) => describeSyntax(error, placeAt(error.pos[0])));
      return { root: undefined, problems };
    }
    if (document.directives.yaml.explicit) {
      return fail('has a YAML directive, which changes what words mean; remove the line');
    }
    return new Converter(document, placeAt).convert(start);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return fail(`cannot be read as YAML: ${reason}`);
  }
}

/** The first character that no text file has: control characters and broken UTF-8. */
function strayCharacter(text: string): { offset: number; message: string } | undefined {
  for (let offset = 0; offset < text.length; offset += 1) {
    const code = text.charCodeAt(offset);
    const blank = code === 0x09 || code === 0x0a || code === 0x0d;
    if ((code < 0x20 && !blank) || code === 0x7f) {
      const name = `0x${code.toString(16).padStart(2, '0')}`;
      return { offset, message: `has the control character ${name}; remove it` };
    }
    const loneSurrogate = code >= 0xd800 && code < 0xe000 && !isPair(text, offset);
    if (code === REPLACEMENT || loneSurrogate) {
      return { offset, message: 'is not UTF-8 text; save the file as UTF-8' };
    }
    if (code >= 0xd800 && code < 0xe000) offset += 1;
  }
  return undefined;
}

/** What decoders put in place of bytes that are not UTF-8. */
const REPLACEMENT = 0xfffd;

function isPair(text: string, offset: number): boolean {
  return (text.codePointAt(offset) ?? 0) > 0xffff;
}

/** The library's codes in words that say what to do; its own first line for the rest. */
function describeSyntax(error: YAMLError, place: Place): Problem {
  const words: Readonly<Partial<Record<string, string>>> = {
    TAB_AS_INDENT: 'a tab indents this line; use spaces',
    MULTIPLE_DOCS: 'a second document begins here; one file is one scenario',
    RESOURCE_EXHAUSTION: `is nested deeper than ${DEPTH_MAX} levels`,
  };
  const own = error.message.split('\n')[0]!.replace(/\.$/, '');
  const known = Object.hasOwn(words, error.code) ? words[error.code] : undefined;
  return { place, message: known ?? `is not valid YAML: ${own}` };
}

/** Walks one document of the library, keeping the limits. */
class Converter {
  readonly #document: Document.Parsed;
  readonly #placeAt: (offset: number) => Place;
  readonly #problems: Problem[] = [];
  /** The latest node of each anchor; the library would search the document for every alias. */
  readonly #anchors = new Map<string, YamlNode>();
  #values = 0;
  #stopped = false;

  constructor(document: Document.Parsed, placeAt: (offset: number) => Place) {
    this.#document = document;
    this.#placeAt = placeAt;
  }

  convert(start: Place): Guarded {
    const { contents } = this.#document;
    if (contents === null) {
      return { root: { kind: 'scalar', place: start, value: null }, problems: this.#problems };
    }
    const root = this.#node(contents, 0);
    return { root: this.#stopped ? undefined : root, problems: this.#problems };
  }

  #stop(place: Place, message: string): TreeNode {
    if (!this.#stopped) this.#problems.push({ place, message });
    this.#stopped = true;
    return { kind: 'scalar', place, value: null };
  }

  #node(node: YamlNode, depth: number, aliasPlace?: Place): TreeNode {
    const place = aliasPlace ?? this.#placeAt(node.range?.[0] ?? 0);
    this.#values += 1;
    if (this.#stopped) return { kind: 'scalar', place, value: null };
    if (this.#values > VALUES_MAX) {
      return this.#stop(place, `holds more than ${VALUES_MAX} values, aliases included`);
    }
    if (depth > DEPTH_MAX) return this.#stop(place, `is nested deeper than ${DEPTH_MAX} levels`);
    if ('anchor' in node && node.anchor) this.#anchors.set(node.anchor, node);
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (!target) return this.#stop(place, `the alias *${node.source} has no anchor before it`);
      return this.#node(target, depth + 1, place);
    }
    if (node.tag !== undefined) {
      this.#problems.push({ place, message: `has the tag ${node.tag}; tags are not used here` });
    }
    if (isMap(node)) return this.#map(node.items, place, depth);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.#node(item as YamlNode, depth + 1));
      return { kind: 'list', place, items };
    }
    return { kind: 'scalar', place, value: isScalar(node) ? scalarValue(node.value) : null };
  }

  #map(pairs: readonly { key: unknown; value: unknown }[], place: Place, depth: number): MapNode {
    const entries = new Map<string, MapEntry>();
    for (const { key, value } of pairs) {
      if (this.#stopped) break;
      const keyNode = key as YamlNode | null;
      const keyPlace = keyNode?.range ? this.#placeAt(keyNode.range[0]) : place;
      const name = keyText(keyNode);
      if (name === undefined) {
        this.#problems.push({ place: keyPlace, message: 'a key must be a plain word' });
        continue;
      }
      const first = entries.get(name);
      if (first) {
        const message = `"${name}" is already set on line ${first.place.line}; keep one of them`;
        this.#problems.push({ place: keyPlace, message });
        continue;
      }
      const node = value
        ? this.#node(value as YamlNode, depth + 1)
        : ({ kind: 'scalar', place: keyPlace, value: null } as const);
      entries.set(name, { place: keyPlace, node });
    }
    return { kind: 'map', place, entries };
  }
}

/** A key as text; undefined for maps, lists, aliases, nothing and names that Object claims. */
function keyText(node: YamlNode | null): string | undefined {
  if (!isScalar(node) || node.value === null || node.value === undefined) return undefined;
  const text = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
  return text === '' || text === '__proto__' || text.length > 512 ? undefined : text;
}

function scalarValue(value: unknown): string | number | boolean | null {
  if (typeof value === 'string' || typeof value === 'number') return value;
  return typeof value === 'boolean' ? value : null;
}
