/** `faults:`: one schema for every verb, each with the fields that act on it and no others. */
import type * as z from 'zod';
import { LATER_MESSAGE_CLASSES, MESSAGE_CLASSES } from '../vocabulary.ts';
import type { FaultKind, MessageClass } from '../vocabulary.ts';
import { suggest } from '../errors.ts';
import type { RestartWait } from '../scenario.ts';
import type { Parsed } from '../units.ts';
import { parseDuration, parsed, quoteRaw, refused } from '../units.ts';
import { boolean, choice, fields, flag, isPlainMap, pair, ruled, scalar, word } from './kit.ts';
import type { Broken, Pick } from './kit.ts';
import { MESH_VERBS } from './mesh.ts';
import { partition } from './partition.ts';
import { lasting, trigger } from './trigger.ts';
import {
  count,
  distribution,
  factor,
  percent,
  ppm,
  release,
  selector,
  signedDuration,
} from './values.ts';

const WAITS: readonly string[] = ['voted', 'caught-up', 'healthy', 'passing'];

function restartWait(): z.ZodType<RestartWait> {
  return scalar({
    syntax: 'voted, caught-up, healthy, passing or a duration',
    json: { type: 'string' },
    parse: (raw): Parsed<RestartWait> => {
      if (WAITS.includes(raw as string)) return parsed(raw as RestartWait);
      const micros = parseDuration(raw);
      if (micros.ok) return parsed({ micros: micros.value });
      return refused(
        `expected voted, caught-up, healthy, passing or a duration, got ${quoteRaw(raw)}`,
      );
    },
  });
}

/** A class, a prefix or a list of them -> every class meant, in the vocabulary's order. */
function messageClasses(): z.ZodType<readonly MessageClass[]> {
  return scalar({
    syntax: 'message classes such as raft or [raft.vote, rpc]',
    json: {
      anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }],
    },
    parse: (raw): Parsed<readonly MessageClass[]> => {
      const names: readonly unknown[] = Array.isArray(raw) ? raw : [raw];
      if (names.length === 0) return refused('the list names no message class');
      const meant = new Set<MessageClass>();
      for (const name of names) {
        const found = MESSAGE_CLASSES.filter(
          (known) => known === name || known.startsWith(`${String(name)}.`),
        );
        if (found.length === 0 || typeof name !== 'string') return refused(unknownClass(name));
        for (const one of found) meant.add(one);
      }
      return parsed(MESSAGE_CLASSES.filter((known) => meant.has(known)));
    },
  });
}

function unknownClass(name: unknown): string {
  if (typeof name !== 'string') return `expected a message class, got ${quoteRaw(name)}`;
  if (LATER_MESSAGE_CLASSES.includes(name)) {
    return `no model of this version sends "${name}" messages`;
  }
  return `unknown message class "${name}"${suggest(name, ['raft', 'rpc', 'gossip', ...MESSAGE_CLASSES])}`;
}

const traffic = {
  only: messageClasses()
    .optional()
    .describe('Only messages of these classes; a prefix names all below it. Default all.'),
  transport: word(['all', 'tcp', 'udp'])
    .prefault('all')
    .describe(
      'Only datagrams, only streams, or all. Datagrams are gossip; Raft and RPC use streams.',
    ),
};

const links = {
  ...lasting,
  ...traffic,
  from: selector().optional().describe('Senders; default every host, load clients included.'),
  to: selector().optional().describe('Receivers; default every host, load clients included.'),
  between: pair(selector(), 'selectors')
    .optional()
    .describe('Instead of from and to: the links between these two.'),
  direction: word(['both', 'out', 'in'])
    .optional()
    .describe('With between: both ways (default), out from the first to the second, or in.'),
};

/** What concerns a whole host concerns its agent, too. */
function wholeHost(key: string, word: string) {
  return (raw: unknown): Broken[] =>
    isPlainMap(raw) && raw[key] === word && 'agent' in raw
      ? [{ path: ['agent'], message: `${word} concerns the whole host; remove it`, at: 'key' }]
      : [];
}

/** A signal is not sent in the middle of a write. */
function atNoWrite(raw: unknown): Broken[] {
  if (!isPlainMap(raw) || !('at_write' in raw)) return [];
  const { how } = raw;
  return how === 'terminate' || how === 'interrupt'
    ? [{ path: ['at_write'], message: `acts with how: kill, power or exit only`, at: 'key' }]
    : [];
}

function agentText(): z.ZodType<true | undefined> {
  return flag()
    .optional()
    .describe('The Consul agent beside an instance, and not the instance itself.');
}

const oneByOneText = 'One server after the other instead of all at once; default false.';
const waitText =
  'With one_by_one, before the next server: until this one has heard from a leader as a voter ' +
  '(voted), has every entry the leader had when it came back (caught-up), is a healthy voter in the ' +
  "eyes of the leader's autopilot too (healthy), or a fixed time. Instances: until whoever asks for those " +
  'that are passing finds this one (passing).';

const restartHosts = selector();
/** Text of what a restart does first. */
const endsText =
  'terminate (default): SIGTERM, so that client agents leave the pool first (leave_on_terminate). ' +
  'interrupt: SIGINT (skip_leave_on_interrupt). exit: nobody leaves.';
const restartSettings = fields({
  hosts: selector().describe('Servers to stop cleanly and start again.'),
  one_by_one: boolean().optional().describe(oneByOneText),
  wait: restartWait().optional().describe(waitText),
});

/** One schema per verb. */
export const VERBS = {
  crash: ruled(
    fields({
      ...lasting,
      crash: selector().describe(
        'Processes that stop at once and start again when the fault ends.',
      ),
      how: word(['kill', 'power', 'exit', 'terminate', 'interrupt'])
        .prefault('kill')
        .describe(
          'kill: unsynced writes survive in the page cache, peers see closed sockets. power: unsynced ' +
            'writes are lost, the last batch is torn, peers see silence. exit: as kill, after the ' +
            'writes under way. terminate, interrupt: SIGTERM, SIGINT; agents leave the pool first, and ' +
            'have 15 s for it, where leave_on_terminate and skip_leave_on_interrupt say so.',
        ),
      at_write: count(1, 1000)
        .optional()
        .describe(
          'Not at once, but when the n-th write of the next batch begins: writes 1 to n-1 are on disk.',
        ),
      agent: agentText(),
    }),
    (raw) => [...wholeHost('how', 'power')(raw), ...atNoWrite(raw)],
  ),
  restart: fields({
    ...trigger,
    restart: choice(
      [
        { name: 'hosts', schema: restartHosts },
        { name: 'settings', schema: restartSettings },
      ],
      (raw) => (isPlainMap(raw) ? restartSettings : restartHosts),
    ).describe('Servers to stop cleanly and start again; or a map with all three settings.'),
    one_by_one: boolean().optional().describe(oneByOneText),
    wait: restartWait().optional().describe(waitText),
    how: word(['terminate', 'interrupt', 'exit']).prefault('terminate').describe(endsText),
    agent: agentText(),
  }),
  pause: ruled(
    fields({
      ...lasting,
      pause: selector().describe('Processes that stand still until the fault ends.'),
      kind: word(['stop', 'suspend', 'io'])
        .prefault('stop')
        .describe(
          'stop: nothing runs but the clock, as under SIGSTOP. suspend: the monotonic clock stands too ' +
            'and the wall clock jumps at the end, as a virtual machine. io: timers run, but nothing is ' +
            'sent or received.',
        ),
      agent: agentText(),
    }),
    wholeHost('kind', 'suspend'),
  ),
  partition: fields({ ...lasting, ...traffic, partition }),
  loss: fields({
    ...links,
    loss: percent({ positive: true }).describe(
      'Share of packets lost on these links, besides their own.',
    ),
  }),
  delay: fields({
    ...links,
    delay: distribution({ positive: true }).describe('Added to the latency of these links.'),
  }),
  duplicate: fields({
    ...links,
    duplicate: percent({ positive: true }).describe(
      'Share of messages that arrive twice; on a stream the second copy is thrown away by TCP.',
    ),
  }),
  reorder: fields({
    ...links,
    reorder: distribution({ positive: true }).describe(
      'Messages are held back for a time drawn for each, and may overtake each other; a stream ' +
        'restores its order and is only later.',
    ),
  }),
  hold: fields({
    ...links,
    hold: flag().describe('Messages wait on these links until the fault ends, then all arrive.'),
  }),
  slow: fields({
    ...lasting,
    slow: selector().describe('Hosts whose cpu, link or disk becomes slower.'),
    cpu: factor().optional().describe('Service times of messages grow by this factor.'),
    link: factor().optional().describe('Latencies to and from the host grow by this factor.'),
    disk: factor().optional().describe('Times of writes grow by this factor.'),
  }),
  skew: fields({
    ...lasting,
    skew: selector().describe('Hosts whose clock goes wrong.'),
    offset: signedDuration().optional().describe('The wall clock is off by this until the end.'),
    drift: ppm().optional().describe('All clocks run faster (or slower, below 0) until the end.'),
    jump: signedDuration().optional().describe('The wall clock jumps once, and stays there.'),
  }),
  disk: fields({
    ...lasting,
    disk: selector().describe('Hosts whose disk fails.'),
    stall: flag().optional().describe('Writes hang until the fault ends.'),
    error: flag().optional().describe('Writes fail.'),
    log_error: flag()
      .optional()
      .describe('Writes to the Raft log fail; term and vote, which lie elsewhere, are stored.'),
    full: flag().optional().describe('Writes fail because there is no space; reads go on.'),
  }),
  add: fields({
    ...trigger,
    add: selector().describe(
      'Servers that the leader is to add to the configuration, one after the other; a member ' +
        'without a vote gets one.',
    ),
    as: word(['voter', 'nonvoter'])
      .prefault('voter')
      .describe('With a vote, or without: such a server gets all entries and never counts.'),
  }),
  remove: fields({
    ...trigger,
    remove: selector().describe(
      'Servers that the leader is to remove from the configuration. They run on, and may not know.',
    ),
  }),
  demote: fields({
    ...trigger,
    demote: selector().describe('Voters that the leader is to take the vote from.'),
  }),
  transfer: fields({
    ...trigger,
    transfer: selector().describe('Servers that are asked to hand over leadership: leader.'),
    to: selector().optional().describe('Who is to lead; default the voter with the longest log.'),
  }),
  leave: fields({
    ...lasting,
    leave: selector().describe(
      'Servers and agents that leave gracefully and end: they tell the pool; servers hand leadership ' +
        'over, and are removed from the configuration. They start again, and join, when the fault ' +
        'ends. An instance stands for the agent beside it.',
    ),
  }),
  force_leave: fields({
    ...trigger,
    force_leave: selector().describe(
      'Failed servers and agents that the leader is to count as having left, which removes them.',
    ),
    prune: flag().optional().describe('They are forgotten as well, as by force-leave -prune.'),
  }),
  join: fields({
    ...trigger,
    join: selector().describe(
      'Servers and agents that are told to join the pool, as by consul join; who is down starts, and ' +
        'joins. An instance stands for the agent beside it.',
    ),
    to: selector().optional().describe('Members that they join; default the servers.'),
  }),
  recover: fields({
    ...trigger,
    recover: selector().describe(
      'Servers that are stopped, get a peers.json with themselves in it, and start again: they are the ' +
        'cluster from then on, and what was not committed counts as committed.',
    ),
  }),
  upgrade: fields({
    ...trigger,
    upgrade: selector().describe('Servers that are stopped and start again with another release.'),
    to: release().describe('The release; older than the present one is a downgrade.'),
    one_by_one: boolean().optional().describe(oneByOneText),
    wait: restartWait().optional().describe(waitText),
  }),
  maintenance: fields({
    ...lasting,
    maintenance: selector().describe(
      'Instances that an operator puts into maintenance mode, by a request to their agents: a check ' +
        'of theirs is critical until the fault ends.',
    ),
    of: word(['service', 'node'])
      .prefault('service')
      .describe('The service of the instance, or every service of its node.'),
  }),
  ...MESH_VERBS,
  heal: fields({
    ...trigger,
    heal: flag().describe('Ends every fault in force and brings back what is down.'),
  }),
} satisfies Readonly<Record<FaultKind, z.ZodType>>;

/** Fields of which a verb takes exactly one. */
export const ONE_OF: Readonly<Partial<Record<FaultKind, readonly string[]>>> = {
  slow: ['cpu', 'link', 'disk'],
  skew: ['offset', 'drift', 'jump'],
  disk: ['stall', 'error', 'log_error', 'full'],
};

/** The verbs a fault item holds; `disk` is a field where `slow` is the verb. */
export function verbsOf(raw: Readonly<Record<string, unknown>>): FaultKind[] {
  const verbs = (Object.keys(VERBS) as FaultKind[]).filter((verb) => Object.hasOwn(raw, verb));
  return verbs.includes('slow') ? verbs.filter((verb) => verb !== 'disk') : verbs;
}

/** The schema of a fault item by its verb. */
export function pickVerb(raw: unknown): Pick | undefined {
  if (!isPlainMap(raw))
    return { message: 'expected a fault such as { at: 10s, for: 5s, crash: leader }' };
  const verbs = verbsOf(raw);
  if (verbs.length === 0) return undefined;
  if (verbs.length === 1) return VERBS[verbs[0]!];
  return {
    message: `has two actions, ${verbs[0]} and ${verbs[1]}; write two faults`,
    key: verbs[1]!,
  };
}
