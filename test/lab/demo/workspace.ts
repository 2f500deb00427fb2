/** Who can be acted as, and what each may do: the same in the tour, in the browser and in the pictures. */
export const OPERATOR = 'U1OPERATOR';
export const APPROVER = 'U2APPROVER';
export const SECOND_APPROVER = 'U3SECOND';
export const VISITOR = 'U4VISITOR';
export const OPS = 'C1OPS';
export const INCIDENTS = 'C2INCIDENTS';
export const CHANGES = 'C3CHANGES';
export const ALERTS = 'C4ALERTS';

/** Changes of high risk need somebody of each. */
const STORAGE_TEAM = 'S1STORAGE';
const PLATFORM_TEAM = 'S2PLATFORM';

export const WORKSPACE = {
  users: [
    { id: OPERATOR, name: 'operator', label: 'Operator' },
    { id: APPROVER, name: 'approver', label: 'Approver' },
    { id: SECOND_APPROVER, name: 'second-approver', label: 'Second approver' },
    { id: VISITOR, name: 'visitor', label: 'Visitor (may approve nothing)' },
  ],
  usergroups: [
    { id: STORAGE_TEAM, handle: 'storage-team', users: [OPERATOR, APPROVER] },
    { id: PLATFORM_TEAM, handle: 'platform-team', users: [SECOND_APPROVER] },
  ],
  channels: [
    { id: OPS, name: 'storage-ops' },
    { id: INCIDENTS, name: 'incidents' },
    { id: CHANGES, name: 'changes' },
    { id: ALERTS, name: 'alerts' },
  ],
  commands: [
    {
      command: '/storage',
      description: 'Diagnose and repair the storage of the cluster',
      usageHint: 'diagnose nfs immich',
      suggestions: [
        'diagnose nfs immich',
        'add export paperless',
        'add export grafana',
        'restart nfs',
        'diagnose block all',
        'diagnose nfs imich',
        'incidents',
        'freeze Maintenance of the NAS',
        'unfreeze Maintenance is over',
        'help',
      ],
    },
  ],
};

const TWO_TEAMS = { approvers: [STORAGE_TEAM, PLATFORM_TEAM], count: 2, differentGroups: true };

export const APPROVAL = {
  expiresAfter: '30m',
  tiers: {
    normal: { approvers: [OPERATOR, APPROVER, SECOND_APPROVER], count: 1 },
    high: TWO_TEAMS,
    destructive: TWO_TEAMS,
  },
};
