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

/** Seeds by folder: what everything else stands on is looked at more than once. */
const FOLDERS = { basic: 3, incidents: 1, questions: 1, planted: 1, swarm: 1 } as const;

test('every bundled scenario runs as it did', async () => {
  const runs = Object.entries(FOLDERS).flatMap(([folder, seeds]) =>
    bundledIn(folder).flatMap((scenario) =>
      Array.from({ length: seeds }, (_, index) => {
        const { fingerprint, events } = straight(bundled(scenario), index + 1);
        return [`${scenario} ${index + 1}`, { fingerprint, events }] as const;
      }),
    ),
  );
  const text = `${JSON.stringify(Object.fromEntries(runs), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot('fingerprints.json');
}, 300_000);
