/** A failing run as a file that says with which seed it fails, and how. */
import { parse, stringify } from 'yaml';
import { loadScenario } from '../../scenarios/load.ts';
import type { Config } from '../../scenarios/load.ts';
import { scenarioHash } from '../run/manifest.ts';
import { VERSION } from '../run/version.ts';
import type { Failure } from './search/failure.ts';

/** The value of `replay:`. */
export interface Recording {
  readonly seed: number;
  readonly violates: string;
  readonly version?: string;
  readonly scenario?: string;
}

/** The scenario with `replay:` for this failure; it keeps its name wherever the file goes. */
export function recorded(text: string, name: string, seed: number, { invariant }: Failure): string {
  const config: Config = { name, ...(parse(text) as Config) };
  const loaded = loadScenario(stringify({ ...config, replay: undefined }), { file: 'found.yaml' });
  const replay: Recording = {
    seed,
    violates: invariant,
    version: VERSION,
    ...(loaded.ok ? { scenario: scenarioHash(loaded.scenario) } : {}),
  };
  return stringify({ ...config, replay }, { lineWidth: 100 });
}
