import { describe, expect, test } from 'vitest';
import { containerIdOf } from './databases/containers.ts';
import { addPostgres } from './databases/postgres.ts';
import { execute, machineNamed } from './run.ts';
import { newWorld } from './world.ts';

function onNode(argv: readonly string[], { node = 'k8s-node3', root = true } = {}) {
  const world = newWorld({ hangScale: 0.001 });
  addPostgres(world);
  const pod = world.cluster.pods().find(({ metadata }) => metadata.name === 'pg-cluster-1');
  const id = containerIdOf(pod?.metadata.uid ?? '', 'postgres');
  const machine = machineNamed(world, node);
  if (machine === undefined) throw new Error(`The lab has no ${node}`);
  const words = ['crictl', ...argv.map((word) => (word === 'ID' ? id : word))];
  return execute(world, machine, { argv: root ? ['sudo', '--non-interactive', ...words] : words });
}

const failed = (text: string) => ({ exitCode: 1, stdout: '', stderr: expect.stringContaining(text) });

describe('crictl exec on a node', () => {
  test('runs a program of a container, and ends with 1 whatever that ended with', () => {
    const { exitCode, stdout } = onNode(['exec', 'ID', 'psql', '--command=SELECT 1']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  });

  test('finds no container that another node has', () => {
    expect(onNode(['exec', 'ID', 'psql'], { node: 'k8s-node4' })).toMatchObject(
      failed('code = NotFound desc = an error occurred when try to find container'),
    );
  });

  test('needs root', () => {
    expect(onNode(['exec', 'ID', 'psql'], { root: false })).toMatchObject(failed('connect: permission denied'));
  });

  test('tells a program that the image lacks from one that failed', () => {
    expect(onNode(['exec', 'ID', 'sqlite3', ':memory:'])).toMatchObject(
      failed('exec: "sqlite3": executable file not found in $PATH: unknown'),
    );
    expect(onNode(['exec', 'ID', 'env', 'A=b', 'sqlite3'])).toMatchObject(failed('command terminated with exit code 127'));
    expect(onNode(['exec', 'ID', 'env', 'PGDATABASE=nowhere', 'psql', '--command=x'])).toMatchObject(
      failed(
        'FATAL:  database "nowhere" does not exist\nFATA[0000] execing command in container: command terminated with exit code 2',
      ),
    );
  });
});
