/** `npm run proof`: finds proofs by name and refuses what it does not understand. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

function proof(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('--list names every proof', () => {
  const { status, stdout } = proof('--list');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^determinism +same scenario and seed/m);
  expect(stdout).toMatch(/^planted-raft +bugs of Raft are caught/m);
});

test.each([
  [[], 'Name one proof.'],
  [['nothing'], 'There is no proof "nothing".'],
  [['planted-raft', 'determinism'], 'Name one proof.'],
  [['planted-raft', '--seeds', '0'], '--seeds 0 is no positive whole number.'],
  [['planted-raft', '--colour'], "Unknown option '--colour'"],
])('%j is refused with the usage', (words, message) => {
  const { status, stdout, stderr } = proof(...words);
  expect(status).toBe(64);
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/^Usage: npm run proof -- NAME/m);
  expect(stderr).toMatch(/^Proofs: .*determinism.*planted/m);
});
