/**
 * The scenario language: one schema that owns its vocabulary. Zod types and checks it; the JSON
 * Schema for editors, the reference page and `--set` are derived from it.
 */
import type * as z from 'zod';
import { clocks, cluster, disks, initial } from './schema/cluster.ts';
import { decisions } from './schema/decisions.ts';
import { fields, word } from './schema/kit.ts';
import { load } from './schema/load.ts';
import { mesh } from './schema/mesh.ts';
import { services } from './schema/services.ts';
import { network } from './schema/network.ts';
import { faults } from './schema/plan.ts';
import { replay } from './schema/replay.ts';
import { draw, repeat, sweep } from './schema/sweep.ts';
import { duration, text } from './schema/values.ts';
import {
  expectation,
  fix,
  invariants,
  knownIssues,
  limits,
  plant,
  thresholds,
} from './schema/verdict.ts';

export * from './vocabulary.ts';

const NOT_YET = {
  agents: 'this version has no model of client agents',
  gossip: 'this version has no model of gossip',
};

export const scenarioSchema = fields(
  {
    name: text(64, /^[a-z0-9][a-z0-9._-]*$/i, 'a name of letters, digits, dots and dashes')
      .optional()
      .describe('Name in reports and of the result folder; default the name of the file.'),
    description: text(4000).optional().describe('What the scenario shows, for people.'),
    start: word(['formed', 'cold', 'bootstrap'])
      .prefault('formed')
      .describe(
        'formed: a leader is elected and all servers are caught up, constructed rather than ' +
          'simulated. cold: all servers start at time 0 and know each other. bootstrap: they start ' +
          'with empty disks, find each other within a second and bootstrap themselves, as with ' +
          '`bootstrap_expect`.',
      ),
    warmup: duration({ role: 'time' })
      .prefault('0s')
      .describe('First part of `duration`: runs and is checked, but not measured.'),
    duration: duration({ minimum: 1 }).describe(
      'Time of the run in which faults happen and loads run; measured from the end of `warmup`.',
    ),
    settle: duration()
      .prefault('30s')
      .describe(
        'Time after `duration` with all faults healed; what must come true eventually is judged at ' +
          'its end.',
      ),
    cluster: cluster.prefault({}).describe('The servers.'),
    network,
    disks,
    clocks,
    services,
    mesh,
    load,
    faults,
    decisions,
    invariants,
    thresholds,
    expect: expectation,
    plant,
    fix,
    known_issues: knownIssues,
    sweep,
    draw,
    repeat,
    replay,
    initial,
    limits,
  },
  NOT_YET,
);

/** What zod makes of a scenario: units resolved, names as in the language. */
export type ScenarioDraft = z.output<typeof scenarioSchema>;
