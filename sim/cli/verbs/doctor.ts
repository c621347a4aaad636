/** `lictor doctor`: is this machine fit, and does a run do here what it does everywhere? */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEnvironment } from '../../../reports/environment.ts';
import { COLOURED, PLAIN } from '../../../reports/paint.ts';
import type { Paint } from '../../../reports/paint.ts';
import { formatLarge, padEnd } from '../../../reports/text.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import type { Scenario } from '../../../scenarios/scenario.ts';
import { verifyDeterminism } from '../../run/determinism.ts';
import { EXIT } from '../../run/result.ts';
import { runScenario } from '../../run/run.ts';
import { VERSION } from '../../run/version.ts';
import type { Host } from '../host.ts';
import { libraryFolder } from '../inputs.ts';
import { readColour } from '../options.ts';
import { threadProbe } from '../probe.ts';
import type { CommonOptions } from '../commands.ts';

const SAMPLE = 'basic/leader-crash.yaml';
/** Measured with the same sample on the reference machine (2 cores, Node 24), warm. */
const STATED_EVENTS_PER_SECOND = 1_500_000;
/** Slower than this share of the stated figure is worth a word; machines differ. */
const SLOW_SHARE = 0.25;
const SPEED_SECONDS = 1.5;

type Finding = readonly [state: 'ok' | 'note' | 'BAD', about: string, text: string];

export function doctorVerb(host: Host, _: readonly string[], options: CommonOptions): number {
  const environment = readEnvironment(host.variables, host.stdout, readColour(options));
  const paint = environment.colour ? COLOURED : PLAIN;
  const tell = ([state, about, text]: Finding): void => {
    const word = { ok: paint.good, note: paint.warn, BAD: paint.bad }[state](state);
    host.stdout.write(`${padEnd(word, 5)} ${padEnd(about, 13)} ${text}\n`);
  };
  tell(['ok', 'lictor', VERSION]);
  tell(['ok', 'node', `${process.versions.node}, V8 ${process.versions.v8}, ${host.cores} cores`]);
  tell(['ok', 'terminal', describeTerminal(environment)]);
  tell(['ok', 'colours', describeColours(environment.colour, paint)]);
  const scenario = readSample();
  const determinism = checkDeterminism(scenario);
  tell(determinism);
  tell(checkSpeed(scenario, host));
  return determinism[0] === 'ok' ? EXIT.pass : EXIT.nondeterminism;
}

function readSample(): Scenario {
  const loaded = loadScenario(readFileSync(join(libraryFolder(), SAMPLE)), { file: SAMPLE });
  if (!loaded.ok) throw new Error(`The bundled scenario ${SAMPLE} is broken.`);
  return loaded.scenario;
}

function describeTerminal({ tty, columns, rows, ci }: ReturnType<typeof readEnvironment>): string {
  const where = tty ? `${columns}x${rows}` : 'none: output goes to a pipe or file';
  return ci ? `${where}, in CI` : where;
}

function describeColours(on: boolean, paint: Paint): string {
  if (!on) return 'off (--color always turns them on)';
  return `${paint.good('good')} ${paint.warn('warning')} ${paint.bad('bad')} ${paint.faint('faint')}`;
}

function checkDeterminism(scenario: Scenario): Finding {
  const found = verifyDeterminism(scenario, 1);
  if (found.same) {
    return ['ok', 'determinism', `two runs of ${SAMPLE} are the same: ${found.fingerprint}`];
  }
  const { event, time, description } = found;
  return ['BAD', 'determinism', `two runs differ at event ${event}, ${time} s: ${description}`];
}

function checkSpeed(scenario: Scenario, host: Host): Finding {
  const began = host.now();
  const probe = threadProbe();
  let best = 0;
  for (let seed = 1; host.now() - began < SPEED_SECONDS; seed++) {
    const options = { seed, command: '', overrides: {}, strict: false, probe };
    best = Math.max(best, runScenario(scenario, options).result.eventsPerSecond);
  }
  const figure = `${formatLarge(best)} events/s at best`;
  const stated = `${formatLarge(STATED_EVENTS_PER_SECOND)} on the reference machine`;
  const slow = best < STATED_EVENTS_PER_SECOND * SLOW_SHARE;
  return [slow ? 'note' : 'ok', 'speed', `${figure}; ${stated}${slow ? '. This one is slow' : ''}`];
}
