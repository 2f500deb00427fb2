import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { newCertificates } from '../../../test/lab/kubernetes/certificate.ts';
import { caPath, connect, lab, readStatus, stop203, unlink } from './fixtures/connected.ts';

describe('the certificate', () => {
  test('that is pinned by its fingerprint is enough, and any other is refused before a token is sent', async () => {
    const pinned = connect({ trust: { fingerprint: lab.fingerprint.toLowerCase() } });
    expect(await pinned.read(readStatus)).toMatchObject({ exitCode: 0 });
    expect(await pinned.change(unlink('scsi29'))).toMatchObject({ exitCode: 0 });
    const before = lab.requests.length;
    const other = connect({ trust: { fingerprint: lab.fingerprint.replace(/^../, (byte) => (byte === '00' ? '01' : '00')) } });
    expect(await other.read(readStatus)).toMatchObject({ failed: 'host-key' });
    expect(await other.change(stop203)).toMatchObject({ failed: 'host-key' });
    expect(lab.requests).toHaveLength(before);
  });

  test('of another authority is refused, also where the environment switches checks off', async () => {
    await writeFile(caPath, newCertificates().ca);
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      expect(await connect().read(readStatus)).toMatchObject({ failed: 'host-key' });
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
    expect(lab.requests).toEqual([]);
  });

  test('of an authority whose file cannot be read is a problem of the configuration', async () => {
    const lost = connect({ trust: { ca: '/nonexistent/ca.pem' } });
    for (const outcome of [await lost.read(readStatus), await lost.change(stop203)])
      expect(outcome).toMatchObject({ failed: 'not-configured', toDo: expect.stringContaining('site.hypervisor.api') });
  });
});
