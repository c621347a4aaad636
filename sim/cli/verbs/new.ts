/** `lictor new FILE`: a commented scenario to start from. Never overwrites anything. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { EXIT } from '../../run/result.ts';
import { Failure, usageError } from '../failure.ts';
import type { Host } from '../host.ts';
import { libraryFolder } from '../inputs.ts';

export function newVerb(host: Host, operands: readonly string[]): number {
  const [given] = operands as [string];
  const file = /\.ya?ml$/i.test(given) ? given : `${given}.yaml`;
  const name = basename(file).replace(/\.ya?ml$/i, '');
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/i.test(name)) {
    throw usageError(
      `Cannot name a scenario "${name}": a name has letters, digits, dots and dashes, ` +
        'and begins with a letter or digit. Choose another file name.',
    );
  }
  const place = resolve(host.folder, file);
  const schema = relative(dirname(place), join(libraryFolder(), 'scenario.schema.json'));
  try {
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, template(name, schema.replaceAll('\\', '/')), { flag: 'wx' });
  } catch (error) {
    throw new Failure(`Cannot write ${file}: ${reasonOf(error)}`, EXIT.io);
  }
  host.stdout.write(`${file} written. Run it with: npx lictor run ${file}\n`);
  return EXIT.pass;
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'EEXIST') return 'it exists already. Choose another name, or remove it first.';
  const text = error instanceof Error ? error.message : String(error);
  return `${text}. Choose another folder.`;
}

/** Valid as it stands; a test runs it. */
export function template(name: string, schema: string): string {
  const modeline = schema.startsWith('.') || schema.startsWith('/') ? schema : `./${schema}`;
  return `# yaml-language-server: $schema=${modeline}
name: ${name}
description: The leader is cut off for a while. Writes must come back.

# The run: the first part warms up and is not measured; in settle everything is healed, and what
# must come true eventually is judged at its end.
warmup: 5s
duration: 60s
settle: 30s

cluster:
  consul: "1.21.4" # behaviour of that release
  datacenters: { dc1: { servers: 3 } } # their names are s1, s2, s3
  # agent: { performance: { raft_multiplier: 1 } } # election timeouts: 1 quick, 5 the default

# A time that is drawn: 5ms constant, 1ms..5ms uniform, exp 5ms, or { median: 500us, p99: 2ms }.
# network: { lan: { latency: { median: 500us, p99: 2ms }, loss: 0.1% } }
# disks: { all: { fsync: { median: 1ms, p99: 8ms } }, s3: { fsync: 20ms } }
# clocks: { s2: { drift: 200ppm } }

load:
  kv: { kind: kv, clients: 5, rate: 50/s, keys: 20, mix: { put: 40%, get: 50%, cas: 10% } }

# What goes wrong, and for how long. "lictor list faults" shows all kinds.
faults:
  - { at: 20s, for: 10s, partition: { isolate: leader } }
  # - { at: 40s, for: 5s, crash: random, how: power }
  # - { when: { elected: 2 }, after: 50ms, for: 3s, pause: leader, kind: stop }

# "lictor list invariants" shows what every run checks, "lictor list metrics" what it measures.
thresholds:
  kv.availability: ">50%"
  raft.failover: "max<30s"

known_issues: fix # bugs of the real programs are off; "fail" shows them
`;
}
