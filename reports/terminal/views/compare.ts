/** This future beside the one that would have been without the last edit, at the same moment. */
import type { Landmark, Landmarks } from '../../../sim/run/watch/landmarks.ts';
import type { Sights } from '../../../sim/run/watch/sights.ts';
import { duration, moment } from '../format.ts';
import { beside, fill, fit, heading, line, span } from '../line.ts';
import type { Line } from '../line.ts';
import type { Stage } from '../state.ts';

export function compare(stage: Stage): Line[] {
  const { watched, width, height, player } = stage;
  const { other, moment: here } = watched;
  if (other === null) {
    return fill(
      [
        heading('Two futures'),
        line(' Nothing was edited yet. Go back, break something (b), run on, and this view shows'),
        line(' what happens now beside what would have happened.'),
      ],
      height,
    );
  }
  const half = Math.floor((width - 1) / 2);
  const behind = duration(player.shownMicros - other.session.nowMicros);
  const late = watched.otherIsBehind(player.shownMicros) ? `, still ${behind} behind` : '';
  const from = other.fromMicros;
  const left = side(
    'With it',
    watched.sights,
    watched.landmarks,
    from,
    here.event,
    half,
    player.shownMicros,
  );
  const right = side(
    'Without it',
    other.sights,
    other.landmarks,
    from,
    other.session.event,
    half,
    other.session.nowMicros,
  );
  return fill(
    [
      heading('Two futures', `since ${moment(from)}${late}`),
      line(span(' the edit: ', 'faint'), span(other.edit, 'warn')),
      line(
        span(' same so far: ', 'faint'),
        span(here.fingerprint === other.session.fingerprint ? 'yes' : 'no'),
      ),
      ...beside(left, half + 1, right, half),
    ],
    height,
  ).map((one) => fit(one, width));
}

function side(
  title: string,
  sights: Sights,
  landmarks: Landmarks,
  fromMicros: number,
  event: number,
  width: number,
  now: number,
): Line[] {
  const lines: Line[] = [line(), heading(title)];
  for (const { node, status, state, term, commitIndex } of sights.servers(now)) {
    const shown = status === 'up' ? state : status;
    lines.push(
      line(
        span(` ${node.padEnd(4)}`, 'strong'),
        span(shown.padEnd(10), shown === 'leader' ? 'good' : status === 'up' ? 'plain' : 'bad'),
        span(`term ${term}  commit ${commitIndex}`),
      ),
    );
  }
  const { ok, failed, unknown, open } = sights.operationSummary(200);
  lines.push(
    line(
      span(` last ${ok + failed + unknown + open}: ${ok} ok ${failed} failed ${unknown} unknown`),
    ),
  );
  lines.push(line(), heading('Since then'));
  const since = landmarks.all.filter((one) => one.micros > fromMicros && one.event <= event);
  if (since.length === 0) lines.push(line(span(' nothing of note', 'faint')));
  lines.push(...since.slice(-40).map(landmarkLine));
  return lines.map((one) => fit(one, width));
}

function landmarkLine({ micros, kind, text }: Landmark): Line {
  const style = kind === 'violation' ? 'bad' : kind === 'fault' ? 'warn' : 'plain';
  return line(span(` ${moment(micros).padStart(11)} `, 'faint'), span(text, style));
}
