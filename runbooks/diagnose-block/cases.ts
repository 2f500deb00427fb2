import { diskCases } from './cases-of-disks.ts';
import { machineCases } from './cases-of-machines.ts';

/** What each recorded situation must lead to: cause and exact commands. Scenarios are those of the simulated site. */
export const cases = [
  {
    scenario: 'all-well',
    words: ['all'],
    verdict: 'well',
    findings: [],
    changes: [],
  },
  {
    scenario: 'block-stale-attachment',
    words: ['all'],
    verdict: 'ill',
    findings: ['stale-attachment vaultwarden/vaultwarden-data-proxmox'],
    changes: [
      `cluster$ kubectl delete --raw=/apis/storage.k8s.io/v1/volumeattachments/csi-af6933eddb1dd9af5fbdb84bf8436956394122779371b94d280bd165960c7a6f --filename=- <<< '{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"589fcc80-2bc6-493b-ac39-328c60475a3b"}}'`,
    ],
  },
  {
    scenario: 'block-stale-attachment',
    name: 'service-with-a-stale-attachment',
    words: ['vaultwarden'],
    verdict: 'ill',
    findings: ['stale-attachment vaultwarden/vaultwarden-data-proxmox'],
    changes: [
      `cluster$ kubectl delete --raw=/apis/storage.k8s.io/v1/volumeattachments/csi-af6933eddb1dd9af5fbdb84bf8436956394122779371b94d280bd165960c7a6f --filename=- <<< '{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"589fcc80-2bc6-493b-ac39-328c60475a3b"}}'`,
    ],
  },
  {
    scenario: 'block-node-off',
    words: ['all'],
    verdict: 'ill',
    findings: [
      'held-by-lost-node vaultwarden/vaultwarden-data-proxmox',
      'held-by-lost-node novelapp/novelapp-data-proxmox',
      'held-by-lost-node plotting-book/plotting-book-data-proxmox',
    ],
    changes: [],
  },
  {
    scenario: 'block-node-silent',
    words: ['all'],
    verdict: 'ill',
    findings: [
      'held-by-lost-node vaultwarden/vaultwarden-data-proxmox',
      'held-by-lost-node novelapp/novelapp-data-proxmox',
      'held-by-lost-node plotting-book/plotting-book-data-proxmox',
    ],
    changes: [],
  },
  {
    scenario: 'block-job-elsewhere',
    words: ['all'],
    verdict: 'ill',
    findings: ['held-by-healthy-pod nextcloud/nextcloud-backup-29252340-wc9n7'],
    changes: [
      `cluster$ kubectl delete --raw=/api/v1/namespaces/nextcloud/pods/nextcloud-backup-29252340-wc9n7 --filename=- <<< '{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"2052ee1c-54ea-4241-a618-cc8cd1fd8f55"}}'`,
    ],
  },
  {
    scenario: 'multi-attach',
    words: ['all'],
    verdict: 'ill',
    findings: ['held-by-healthy-pod immich/immich-redis-9jlfgg5lhf-qkwxf'],
    changes: [],
  },
  {
    scenario: 'block-wedged-hotplug',
    words: ['plotting-book'],
    verdict: 'ill',
    findings: ['wedged-hotplug plotting-book/plotting-book-data-proxmox'],
    changes: [
      `cluster$ kubectl delete --raw=/apis/storage.k8s.io/v1/volumeattachments/csi-00727964b7146a64835d0c0508b70a488700580674c334ccdbea63b95120c967 --filename=- <<< '{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"bd10e368-f041-47af-a30f-e4069447f642"}}'`,
    ],
  },
  {
    scenario: 'block-wedged-for-good',
    words: ['all'],
    verdict: 'ill',
    findings: ['wedged-hotplug plotting-book/plotting-book-data-proxmox'],
    changes: [
      `cluster$ kubectl delete --raw=/apis/storage.k8s.io/v1/volumeattachments/csi-00727964b7146a64835d0c0508b70a488700580674c334ccdbea63b95120c967 --filename=- <<< '{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"bd10e368-f041-47af-a30f-e4069447f642"}}'`,
    ],
  },
  {
    scenario: 'block-claim-waits',
    words: ['all'],
    verdict: 'well',
    findings: [],
    changes: [],
  },
  {
    scenario: 'blind-block-monitor',
    words: ['all'],
    verdict: 'blind',
    findings: [],
    changes: [],
  },
  {
    scenario: 'blind-node-ssh',
    words: ['all'],
    verdict: 'blind',
    findings: [],
    changes: [],
  },
  {
    scenario: 'blind-kubernetes',
    words: ['all'],
    verdict: 'blind',
    findings: [],
    changes: [],
  },
  ...machineCases,
  ...diskCases,
] as const;
