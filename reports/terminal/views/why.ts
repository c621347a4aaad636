/** Why: how a violation came about, and the causes of one event back to the beginning. */
import type { Happening } from '../../../sim/run/watch/happenings.ts';
import { wrap } from '../../text.ts';
import { duration, moment } from '../format.ts';
import { fill, fit, heading, line, span } from '../line.ts';
import type { Line } from '../line.ts';
import type { Stage } from '../state.ts';

/** Causes that are followed at most. */
const STEPS_MAX = 400;
/** So many of the same in a row become one line. */
const REPEATED_LEAST = 3;

export function why(stage: Stage): Line[] {
  const { watched, ui, width, height } = stage;
  const { violations, event } = watched.moment;
  const lines: Line[] = [];
  const [first] = violations;
  if (first !== undefined && ui.asked === null) {
    lines.push(heading('Violated', first.invariant));
    for (const text of wrap(first.message, width - 2)) lines.push(line(span(` ${text}`, 'bad')));
    const known = first.reference === '' ? '' : `, known as ${first.reference}`;
    lines.push(line(span(` at ${first.time.toFixed(6)}s, event #${first.event}${known}`, 'faint')));
    if (violations.length > 1)
      lines.push(line(span(` and ${violations.length - 1} more`, 'faint')));
    lines.push(line(), heading('How it came about'));
    for (const text of watched.story()) lines.push(line(span(` ${text}`)));
    lines.push(line());
  }
  const asked = ui.asked ?? first?.event ?? event;
  const chain = watched.why(Math.min(asked, event), STEPS_MAX);
  lines.push(heading(`Why #${asked}`, 'each line is due to the one below it; k and j scroll'));
  for (let at = 0; at < chain.length; at++) {
    lines.push(...reasonLines(chain[at]!, chain[at - 1], width));
    const same = repetitions(chain, at);
    if (same < REPEATED_LEAST) continue;
    at += same;
    lines.push(line(span(`${' '.repeat(19)}and ${same} times the same before`, 'faint')));
  }
  if (chain.length === 0) lines.push(line(span(' nothing has happened yet', 'faint')));
  const from = Math.max(0, Math.min(ui.scroll, lines.length - height));
  return fill(lines.slice(from), height).map((one) => fit(one, width));
}

/** How many that follow are the same, and have nothing to say. */
function repetitions(chain: readonly Happening[], at: number): number {
  const { process, what } = chain[at]!;
  let same = 0;
  for (let next = at + 1; next < chain.length; next++, same++) {
    const one = chain[next]!;
    if (one.process !== process || one.what !== what || one.notes.length > 0) break;
  }
  return same;
}

function reasonLines(one: Happening, effect: Happening | undefined, width: number): Line[] {
  const later = effect === undefined ? '' : `${duration(effect.micros - one.micros)} before`;
  const head = fit(
    [
      span(moment(one.micros).padStart(12), 'faint'),
      span(` ${one.process.padEnd(5)} `, 'strong'),
      span(one.what),
      span(`  #${one.event}`, 'faint'),
      span(later === '' ? '' : `  ${later}`, 'faint'),
      span(one.woken === 0 ? '' : `  lane free at #${one.woken}`, 'warn'),
    ],
    width,
  );
  const own = one.notes.filter(({ what }) => what !== 'write');
  if (own.length === 0) return [head];
  const notes = own.map((note) => `${note.what} ${note.text}`.trim()).join(', ');
  return [head, fit([span(' '.repeat(19)), span(notes, 'good')], width)];
}
