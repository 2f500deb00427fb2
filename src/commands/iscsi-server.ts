import type { Host } from '../core/command.ts';
import { defineRead } from '../core/command.ts';
import { boundedAsRoot, linesOf } from './bounded.ts';
import type { Flavour } from './nas.ts';

/** A target as the server has it in force. */
export interface ServerTarget {
  readonly iqn: string;
  /** What the server calls the devices behind its LUNs. */
  readonly devices: readonly string[];
}

const LOOK_S = 8;

const LIST_TARGETS = {
  core: ['ctladm', 'portlist', '-v', '-f', 'iscsi'],
  scale: [
    'find',
    '/sys/kernel/scst_tgt/targets/iscsi',
    '-type',
    'd',
    '-name',
    'iqn.*',
    '-printf',
    '%p\\n',
    '-o',
    '-name',
    'device',
    '-printf',
    '%p -> %l\\n',
  ],
  debian: ['targetcli', 'ls'],
} as const;

export function serverTargets(nas: Host, flavour: Flavour) {
  const parsers = { core: parsePortList, scale: parseScstTargets, debian: parseTargetTree };
  return defineRead<readonly ServerTarget[]>({
    asks: `Which iSCSI targets does ${nas.name} offer?`,
    command: boundedAsRoot(nas, LOOK_S, LIST_TARGETS[flavour]),
    answers: [0],
    parse: ({ stdout }) => parsers[flavour](stdout),
  });
}

/** CTL prints its header also where there is no port. */
export function parsePortList(text: string): ServerTarget[] {
  const [header, ...rows] = linesOf(text);
  if (header === undefined || !/^Port\s+Online\s+Frontend\s+Name/.test(header)) throw new Error('no list of ports');
  const targets: { iqn: string; isOnline: boolean; devices: string[] }[] = [];
  for (const row of rows) {
    const port = /^\d+\s+(YES|NO)\s+iscsi\s+iscsi\s+\d+\s+\d+\s+(\S+?),t,/.exec(row);
    const lun = /^\s+LUN \d+: (\d+)$/.exec(row)?.[1];
    if (port?.[2] !== undefined) targets.push({ iqn: port[2], isOnline: port[1] === 'YES', devices: [] });
    else if (lun !== undefined) targets.at(-1)?.devices.push(lun);
    else if (!/^\s/.test(row)) throw new Error(`not a port: ${row}`);
  }
  return targets.filter(({ isOnline }) => isOnline).map(({ iqn, devices }) => ({ iqn, devices }));
}

/** `…/targets/iscsi/IQN` and `…/targets/iscsi/IQN/ini_groups/GROUP/luns/0/device -> …/devices/NAME`. */
export function parseScstTargets(text: string): ServerTarget[] {
  const targets = new Map<string, string[]>();
  for (const line of linesOf(text)) {
    const [, iqn, below = '', device] =
      /^\/sys\/kernel\/scst_tgt\/targets\/iscsi\/([^/]+)(\/\S*)?(?: -> \S*\/([^/]+))?$/.exec(line) ?? [];
    if (iqn === undefined) throw new Error(`not of a target: ${line}`);
    const devices = targets.get(iqn) ?? [];
    if (device !== undefined && /\/luns\/\d+\/device$/.test(below) && !devices.includes(device)) devices.push(device);
    targets.set(iqn, devices);
  }
  return [...targets].map(([iqn, devices]) => ({ iqn, devices }));
}

/** The tree of targetcli, whose rows are `o- NAME ..... [ABOUT]`, two blanks deeper for each level. */
function rowsOfTree(text: string): { readonly depth: number; readonly name: string; readonly about: string }[] {
  const rows = linesOf(text).flatMap((line) => {
    const [, indent, name, about] = /^([ |]*)o- (\S+) \.+ \[(.*)\]$/.exec(line) ?? [];
    return name === undefined ? [] : [{ depth: (indent?.length ?? 0) / 2, name, about: about ?? '' }];
  });
  if (rows[0]?.name !== '/' || !rows.some(({ name }) => name === 'iscsi')) throw new Error('no tree of targetcli');
  return rows;
}

export function parseTargetTree(text: string): ServerTarget[] {
  const rows = rowsOfTree(text);
  const below = rows.slice(rows.findIndex(({ name, depth }) => depth === 1 && name === 'iscsi') + 1);
  const end = below.findIndex(({ depth }) => depth === 1);
  const targets: { iqn: string; devices: string[] }[] = [];
  for (const { depth, name, about } of end < 0 ? below : below.slice(0, end)) {
    if (depth === 2) targets.push({ iqn: name, devices: [] });
    const device = /^lun\d+$/.test(name) ? /^\w+\/(\S+) \(/.exec(about)?.[1] : undefined;
    if (device !== undefined) targets.at(-1)?.devices.push(device);
  }
  return targets;
}

/** A device behind LUNs, and the file or volume that holds its blocks. */
export interface ServerDevice {
  readonly name: string;
  readonly path: string;
}

const LIST_DEVICES = {
  core: ['ctladm', 'devlist', '-v'],
  scale: ['find', '/sys/kernel/scst_tgt/devices/', '-name', 'filename', '-exec', 'grep', '-H', '.', '{}', '+'],
  debian: ['targetcli', 'ls'],
} as const;

export function serverDevices(nas: Host, flavour: Flavour) {
  const parsers = { core: parseDevList, scale: parseScstDevices, debian: parseStorageObjects };
  return defineRead<readonly ServerDevice[]>({
    asks: `Which devices does the iSCSI server of ${nas.name} have?`,
    command: boundedAsRoot(nas, LOOK_S, LIST_DEVICES[flavour]),
    answers: [0],
    parse: ({ stdout }) => parsers[flavour](stdout),
  });
}

export function parseDevList(text: string): ServerDevice[] {
  const [header, ...rows] = linesOf(text);
  if (header === undefined || !/^LUN Backend\s+Size \(Blocks\)/.test(header)) throw new Error('no list of devices');
  const devices: ServerDevice[] = [];
  let name: string | undefined;
  for (const row of rows) {
    const lun = /^\s*(\d+) (?:block|ramdisk)\s+\d+\s+\d+\s/.exec(row)?.[1];
    const path = /^\s+file=(\/\S.*?)\s*$/.exec(row)?.[1];
    if (lun !== undefined) name = lun;
    else if (path !== undefined && name !== undefined) devices.push({ name, path });
    else if (!/^\s+\w+=/.test(row)) throw new Error(`not of a device: ${row}`);
  }
  return devices;
}

/** The second line of an attribute says `[key]` where it is not the default. */
export function parseScstDevices(text: string): ServerDevice[] {
  return linesOf(text).flatMap((line) => {
    const [, name, path] = /^\/sys\/kernel\/scst_tgt\/devices\/([^/]+)\/filename:(.*)$/.exec(line) ?? [];
    if (name === undefined || path === undefined) throw new Error(`not of a device: ${line}`);
    return path.startsWith('/') ? [{ name, path }] : [];
  });
}

export function parseStorageObjects(text: string): ServerDevice[] {
  const rows = rowsOfTree(text);
  const below = rows.slice(rows.findIndex(({ name, depth }) => depth === 1 && name === 'backstores') + 1);
  const end = below.findIndex(({ depth }) => depth === 1);
  return (end < 0 ? below : below.slice(0, end)).flatMap(({ depth, name, about }) => {
    const path = depth === 3 ? /^(\/\S+) \(/.exec(about)?.[1] : undefined;
    return path === undefined ? [] : [{ name, path }];
  });
}

/** A session as the server has it. */
export interface ServerSession {
  readonly initiator: string;
  /** Absent where the server names the device alone. */
  readonly iqn?: string;
  readonly device?: string;
}

const LIST_SESSIONS = {
  core: ['ctladm', 'islist'],
  scale: ['find', '/sys/kernel/scst_tgt/targets/iscsi', '-mindepth', '3', '-maxdepth', '3', '-path', '*/sessions/*'],
  debian: ['targetcli', 'sessions', 'detail'],
} as const;

export function serverSessions(nas: Host, flavour: Flavour) {
  const parsers = { core: parseIsList, scale: parseScstSessions, debian: parseTargetSessions };
  return defineRead<readonly ServerSession[]>({
    asks: `Which initiators are logged in to ${nas.name}?`,
    command: boundedAsRoot(nas, LOOK_S, LIST_SESSIONS[flavour]),
    answers: [0],
    parse: ({ stdout }) => parsers[flavour](stdout),
  });
}

export function parseIsList(text: string): ServerSession[] {
  const [header, ...rows] = linesOf(text);
  if (header === undefined || !/^\s*ID\s+Portal\s+Initiator name\s+Target name/.test(header))
    throw new Error('no list of sessions');
  return rows.map((row) => {
    const [, initiator, iqn] = /^\s*\d+\s+\S+\s+(\S+)\s+(\S+)\s*$/.exec(row) ?? [];
    if (initiator === undefined || iqn === undefined) throw new Error(`not a session: ${row}`);
    return { initiator, iqn };
  });
}

/** One that logged in twice has `#1` behind its name. */
export function parseScstSessions(text: string): ServerSession[] {
  return linesOf(text).map((line) => {
    const [, iqn, initiator] = /^\/sys\/kernel\/scst_tgt\/targets\/iscsi\/([^/]+)\/sessions\/([^/#]+)(?:#\S+)?$/.exec(line) ?? [];
    if (iqn === undefined || initiator === undefined) throw new Error(`not a session: ${line}`);
    return { initiator, iqn };
  });
}

/** LIO does not say of which target each session is, and names the device of its LUN. */
export function parseTargetSessions(text: string): ServerSession[] {
  if (text.trim() === '' || /no open sessions/i.test(text)) return [];
  const sessions = text
    .split(/^[ \t]+name: /m)
    .slice(1)
    .flatMap((block) => {
      const initiator = /^\S+/.exec(block)?.[0];
      if (initiator === undefined) throw new Error('a session without a name');
      const devices = [...block.matchAll(/^[ \t]+mapped-lun: \d+ backstore: \w+\/(\S+) /gm)].map(([, device = '']) => device);
      return devices.length === 0 ? [{ initiator }] : devices.map((device) => ({ initiator, device }));
    });
  if (sessions.length === 0) throw new Error('no session');
  return sessions;
}
