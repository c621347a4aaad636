/**
 * Golden fingerprints of the bundled scenarios. A fingerprint covers time, kind, process and content
 * of every event, so any change of behaviour shows here. A change of this file is right when the
 * change was meant to alter what programs, networks or disks do, or what a scenario says; it is wrong
 * for anything called a refactoring, an optimisation, or a new report. Rewrite it with
 * `npx vitest run test/determinism/fingerprints.test.ts -u` and say in the commit why.
 */
import { expect, test } from 'vitest';
import { bundled, bundledIn } from '../run/kit.ts';
import { straight } from './outcome.ts';

const FOLDERS = ['basic', 'incidents', 'questions', 'planted', 'swarm'];
const SEEDS = [1, 2, 3];

test('every bundled scenario runs as it did', async () => {
  const runs = FOLDERS.flatMap((folder) => bundledIn(folder)).flatMap((scenario) =>
    SEEDS.map((seed) => {
      const { fingerprint, events } = straight(bundled(scenario), seed);
      return [`${scenario} ${seed}`, { fingerprint, events }] as const;
    }),
  );
  const text = `${JSON.stringify(Object.fromEntries(runs), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot('fingerprints.json');
}, 300_000);
