import type { Scenario } from './scenario.ts';

export const OLD_NAS = '10.0.10.14';

export const scenario: Scenario = {
  name: 'ghost-client',
  says: 'The hypervisor mounted a NAS that was switched off long ago, and a thread of its kernel waits for it.',
  prepare: ({ hypervisor, startedMs }) => {
    hypervisor.ownMounts.push(
      `${OLD_NAS}:/mnt/main/backup /mnt/weekly nfs4 rw,relatime,vers=4.2,hard,proto=tcp,timeo=600,retrans=2,sec=sys,addr=${OLD_NAS} 0 0`,
    );
    const manager = { state: 'D', pid: 88_121, waitsIn: 'rpc_wait_bit_killable', program: `${OLD_NAS}-manager` };
    hypervisor.processes.push({ ...manager, beganMs: startedMs + 3_600_000 });
  },
};
