/** Why a run fails, on a screen. */
import type { Explanation, Change } from '../../sim/explore/explain/explain.ts';
import type { TurningPoint } from '../../sim/explore/explain/turning-point.ts';
import type { Paint } from '../paint.ts';
import { formatSeconds, shorten, table, wrap } from '../text.ts';

const BARS = ' .:-=+*#%@';
const INDENT = '  ';

export function describeExplanation(
  explanation: Explanation,
  columns: number,
  paint: Paint,
): string[] {
  const { rule, story, faults, changes, turningPoint } = explanation;
  const lines: string[] = [];
  const section = (title: string, body: readonly string[]): void => {
    if (body.length === 0) return;
    lines.push('', paint.strong(title), ...body.map((line) => shorten(INDENT + line, columns)));
  };
  if (rule !== null) {
    section('rule', wrap(`${rule.statement} (${rule.source})`, columns - INDENT.length));
  }
  section(
    'faults',
    table(faults.map(({ fault, needed }) => [needed ? 'needed' : 'not needed', fault])),
  );
  section('story', story);
  section('before and after', changes.map(describeChange));
  section('point of no return', turningPoint === null ? [] : describeTurning(turningPoint));
  return lines;
}

/** What has changed comes first; what stays as it was is told once. */
function describeChange({ process, machine, before, after }: Change): string {
  const keys = Object.keys(after);
  const changed = keys.filter((key) => before[key] !== after[key]);
  const same = keys.filter((key) => before[key] === after[key]);
  const parts = [
    ...changed.map((key) => `${key}=${String(before[key])}->${String(after[key])}`),
    ...same.map((key) => `${key}=${String(after[key])}`),
  ];
  return `${process} ${machine}: ${parts.join(' ')}`;
}

function describeTurning({ curve, before, after, what }: TurningPoint): string[] {
  const bars = curve.map(({ share }) => BARS[Math.round(share * (BARS.length - 1))]!).join('');
  const [first, last] = [curve[0]!, curve.at(-1)!];
  return [
    `${percent(before.share)} of other futures fail before event ${after.event}, ` +
      `${percent(after.share)} after it:`,
    what,
    `${formatSeconds(first.time)} [${bars}] ${formatSeconds(last.time)}`,
  ];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
