/** What each recorded situation must lead to; never a change. */
export const cases = [
  { scenario: 'all-well', words: [], verdict: 'well', findings: [], changes: [] },
  { scenario: 'nfsd-stopped', words: [], verdict: 'ill', findings: ['nfsd-stopped truenas'], changes: [] },
  { scenario: 'blind-nas-ssh', words: [], verdict: 'blind', findings: [], changes: [] },
] as const;
