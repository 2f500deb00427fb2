/** Situations in which something could not be looked at. */
export const blindCases = [
  {
    scenario: 'blind-kubernetes',
    words: ['immich'],
    verdict: 'blind',
    findings: [],
    changes: [],
  },
  {
    scenario: 'blind-kubernetes-silent',
    words: ['immich'],
    verdict: 'blind',
    findings: [],
    changes: [],
  },
  {
    scenario: 'blind-nas-ssh',
    words: ['immich'],
    verdict: 'blind',
    findings: [],
    changes: [],
  },
  {
    scenario: 'blind-node-ssh',
    words: ['immich'],
    verdict: 'blind',
    findings: [],
    changes: [],
  },
  {
    scenario: 'blind-stat',
    words: ['immich'],
    verdict: 'blind',
    findings: [],
    changes: [],
  },
] as const;
