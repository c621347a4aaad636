/** Every format gives the same operations; what is malformed is named with its line. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Format } from '../../../sim/check/histories/read-history.ts';
import { FORMATS, detectFormat, readHistory } from '../../../sim/check/histories/read-history.ts';
import type { Operation } from '../../../sim/check/linearizability/operation.ts';

const LICTOR = [
  '{"process":0,"type":"invoke","f":"write","key":"","value":1,"time":10,"op":1}',
  '{"process":1,"type":"invoke","f":"read","key":"","time":11,"op":2}',
  '{"process":0,"type":"ok","f":"write","key":"","value":1,"time":20,"op":1}',
  '{"process":1,"type":"ok","f":"read","key":"","value":1,"time":21,"op":2}',
  '{"process":0,"type":"invoke","f":"cas","key":"","value":[1,2],"time":30,"op":3}',
  '{"process":0,"type":"info","f":"cas","key":"","value":[1,2],"time":40,"op":3}',
].join('\n');

const EDN = `; a comment
[{:process 0, :type :invoke, :f :write, :value 1, :time 10000}
 {:process 1, :type :invoke, :f :read, :value nil, :time 11000}
 {:process :nemesis, :type :info, :f :start, :value {:n1 #{:n2 :n3}}}
 {:process 0, :type :ok, :f :write, :value 1, :time 20000} #_{:ignored true}
 #jepsen.history.Op{:process 1, :type :ok, :f :read, :value 1, :time 21000}
 {:process 0, :type :invoke, :f :cas, :value [1 2],
  :time 30000}
 {:process 0, :type :info, :f :cas, :value [1 2], :time 40000, :error [:timeout "\\u0041"]}]`;

const JSON_LINES = [
  '{"process":0,"type":"invoke","f":"write","value":1,"time":10000,"index":0}',
  '{"process":1,"type":"invoke","f":"read","value":null,"time":11000,"index":1}',
  '{"process":"nemesis","type":"info","f":"start","value":null}',
  '{"process":0,"type":"ok","f":"write","value":1,"time":20000,"index":2}',
  '{"process":1,"type":"ok","f":"read","value":1,"time":21000,"index":3}',
  '{"process":0,"type":"invoke","f":"cas","value":[1,2],"time":30000,"index":4}',
  '{"process":0,"type":"info","f":"cas","value":[1,2],"time":40000,"index":5}',
];

const LOG = [
  'INFO  jepsen.core - Running test',
  'INFO  jepsen.util - 0\t:invoke\t:write\t1',
  'INFO  jepsen.util - 1   :invoke :read   nil',
  'WARN  jepsen.core - Process crashed',
  'java.net.SocketTimeoutException: Read timed out',
  'INFO  jepsen.util - 0\t:ok\t:write\t1',
  'INFO  jepsen.util - 1\t:ok\t:read\t1',
  'INFO  jepsen.util - :nemesis\t:info\t:start\tnil',
  'INFO  jepsen.util - 0\t:invoke\t:cas\t[1 2]',
  'INFO  jepsen.util - 0\t:info\t:cas\t:timed-out',
].join('\r\n');

const TEXTS: readonly (readonly [Format, string])[] = [
  ['lictor', LICTOR],
  ['jepsen-edn', EDN],
  ['jepsen-edn', EDN.replace(/^\[|\]$/gm, '')],
  ['jepsen-json', JSON_LINES.join('\n')],
  ['jepsen-json', `[\n${JSON_LINES.join(',\n')}\n]`],
  ['jepsen-log', LOG],
];

function operationsOf(text: string): readonly Operation[] {
  const result = readHistory(text);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.history.operations;
}

describe('formats', () => {
  test.each(TEXTS)('%s is detected and read', (format, text) => {
    expect(detectFormat(text)).toBe(format);
    const operations = operationsOf(text);
    expect(operations.map(({ f, input, output, outcome }) => [f, input, output, outcome])).toEqual([
      ['write', 1, null, 'ok'],
      ['read', null, 1, 'ok'],
      ['cas', [1, 2], null, 'unknown'],
    ]);
    // The write and the read overlap, the cas comes after both.
    const [write, read, cas] = operations;
    expect(read!.call).toBeLessThan(write!.return);
    expect(cas!.call).toBeGreaterThan(Math.max(write!.return, read!.return));
    if (format !== 'jepsen-log') expect([read!.callMicros, read!.returnMicros]).toEqual([11, 21]);
    expect(read!.returnLine).toBeGreaterThan(read!.callLine);
  });

  test('one EDN map a line, with keys', () => {
    const [append] = operationsOf(
      '{:process 0, :type :invoke, :f :append, :key "0", :value "x 0 0 y"}\n' +
        '{:process 0, :type :ok, :f :append, :key "0", :value "x 0 0 y"}\n',
    );
    expect(append).toMatchObject({ f: 'append', key: '0', input: 'x 0 0 y', outcome: 'ok' });
  });

  test("values of Jepsen's independent keys", () => {
    const text =
      '{:process 0, :type :invoke, :f :read, :value [7 nil]}\n{:process 0, :type :ok, :f :read, :value [7 3]}';
    const result = readHistory(text, { independent: true });
    expect(result.ok && result.history.operations[0]).toMatchObject({ key: '7', output: 3 });
  });

  test('a failed compare-and-set in a log saw another value; in EDN it only did not happen', () => {
    const log =
      'INFO jepsen.util - 0 :invoke :cas [1 2]\nINFO jepsen.util - 0 :fail :cas [1 2]\n' +
      'INFO jepsen.util - 0 :invoke :read nil\nINFO jepsen.util - 0 :fail :read :timed-out';
    expect(operationsOf(log).map(({ f, outcome }) => [f, outcome])).toEqual([['cas', 'refused']]);
    const edn =
      '{:process 0, :type :invoke, :f :cas, :value [1 2]}\n{:process 0, :type :fail, :f :cas, :value [1 2]}';
    expect(operationsOf(edn)).toEqual([]);
    const meant = readHistory(edn, { failMeaning: 'refused' });
    expect(meant.ok && meant.history.operations[0]!.outcome).toBe('refused');
  });

  test('ours: an index on a call is compared with, one on an answer is the answer’s', () => {
    const [cas, get] = operationsOf(
      '{"process":"kv#4","type":"invoke","f":"cas","key":"a","value":"x","index":812,"op":7,"time":1}\n' +
        '{"process":"kv#4","type":"fail","f":"cas","key":"a","op":7,"time":2,"error":"cas: index mismatch"}\n' +
        '{"process":"kv#4","type":"invoke","f":"get","key":"a","op":8,"time":3,"mode":"stale"}\n' +
        '{"process":"kv#4","type":"ok","f":"get","key":"a","op":8,"time":4,"value":"y","index":813,"host":"s1","event":9}',
    );
    expect(cas).toMatchObject({ outcome: 'refused', expected: 812, process: 'kv#4', key: 'a' });
    expect(get).toMatchObject({ index: 813, host: 's1', mode: 'stale', event: 9, expected: -1 });
  });

  test('operations that are never answered are unknown', () => {
    expect(operationsOf('{:process 0 :type :invoke :f :write :value 1}')).toMatchObject([
      { outcome: 'unknown', return: Infinity },
    ]);
  });
});

describe('malformed histories', () => {
  const problems = (text: string, format?: Format): [number, string][] => {
    const result = readHistory(text, format === undefined ? {} : { format });
    return result.ok ? [] : result.problems.map(({ line, message }) => [line, message]);
  };

  test('all problems are reported together', () => {
    const text = LICTOR.replace('"invoke","f":"read"', '"began","f":"read"').replace(
      '"time":40',
      '"time":"x"',
    );
    expect(problems(text)).toEqual([
      [2, '"type" must be "invoke", "ok", "fail" or "info"'],
      [4, 'process 1 completes a read it had not invoked'],
      [6, '"time" must be an integer'],
    ]);
  });

  test('EDN goes on after a broken map', () => {
    const text =
      '{:process 0 :type :invoke :f :read}\n{:process 0 :type :ok :f\n{:process 1 :type :ok :f :read :value "a}\n{:process 2 :type :maybe :f :read}';
    expect(problems(text).map(([line]) => line)).toContain(2);
    const broken =
      '{:process 0 :type :invoke :f :read}\n{:process 0 :type :ok :f ]}\n{:process 2 :type :maybe :f :read}';
    expect(problems(broken)).toEqual([
      [2, 'unexpected "]"'],
      [3, 'an operation has the :type "maybe"; it must be invoke, ok, fail or info'],
    ]);
  });

  test.each([
    ['jepsen-log', 'INFO jepsen.util - 0 :began :read nil', 1],
    ['jepsen-log', 'INFO jepsen.util - 0 :invoke :read nil\nINFO jepsen.util - 0 :ok :read [1', 2],
    [
      'jepsen-json',
      '[{"process":0,"type":"invoke","f":"read"},\n{"process":0,"type":"ok","f":"rea\n]',
      2,
    ],
    ['lictor', '{"process":0,"type":"invoke","f":"read","op":1}\n\n{"op":', 3],
  ] as const)('%s', (format, text, line) => {
    expect(problems(text, format)[0]![0]).toBe(line);
  });

  test('a process with two operations at once', () => {
    const text = '{:process 0 :type :invoke :f :read}\n{:process 0 :type :invoke :f :read}';
    expect(problems(text)).toEqual([[2, 'process 0 is invoked while the one of line 1 is open']]);
  });

  test('something else altogether', () => {
    expect(problems('name: leader-crash\nduration: 5s\n')).toHaveLength(1);
    expect(problems('')).toHaveLength(1);
  });

  test('nothing makes a reader throw', () => {
    const pieces = fc.constantFrom(
      ...'[ ] { } ( ) " \\ : # #_ ; ^ , \n \r \t nil :process 0 :type :invoke :ok :f :read 1'.split(
        ' ',
      ),
      ' ',
      '{"process":0,"type":"invoke","f":"r","op":1}',
      'INFO jepsen.util - 0 :invoke :read nil',
    );
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(pieces, { maxLength: 60 }).map((list) => list.join('')),
    );
    fc.assert(
      fc.property(anything, fc.constantFrom(undefined, ...FORMATS), (text, format) => {
        readHistory(text, format === undefined ? {} : { format });
      }),
      { numRuns: 2000 },
    );
  });

  test('deep nesting is a problem, not a crash', () => {
    expect(problems(`{:process 0 :value ${'['.repeat(100_000)}`, 'jepsen-edn')).toHaveLength(1);
    expect(problems(`{"process":0,"value":${'['.repeat(200_000)}`, 'jepsen-json')).toHaveLength(1);
  });
});
