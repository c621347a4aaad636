/** The scenario of one seed: what it draws for itself is set before the run is built. */
import { drawnOverrides } from '../../scenarios/draw.ts';
import { formatIssue, loadScenario } from '../../scenarios/load.ts';
import type { Config } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { Streams } from '../core/draws.ts';

export interface LoadedSource {
  readonly scenario: Scenario;
  readonly config: Config;
  /** What was said, without defaults. */
  readonly written: Config;
}

/** A scenario as it was read. */
export interface Written {
  readonly file: string;
  readonly text: string;
  readonly overrides: readonly string[];
}

/** Throws with every problem of the text. */
export function loadWritten({ file, text, overrides }: Written): LoadedSource {
  const result = loadScenario(text, { file, overrides });
  if (!result.ok) throw new Error(result.issues.map((issue) => formatIssue(issue)).join('\n'));
  return result;
}

/** `path=value` of what the seed draws, by a stream for each key. */
export function drawnBy(config: Config, seed: number): string[] {
  const streams = new Streams(seed);
  return drawnOverrides(config, (path, count) => streams.stream(`draw/${path}`).below(count));
}

/** Loads what the seed draws on top; what was set by hand is not drawn. */
export function loadDrawn(written: Written, base: LoadedSource, seed: number) {
  const drawn = drawnBy(base.config, seed);
  if (drawn.length === 0) return { ...base, drawn };
  const overrides = [...drawn, ...written.overrides];
  return { ...loadWritten({ ...written, overrides }), drawn };
}
