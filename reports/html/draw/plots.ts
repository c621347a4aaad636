/** Plots of figures over several runs, each drawn for the width that there is. */
import { drawCurves } from './curves.ts';
import type { Curve } from './curves.ts';
import { drawForest } from './forest.ts';
import type { Forest } from './forest.ts';
import { drawGrid } from './grid.ts';
import type { SeedGrid } from './grid.ts';
import { drawParameter } from './parameter.ts';
import type { ParameterPlot } from './parameter.ts';
import { drawStrips } from './strips.ts';
import type { Strips } from './strips.ts';

export type Plot =
  | { readonly kind: 'curves'; readonly curves: readonly Curve[] }
  | Forest
  | SeedGrid
  | ParameterPlot
  | Strips;

export interface Drawn {
  readonly svg: string;
  readonly height: number;
}

export function drawPlot(plot: Plot, width: number): Drawn {
  const { svg, height } = drawKind(plot, width);
  return { svg: `<g aria-hidden="true">${svg}</g>`, height };
}

function drawKind(plot: Plot, width: number): Drawn {
  switch (plot.kind) {
    case 'curves':
      return drawCurves(plot.curves, width);
    case 'forest':
      return drawForest(plot, width);
    case 'grid':
      return drawGrid(plot, width);
    case 'parameter':
      return drawParameter(plot, width);
    case 'strips':
      return drawStrips(plot, width);
  }
}
