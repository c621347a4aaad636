/** What the language may not be used for: sizes, banned syntax, sources of nondeterminism. */
import ts from 'typescript';
import type { SourceFile } from './sources.ts';
import { isShipped, lineOf, parse, walk } from './sources.ts';

const FILE_LINES_MAX = 500;
/** The style says about 70; a few lines over are not worth a worse split. */
const FUNCTION_LINES_MAX = 80;

const MATH_MEMBERS = new Set(
  'abs ceil clz32 floor fround imul max min round sign sqrt trunc'.split(' '),
);
const WALL_GLOBALS = new Set(['Date', 'performance']);
const BANNED_GLOBALS = new Set(
  ['crypto', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'Intl'].concat(
    'eval',
    'WeakRef',
    'FinalizationRegistry',
  ),
);
const BANNED_MEMBERS = new Set(
  ['localeCompare', 'toLocaleString', 'toLocaleUpperCase', 'toLocaleLowerCase'].concat(
    'toLocaleDateString',
    'toLocaleTimeString',
  ),
);

/** The one file of the simulator that measures wall time, for limits and the speed it reports. */
const WALL_TIME_FILE = 'sim/run/wall.ts';
/** Folders whose code runs inside a run: no promises, generators or machine there. */
const INSIDE_A_RUN = /^sim\/(core|protocol|consul|client|faults|check)\//;

/** Files and functions that are too long. */
export function tooLong(file: SourceFile): string[] {
  if (!file.path.endsWith('.ts')) return [];
  const found: string[] = [];
  const lines = file.text.split('\n').length - 1;
  if (lines > FILE_LINES_MAX) found.push(`${file.path} has ${lines} lines, over ${FILE_LINES_MAX}`);
  if (!isShipped(file.path)) return found;
  const tree = parse(file);
  walk(tree, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || !node.body) return;
    const end = tree.getLineAndCharacterOfPosition(node.getEnd()).line + 1;
    const length = end - lineOf(tree, node) + 1;
    if (length > FUNCTION_LINES_MAX) {
      found.push(`${file.path}:${lineOf(tree, node)} function of ${length} lines`);
    }
  });
  return found;
}

/** Syntax that type stripping cannot run. */
export function unerasable(file: SourceFile): string[] {
  if (!file.path.endsWith('.ts')) return [];
  const tree = parse(file);
  const found: string[] = [];
  walk(tree, (node) => {
    const place = `${file.path}:${lineOf(tree, node)}`;
    if (ts.isEnumDeclaration(node)) found.push(`${place} enum`);
    if (ts.isModuleDeclaration(node)) found.push(`${place} namespace`);
    if (ts.isParameterPropertyDeclaration(node, node.parent)) {
      found.push(`${place} parameter property`);
    }
  });
  return found;
}

/** Ways in which a run could differ from machine to machine, in `sim/` outside `sim/cli/`. */
export function undeterministic(file: SourceFile): string[] {
  const { path } = file;
  if (!/^sim\/.*\.ts$/.test(path) || path.startsWith('sim/cli/')) return [];
  const tree = parse(file);
  const found: string[] = [];
  walk(tree, (node) => {
    const complaint = complaintAbout(node, path);
    if (complaint !== undefined) found.push(`${path}:${lineOf(tree, node)} ${complaint}`);
  });
  return found;
}

function complaintAbout(node: ts.Node, path: string): string | undefined {
  if (ts.isIdentifier(node) && isReference(node)) return complaintAboutName(node, path);
  if (ts.isPropertyAccessExpression(node) && BANNED_MEMBERS.has(node.name.text)) {
    return `${node.name.text} depends on a locale`;
  }
  if (ts.isForInStatement(node)) return 'for..in depends on the order of keys';
  if (isPower(node)) return '** differs between engines; use core/math.ts';
  if (isModuleVariable(node)) return 'mutable variable of a module; keep it in the World';
  if (!INSIDE_A_RUN.test(path)) return undefined;
  if (ts.isAwaitExpression(node) || ts.isYieldExpression(node)) return 'await or yield in a run';
  if (ts.isFunctionLike(node) && isAsyncOrGenerator(node)) return 'async function or generator';
  if (ts.isImportDeclaration(node) && node.moduleSpecifier.getText().startsWith("'node:")) {
    return 'a module of Node inside a run';
  }
  return undefined;
}

function complaintAboutName(node: ts.Identifier, path: string): string | undefined {
  const name = node.text;
  if (BANNED_GLOBALS.has(name)) return `${name} is not deterministic`;
  if (WALL_GLOBALS.has(name) && path !== WALL_TIME_FILE) {
    return `${name} is wall time; only ${WALL_TIME_FILE} may read it`;
  }
  if (name === 'Promise' && INSIDE_A_RUN.test(path)) return 'Promise inside a run';
  if (name === 'process' && INSIDE_A_RUN.test(path) && isNodeProcess(node)) {
    return "Node's process inside a run";
  }
  if (name !== 'Math') return undefined;
  const { parent } = node;
  const member = ts.isPropertyAccessExpression(parent) ? parent.name.text : '(as a value)';
  return MATH_MEMBERS.has(member) ? undefined : `Math.${member} differs between engines`;
}

/** A process of the simulation is a fair name for a variable; Node's is known by what it is asked. */
function isNodeProcess({ parent }: ts.Identifier): boolean {
  const members =
    /^(env|argv|exit|hrtime|memoryUsage|cpuUsage|std(in|out|err)|nextTick|cwd|uptime)$/;
  return ts.isPropertyAccessExpression(parent) && members.test(parent.name.text);
}

/** True where an identifier reads a name, not where it declares a member or names a property. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  return !(
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isImportSpecifier(parent)
  );
}

function isPower(node: ts.Node): boolean {
  if (!ts.isBinaryExpression(node)) return false;
  if (isExactPower(node)) return false;
  const kind = node.operatorToken.kind;
  return (
    kind === ts.SyntaxKind.AsteriskAsteriskToken ||
    kind === ts.SyntaxKind.AsteriskAsteriskEqualsToken
  );
}

/** `2 ** 1000`, `2 ** -52`, `10 ** 6`: exact, so the same everywhere. */
function isExactPower({ left, right }: ts.BinaryExpression): boolean {
  const exponent = ts.isPrefixUnaryExpression(right) ? right.operand : right;
  if (!ts.isNumericLiteral(left) || !ts.isNumericLiteral(exponent)) return false;
  if (left.text === '2') return Number.isInteger(Number(exponent.text));
  return right === exponent && Number.isSafeInteger(Number(left.text) ** Number(exponent.text));
}

function isModuleVariable(node: ts.Node): boolean {
  return (
    ts.isVariableStatement(node) &&
    ts.isSourceFile(node.parent) &&
    (node.declarationList.flags & ts.NodeFlags.Const) === 0
  );
}

function isAsyncOrGenerator(node: ts.SignatureDeclaration): boolean {
  const star = 'asteriskToken' in node && node.asteriskToken !== undefined;
  const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
  return star || modifiers.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword);
}
