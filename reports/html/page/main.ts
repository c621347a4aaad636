/** Brings a page to life; without it everything can be read too. */
import { drawPlot } from '../draw/plots.ts';
import type { PageData } from '../page-data.ts';
import { onWidth, requireElement, showSvg, widthOf } from './elements.ts';
import { attachMomentChart } from './moment.ts';
import { connectMatrix, makeCopyable } from './tables.ts';
import { attachTimelineChart } from './timeline.ts';

function figures(kind: string): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(`[data-chart="${kind}"]`)];
}

function number(figure: HTMLElement, name: string): number {
  return Number(figure.dataset[name]);
}

function start(): void {
  const text = requireElement<HTMLElement>(document, '#data').textContent;
  const { runs, plots } = JSON.parse(text) as PageData;
  for (const figure of figures('timeline')) {
    attachTimelineChart(figure, runs[number(figure, 'run')]!);
  }
  for (const figure of figures('moment')) {
    const { picture } = runs[number(figure, 'run')]!;
    attachMomentChart(figure, picture.moments[number(figure, 'moment')]!);
  }
  for (const figure of figures('matrix')) {
    connectMatrix(figure, runs[number(figure, 'run')]!.picture.matrix);
  }
  for (const figure of figures('plot')) {
    const own = plots[number(figure, 'plot')]!;
    onWidth(figure, () => {
      const width = widthOf(figure);
      const { svg, height } = drawPlot(own, width);
      showSvg(requireElement<SVGSVGElement>(figure, 'svg'), svg, width, height);
    });
  }
  makeCopyable(document);
  connectTheme();
  // On paper nothing can be unfolded.
  addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
}

function connectTheme(): void {
  const button = requireElement<HTMLButtonElement>(document, 'button.theme');
  button.hidden = false;
  button.addEventListener('click', () => {
    const root = document.documentElement;
    const dark =
      root.dataset['theme'] ??
      (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
    root.dataset['theme'] = dark === 'dark' ? 'light' : 'dark';
  });
}

start();
