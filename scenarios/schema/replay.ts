/** `replay:`: what a failure that was kept as a file is to show again. */
import { fields } from './kit.ts';
import { count, text } from './values.ts';

export const replay = fields({
  seed: count(0, Number.MAX_SAFE_INTEGER).describe('The seed that shows it.'),
  violates: text(100).describe('The invariant that it violates, or the metric that it misses.'),
  version: text(100).describe('The version of Lictor that it was found with.').optional(),
  scenario: text(16, /^[0-9a-f]{16}$/, '16 hexadecimal digits')
    .optional()
    .describe('The hash of the resolved scenario then.'),
})
  .optional()
  .describe('What "lictor replay" runs this file with, and what is to be seen.');
