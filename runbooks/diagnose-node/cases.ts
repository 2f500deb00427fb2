const NODE = 'k8s-node3';
const START = 'proxmox$ pvesh create /nodes/pve/qemu/203/status/start';
const STOP = 'proxmox$ pvesh create /nodes/pve/qemu/203/status/stop';
const RESUME = 'proxmox$ pvesh create /nodes/pve/qemu/203/status/resume';
const RESTART_KUBELET = `${NODE}$ sudo --non-interactive systemctl restart kubelet`;
const taints = (list: readonly object[] | null) =>
  `cluster$ kubectl patch nodes/${NODE} --type=merge '--patch=${JSON.stringify({ spec: { taints: list } })}' --output=json`;
const TAINT = taints([{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }]);

const ill = (scenario: string, code: string, ...changes: string[]) =>
  ({ scenario, words: [NODE], verdict: 'ill', findings: [`${code} ${NODE}`], changes }) as const;
const blind = (scenario: string) => ({ scenario, words: [NODE], verdict: 'blind', findings: [], changes: [] }) as const;

/** What each recorded situation must lead to. */
export const cases = [
  { scenario: 'all-well', words: [NODE], verdict: 'well', findings: [], changes: [] },
  ill('node-off', 'machine-off', START),
  ill('node-turned-off', 'machine-turned-off', TAINT),
  ill('node-off-without-boot-disk', 'machine-cannot-start', TAINT),
  ill('node-off-sharing-a-disk', 'machine-cannot-start', TAINT),
  ill('node-fenced', 'fenced', START),
  ill('node-fenced-by-a-person', 'fenced'),
  ill('node-tainted-though-up', 'tainted-though-up', taints(null)),
  ill('node-stalled', 'machine-stalled', STOP, START),
  blind('node-waits-for-disk'),
  ill('node-quiet-too-short', 'still-writing'),
  ill('node-crashed', 'machine-crashed', STOP, TAINT),
  ill('node-crashed-without-boot-disk', 'machine-crashed'),
  ill('node-crashed-while-snapshots-are-taken', 'machine-crashed'),
  ill('node-stalled-while-machines-are-backed-up', 'machine-stalled'),
  ill('node-crashed-in-maintenance', 'machine-crashed'),
  ill('node-off-without-power', 'machine-off'),
  ill('node-paused', 'machine-paused', RESUME),
  ill('node-paused-by-a-person', 'machine-paused'),
  ill('node-of-another-machine', 'another-machine'),
  ill('node-paused-sharing-a-disk', 'machine-paused', STOP, TAINT),
  ill('node-io-error', 'machine-io-error', RESUME),
  ill('node-io-error-pool-full', 'machine-io-error'),
  ill('node-locked', 'machine-locked'),
  ill('node-silent-and-writing', 'still-writing'),
  ill('node-kubelet-silent', 'kubelet-silent', RESTART_KUBELET),
  ill('node-kubelet-stopped', 'kubelet-silent', RESTART_KUBELET),
  ill('node-network-not-ready', 'kubelet-not-ready'),
  {
    scenario: 'node-zombie',
    words: ['k8s-node6'],
    verdict: 'ill',
    findings: ['stale-identity k8s-node6'],
    changes: [],
  },
  blind('node-off-api-silent'),
  blind('node-off-tokens-refused'),
] as const;
