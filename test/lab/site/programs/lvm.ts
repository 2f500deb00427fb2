import { type Answer, type Call, fail, lines, ok, type Program, usage } from '../shell.ts';
import { listVolumes, lvmVolumes } from './lvm-volumes.ts';
import { pvcCopies } from './pvc-copies.ts';

/** What the hypervisor says of its disks. */
export const lvm: Readonly<Record<string, Program>> = {
  lvs: { run: runLvs },
  ...lvmVolumes,
  ...pvcCopies,
  journalctl: { run: runJournalctl },
};

const LVS = '--reportformat json --select segtype=thin-pool -o vg_name,lv_name,lv_attr,data_percent,metadata_percent';

function runLvs(call: Call, args: readonly string[]): Answer {
  const {
    world: { hypervisor },
    isRoot,
  } = call;
  const listed = isRoot ? listVolumes(call, args) : undefined;
  if (listed !== undefined) return listed;
  if (args.join(' ') !== LVS) return fail(3, "  Invalid argument for --options\n  Run `lvs --help' for more information.");
  if (!isRoot) return fail(5, "  /run/lock/lvm/P_global:aux: open failed: Permission denied\n  Can't get lock for (global).");
  const { dataPercent, metadataPercent, attributes } = hypervisor.thinPool;
  const figures = { data_percent: dataPercent.toFixed(2), metadata_percent: metadataPercent.toFixed(2) };
  const row = JSON.stringify({ vg_name: 'pve', lv_name: 'data', lv_attr: attributes, ...figures }).replaceAll('","', '", "');
  return ok(
    `  {\n      "report": [\n          {\n              "lv": [\n                  ${row}\n              ]\n          }\n      ]\n  }\n`,
  );
}

const DMESG = '--dmesg --lines=300 --no-pager --output=short-iso';

function runJournalctl({ world: { hypervisor } }: Call, args: readonly string[]): Answer {
  if (args.join(' ') !== DMESG) return usage('journalctl', 'unrecognized option');
  return ok(lines(hypervisor.kernelLog.length === 0 ? ['-- No entries --'] : hypervisor.kernelLog));
}
