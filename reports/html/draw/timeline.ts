/** A run at a glance: faults, leader, clients and hosts over one axis of time. */
import type { RunPicture } from '../../../sim/explore/picture/picture.ts';
import type { FaultResult, Violation } from '../../../sim/run/result.ts';
import { faultPanel, faultShades, leaderPanel, momentLine, violationPanel } from './faults.ts';
import { frameOf, timeAxis, visible } from './frame.ts';
import type { Frame, Panel, View } from './frame.ts';
import { lanesPanel } from './lanes.ts';
import { loadPanel } from './load.ts';

export interface TimelineData {
  readonly picture: RunPicture;
  readonly faults: readonly FaultResult[];
  readonly violations: readonly Violation[];
}

export interface Drawing {
  readonly svg: string;
  readonly height: number;
  readonly frame: Frame;
}

const GAP = 10;

export function drawTimeline(data: TimelineData, view: View, width: number): Drawing {
  const { picture, faults, violations } = data;
  const { loads, leadership, lanes, endMicros } = picture;
  const frame = frameOf(view, width, ['leader', ...lanes.map(({ name }) => name)]);
  const found = violations.filter(({ status }) => status !== 'allowed');
  const hosts = lanesPanel(frame, lanes, endMicros);
  const panels: Panel[] = [
    faultPanel(frame, faults),
    ...(leadership.length > 0 ? [leaderPanel(frame, leadership, endMicros)] : []),
    ...(found.length > 0 ? [violationPanel(frame, found)] : []),
    ...loads.map((load) => loadPanel(frame, load, endMicros)),
    ...(lanes.length > 0 ? [hosts] : []),
  ];
  let y = 4;
  const placed = panels.map(({ svg, height }) => {
    const group = `<g transform="translate(0 ${y})">${svg}</g>`;
    y += height + GAP;
    return group;
  });
  const axis = timeAxis(frame, y);
  const first = found.reduce((least, { time }) => Math.min(least, time), Infinity);
  const mark = momentLine(frame, first * 1e6, y, 'found-line');
  const svg =
    `<g aria-hidden="true">${faultShades(frame, faults, 0, y)}${unmeasured(frame, picture, y)}` +
    `${axis.svg}${placed.join('')}${mark}</g>`;
  return { svg, height: y + axis.height, frame };
}

/** What lies outside of the measured part is paler. */
function unmeasured(frame: Frame, { measured, endMicros }: RunPicture, height: number): string {
  const parts = [
    [0, measured.fromMicros],
    [measured.untilMicros, endMicros],
  ] as const;
  return parts
    .map(([from, to]) => {
      const bar = to > from ? visible(frame, from, to) : null;
      if (bar === null) return '';
      return `<rect class="unmeasured" x="${bar.x}" y="0" width="${bar.width}" height="${height}"/>`;
    })
    .join('');
}
