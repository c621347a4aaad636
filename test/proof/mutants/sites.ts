/** Every small change that a mistake could make in a source file, one at a time. */
import ts from 'typescript';

export interface Mutant {
  readonly file: string;
  /** The same as long as its line stands in its function, whatever changes elsewhere. */
  readonly key: string;
  readonly operator: Operator;
  /** From 1. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly before: string;
  readonly after: string;
}

export const OPERATORS = {
  boundary: 'a comparison takes in, or leaves out, equality',
  equality: 'equal for unequal, and the other way round',
  negated: 'the opposite of a condition',
  logic: 'and for or, and the other way round',
  arithmetic: 'minus for plus, times for divided by, least for greatest, and the other way round',
  constant: 'a number that is larger by one, from ten on twice as large',
  truth: 'true for false, and the other way round',
  dropped: 'a statement left out',
} as const;
export type Operator = keyof typeof OPERATORS;

const SWAPS: Readonly<Record<string, readonly [Operator, string]>> = {
  '<': ['boundary', '<='],
  '<=': ['boundary', '<'],
  '>': ['boundary', '>='],
  '>=': ['boundary', '>'],
  '===': ['equality', '!=='],
  '!==': ['equality', '==='],
  '&&': ['logic', '||'],
  '||': ['logic', '&&'],
  '+': ['arithmetic', '-'],
  '-': ['arithmetic', '+'],
  '*': ['arithmetic', '/'],
  '/': ['arithmetic', '*'],
  '+=': ['arithmetic', '-='],
  '-=': ['arithmetic', '+='],
};
const CALLS: Readonly<Record<string, string>> = { 'Math.min': 'Math.max', 'Math.max': 'Math.min' };

interface Change {
  readonly operator: Operator;
  readonly start: number;
  readonly end: number;
  readonly after: string;
}

export function mutantsOf(file: string, text: string): Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2024, true);
  const mutants: Mutant[] = [];
  const ordinals = new Map<string, number>();
  const take: Take = (node, change) => {
    const { operator, start, end } = change;
    const { line } = source.getLineAndCharacterOfPosition(start);
    const before = text.slice(start, end);
    const written = text.split('\n')[line]!.trim();
    const name = `${file} ${functionOf(node)} ${operator} ${before} in: ${written}`;
    const ordinal = ordinals.get(name) ?? 0;
    ordinals.set(name, ordinal + 1);
    mutants.push({ file, key: `${name} ${ordinal}`, line: line + 1, before, ...change });
  };
  ts.forEachChild(source, (node) => visit(node, source, take));
  return mutants;
}

export function mutated(text: string, { start, end, after }: Mutant): string {
  return text.slice(0, start) + after + text.slice(end);
}

type Take = (node: ts.Node, change: Change) => void;

function visit(node: ts.Node, source: ts.SourceFile, take: Take): void {
  if (isSilent(node)) return;
  for (const change of changesOf(node, source)) take(node, change);
  ts.forEachChild(node, (child) => visit(child, source, take));
}

/** Types, texts for people, and what only stops a programmer decide nothing. */
function isSilent(node: ts.Node): boolean {
  if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return true;
  }
  if (ts.isThrowStatement(node) || ts.isTemplateExpression(node)) return true;
  return ts.isCallExpression(node) && node.expression.getText() === 'assert';
}

function* changesOf(node: ts.Node, source: ts.SourceFile): Iterable<Change> {
  const at = (part: ts.Node, operator: Operator, after: string): Change => {
    return { operator, start: part.getStart(source), end: part.getEnd(), after };
  };
  if (ts.isBinaryExpression(node)) {
    const sign = node.operatorToken;
    const [operator, after] = SWAPS[sign.getText()] ?? [];
    const isText = [node.left, node.right].some(ts.isStringLiteralLike);
    const whole = operator === 'equality' && isCondition(node);
    if (operator !== undefined && !isText && !whole) yield at(sign, operator, after!);
  }
  if (isCondition(node)) yield at(node, 'negated', `!(${node.getText()})`);
  if (ts.isNumericLiteral(node)) {
    const value = Number(node.text);
    yield at(node, 'constant', `${value < 10 ? value + 1 : value * 2}`);
  }
  if (node.kind === ts.SyntaxKind.TrueKeyword) yield at(node, 'truth', 'false');
  if (node.kind === ts.SyntaxKind.FalseKeyword) yield at(node, 'truth', 'true');
  if (ts.isCallExpression(node)) {
    const other = CALLS[node.expression.getText()];
    if (other !== undefined) yield at(node.expression, 'arithmetic', other);
  }
  if (isDroppable(node)) yield at(node, 'dropped', ';');
}

function isDroppable(node: ts.Node): boolean {
  if (ts.isReturnStatement(node)) return node.expression === undefined;
  if (!ts.isExpressionStatement(node)) return false;
  return !isSilent(node.expression);
}

function isCondition(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent)) return parent.expression === node;
  return ts.isConditionalExpression(parent) && parent.condition === node;
}

/** Name of the function around it. */
function functionOf(node: ts.Node): string {
  for (let one: ts.Node = node; !ts.isSourceFile(one); one = one.parent) {
    if (ts.isFunctionDeclaration(one) || ts.isMethodDeclaration(one)) {
      if (one.name !== undefined) return one.name.getText();
    } else if (ts.isVariableDeclaration(one) && ts.isSourceFile(one.parent.parent.parent)) {
      return one.name.getText();
    }
  }
  return 'module';
}
