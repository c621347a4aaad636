/** What is broken by hand: it happens, it is saved, it can be taken back and compared. */
import { describe, expect, test } from 'vitest';
import { BREAK_KEYS } from '../../../reports/terminal/keys.ts';
import { parse, run } from '../../run/kit.ts';
import { Desk, SMALL, watch } from './kit.ts';

function at(seconds: number): Desk {
  const desk = new Desk(watch(SMALL, 3));
  desk.press('g', ...String(seconds), 's', 'enter');
  return desk;
}

/** The saved file, run from its beginning to its end. */
function replayed(desk: Desk): string {
  desk.press('s');
  for (let i = 0; i < 20; i++) desk.press('backspace');
  desk.type('again.yaml');
  desk.press('enter');
  const text = desk.saved.get('again.yaml')!;
  expect(text).toMatch(/^# lictor run again.yaml --seed 3/);
  return run(parse(text), { seed: 3 }).result.fingerprint;
}

describe('each item of the menu', () => {
  const simple = Object.entries(BREAK_KEYS).filter(
    ([action]) => !['groups', 'oneway', 'drop', 'hold'].includes(action),
  );
  test.each(simple)('%s acts, and the saved file does the same', (_, { key }) => {
    const desk = at(5);
    const plain = at(5);
    desk.press('down', 'b', key);
    expect(desk.controller.ui.notice?.style, desk.controller.ui.notice?.text).toBe('good');
    desk.press('>');
    plain.press('>');
    expect(desk.watched.session.edits).toHaveLength(1);
    expect(desk.watched.moment.fingerprint).not.toBe(plain.watched.moment.fingerprint);
    expect(replayed(desk)).toBe(desk.watched.moment.fingerprint);
  });

  test.each([
    ['two sides', ['b', 'g', 'b', 'enter'], 'partition s1, s2 | s3'],
    ['one way', ['b', 'o', 'b'], 'partition s1 > s3'],
    ['one way to all', ['b', 'o', '*'], 'partition s1 > s2'],
    ['an edit with an end', ['b', 'L', 'L', 'c'], 'crash s1 for 5.00s'],
  ])('%s', (_, keys, label) => {
    const desk = at(5);
    desk.press(...keys);
    expect(`${desk.controller.ui.notice?.text} `).toContain(label);
    desk.press('>');
    expect(replayed(desk)).toBe(desk.watched.moment.fingerprint);
  });

  test.each([
    ['dropped', 'x', 'loss'],
    ['held', 'h', 'delay'],
  ])('the next message is %s, and no other', (_, key, kind) => {
    const desk = at(5);
    desk.press('b', key, 'a');
    expect(desk.controller.ui.notice?.style).toBe('good');
    const [edit] = desk.watched.session.edits;
    expect(edit!.fault.action.kind).toBe(kind);
    desk.press('>');
    const effect = desk.watched.session.run.faults
      .effects()
      .find(({ number }) => number === edit!.fault.number);
    expect(effect?.affected).toBe(1);
    expect(replayed(desk)).toBe(desk.watched.moment.fingerprint);
  });
});

describe('a typed fault', () => {
  test('is in the words of a scenario', () => {
    const desk = at(5);
    desk.press(':');
    desk.type('partition: { isolate: leader }, for: 3s');
    desk.press('enter');
    expect(desk.controller.ui.notice?.text).toContain('partition isolate leader for 3.00s');
    desk.press('n', 'n', '>');
    expect(replayed(desk)).toBe(desk.watched.moment.fingerprint);
  });

  test.each([
    ['crush: s1', /unknown field "crush", did you mean "crash"/],
    ['crash: s9', /s9/],
    ['crash: s1, for: 1s..5s', /one value/],
    ['every: 5s, crash: s1', /./],
    ['}{', /./],
  ])('that cannot be is refused: %s', (text, reason) => {
    const desk = at(5);
    desk.press(':');
    desk.type(text);
    desk.press('enter');
    expect(desk.controller.ui.notice).toMatchObject({ style: 'bad' });
    expect(desk.controller.ui.notice?.text).toMatch(/^Cannot make ".*" happen: /);
    expect(desk.controller.ui.notice?.text).toMatch(reason);
    expect(desk.watched.session.edits).toHaveLength(0);
  });

  test('after the end of duration nothing can be broken', () => {
    const desk = at(45);
    desk.press('b', 'c');
    expect(desk.controller.ui.notice?.text).toMatch(/^Cannot break anything now/);
    expect(desk.watched.session.edits).toHaveLength(0);
  });
});

describe('another future', () => {
  test('is made only after asking, and compared with the one before', () => {
    const desk = at(30);
    const known = desk.watched.moment;
    desk.press('g', '5', 's', 'enter', 'b', 'c');
    expect(desk.screen()).toContain(`up to event #${known.event} will not happen`);
    desk.press('n');
    expect(desk.watched.session.edits).toHaveLength(0);
    expect(desk.watched.landmarks.knownTo).toBe(known.event);
    desk.press('b', 'c', 'y');
    expect(desk.watched.session.edits).toHaveLength(1);
    desk.press('g', '3', '0', 's', 'enter', '0');
    for (let i = 0; i < 50; i++) desk.play(0.02);
    const { other } = desk.watched;
    expect(other!.session.event).toBe(known.event);
    expect(other!.session.fingerprint).toBe(known.fingerprint);
    const screen = desk.screen(120, 40);
    expect(screen).toContain('same so far: no');
    expect(screen).toContain('crash s1');
    expect(screen).toMatch(/With it +Without it/);
  });

  test('is forgotten by undo, which comes back to the run without the edit', () => {
    const desk = at(30);
    const { fingerprint, event } = desk.watched.moment;
    desk.press('g', '5', 's', 'enter', 'b', 'i', 'y', 'n', 'n', 'u');
    expect(desk.watched.session.edits).toHaveLength(0);
    expect(desk.watched.moment.nowMicros).toBeLessThan(5_000_001);
    desk.press('g', '#', ...String(event), 'enter');
    expect(desk.watched.moment.fingerprint).toBe(fingerprint);
    desk.press('u');
    expect(desk.screen()).toContain('There is no edit to take back.');
  });

  test('of a swarm that was drawn is saved as what it became', () => {
    const text = SMALL.replace(/faults: .*/, 'faults: [ { swarm: { intensity: 0.5 } } ]');
    const desk = new Desk(watch(text, 3));
    desk.press('g', '5', 's', 'enter', 'b', 'p', '>');
    expect(replayed(desk)).toBe(desk.watched.moment.fingerprint);
  });
});

test('a file that cannot be written is told of', () => {
  const desk = at(5);
  (desk.controller as unknown as { options: { save: () => void } }).options.save = () => {
    throw new Error('Cannot write x: no room. Make some.');
  };
  desk.press('s', 'enter');
  expect(desk.screen()).toContain('Cannot write x: no room. Make some.');
});
