/** What is derived from the schema: the JSON Schema for editors, the reference, the vocabulary. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describeSchema, describeVocabulary } from '../../scenarios/describe.ts';
import { findRelease, RELEASES } from '../../scenarios/releases.ts';
import { formatJsonSchema, toJsonSchema } from '../../scenarios/schema/json-schema.ts';
import { FAULT_KINDS, isLaterBug } from '../../scenarios/vocabulary.ts';
import { accepts } from './json-schema-check.ts';
import { FULL, load } from './support.ts';

describe('the JSON Schema', () => {
  const schema = toJsonSchema();

  test('is up to date; run "npm run schema" if not', () => {
    const stored = readFileSync(
      new URL('../../scenarios/scenario.schema.json', import.meta.url),
      'utf8',
    );
    expect(stored).toBe(formatJsonSchema());
  });
  test('is draft-07', () => {
    expect(schema['$schema']).toBe('http://json-schema.org/draft-07/schema#');
  });
  test('accepts scenarios with and without defaults', () => {
    expect(accepts(schema, load(FULL).config)).toBe(true);
    expect(accepts(schema, { duration: '60s' })).toBe(true);
  });
  test.each([
    [{}],
    [{ duration: '60s', durtion: 1 }],
    [{ duration: 60 }],
    [{ duration: '60s', faults: [{ at: '1s', crsh: 's1' }] }],
    [{ duration: '60s', faults: [{ at: '1s', crash: 's1', kind: 'io' }] }],
    [{ duration: '60s', load: { kv: { kind: 'lock', rate: '1/s' } } }],
    [{ duration: '60s', cluster: { datacenters: { dc1: { servers: 12 } } } }],
    [{ duration: '60s', network: { lan: { loss: '2' } } }],
  ])('refuses %j', (scenario) => {
    expect(accepts(schema, scenario)).toBe(false);
  });
});

describe('the reference', () => {
  const docs = describeSchema();

  test('describes every field', () => {
    expect(
      docs.filter(({ description }) => description.length < 10).map(({ path }) => path),
    ).toEqual([]);
    expect(docs.filter(({ syntax }) => syntax === '').map(({ path }) => path)).toEqual([]);
  });
  test('describes each field once', () => {
    const names = docs.map(({ path, option }) => `${path} ${option}`);
    expect(new Set(names).size).toBe(names.length);
  });
  test('tells alternatives apart', () => {
    expect(docs.find(({ path }) => path === 'faults[].at_write')).toMatchObject({
      option: 'crash',
      required: false,
    });
    expect(docs.find(({ path }) => path === 'faults[].at')!.option.split(', ')).toEqual([
      ...FAULT_KINDS,
    ]);
    expect(docs.find(({ path }) => path === 'load.<loads>.rate')).toMatchObject({
      option: 'open loop',
      required: true,
    });
    expect(docs.find(({ path }) => path === 'settle')).toMatchObject({
      option: '',
      fallback: '"30s"',
    });
  });
  test('has every field that a scenario can use', () => {
    const known = new Set(docs.map(({ path }) => path.split('.')[0]!.replace('[]', '')));
    for (const key of Object.keys(load(FULL).config)) expect(known).toContain(key);
  });
  test('has every word of the vocabulary', () => {
    const words = describeVocabulary();
    expect(words.filter(({ kind }) => kind === 'fault').map(({ name }) => name)).toEqual([
      ...FAULT_KINDS,
    ]);
    expect(words.filter(({ kind, description }) => kind === 'fault' && description === '')).toEqual(
      [],
    );
    expect(words.some(({ name }) => name === '<load>.latency')).toBe(true);
  });
});

describe('releases', () => {
  test.each([
    ['1.16', '1.16.6', '1.5.0', false, 'boltdb'],
    ['1.20.1', '1.20.1', '1.5.0', false, 'wal'],
    ['1.20.2', '1.20.2', '1.7.0', true, 'wal'],
    ['1.21.2', '1.21.2', '1.7.0', true, 'wal'],
    ['1.21', '1.21.4', '1.7.3', true, 'wal'],
  ])('%s', (text, release, raft, preVote, logStore) => {
    expect(findRelease(text)).toMatchObject({ release, raft, preVote, logStore });
  });
  test('have the pre-vote bugs with raft 1.7.0 only', () => {
    for (const { raft, preVoteBug606, preVoteBug609 } of RELEASES) {
      expect([preVoteBug606, preVoteBug609]).toEqual([raft === '1.7.0', raft === '1.7.0']);
    }
  });
  test('end with the newest', () => {
    expect(RELEASES.at(-1)!.release).toBe('1.21.4');
    expect(findRelease('1.2')).toBeUndefined();
    expect(findRelease('2.0.0')).toBeUndefined();
  });
});

test('ids of bugs without a model are known as such', () => {
  expect(isLaterBug('G24')).toBe(true);
  expect(isLaterBug('B4')).toBe(false);
  expect(isLaterBug('B35')).toBe(false);
  expect(isLaterBug('toString')).toBe(false);
});
