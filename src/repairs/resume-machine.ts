import { resumeVmByApi, vmCurrent } from '../commands/proxmox-vm.ts';
import { thinPools } from '../commands/thin-pool.ts';
import type { Host } from '../core/command.ts';
import type { Finding } from '../core/finding.ts';
import { changes } from '../core/hold.ts';
import type { Step } from '../core/plan.ts';
import { check, noUndo, verify } from '../core/plan.ts';
import type { HypervisorApi } from '../core/site.ts';
import { hasRoom } from './thin-pool-state.ts';

export interface StoppedMachine {
  readonly because: Finding;
  readonly host: Host;
  readonly api: HypervisorApi;
  readonly vmid: number;
  /** What people call it. */
  readonly name: string;
}

/** Lets QEMU go on with a machine that it stopped at a failed write. */
export function resumeMachine({ because, host, api, vmid, name }: StoppedMachine): Step {
  return {
    title: `Resume machine ${vmid} (${name})`,
    because,
    before: [
      check(
        'Every thin pool is sound and less than 90 % full of data and of metadata',
        thinPools(host),
        (all) => all.length > 0 && all.every(hasRoom),
      ),
      check(
        `QEMU has stopped ${vmid} after an I/O error, and nothing holds a lock on it`,
        vmCurrent(api, vmid),
        ({ qmpStatus, lock }) => {
          return qmpStatus === 'io-error' && lock === undefined;
        },
      ),
    ],
    change: resumeVmByApi(api, vmid),
    after: verify(`The QEMU of ${vmid} runs`, vmCurrent(api, vmid), ({ qmpStatus }) => qmpStatus === 'running'),
    undo: noUndo('A machine that runs again is not stopped in the middle of its writing.'),
    holds: [changes('vm', `${vmid}`)],
    warnings: [
      'It repeats the write that failed. A guest that saw errors before has file systems that are read-only: look at them.',
    ],
  };
}
