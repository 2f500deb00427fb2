import { ok, together } from '../../../src/core/finding.ts';
import { hasRoom } from '../../../src/repairs/thin-pool-state.ts';
import type { Below } from '../facts.ts';
import type { Part } from './part.ts';
import { NOTHING, oneFinding } from './part.ts';

/** QEMU stops a machine whose write fails, so that its system does not see the error; it must be told to go on. */
export function machines({ machines: all, pools }: Below): Part {
  if (!pools.known || !pools.value.every(hasRoom)) return NOTHING;
  return together(
    all.map(({ vmid, name, seen }) => {
      if (!seen.known) return NOTHING;
      const { status, qmpStatus, lock } = seen.value;
      if (qmpStatus !== 'io-error') {
        return { evidence: [ok(`Machine ${vmid} (${name}) is ${status}, its QEMU ${qmpStatus}`, seen)], findings: [] };
      }
      const room = pools.value.length === 0 ? 'the hypervisor has no thin pool' : 'every thin pool of the hypervisor has room';
      return oneFinding({
        code: 'machine-stopped',
        subject: `${vmid}`,
        says: `QEMU has stopped machine ${vmid} (${name}) after an I/O error; ${room}${lock === undefined ? '' : `, and Proxmox holds the lock ${lock} on it`}`,
        remedy:
          pools.value.length === 0
            ? 'Find out which storage its disks are on, and what is wrong there; then resume it.'
            : 'Resume it: it repeats the write that failed. Then look whether its file systems are still writable.',
        doNot: 'Do not reset it: what it has not written yet would be lost.',
        seen: [seen, pools],
      });
    }),
  );
}
