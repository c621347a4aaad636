/** One screen: title, views, time line, the view itself, status, and what keys do now. */
import type { Landmark } from '../../sim/run/watch/landmarks.ts';
import { wrap } from '../text.ts';
import { moment, speedText } from './format.ts';
import { helpLines } from './help.ts';
import { KEYS, keyText } from './keys.ts';
import type { KeySpec } from './keys.ts';
import { EMPTY, ends, fill, fit, line, span, widthOf } from './line.ts';
import type { Line, Span, Style } from './line.ts';
import { SPEEDS } from './player.ts';
import type { Choice, Stage, ViewName } from './state.ts';
import { VIEWS, availableViews, keyOf } from './views/registry.ts';

/** Lines that are not the view's. */
const MARGIN = 5;

/** Exactly `height` lines of exactly `width` characters. */
export function frameOf(stage: Stage): Line[] {
  const { width, height } = stage;
  const room = Math.max(1, height - MARGIN);
  const body = fill(bodyOf({ ...stage, height: room }), room);
  const lines = [titleLine(stage), viewLine(stage), timeLine(stage), ...body];
  const low = [...noticeLines(stage), statusLine(stage), hintLine(stage)];
  // On a very low screen the view gives way, never the status.
  return [...lines.slice(0, Math.max(0, height - low.length)), ...low]
    .slice(-height)
    .map((one) => fit(one, width));
}

function bodyOf(stage: Stage): Line[] {
  const { ui, width, height } = stage;
  if (ui.dialog?.kind === 'help') return helpLines(width).slice(ui.scroll);
  const body = fill(VIEWS[ui.view].draw(stage), height);
  if (ui.dialog?.kind !== 'choice') return body;
  const menu = choiceLines(ui.dialog, stage);
  return [...body.slice(0, Math.max(0, height - menu.length)), ...menu.slice(-height)];
}

function choiceLines({ title, options }: Choice, { width, theme }: Stage): Line[] {
  const half = width >= 100 && options.length > 6 ? Math.floor(width / 2) : width;
  const cells = options.map(({ key, text }) =>
    fit(line(span(`  ${keyText(key)} `, 'key'), span(text)), half),
  );
  const rows: Line[] = [];
  if (half === width) rows.push(...cells);
  else {
    const middle = Math.ceil(cells.length / 2);
    for (let at = 0; at < middle; at++)
      rows.push([...cells[at]!, ...(cells[at + middle] ?? EMPTY)]);
  }
  return [
    line(span(theme.glyphs.rule.repeat(width), 'faint')),
    line(span(` ${title}`, 'strong')),
    ...rows,
  ];
}

function titleLine({ watched, width }: Stage): Line {
  const { scenario, seed, violations, ended } = watched.moment;
  const left = line(
    span(' lictor ', 'selected'),
    span(` ${scenario}`, 'strong'),
    span(`  seed ${seed}`),
  );
  const edits = watched.session.edits.length;
  const edited = edits === 0 ? '' : `${edits} ${edits === 1 ? 'edit' : 'edits'}  `;
  const [first] = violations;
  const verdict: Span =
    first !== undefined
      ? span(`violated: ${first.invariant} `, 'bad')
      : span(ended ? 'pass ' : 'no violation ', 'good');
  return ends(left, line(span(edited, 'warn'), verdict), width);
}

function viewLine(stage: Stage): Line {
  const { ui, width } = stage;
  const names = availableViews(stage);
  const parts = (nameOf: (name: ViewName) => string): Span[] =>
    names.flatMap((name): Span[] => {
      const current = name === ui.view;
      const text = ` ${keyOf(name)} ${current ? name : nameOf(name)}`.trimEnd();
      return [span(`${text} `, current ? 'selected' : 'faint')];
    });
  const forms = [(name: ViewName) => name, (name: ViewName) => VIEWS[name].short, () => ''];
  const lines = forms.map(parts);
  return lines.find((one) => widthOf(one) <= width) ?? lines.at(-1)!;
}

const SIGNS: Readonly<Record<Landmark['kind'], string>> = {
  role: '^',
  fault: 'x',
  violation: '!',
  member: '+',
  process: 'o',
};
const SIGN_STYLES: Readonly<Record<Landmark['kind'], Style>> = {
  role: 'good',
  fault: 'bad',
  violation: 'bad',
  member: 'bar',
  process: 'warn',
};
/** Where several fall on one place, the gravest is shown. */
const GRAVITY: readonly Landmark['kind'][] = ['member', 'process', 'role', 'fault', 'violation'];

/** The whole run: what has been played, what is known of it, and where it stands. */
function timeLine({ watched, width, theme, ui }: Stage): Line {
  const { nowMicros, endMicros } = watched.moment;
  const { glyphs } = theme;
  const room = Math.max(1, width - 2);
  const placeOf = (micros: number): number =>
    Math.min(room - 1, Math.floor((micros / Math.max(1, endMicros)) * room));
  const here = placeOf(nowMicros);
  const cells: Span[] = Array.from({ length: room }, (_, at) =>
    span(at <= here ? glyphs.rule : glyphs.dot, at <= here ? 'bar' : 'faint'),
  );
  const found = watched.landmarks.all.toSorted(
    (one, other) => GRAVITY.indexOf(one.kind) - GRAVITY.indexOf(other.kind),
  );
  for (const { kind, micros } of found)
    cells[placeOf(micros)] = span(SIGNS[kind], SIGN_STYLES[kind]);
  for (const [letter, event] of ui.marks) {
    cells[placeOf(watched.timeOf(event))] = span(letter, 'key');
  }
  cells[here] = span(glyphs.cursor, 'key');
  return [span(' '), ...cells];
}

function statusLine({ watched, player, width }: Stage): Line {
  const { event, fingerprint, ended } = watched.moment;
  const speed = speedText(SPEEDS[player.speed]!);
  const mode = ended
    ? 'ended'
    : player.goal !== null
      ? 'going'
      : player.running
        ? 'running'
        : 'paused';
  const left = line(
    span(` ${mode} `, mode === 'running' || mode === 'going' ? 'selected' : 'strong'),
    span(` ${moment(player.shownMicros)}`, 'strong'),
    span(`  #${event}`),
    span(`  ${speed}`),
  );
  const faults = watched.sights.faults().length;
  const broken = faults === 0 ? '' : `${faults} ${faults === 1 ? 'fault' : 'faults'}  `;
  const right = line(span(broken, 'bad'), span(width >= 60 ? `${fingerprint} ` : '', 'faint'));
  return ends(left, right, width);
}

/** What is too long for the last line takes some of the view's. */
function noticeLines({ ui, width }: Stage): Line[] {
  const { notice } = ui;
  if (notice === null || notice.text.length < width) return [];
  return wrap(notice.text, Math.max(1, width - 2)).map((text) =>
    line(span(` ${text}`, notice.style)),
  );
}

function hintLine(stage: Stage): Line {
  const { ui, width } = stage;
  const { dialog, notice } = ui;
  if (dialog?.kind === 'prompt') {
    return line(span(` ${dialog.label} `, 'key'), span(dialog.text), span(' ', 'selected'));
  }
  if (dialog?.kind === 'choice') return line(span(' Esc', 'key'), span(' closes', 'faint'));
  if (ui.awaits !== null) {
    return line(span(ui.awaits === 'mark' ? ' mark: a letter' : ' go to mark: its letter', 'key'));
  }
  if (notice !== null && notice.text.length < width) {
    return line(span(` ${notice.text}`, notice.style));
  }
  const specs: readonly KeySpec[] = Object.values(KEYS);
  const hints = specs
    .filter(({ hint }) => hint !== undefined)
    .flatMap(({ keys, hint }) => [
      span(` ${keyText(keys[0]!)}`, 'key'),
      span(` ${hint} `, 'faint'),
    ]);
  return fit(hints, width);
}
