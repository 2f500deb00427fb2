import { describe, expect, test } from 'vitest';
import { smallCluster } from '../../../test/lab/kubernetes/scenario.ts';
import { startLabKubernetes } from '../../../test/lab/kubernetes/server.ts';
import { closers, connect, cordon, getWeb1, lab } from './fixtures/connected.ts';
import { createKubernetes } from './index.ts';

describe('the server that is another', () => {
  test('with a certificate of another authority gets no request', async () => {
    const other = await startLabKubernetes(smallCluster());
    closers.push(other.stop);
    const misled = connect(lab.kubeconfig(lab.tokens.read).replace(lab.url, other.url));
    for (const outcome of [await misled.read(getWeb1), await misled.change(cordon)]) {
      expect(outcome).toMatchObject({ failed: 'host-key', says: expect.stringContaining('UNABLE_TO_VERIFY_LEAF_SIGNATURE') });
    }
    expect(other.requests).toEqual([]);
  });

  test('with a certificate for another name gets no request', async () => {
    const text = lab.kubeconfig(lab.tokens.read).replace('server:', 'tls-server-name: elsewhere.invalid\n      server:');
    expect(await connect(text).read(getWeb1)).toMatchObject({
      failed: 'host-key',
      says: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
    });
    expect(lab.requests).toEqual([]);
  });
});

describe('the access', () => {
  const without = (text: string) => ({ failed: 'not-configured', says: expect.stringContaining(text) });

  test.each([
    ['is not YAML', () => `: : [ ${lab.tokens.read}`, 'cannot be read or is not a kubeconfig'],
    ['is empty', () => '', 'cannot be read or is not a kubeconfig'],
    [
      'has no context',
      () => lab.kubeconfig(lab.tokens.read).replace('current-context: lab', 'current-context: x'),
      'no usable context',
    ],
    ['is without TLS', () => lab.kubeconfig(lab.tokens.read).replace('https:', 'http:'), 'without TLS'],
    [
      'has a password in the URL',
      () => lab.kubeconfig('x').replace('https://', `https://me:${lab.tokens.read}@`),
      'names no usable server',
    ],
    [
      'trusts anybody',
      () => lab.kubeconfig('x').replace(/certificate-authority-data: .*/, 'insecure-skip-tls-verify: true'),
      'switches off the check',
    ],
  ])('that %s is refused before anything is sent', async (_name, text, says) => {
    const refused = connect(text());
    expect(await refused.read(getWeb1)).toMatchObject(without(says));
    expect(await refused.change(cordon)).toMatchObject(without(says));
    expect(lab.requests).toEqual([]);
  });

  test('to a file that is not there names the file', async () => {
    const access = { source: { kind: 'kubeconfig', path: '/nonexistent/kubeconfig', context: 'a' } } as const;
    const nowhere = createKubernetes({ read: access, change: access });
    expect(await nowhere.read(getWeb1)).toMatchObject(without('the kubeconfig /nonexistent/kubeconfig, context a'));
  });

  test('of a pod is refused outside a pod', async () => {
    const outside = createKubernetes({ read: { source: { kind: 'in-cluster' } }, change: { source: { kind: 'in-cluster' } } });
    expect(await outside.read(getWeb1)).toMatchObject(without('does not run in a pod'));
  });

  test('can name a context', async () => {
    const text = lab.kubeconfig(lab.tokens.read).replace('current-context: lab', 'current-context: x');
    const access = { source: { kind: 'kubeconfig', text, context: 'lab' } } as const;
    const named = createKubernetes({ read: access, change: access });
    closers.push(named.close);
    expect(await named.read(getWeb1)).toMatchObject({ exitCode: 0 });
  });

  test('with a plugin that fails is a refused login, without the words of the plugin', async () => {
    const broken = connect(withPlugin('sh', ['-c', `echo ${lab.tokens.read} >&2; exit 1`]));
    expect(await broken.read(getWeb1)).toMatchObject({ failed: 'login-refused' });
  });

  test('with a plugin that is too slow ends at the deadline, and the change is not sent afterwards', async () => {
    const credential = JSON.stringify({ status: { token: lab.tokens.change } });
    const slow = connect(withPlugin('sh', ['-c', `sleep 0.4; echo '${credential}'`]));
    expect(await slow.change({ ...cordon, timeoutMs: 150 })).toMatchObject({ failed: 'timed-out' });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(lab.requests).toEqual([]);
  });

  function withPlugin(command: string, args: string[]): string {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command, args };
    return lab.kubeconfig('x').replace(/token: x/, `exec: ${JSON.stringify(exec)}`);
  }
});
