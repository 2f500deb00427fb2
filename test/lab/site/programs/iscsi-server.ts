import type { LabTarget } from '../iscsi.ts';
import { type Answer, type Call, fail, lines, ok, type Program, usage } from '../shell.ts';
import { nasFiles } from './nas-files.ts';

const { find } = nasFiles;

/** The iSCSI server of FreeBSD: CTL. */
export const ctl: Readonly<Record<string, Program>> = { ctladm: { run: runCtladm } };
/** Of a plain Linux: LIO. */
export const lio: Readonly<Record<string, Program>> = { targetcli: { run: runTargetcli } };
/** Of TrueNAS SCALE: SCST, whose state is files. */
export const scst: Readonly<Record<string, Program>> = {
  find: {
    run: (call, args) =>
      args[0]?.startsWith('/sys/kernel/scst_tgt/') === true ? findScst(call, args) : (find?.run(call, args) ?? fail(127, '')),
  },
};

interface Logged {
  readonly target: LabTarget;
  readonly node: string;
  readonly address: string;
}

/** Sessions that are alive, as the server counts them. */
function logged({ world: { nas, nodes } }: Call): readonly Logged[] {
  return [...nodes.values()].flatMap(({ name: node, address, iscsi }) =>
    iscsi.sessions
      .filter(({ state }) => state === 'LOGGED_IN')
      .flatMap(({ iqn }) =>
        nas.iscsi.targets.filter((target) => target.iqn === iqn).map((target) => ({ target, node, address })),
      ),
  );
}

function withDevice({ world: { nas } }: Call): readonly LabTarget[] {
  return nas.iscsi.targets.filter(({ hasDevice }) => hasDevice);
}

function runCtladm(call: Call, args: readonly string[]): Answer {
  const { targets } = call.world.nas.iscsi;
  const devices = withDevice(call);
  switch (args.join(' ')) {
    case 'portlist -v -f iscsi':
      return ok(
        lines([
          'Port Online Frontend Name     pp vp',
          ...targets.flatMap((target, index) => portLines(target, 5 + index, devices.indexOf(target))),
        ]),
      );
    case 'devlist -v':
      return ok(
        lines(['LUN Backend       Size (Blocks)   BS Serial Number    Device ID       ', ...devices.flatMap(deviceLines)]),
      );
    case 'islist': {
      const row = ({ target, node, address }: Logged, index: number) =>
        `${`${index + 1}`.padStart(4)} ${address.padEnd(16)} ${`iqn.2004-10.org.lab:${node}`.padEnd(36)} ${target.iqn.padEnd(36)}`;
      return ok(
        lines([
          '  ID Portal           Initiator name                       Target name                         ',
          ...logged(call).map(row),
        ]),
      );
    }
    default:
      return usage('ctladm', 'bad command');
  }
}

function portLines({ iqn }: LabTarget, port: number, lun: number): string[] {
  return [
    `${`${port}`.padEnd(4)} YES    iscsi    iscsi    1  1  ${iqn},t,0x0001`,
    `  Target: ${iqn}`,
    lun < 0 ? '  No LUNs mapped' : `  LUN 0: ${lun}`,
    '      port_type=16',
    '      cfiscsi_state=1',
    `      cfiscsi_target=${iqn}`,
    '      cfiscsi_portal_group_tag=1',
  ];
}

function deviceLines({ iqn, path }: LabTarget, lun: number): string[] {
  return [
    `${`${lun}`.padStart(3)} block             4194304  512 8c16451a7c0a000  iSCSI Disk      8c16451a7c0a000                `,
    '      lun_type=0',
    '      num_threads=32',
    `      file=${path}`,
    '      vendor=TrueNAS',
    `      scsiname=${iqn},lun,0`,
  ];
}

function row(depth: string, name: string, about: string): string {
  const start = `${depth}o- ${name} `;
  return `${start}${'.'.repeat(Math.max(3, 118 - start.length - about.length))} [${about}]`;
}

function runTargetcli(call: Call, args: readonly string[]): Answer {
  if (!call.isRoot) return fail(255, 'You must be root to run targetcli.');
  if (args.join(' ') === 'sessions detail') {
    const all = logged(call);
    if (all.length === 0) return ok('(no open sessions)\n\n');
    return ok(all.map(({ target, node, address }, index) => sessionText({ target, node, address }, index)).join(''));
  }
  return args.join(' ') === 'ls' ? ok(lines(tree(call))) : fail(1, `Command not found ${args[0]}`);
}

function sessionText({ target, node, address }: Logged, index: number): string {
  return lines([
    `alias: ${node}\tsid: ${index + 1} type: Normal session-state: LOGGED_IN`,
    `    name: iqn.2004-10.org.lab:${node} (NOT AUTHENTICATED)`,
    `    mapped-lun: 0 backstore: fileio/${target.name} mode: rw`,
    `    address: ${address} (TCP)  cid: 0 connection-state: LOGGED_IN`,
  ]);
}

function tree(call: Call): string[] {
  const devices = withDevice(call);
  const { targets } = call.world.nas.iscsi;
  return [
    row('', '/', '...'),
    row('  ', 'backstores', '...'),
    row('  | ', 'block', 'Storage Objects: 0'),
    row('  | ', 'fileio', `Storage Objects: ${devices.length}`),
    ...devices.flatMap(({ name, path }) => [
      row('  | | ', name, `${path} (1.0GiB) write-back activated`),
      row('  | |   ', 'alua', 'ALUA Groups: 1'),
    ]),
    row('  | ', 'pscsi', 'Storage Objects: 0'),
    row('  | ', 'ramdisk', 'Storage Objects: 0'),
    row('  ', 'iscsi', `Targets: ${targets.length}`),
    ...targets.flatMap((target) => targetRows(target)),
    row('  ', 'loopback', 'Targets: 0'),
    row('  ', 'vhost', 'Targets: 0'),
    row('  ', 'xen-pvscsi', 'Targets: 0'),
  ];
}

function targetRows({ iqn, name, path, hasDevice }: LabTarget): string[] {
  return [
    row('  | ', iqn, 'TPGs: 1'),
    row('  |   ', 'tpg1', 'no-gen-acls, no-auth'),
    row('  |     ', 'luns', `LUNs: ${hasDevice ? 1 : 0}`),
    ...(hasDevice ? [row('  |     | ', 'lun0', `fileio/${name} (${path}) (default_tg_pt_gp)`)] : []),
    row('  |     ', 'portals', 'Portals: 1'),
    row('  |       ', '0.0.0.0:3260', 'OK'),
  ];
}

function findScst(call: Call, args: readonly string[]): Answer {
  const { targets } = call.world.nas.iscsi;
  const root = '/sys/kernel/scst_tgt/targets/iscsi';
  if (args.includes('filename')) {
    const rows = withDevice(call).flatMap(({ name, path }) =>
      [path, '[key]'].map((text) => `/sys/kernel/scst_tgt/devices/${name}/filename:${text}`),
    );
    return ok(lines(rows));
  }
  if (args.includes('*/sessions/*'))
    return ok(lines(logged(call).map(({ target, node }) => `${root}/${target.iqn}/sessions/iqn.2004-10.org.lab:${node}`)));
  const rows = targets.flatMap(({ iqn, name, hasDevice }) => [
    `${root}/${iqn}`,
    ...(hasDevice ? [`${root}/${iqn}/ini_groups/security_group/luns/0/device -> ../../../../../../../devices/${name}`] : []),
  ]);
  return ok(lines(rows));
}
