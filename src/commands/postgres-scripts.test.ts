import { expect, test } from 'vitest';
import { POSTGRES_RESTORE, POSTGRES_SAFETY_COPY, POSTGRES_SWAP } from './postgres-scripts.ts';
import { POSTGRES_SECTION } from './postgres-section.ts';

test.each([POSTGRES_SAFETY_COPY, POSTGRES_RESTORE, POSTGRES_SWAP])('Kubernetes changes nothing in $name', ({ text }) => {
  // $$ becomes $, and $(NAME) the value of a variable of the container.
  expect(text).not.toMatch(/\$\$|\$\(\w+\)/);
});

test('the program in awk ends no string of the shell that it stands in', () => {
  expect(POSTGRES_SECTION).not.toContain("'");
});

test.each([POSTGRES_SAFETY_COPY, POSTGRES_RESTORE, POSTGRES_SWAP])('$name drops and overwrites nothing', ({ text }) => {
  expect(text.match(/\b(DROP|TRUNCATE|DELETE)\b.*|\brm\b.*|\bmv\b.*/g) ?? []).toEqual(
    text.includes('pg_dump ') ? [`rm -f "$part"' EXIT`] : [],
  );
});
