/** The selected host as it shows itself, and what the last event changed anywhere. */
import type { Change } from '../../../sim/run/watch/changes.ts';
import { moment } from '../format.ts';
import { beside, fill, fit, heading, line, span } from '../line.ts';
import type { Line } from '../line.ts';
import type { Stage } from '../state.ts';

export function inspect(stage: Stage): Line[] {
  const { width, height } = stage;
  if (width < 60) return fill([...lastEvent(stage, width), line(), ...fields(stage)], height);
  const left = Math.min(44, Math.floor(width / 2) - 2);
  return fill(beside(fields(stage), left, lastEvent(stage, width - left), width - left), height);
}

function fields({ watched, processes, ui, height }: Stage): Line[] {
  const process = processes[ui.selected];
  if (process === undefined) return [];
  const changed = new Set(
    watched.changes
      ?.filter((change) => change.process === process.name)
      .map(({ machine, field }) => `${machine} ${field}`),
  );
  const lines: Line[] = [heading(process.name, `${process.kind}, ${process.status}`)];
  let machine = '';
  for (const [key, value] of watched.sights.fields(process.index).slice(ui.scroll)) {
    const [of, field] = key.split(' ') as [string, string];
    if (of !== machine) lines.push(line(span(` ${of}`, 'faint')));
    machine = of;
    if (of === '') continue;
    const style = changed.has(key) ? 'warn' : 'plain';
    const sign = changed.has(key) ? '*' : ' ';
    lines.push(line(span(`${sign}  ${field.padEnd(16)}`, style), span(` ${textOf(value)}`, style)));
  }
  return lines.slice(0, height);
}

function lastEvent({ watched }: Stage, width: number): Line[] {
  const { event, nowMicros } = watched.moment;
  const happening = watched.happening(event);
  const lines: Line[] = [
    heading(`Event #${event}`, moment(nowMicros)),
    line(span(` ${happening.process} `, 'strong'), span(happening.what)),
    line(span(` due to ${numberOf(happening.cause)}`, 'faint')),
    ...wokenLines(happening.woken),
    line(),
  ];
  for (const note of happening.notes) {
    lines.push(
      line(span(` ${note.process} `, 'strong'), span(`${note.what} `, 'good'), span(note.text)),
    );
  }
  if (happening.notes.length > 0) lines.push(line());
  lines.push(heading('What it changed'));
  const { changes } = watched;
  if (changes === null) {
    lines.push(line(span(' step once more, or back, to see it', 'faint')));
  } else if (changes.length === 0) lines.push(line(span(' nothing that can be seen', 'faint')));
  else lines.push(...changes.map(changeLine));
  return lines.map((one) => fit(one, width));
}

function wokenLines(woken: number): Line[] {
  return woken === 0 ? [] : [line(span(` its lane was busy until #${woken}`, 'faint'))];
}

function numberOf(event: number): string {
  return event === 0 ? 'the beginning' : `#${event}`;
}

function changeLine({ process, machine, field, before, after }: Change): Line {
  const name = machine === '' ? field : `${machine} ${field}`;
  return line(
    span(` ${process} `, 'strong'),
    span(`${name} `),
    span(`${textOf(before)} -> `, 'faint'),
    span(textOf(after), 'warn'),
  );
}

function textOf(value: string | number | boolean | null): string {
  return value === null ? '-' : String(value);
}
