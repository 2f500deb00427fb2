import { diskMounts, fileSystemState, iscsidLog, iscsiKernelFacts, openersOf } from '../../../src/commands/iscsi-node.ts';
import { listedTargets } from '../../../src/commands/iscsi-portals.ts';
import {
  initiatorDefaults,
  logIn,
  logOut,
  recordOf,
  setRecoveryTimeout,
  updateRecord,
} from '../../../src/commands/iscsi-records.ts';
import { serverDevices, serverSessions, serverTargets } from '../../../src/commands/iscsi-server.ts';
import { iscsiSessions, liveSessions, sessionDetails } from '../../../src/commands/iscsi-sessions.ts';
import type { Flavour } from '../../../src/commands/nas.ts';
import type { Change, Host, Read } from '../../../src/core/command.ts';
import type { World } from './world.ts';

const ISCSI = { iqn: 'iqn.2005-10.org.freenas.ctl:csi-pvc-1', portal: '10.0.10.15:3260' } as const;

export function iscsiReads(world: World, host: Host): readonly Read<unknown>[] {
  const initiator = world.nodes.get(host.name)?.iscsi;
  const disks = initiator?.sessions.flatMap((session) => session.disks.map(({ name }) => name)) ?? [];
  return [
    iscsiSessions(host),
    sessionDetails(host),
    liveSessions(host),
    listedTargets(host, ISCSI.portal),
    iscsidLog(host),
    iscsiKernelFacts(host),
    diskMounts(host),
    initiatorDefaults(host),
    ...[ISCSI.iqn, ...(initiator?.records.keys() ?? [])].map((iqn) => recordOf(host, { ...ISCSI, iqn })),
    ...disks.flatMap((disk) => [openersOf(host, disk), fileSystemState(host, disk)]),
  ];
}

export function iscsiChanges(node: Host): readonly Change[] {
  return [
    updateRecord(node, ISCSI, { name: 'node.conn[0].timeo.noop_out_timeout', value: '15' }),
    logOut(node, ISCSI),
    logIn(node, ISCSI),
    setRecoveryTimeout(node, { sid: 1, iqn: ISCSI.iqn }, 300),
  ];
}

export function iscsiServerReads(nas: Host, flavour: Flavour): readonly Read<unknown>[] {
  return [serverTargets(nas, flavour), serverDevices(nas, flavour), serverSessions(nas, flavour)];
}
