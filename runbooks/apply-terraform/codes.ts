/** Everything that keeps a stack from being as its commit has it. */
export const CODES = {
  'changes-uncommitted': 'Files of the stack differ from the commit that is checked out.',
  'not-planned': 'There is no plan of the commit that is checked out, or it is older than an hour.',
  'plan-waits': 'A saved plan waits to be applied.',
  'apply-unfinished': 'An application of a plan began and did not end as it should.',
} as const;

export type Code = keyof typeof CODES;
