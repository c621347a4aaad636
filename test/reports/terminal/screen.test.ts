/** What a screen says of a run, at several moments and sizes. */
import { describe, expect, test } from 'vitest';
import { Desk, SHOP, SMALL, watch, watchBundled } from './kit.ts';

function line(screen: string, pattern: RegExp): string {
  return screen.split('\n').find((one) => pattern.test(one)) ?? `nothing like ${pattern}`;
}

describe('leader-crash', () => {
  const desk = new Desk(watchBundled('basic/leader-crash', 1, ['cluster.raft.alone=true']));

  test('is followed from the crash to the new leader', () => {
    desk.press('g', '1', '9', 's', 'enter');
    expect(desk.screen()).toContain('19.000000s');
    expect(line(desk.screen(), /^>s1 /)).toMatch(/leader +true/);
    expect(line(desk.screen(), /^>s1 /)).toContain('lease');
    desk.press('n');
    expect(desk.screen()).toContain('20.000000s');
    expect(desk.screen()).toContain('crash s1');
    expect(line(desk.screen(), /^>s1 /)).toMatch(/^>s1 +down/);
    expect(line(desk.screen(), /^ s1 +\\/)).toMatch(/\\ +- +-/);
    while (!/ leader {4}true/.test(desk.screen().split('\n').slice(5, 7).join('\n')))
      desk.press('n');
    expect(desk.screen()).toContain('become leader');
    expect(desk.screen()).toMatch(/paused +2[5-9]\.|paused +3/);
  });

  test('a step forward says what it changed, a step back takes it back', () => {
    const { event, fingerprint } = desk.watched.moment;
    desk.press('left', 'left', '9', 'right');
    expect(desk.watched.moment.event).toBe(event - 1);
    desk.press('right');
    expect(desk.watched.moment).toMatchObject({ event, fingerprint });
    const host = desk.watched.changes!.find(({ after }) => after === 'leader')!.process;
    while (!desk.screen().split('\n')[3]!.startsWith(host)) desk.press('down');
    expect(desk.screen(120, 40)).toMatch(/raft role candidate -> leader/);
    desk.press('left', 'right');
    expect(desk.screen(120, 40)).toMatch(/raft role candidate -> leader/);
  });

  test('why goes back from the vote to the timer', () => {
    desk.press('w');
    const screen = desk.screen(120, 40);
    expect(screen).toMatch(/vote answer from s\d/);
    expect(screen).toMatch(/timer: /);
    expect(screen).toContain('become candidate');
  });

  test('messages are arrows between lifelines', () => {
    desk.press('2');
    const screen = desk.screen();
    expect(line(screen, /s1 +s2 +s3 +clients/)).toBeTruthy();
    expect(screen).toMatch(/● *─+ vote ─+▶|◀─+ vote ─+●/);
    expect(screen).toMatch(/become leader/);
    const ascii = new Desk(watchBundled('basic/leader-crash'), false);
    ascii.press('g', '2', 's', 'enter', '2');
    // eslint-disable-next-line no-control-regex
    expect(ascii.screen()).toMatch(/^[\x00-\x7f]*$/);
  });

  test('logs, operations, lanes and events have their views', () => {
    desk.press('3');
    expect(line(desk.screen(), /^>?\s?s2 +leader|^>?\s?s3 +leader/)).toMatch(/n3=|n3-|n3\.|2=/);
    desk.press('6');
    expect(desk.screen()).toMatch(/kv#\d +get/);
    desk.press('7');
    expect(desk.screen()).toMatch(/raft +main/);
    desk.press('8', '/');
    desk.type('become leader');
    desk.press('enter');
    const rows = desk
      .screen()
      .split('\n')
      .slice(4, 22)
      .filter((one) => one.includes('become'));
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every((one) => one.includes('become leader'))).toBe(true);
    desk.press('escape', 'd', 'd');
    expect(desk.screen()).toContain('every event');
  });

  test('calls of services are operations, too', () => {
    const shop = new Desk(watchBundled('basic/services'));
    shop.press('g', '6', 's', 'enter', '6');
    while (shop.controller.player.goal !== null) shop.play(0.1);
    const screen = shop.screen(120, 24);
    expect(screen).toMatch(/buy#\d +call +shop +- +- +shop-\d +[\d.]+ms +ok/);
    // It crashed a second ago: calls of it go elsewhere.
    expect(screen).toMatch(/buy#\d +call +shop +- +2 tries +shop-[234]/);
  });

  test('the end is judged', () => {
    desk.press('1', '>');
    expect(desk.screen()).toMatch(/^ lictor .* pass *$/m);
    expect(desk.screen()).toContain(desk.watched.moment.fingerprint);
    desk.press('right');
    expect(desk.screen()).toContain('This is the end of the run.');
  });
});

describe('time', () => {
  test('passes at the speed that was chosen, and stops', () => {
    const desk = new Desk(watch(SMALL));
    desk.press('space');
    desk.play(2);
    expect(desk.controller.player.shownMicros).toBeGreaterThan(1_900_000);
    expect(desk.controller.player.shownMicros).toBeLessThan(2_100_000);
    desk.press('-', '-');
    const before = desk.controller.player.shownMicros;
    desk.play(1);
    expect(desk.controller.player.shownMicros - before).toBeGreaterThan(90_000);
    expect(desk.controller.player.shownMicros - before).toBeLessThan(110_000);
    desk.press('space');
    const { event } = desk.watched.moment;
    desk.play(1);
    expect(desk.watched.moment.event).toBe(event);
    desk.press('*', 'space');
    desk.play(0.1);
    expect(desk.watched.moment.ended).toBe(true);
    expect(desk.controller.player.running).toBe(false);
  });

  test('landmarks are stops in both directions, marks are kept', () => {
    const desk = new Desk(watch(SMALL));
    const there: number[] = [];
    for (let i = 0; i < 6; i++) {
      desk.press('n');
      there.push(desk.watched.moment.event);
    }
    desk.press('m', 'a');
    const back: number[] = [];
    for (let i = 0; i < 5; i++) {
      desk.press('N');
      back.push(desk.watched.moment.event);
    }
    expect(back).toEqual(there.slice(0, 5).toReversed());
    desk.press("'", 'a');
    expect(desk.watched.moment.event).toBe(there[5]);
  });
});

describe('membership', () => {
  const desk = new Desk(watchBundled('basic/agent-crash'));

  test('appears where there is a pool, with suspicions and deaths', () => {
    const alone = SMALL.replace('cluster:', 'cluster:\n  raft: { alone: true }');
    expect(new Desk(watch(alone)).screen(120, 40)).not.toContain('members');
    desk.press('g', '1', '4', 's', 'enter', '4');
    expect(desk.screen(120, 40)).toMatch(/\?|!|x/);
    const suspected = () => /suspect, dead in/.test(desk.screen(120, 40));
    for (let i = 0; i < 40 && !suspected(); i++) desk.press('n');
    expect(suspected() || /failed/.test(desk.screen(120, 40))).toBe(true);
    desk.press('g', '3', '5', 's', 'enter');
    expect(line(desk.screen(120, 40), /^ a3 /)).toMatch(/failed +client/);
    expect(desk.screen()).toMatch(/Members 23/);
  });

  test('of many is still one screen', () => {
    const many = new Desk(
      watchBundled('basic/agent-crash', 1, ['cluster.datacenters.dc1.agents=2000', 'faults=[]']),
    );
    many.press('g', '1', 's', 'enter');
    expect(many.screen(80, 24)).toContain('Members 2000');
    many.press('4');
    expect(many.screen(160, 50)).toContain('Members 2003');
  });
});

describe('a planted bug, opened at its violation', () => {
  test('is explained on the first screen', () => {
    const watched = watchBundled('planted/voter-crash', 1, ['plant=[B4]']);
    const desk = new Desk(watched);
    expect(desk.controller.begin('violation', () => 0)).toBe(true);
    const screen = desk.screen(80, 24);
    expect(screen).toContain('violated: raft.vote-once');
    expect(screen).toContain(watched.moment.violations[0]!.message.slice(0, 30));
    expect(screen).toContain('How it came about');
    expect(screen).toMatch(/grant vote/);
    expect(watched.moment.event).toBe(watched.moment.violations[0]!.event);
    // The steps that lead there can be taken again.
    desk.press('1', 'left', 'left', 'right');
    expect(desk.screen()).toContain('no violation');
  });

  test('of a scenario that breaks nothing it is said', () => {
    const desk = new Desk(watch(SMALL));
    expect(desk.controller.begin('violation', () => 0)).toBe(true);
    expect(desk.screen()).toContain('Nothing was violated');
    expect(new Desk(watch(SMALL)).controller.begin('yesterday', () => 0)).toBe(false);
  });
});

describe('services', () => {
  const desk = new Desk(watch(SHOP));

  test('show instances, shares and latencies, of the last seconds', () => {
    expect(new Desk(watch(SMALL)).screen(120, 40)).not.toContain('services');
    desk.press('g', '9', 's', 'enter', '5');
    const healthy = desk.screen(120, 30);
    expect(line(healthy, /^ buy /)).toMatch(/ 100% /);
    expect(line(healthy, /shop-1 /)).toMatch(/up .* 2\d% /);
    desk.press('g', '1', '6', 's', 'enter');
    const broken = desk.screen(120, 30);
    expect(line(broken, /shop-1 /)).toMatch(/down .* 0 +0 +\d+%/);
    expect(line(broken, /shop-2 /)).toMatch(/ 3\d% /);
    // Their shares of one service add up.
    const shares = [...broken.matchAll(/shop-\d .*? (\d+)% /g)].map(([, share]) => Number(share));
    expect(shares).toHaveLength(4);
    expect(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 100)).toBeLessThanOrEqual(2);
  });

  test('show what their agents think of them', () => {
    const checked = new Desk(watchBundled('basic/auto-deregistration'));
    checked.press('g', '3', '5', 's', 'enter', '5');
    const screen = checked.screen(120, 30);
    expect(line(screen, /web-1 /)).toMatch(/down +critical /);
    expect(line(screen, /web-3 /)).toMatch(/up +passing /);
    expect(desk.screen(120, 30)).not.toContain('Check');
  });

  test('the story of a busy run is not lost among its messages', () => {
    desk.press('g', '4', '0', 's', 'enter', '1');
    expect(desk.screen(120, 40)).toContain('shop-1');
    expect(desk.screen(120, 40)).toMatch(/10\.000000s shop-1 +crash/);
    desk.press('2');
    expect(desk.screen(120, 40)).toMatch(/shop-2 .*payment-1/);
  });
});
