/** What seeds draw for themselves: the same for the same seed, and what --set says is not drawn. */
import { describe, expect, test } from 'vitest';
import { checkDraw } from '../../scenarios/draw.ts';
import { loadDrawn, loadWritten } from '../../sim/explore/drawn.ts';
import { Desk } from '../cli/support/host.ts';

const TEXT = `
duration: 5s
settle: 1s
load: { kv: { kind: kv, clients: 2, rate: 20/s, keys: 2 } }
draw:
  cluster.datacenters.dc1.servers: [3, 5, 7]
  network.lan.latency: [1ms, 2ms..4ms]
known_issues: fix
`;

function serversOf(seed: number, overrides: readonly string[] = []): number {
  const written = { file: 'x.yaml', text: TEXT, overrides };
  const { scenario } = loadDrawn(written, loadWritten(written), seed);
  return scenario.hosts.filter(({ kind }) => kind === 'server').length;
}

describe('draw:', () => {
  const seeds = Array.from({ length: 30 }, (_, seed) => seed + 1);

  test('each seed draws its own, and always the same', () => {
    const drawn = seeds.map((seed) => serversOf(seed));
    expect(new Set(drawn)).toEqual(new Set([3, 5, 7]));
    expect(seeds.map((seed) => serversOf(seed))).toEqual(drawn);
  });

  test('what --set says is not drawn, and shifts nothing else', () => {
    const five = ['cluster.datacenters.dc1.servers=5'];
    expect(new Set(seeds.map((seed) => serversOf(seed, five)))).toEqual(new Set([5]));
    const other = ['network.lan.latency=1ms'];
    expect(seeds.map((seed) => serversOf(seed, other))).toEqual(
      seeds.map((seed) => serversOf(seed)),
    );
  });

  test('a value that cannot be is told at its place', () => {
    const text = TEXT.replace('2ms..4ms', '4ms..2ms');
    const loaded = loadWritten({ file: 'x.yaml', text, overrides: [] });
    const [issue, ...others] = checkDraw(text, loaded.config, { file: 'x.yaml' });
    expect(others).toEqual([]);
    expect(issue).toMatchObject({ file: 'x.yaml', line: 7, column: 30 });
  });
});

test('a run is of what its seed has drawn, and says so', async () => {
  const desk = new Desk();
  desk.write('x.yaml', TEXT);
  try {
    const words = [
      'run',
      'x.yaml',
      '--seeds',
      '1..6',
      '--reporter',
      'json',
      '--keep',
      '--jobs',
      '1',
    ];
    const { code, stdout } = await desk.run(words);
    expect(code).toBe(0);
    const { runs } = JSON.parse(stdout) as { runs: { events: number }[] };
    expect(runs).toHaveLength(6);
    // The file that is kept draws nothing more, and is the same run.
    const kept = 'reports/out/x/4/scenario.yaml';
    const again = await desk.run(['run', kept, '--seed', '4', '--reporter', 'json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ events: runs[3]!.events });
  } finally {
    desk.clear();
  }
});
