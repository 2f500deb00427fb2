/** Situations of the whole cluster in which something is wrong, and the bot changes nothing. */
export function unplanned(scenario: string, ...findings: readonly string[]) {
  return { scenario, words: ['all'], verdict: 'ill', findings, changes: [] } as const;
}

/** Nothing is wrong, or nothing could be seen of it. */
export function nothing(scenario: string, verdict: 'well' | 'blind') {
  return { scenario, words: ['all'], verdict, findings: [], changes: [] } as const;
}

/** Disks without an attachment leave their slots, with the node closed to new pods meanwhile. */
export function secondLook(node: string, vmid: number, ...slots: readonly number[]): readonly string[] {
  return [
    cordon(node, true),
    ...slots.map((slot) => `proxmox$ pvesh set /nodes/pve/qemu/${vmid}/config --delete scsi${slot}`),
  ].concat(cordon(node, false));
}

export function cordon(node: string, isCordoned: boolean): string {
  return `cluster$ kubectl patch nodes/${node} --type=merge '--patch={"spec":{"unschedulable":${isCordoned}}}' --output=json`;
}

export function deletePod(path: string, uid: string): string {
  return deletes(`/api/v1/namespaces/${path}`, uid);
}

export function deleteAttachment(name: string, uid: string): string {
  return deletes(`/apis/storage.k8s.io/v1/volumeattachments/${name}`, uid);
}

function deletes(path: string, uid: string): string {
  return `cluster$ kubectl delete --raw=${path} --filename=- <<< '{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"${uid}"}}'`;
}

/** What QEMU kept of a slot is dropped. */
export function dropLeftover(vmid: number, slot: number): string {
  return `pve$ sh -c 'printf "drive_del drive-scsi%s\\nobject_del throttle-drive-scsi%s\\n" "$2" "$2" | qm monitor "$1"' storagebot ${vmid} ${slot}`;
}
