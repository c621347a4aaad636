/** `lictor check FILE --model M`: formats, exit codes, what is printed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckOptions } from '../../sim/cli/check-options.ts';
import { Failure } from '../../sim/cli/failure.ts';
import type { Host } from '../../sim/cli/host.ts';
import { checkVerb } from '../../sim/cli/verbs/check.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lictor-check-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const GOOD = [
  '{:process 0, :type :invoke, :f :write, :value 1}',
  '{:process 0, :type :ok, :f :write, :value 1}',
  '{:process 1, :type :invoke, :f :read, :value nil}',
  '{:process 1, :type :ok, :f :read, :value 1}',
].join('\n');
const BAD = GOOD.replace(':read, :value 1}', ':read, :value 2}');

function check(
  text: string,
  options: CheckOptions,
  name = 'history.edn',
): { code: number; stdout: string; stderr: string } {
  writeFileSync(join(folder, name), text);
  let stdout = '';
  let stderr = '';
  let seconds = 0;
  const host = {
    stdout: { write: (more: string) => (stdout += more), columns: 90 },
    stderr: { write: (more: string) => (stderr += more) },
    folder,
    now: () => (seconds += 0.001),
  } as unknown as Host;
  const code = checkVerb(host, [name], options);
  return { code, stdout, stderr };
}

describe('verdicts', () => {
  test('0: an order exists', () => {
    const { code, stdout } = check(GOOD, { model: 'register' });
    expect(code).toBe(0);
    expect(stdout).toBe('history.edn\npass register: 2 operations, 1 part\n');
  });

  test('1: none does, and why', () => {
    const { code, stdout } = check(BAD, { model: 'register' });
    expect(code).toBe(1);
    expect(stdout.split('\n').slice(0, 10)).toEqual([
      'history.edn',
      'FAIL register: 2 operations, 1 part',
      '',
      '  A read saw 2, which nobody had written.',
      '  No order is left with line 4; the 3 records before it can be put in order.',
      '  An order as far as one exists: write 1.',
      '',
      '    1  |= read -> 2 =|',
      '                     ^ no order is left',
      '',
    ]);
  });

  test('2: the budget ended, and where', () => {
    const lines: string[] = [];
    for (let i = 0; i < 30; i++)
      lines.push(`{:process ${i}, :type :invoke, :f :enqueue, :value ${i}}`);
    for (let i = 0; i < 30; i++) lines.push(`{:process ${i}, :type :ok, :f :enqueue, :value ${i}}`);
    lines.push('{:process 0, :type :invoke, :f :enqueue, :value 99}');
    lines.push('{:process 0, :type :ok, :f :enqueue, :value 99}');
    lines.push('{:process 0, :type :invoke, :f :dequeue, :value nil}');
    lines.push('{:process 0, :type :ok, :f :dequeue, :value 99}');
    const { code, stdout } = check(lines.join('\n'), { model: 'queue', time: '500ms' });
    expect(code).toBe(2);
    expect(stdout).toContain('unknown queue: 32 operations');
    expect(stdout).toContain('The time limit was reached.');
    expect(stdout).toMatch(/operations in lines \d+ to \d+ could not be settled/);
  });

  test('2: nothing in it', () => {
    const nemesis = '{:process :nemesis, :type :info, :f :kill, :value nil}';
    expect(check(nemesis, { model: 'register' }).code).toBe(2);
  });

  test('transactions, guarantees and modes have words of their own', () => {
    const txn =
      '{:process 0, :type :ok, :f :txn, :value [[:append :x 1] [:r :y [1]]]}\n' +
      '{:process 1, :type :ok, :f :txn, :value [[:append :y 1] [:r :x [1]]]}';
    const cycle = check(txn, { model: 'list-append' });
    expect(cycle.code).toBe(1);
    expect(cycle.stdout).toContain('Not read-committed.');
    expect(cycle.stdout).toContain('- T2 read 1 in list "x", which T1 appended.');
    const ours = [
      '{"process":0,"type":"invoke","f":"put","key":"k","value":"a","op":1,"time":0}',
      '{"process":0,"type":"ok","f":"put","key":"k","op":1,"time":1000,"index":5}',
      '{"process":0,"type":"invoke","f":"get","key":"k","op":2,"time":2000}',
      '{"process":0,"type":"ok","f":"get","key":"k","value":null,"op":2,"time":3000}',
    ].join('\n');
    expect(check(ours, { model: 'read-your-writes' }).code).toBe(1);
    expect(check(ours, { model: 'consul-consistent' }).code).toBe(1);
    const lenient = check(ours, { model: 'consul-default' });
    expect(lenient.code).toBe(0);
    expect(lenient.stdout).toContain('allowed, consul#54 or consul#2644: Process 0 read nil of k');
  });
});

describe('what is wrong with a file', () => {
  test('65: malformed lines, all with their numbers', () => {
    const text = GOOD.replace(':ok, :f :write', ':yes, :f :write').replace(
      ':process 1, :type :ok',
      ':type :ok',
    );
    const { code, stderr, stdout } = check(text, { model: 'register' });
    expect(code).toBe(65);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^history\.edn:2 an operation has the :type "yes"/);
  });

  test('65: verbs that the model does not know', () => {
    const { code, stderr } = check(GOOD, { model: 'queue' });
    expect(code).toBe(65);
    expect(stderr).toContain('history.edn:1 model queue knows no "write"');
  });

  test('74: no such file', () => {
    const host = { folder } as Host;
    const attempt = (): number => checkVerb(host, ['missing.edn'], { model: 'register' });
    expect(attempt).toThrow(Failure);
    expect(attempt).toThrow(/^Cannot read missing\.edn/);
  });

  test.each([
    [{ model: 'registre' }, 'did you mean "register"?'],
    [{}, 'Use --model with one of register, '],
    [{ model: 'register', format: 'xml' }, '--format xml'],
    [{ model: 'register', time: 'soon' }, '--time soon'],
  ] satisfies [CheckOptions, string][])('64: %j', (options, words) => {
    expect(() => check(GOOD, options)).toThrow(words);
  });
});

describe('other output', () => {
  test('JSON', () => {
    const { stdout } = check(BAD, { model: 'register', reporter: 'json' });
    const document = JSON.parse(stdout) as Record<string, unknown>;
    expect(document).toMatchObject({
      schema: 'lictor.check/1',
      format: 'jepsen-edn',
      verdict: 'fail',
      exitCode: 1,
      result: { findings: [{ brokenAt: 3, orderedUpTo: 2 }] },
    });
  });

  test('a picture', () => {
    check(BAD, { model: 'register', svg: 'picture.svg' });
    expect(readFileSync(join(folder, 'picture.svg'), 'utf8')).toMatch(/^<svg /);
  });

  test('a register that is not empty at first', () => {
    const text = '{:process 0 :type :invoke :f :read}\n{:process 0 :type :ok :f :read :value 7}';
    expect(check(text, { model: 'register' }).code).toBe(1);
    expect(check(text, { model: 'register', initial: '7' }).code).toBe(0);
  });
});
