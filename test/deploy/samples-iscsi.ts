import * as node from '../../src/commands/iscsi-node.ts';
import * as portals from '../../src/commands/iscsi-portals.ts';
import * as records from '../../src/commands/iscsi-records.ts';
import * as server from '../../src/commands/iscsi-server.ts';
import * as sessions from '../../src/commands/iscsi-sessions.ts';
import type { Host } from '../../src/core/command.ts';
import { flavours, type Samples } from './sample-arguments.ts';

const iqn = 'iqn.2005-10.org.freenas.ctl:csi-pvc-36451f42-6c5e-4b55-8d02-9f1f2a7e0001';
const addresses = ['10.0.10.15:3260', '[fd00::15]:3260', 'nas.example.net:3260'] as const;
const target = { iqn, portal: addresses[0] };

/** What concerns iSCSI, on nodes and on the server. */
export function ofIscsi(host: Host): Samples {
  return {
    'iscsi-sessions.ts': {
      iscsiSessions: [sessions.iscsiSessions(host)],
      sessionDetails: [sessions.sessionDetails(host)],
      liveSessions: [sessions.liveSessions(host)],
    },
    'iscsi-portals.ts': { listedTargets: addresses.map((portal) => portals.listedTargets(host, portal)) },
    'iscsi-records.ts': {
      recordOf: addresses.map((portal) => records.recordOf(host, { iqn, portal })),
      initiatorDefaults: [records.initiatorDefaults(host)],
      updateRecord: records.SETTINGS.map((name) => records.updateRecord(host, target, { name, value: records.HARDENED[name] })),
      logOut: [records.logOut(host, target)],
      logIn: [records.logIn(host, target)],
      setRecoveryTimeout: [records.setRecoveryTimeout(host, { sid: 3, iqn }, 300)],
    },
    'iscsi-node.ts': {
      iscsiKernelFacts: [node.iscsiKernelFacts(host)],
      iscsidLog: [node.iscsidLog(host)],
      diskMounts: [node.diskMounts(host)],
      openersOf: [node.openersOf(host, 'sdc')],
      fileSystemState: [node.fileSystemState(host, 'sdaa')],
    },
    'iscsi-server.ts': {
      serverTargets: flavours.map((flavour) => server.serverTargets(host, flavour)),
      serverDevices: flavours.map((flavour) => server.serverDevices(host, flavour)),
      serverSessions: flavours.map((flavour) => server.serverSessions(host, flavour)),
    },
  };
}
