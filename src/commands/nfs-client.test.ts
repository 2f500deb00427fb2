import { expect, test } from 'vitest';
import { parseMountList, parseProcMounts, parseShowmount, probeMount, testMount } from './nfs-client.ts';

const NODE = { name: 'node', sudo: false };

function listed(stdout: string) {
  const list = parseShowmount({ exitCode: 0, stdout, stderr: '' });
  return list.answer === 'listed' ? list.exports : list.answer;
}

test('the clients of an export may be parted by commas or, from FreeBSD, by blanks', () => {
  expect(listed('/p   10.0.20.0/24,10.0.30.7\n/q\n/two words   10.0.20.0/24\n')).toEqual([
    { path: '/p', clients: '10.0.20.0/24,10.0.30.7' },
    { path: '/q', clients: '' },
    { path: '/two words', clients: '10.0.20.0/24' },
  ]);
  expect(listed(`Exports list on 127.0.0.1:\n${'/p'.padEnd(34)} 10.0.30.0 10.0.20.0 \n${'/q'.padEnd(34)} Everyone\n`)).toEqual([
    { path: '/p', clients: '10.0.30.0 10.0.20.0' },
    { path: '/q', clients: 'Everyone' },
  ]);
});

test('the server of a mount is its address, without the brackets of IPv6', () => {
  const [mount] = parseProcMounts('[fd00::15]:/mnt/main /mnt nfs4 rw,vers=4.2,addr=fd00::15 0 0\n');
  expect(mount).toMatchObject({ server: 'fd00::15', remotePath: '/mnt/main', version: '4.2' });
});

test.each([
  ['10.0.10.15', '10.0.10.15:/p'],
  ['nas.example.net', 'nas.example.net:/p'],
  ['fd00::15', '[fd00::15]:/p'],
  ['[fd00::15]', '[fd00::15]:/p'],
])('a test mount names the server %s as %s', (server, source) => {
  expect(testMount(NODE, server, { path: '/p' }).command).toMatchObject({ argv: expect.arrayContaining([source]) });
});

const OPTIONS = 'ro,soft,timeo=20,retrans=1,retry=0,nolock,nosharecache';

test.each([
  [undefined, OPTIONS],
  ['unknown', OPTIONS],
  ['4.1,rw', OPTIONS],
  ['3.1', OPTIONS],
  ['3', `${OPTIONS},vers=3`],
  ['4', `${OPTIONS},vers=4`],
  ['4.0', `${OPTIONS},vers=4.0`],
  ['4.2', `${OPTIONS},vers=4.2`],
])('a test mount of version %s has the options %s', (version, options) => {
  const { command } = testMount(NODE, '10.0.10.15', { path: '/p', version });
  expect(command).toMatchObject({ argv: expect.arrayContaining(['-o', options]) });
});

test('a mount is asked itself, not what the node remembers of it', () => {
  expect(probeMount(NODE, '/mnt').command).toMatchObject({ argv: expect.arrayContaining(['--cached=never']) });
});

test('the list of mounts of mountd has a header, which an empty answer has not', () => {
  const rows = '10.0.20.101:/mnt/main/a\nfd00::15:/mnt/main/two words\n';
  expect(parseMountList(`All mount points on 127.0.0.1:\n${rows}`)).toEqual([
    { client: '10.0.20.101', path: '/mnt/main/a' },
    { client: 'fd00::15', path: '/mnt/main/two words' },
  ]);
  expect(parseMountList('All mount points on truenas:\n')).toEqual([]);
  expect(() => parseMountList('')).toThrow('no list of mount points');
  expect(() => parseMountList('All mount points on x:\n10.0.20.101\n')).toThrow('not a mount of a client');
});
