/** A row for each host: its role and term, when it was down or paused, and who doubted it. */
import type { HostLane, Span } from '../../../sim/explore/picture/lanes.ts';
import { formatSeconds } from '../../format.ts';
import { rowName, visible } from './frame.ts';
import type { Frame, Panel } from './frame.ts';
import { escape, fitting, round } from './markup.ts';

const ROW = 21;
const BAR = 15;
const DOUBT_BAR = 4;

export function lanesPanel(frame: Frame, lanes: readonly HostLane[], endMicros: number): Panel {
  let y = 0;
  const rows = lanes.map((lane) => {
    const doubted = lane.doubts.length > 0;
    const svg = `<g transform="translate(0 ${y})">${laneRow(frame, lane, endMicros)}</g>`;
    y += doubted ? ROW + DOUBT_BAR : ROW;
    return svg;
  });
  return { height: y, svg: rows.join('') };
}

function laneRow(frame: Frame, lane: HostLane, endMicros: number): string {
  return (
    rowName(frame, lane.name, 11) +
    lane.spans.map((span) => drawSpan(frame, lane.name, span)).join('') +
    doubtBars(frame, lane, endMicros)
  );
}

function drawSpan(frame: Frame, host: string, { from, to, state, term }: Span): string {
  const bar = visible(frame, from, to);
  if (bar === null) return '';
  const roles = state === 'leader' || state === 'follower' || state === 'candidate';
  const wordings = roles && term > 0 ? [`${state} t${term}`, `t${term}`] : [state];
  const text = fitting(wordings, bar.width);
  const what = roles && term > 0 ? `${state} in term ${term}` : state;
  const title = `${host} ${what}, ${formatSeconds(from / 1e6)} to ${formatSeconds(to / 1e6)}`;
  return (
    `<rect class="state ${state}" x="${bar.x}" y="0" width="${bar.width}" height="${BAR}">` +
    `<title>${escape(title)}</title></rect>` +
    (text === '' ? '' : `<text class="on-${state}" x="${bar.x + 5}" y="11">${text}</text>`)
  );
}

/** The more members doubt it, the higher: suspected below, held for dead above. */
function doubtBars(frame: Frame, { name, doubts }: HostLane, endMicros: number): string {
  const most = Math.max(1, ...doubts.map(({ suspected, dead }) => suspected + dead));
  return doubts
    .map(({ time, suspected, dead }, at) => {
      const bar = visible(frame, time, doubts[at + 1]?.time ?? endMicros);
      if (bar === null || suspected + dead === 0) return '';
      const title = `${name}: suspected by ${suspected}, held for dead by ${dead} at ${formatSeconds(time / 1e6)}`;
      const part = (kind: string, count: number, below: number): string => {
        const height = round((count / most) * (DOUBT_BAR + 2));
        const y = round(BAR + DOUBT_BAR + 2 - below - height);
        return count === 0
          ? ''
          : `<rect class="${kind}" x="${bar.x}" y="${y}" width="${bar.width}" height="${height}"><title>${escape(title)}</title></rect>`;
      };
      const low = (suspected / most) * (DOUBT_BAR + 2);
      return part('suspect', suspected, 0) + part('dead', dead, low);
    })
    .join('');
}
