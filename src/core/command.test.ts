import { describe, expect, it } from 'vitest';
import { fc } from '../../test/seed.ts';
import { pods } from '../commands/cluster.ts';
import { deletePod, evictPod, setCordon } from '../commands/cluster-changes.ts';
import { detachMount } from '../commands/node-system.ts';
import { asRoot, defineRead, on, show } from './command.ts';
import { quote, Unprintable } from './quote.ts';

const node = { name: 'k8s-node2', sudo: true };
const root = { name: 'truenas', sudo: false };

describe('a command is shown as the line that a person could paste', () => {
  it('with its target, and with sudo where the login user is not root', () => {
    expect(show(on(node, 1_000, 'cat', '/proc/mounts'))).toBe('k8s-node2$ cat /proc/mounts');
    expect(show(asRoot(node, 1_000, 'umount', '--lazy', '/mnt/a b'))).toBe(
      "k8s-node2$ sudo --non-interactive umount --lazy '/mnt/a b'",
    );
    expect(show(asRoot(root, 1_000, 'exportfs', '-ra'))).toBe('truenas$ exportfs -ra');
  });

  it('with its standard input as a here-string', () => {
    expect(show({ ...on(root, 1_000, 'tee', '/etc/x'), input: "it's" })).toBe(String.raw`truenas$ tee /etc/x <<< 'it'\''s'`);
  });

  it('as kubectl, also where kubectl needs a raw request', () => {
    const pod = { namespace: 'immich', name: 'server-1', uid: 'u-1' };
    expect(show(pods().command)).toBe('cluster$ kubectl get pods --all-namespaces --output=json');
    expect(show(setCordon('k8s-node2', true).command)).toContain('kubectl patch nodes/k8s-node2 --type=merge');
    expect(show(deletePod(pod).command)).toContain('"preconditions":{"uid":"u-1"}');
    expect(show(evictPod(pod).command)).toContain('/api/v1/namespaces/immich/pods/server-1/eviction');
  });
});

describe('a command that could look different from what it is', () => {
  it.each(['/mnt/a\n# approved', '/mnt/\u001b[2K', '/mnt/\u202egnp', '/mnt/\u200b', '/mnt/\u2028', '/mnt/\u3164', '/mnt/\u115f'])(
    'is refused: %j',
    (path) => {
      expect(() => detachMount(node, path)).toThrow(Unprintable);
    },
  );

  it('is refused as a read as well', () => {
    const command = on(root, 1_000, 'cat', '/etc/\u0007');
    expect(() => defineRead({ asks: 'x', command, answers: [0], parse: () => 0 })).toThrow('unprintable character');
  });
});

it('no two lists of arguments are shown alike', () => {
  const word = fc.string({ unit: fc.constantFrom('a', "'", ' ', '\\', '"', '$', ';', '-'), maxLength: 6 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 3 }), fc.array(word, { minLength: 1, maxLength: 3 }), (a, b) => {
      const line = (words: readonly string[]) => words.map(quote).join(' ');
      expect(line(a) === line(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});
