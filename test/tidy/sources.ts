/** Reads the code base for the tidy test: which files there are and how each one parses. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.git', 'out', '.cache']);
const TEXT = /\.(ts|mjs|json|ya?ml|md|txt|html|css|svg)$|^(LICENSE|run|\.[a-z]+)$/;

/** One file of the code base, path relative to its root with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Every text file of the project, in a stable order. */
export function readTextFiles(folder = ROOT): SourceFile[] {
  const found: SourceFile[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    // In a work tree of its own `.git` is a file.
    if (SKIPPED.has(entry.name)) continue;
    const file = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...readTextFiles(file));
    if (!entry.isFile() || !TEXT.test(entry.name)) continue;
    found.push({
      path: relative(ROOT, file).split(sep).join('/'),
      text: readFileSync(file, 'utf8'),
    });
  }
  return found.toSorted((left, right) => (left.path < right.path ? -1 : 1));
}

/** True for TypeScript that ships: everything but tests and configuration. */
export function isShipped(path: string): boolean {
  return /^(scenarios|sim|reports)\/.*\.ts$/.test(path);
}

/** Parses one file; no types, so this is quick. */
export function parse(file: SourceFile): ts.SourceFile {
  return ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
}

/** Calls `visit` for every node below `node`, parents first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** One-based line of a node. */
export function lineOf(file: ts.SourceFile, node: ts.Node): number {
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}

/** One import of a module: where it points and whether only types come through it. */
export interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
  readonly lazy: boolean;
  readonly line: number;
}

/**
 * Every import of a file, relative ones resolved to project paths. Strings that look like a module
 * path (`new URL('./worker.ts', ...)`) count as lazy imports.
 */
export function importsOf(file: SourceFile): Import[] {
  const tree = parse(file);
  const found: Import[] = [];
  const add = (specifier: string, node: ts.Node, typeOnly: boolean, lazy: boolean): void => {
    const target = specifier.startsWith('.')
      ? join(dirname(file.path), specifier).split(sep).join('/')
      : specifier;
    found.push({ target, typeOnly, lazy, line: lineOf(tree, node) });
  };
  walk(tree, (node) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      add(node.moduleSpecifier.text, node, isTypeImport(node), false);
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
      add((node.moduleSpecifier as ts.StringLiteral).text, node, node.isTypeOnly, false);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add((node.argument.literal as ts.StringLiteral).text, node, true, false);
    } else if (ts.isStringLiteral(node) && /^\.{1,2}\/[^ ]*\.ts$/.test(node.text)) {
      if (!isModuleSpecifier(node)) add(node.text, node, false, true);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument && ts.isStringLiteral(argument) && !argument.text.startsWith('.')) {
        add(argument.text, node, false, true);
      }
    }
  });
  return found;
}

function isModuleSpecifier(node: ts.StringLiteral): boolean {
  const { parent } = node;
  return (
    ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || ts.isLiteralTypeNode(parent)
  );
}

function isTypeImport(node: ts.ImportDeclaration): boolean {
  const clause = node.importClause;
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  const names = clause.namedBindings;
  if (clause.name || !names || !ts.isNamedImports(names)) return false;
  return names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly);
}
