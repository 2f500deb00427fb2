import { describe, expect, test } from 'vitest';
import { show } from '../core/command.ts';
import { parseStorages } from './proxmox-storage.ts';
import { parseApiTasks, parseTaskLog, parseTaskStatus, taskLog, taskStatus } from './proxmox-tasks.ts';

const API = { node: 'pve' };
const OLD = 'UPID:pve:000CFC5C:103E8D0C:6194806C:qmstop:203:root@pam:';
const NEW = 'UPID:pve:000CFC5D:103E8D0D:6194807C:qmstop:203:bot@pve!change:';

describe('tasks of a machine', () => {
  const ended = { upid: OLD, status: 'OK', endtime: 1 };

  test('are listed with the latest first, and a running one has no end', () => {
    const tasks = parseApiTasks(JSON.stringify([ended, { upid: NEW }]), 203);
    expect(tasks.map(({ upid, status }) => [upid, status])).toEqual([
      [NEW, 'RUNNING'],
      [OLD, 'OK'],
    ]);
  });

  test('of another machine, or without an end, are not understood', () => {
    expect(() => parseApiTasks(JSON.stringify([{ upid: NEW.replace(':203:', ':204:') }]), 203)).toThrow('not a task of 203');
    expect(() => parseApiTasks(JSON.stringify([{ upid: NEW, endtime: 1 }]), 203)).toThrow('how');
    expect(() => parseApiTasks('{}', 203)).toThrow(/expected array/);
  });
});

describe('one task', () => {
  test('is running, or says how it ended', () => {
    expect(parseTaskStatus(JSON.stringify({ upid: NEW, status: 'running' }), NEW)).toBe('running');
    expect(parseTaskStatus(JSON.stringify({ upid: NEW, status: 'stopped', exitstatus: 'OK' }), NEW)).toBe('OK');
    expect(() => parseTaskStatus(JSON.stringify({ upid: OLD, status: 'running' }), NEW)).toThrow(`this is ${OLD}`);
    expect(() => parseTaskStatus(JSON.stringify({ upid: NEW, status: 'stopped' }), NEW)).toThrow(/./);
  });

  test('has a log, of which nothing can pretend to be another line', () => {
    expect(parseTaskLog('[{"n":1,"t":"trying\\u001b[2J"},{"n":2,"t":"TASK OK"}]')).toEqual(['trying\uFFFD[2J', 'TASK OK']);
  });

  test('is asked for by its UPID alone', () => {
    expect(show(taskStatus(API, NEW).command)).toBe(`proxmox$ pvesh get '/nodes/pve/tasks/${NEW}/status'`);
    for (const upid of ['UPID:x', `${NEW}/../..`, NEW.replace('bot@pve', 'b/../x@pve')])
      expect(() => taskLog(API, upid)).toThrow(/is no task of Proxmox|cannot stand in a path/);
  });
});

describe('storages', () => {
  test('say what is under them', () => {
    const text =
      '[{"storage":"local-lvm","type":"lvmthin","vgname":"pve","thinpool":"data","content":"images"},{"storage":"local","type":"dir"}]';
    expect(parseStorages(text)).toEqual([
      { id: 'local-lvm', type: 'lvmthin', vgName: 'pve', thinPool: 'data' },
      { id: 'local', type: 'dir' },
    ]);
  });

  test('that are none mean that the token may not see them', () => {
    expect(() => parseStorages('[]')).toThrow('lacks Datastore.Audit');
  });
});
