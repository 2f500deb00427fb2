const SET = 'redis/redis-node';

/** Each cause, what is nearly one, and what could not be seen. */
export const cases = [
  well('redis-well'),
  well('redis-copying'),
  well('redis-with-aof'),
  ill('redis-split-brain', `split-brain ${SET}`, 'right-master redis-node-0'),
  ill('redis-split-between-sentinels', `split-brain ${SET}`, `right-master-unclear ${SET}`),
  ill('redis-split-smaller-is-written', `split-brain ${SET}`, `right-master-unclear ${SET}`),
  ill('redis-split-alike', `split-brain ${SET}`, `right-master-unclear ${SET}`),
  ill('redis-split-loading', `split-brain ${SET}`, `right-master-unclear ${SET}`, 'loading redis-node-0'),
  ill('redis-split-third-gone', 'pod-down redis-node-2', `split-brain ${SET}`, `right-master-unclear ${SET}`),
  ill('redis-no-master', `no-master ${SET}`, 'replica-link-down redis-node-0', 'replica-link-down redis-node-1'),
  ill('redis-master-gone', 'pod-down redis-node-0', `no-master ${SET}`, 'replica-link-down redis-node-1'),
  ill('redis-replica-gone', 'pod-down redis-node-1'),
  ill('redis-crashing', 'pod-down redis-node-1'),
  ill('redis-stopped', `stopped ${SET}`),
  ill('redis-link-down', 'replica-link-down redis-node-1'),
  ill('redis-sentinel-disagrees', 'sentinel-disagrees redis-node-1'),
  ill('redis-sentinel-down', 'sentinel-down redis-node-1'),
  ill('redis-no-quorum', 'no-quorum redis-node-0', 'no-quorum redis-node-1'),
  ill('redis-volume-full', 'volume-full redis-node-0', 'save-failing redis-node-0'),
  ill('redis-volume-read-only', 'volume-read-only redis-node-0', 'save-failing redis-node-0'),
  ill('redis-save-failing', 'save-failing redis-node-0'),
  ill('redis-loading', 'loading redis-node-1'),
  ill('redis-server-down', 'server-down redis-node-1'),
  ill('redis-memory-nearly-full', 'memory-full redis-node-0'),
  ill('redis-memory-full', 'memory-full redis-node-0'),
  blind('redis-password-changed'),
  blind('redis-split-half-seen'),
  blind('blind-kubernetes'),
] as const;

function well(scenario: string) {
  return { scenario, words: [], verdict: 'well', findings: [], changes: [] } as const;
}

function ill(scenario: string, ...findings: readonly string[]) {
  return { scenario, words: [], verdict: 'ill', findings, changes: [] } as const;
}

function blind(scenario: string) {
  return { scenario, words: [], verdict: 'blind', findings: [], changes: [] } as const;
}
