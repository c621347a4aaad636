/** `cluster.raft.variant` and what only one of the variants has. */
import { parseDuration, parseRange, quoteRaw, refused } from '../units.ts';
import type { Broken } from './kit.ts';
import { isPlainMap, scalar, word } from './kit.ts';
import { duration } from './values.ts';

/** A timer below this would fire between two microseconds of the clock. */
const TIMEOUT_MICROS_MIN = 1000;

/** Keys of `cluster.raft` beside those of hashicorp/raft. */
export const paperKeys = {
  variant: word(['consul', 'paper'])
    .prefault('consul')
    .describe(
      'consul: hashicorp/raft as the release has it. paper: Raft as the extended paper tells it, with ' +
        'the timeouts below; its messages are datagrams. For comparisons and published experiments.',
    ),
  election_timeout: scalar<readonly [number, number]>({
    syntax: 'a time or a range such as 150ms..300ms',
    json: { type: ['string', 'integer'] },
    parse: (raw) => {
      const range = parseRange(raw, parseDuration);
      if (!range.ok || range.value[0] >= TIMEOUT_MICROS_MIN) return range;
      return refused(`${quoteRaw(raw)} must be at least 1ms`);
    },
  })
    .optional()
    .describe(
      'With variant paper: each election timeout is drawn from this range; default 150ms..300ms. A ' +
        'narrow one splits votes, a high one leaves a dead leader undetected for longer.',
    ),
  heartbeat: duration({ minimum: TIMEOUT_MICROS_MIN })
    .optional()
    .describe(
      'With variant paper: an idle leader speaks this often, and what is not answered is sent again ' +
        'after as long; default half of the shortest election timeout.',
    ),
};

/** Default of `election_timeout` (Raft paper §5.2). */
export const ELECTION_MICROS: readonly [number, number] = [150_000, 300_000];

const CONSUL_ONLY = 'only hashicorp/raft has it; remove it, or variant: paper';

/** What goes with the other variant only. */
export function variantRules(cluster: unknown): Broken[] {
  if (!isPlainMap(cluster)) return [];
  const raft = isPlainMap(cluster['raft']) ? cluster['raft'] : {};
  if (raft['variant'] !== 'paper') {
    const message = 'hashicorp/raft derives it from agent.performance.raft_multiplier';
    return ['election_timeout', 'heartbeat']
      .filter((key) => Object.hasOwn(raft, key))
      .map((key): Broken => ({ path: ['raft', key], at: 'key', message }));
  }
  const broken = consulOnly(cluster, []);
  const hosts = isPlainMap(cluster['hosts']) ? cluster['hosts'] : {};
  for (const [name, host] of Object.entries(hosts)) {
    if (isPlainMap(host)) broken.push(...consulOnly(host, ['hosts', name]));
  }
  return broken;
}

function consulOnly(
  settings: Readonly<Record<string, unknown>>,
  path: readonly string[],
): Broken[] {
  const broken: Broken[] = [];
  const refuse = (...at: string[]): void => {
    broken.push({ path: [...path, ...at], at: 'key', message: CONSUL_ONLY });
  };
  for (const key of ['consul', 'agent']) if (Object.hasOwn(settings, key)) refuse(key);
  const { raft } = settings;
  for (const key of ['commit_timeout', 'alone']) {
    if (isPlainMap(raft) && Object.hasOwn(raft, key)) refuse('raft', key);
  }
  return broken;
}
