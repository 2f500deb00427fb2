import { STACK_CODES } from '../../src/topology/stack-look.ts';

/** Everything that keeps a stack from being as its commit has it. */
export const CODES = {
  ...STACK_CODES,
  'not-planned': 'There is no plan of the commit that is checked out, or it is older than an hour.',
  'plan-waits': 'A saved plan waits to be applied.',
} as const;

export type Code = keyof typeof CODES;
