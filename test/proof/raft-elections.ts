/** Election times over thousands of seeds beside their derived figures: docs/proof/raft-elections.md. */
import { mkdirSync, writeFileSync } from 'node:fs';
import {
  ELECTION_CASES,
  figuresOf,
  measureElections,
  worstDifference,
} from '../paper/elections.ts';
import type { ElectionCase, Figures } from '../paper/elections.ts';

export interface ProofOptions {
  /** Seeds of each case; 5 000 by default. */
  readonly seeds?: number;
}

const SEEDS_DEFAULT = 5000;
const TOLERANCE = 0.05;

export function run({ seeds = SEEDS_DEFAULT }: ProofOptions = {}): number {
  let missed = 0;
  const rows = ELECTION_CASES.map((one) => {
    const measured = figuresOf(measureElections(one, seeds));
    const difference = worstDifference(one.expected, measured);
    if (difference > TOLERANCE) missed++;
    process.stderr.write(`${one.situation} ${one.servers}: ${(100 * difference).toFixed(1)} %\n`);
    return row(one, measured, difference);
  });
  mkdirSync('docs/proof', { recursive: true });
  writeFileSync('docs/proof/raft-elections.md', pageOf(seeds, rows));
  return missed === 0 ? 0 : 1;
}

function row(one: ElectionCase, measured: Required<Figures>, difference: number): string {
  const keys = ['min', 'low', 'median', 'high'] as const;
  const cells = keys.map((key) => {
    const wanted = one.expected[key];
    return `${measured[key].toFixed(3)}${wanted === undefined ? '' : ` (${wanted})`}`;
  });
  const { situation, servers, multiplier } = one;
  const worst = `${(100 * difference).toFixed(1)} %`;
  return `| ${[situation, servers, multiplier, ...cells, worst].join(' | ')} |`;
}

function pageOf(seeds: number, rows: readonly string[]): string {
  return `# Election times

Seconds from the fault (from the start, in a cold start) until a server leads; for the isolated
leader, from the last answer that still made its quorum until it steps down. In brackets the figures
that follow from the rules of hashicorp/raft by calculation. ${seeds} seeds of each case, default
network and disks, no load, the fault 25 heartbeat timeouts after the start; the tolerance is ${100 * TOLERANCE} %.

Written by \`npm run proof -- raft-elections\`.

| situation | servers | raft_multiplier | min | 5 % | median | 95 % | largest difference |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}
