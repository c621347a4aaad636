/** `--print-config`: a scenario with every value that holds, and where each one comes from. */
import { Document, isCollection, isMap, isScalar, isSeq } from 'yaml';
import type { Node, Pair } from 'yaml';
import { formatPath } from '../../scenarios/tree.ts';
import type { Loaded } from '../../scenarios/load.ts';
import type { Input } from './inputs.ts';

type Path = readonly (string | number)[];

/** YAML that is itself a valid scenario; the origin of each value is the comment behind it. */
export function describeConfig({ file, loaded }: Input): string {
  const { config, origins } = loaded as Loaded;
  const document = new Document(config);
  document.commentBefore = ` ${file}, with every default and override`;
  annotate(document.contents, [], origins);
  return document.toString({ lineWidth: 0 });
}

function annotate(node: Node | null, path: Path, origins: ReadonlyMap<string, string>): void {
  const origin = origins.get(formatPath(path));
  if (node !== null && origin !== undefined && path.length > 0) {
    if (isCollection(node)) node.flow = true;
    node.comment = ` ${origin}`;
    return;
  }
  if (isMap(node)) {
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      annotate(pair.value, [...path, keyOf(pair.key)], origins);
    }
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      annotate(item as Node, [...path, index], origins);
    }
  }
}

function keyOf(key: Node): string {
  return isScalar(key) ? String(key.value) : String(key);
}
