import { expect, test } from 'vitest';
import { SERVER_FAULTS, SITUATIONS, observe, table } from './causes.ts';

test('what a caller sees', () => {
  console.log(table(SERVER_FAULTS, observe));
});
