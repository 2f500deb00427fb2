import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export interface Certificates {
  /** PEM texts. */
  readonly ca: string;
  readonly key: string;
  readonly certificate: string;
}

/** A new authority, and a certificate of it for 127.0.0.1, ::1 and localhost, both valid from yesterday for a month. */
export function newCertificates(): Certificates {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { name: `lab-ca-${randomBytes(4).toString('hex')}`, key: authority.privateKey };
  return {
    ca: issue(issuer, { name: issuer.name, key: authority.publicKey, extensions: authorityExtensions() }),
    certificate: issue(issuer, { name: 'lab-kubernetes', key: server.publicKey, extensions: serverExtensions() }),
    key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

interface Subject {
  readonly name: string;
  readonly key: KeyObject;
  readonly extensions: Buffer;
}

/** X.509 version 3 (RFC 5280), signed with ECDSA and SHA-256. */
function issue(issuer: { readonly name: string; readonly key: KeyObject }, subject: Subject): string {
  const signed = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(0x01), randomBytes(15)])),
    ecdsaWithSha256,
    nameOf(issuer.name),
    sequence(time(-1), time(30)),
    nameOf(subject.name),
    subject.key.export({ type: 'spki', format: 'der' }),
    der(0xa3, subject.extensions),
  );
  const certificate = sequence(signed, ecdsaWithSha256, der(0x03, Buffer.of(0), sign('sha256', signed, issuer.key)));
  const lines = certificate.toString('base64').replaceAll(/.{1,64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`;
}

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), body]);
}

function sequence(...contents: readonly Buffer[]): Buffer {
  return der(0x30, ...contents);
}

const objectId = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'));

/** A distinguished name of one common name. */
function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(objectId('550403'), der(0x0c, Buffer.from(commonName)))));
}

/** GeneralizedTime, in days from now. */
function time(days: number): Buffer {
  const text = new Date(Date.now() + days * 86_400_000).toISOString();
  return der(0x18, Buffer.from(`${text.slice(0, 19).replaceAll(/\D/g, '')}Z`));
}

/** basicConstraints, critical: an authority. */
function authorityExtensions(): Buffer {
  return sequence(sequence(objectId('551d13'), der(0x01, Buffer.of(0xff)), der(0x04, sequence(der(0x01, Buffer.of(0xff))))));
}

/** subjectAltName: the loopback addresses and their name. */
function serverExtensions(): Buffer {
  const loopback6 = Buffer.alloc(16);
  loopback6[15] = 1;
  const names = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.of(127, 0, 0, 1)), der(0x87, loopback6));
  return sequence(sequence(objectId('551d11'), der(0x04, names)));
}
