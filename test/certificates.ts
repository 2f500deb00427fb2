import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** An authority of its own, and what it issues for 127.0.0.1; files are made in this directory, by openssl. */
export function authorityIn(directory: string, name: string): Certificate & { readonly issue: (subject: string) => Certificate } {
  const path = (file: string) => join(directory, file);
  const read = (file: string): Certificate => ({
    certificate: readFileSync(path(`${file}.pem`), 'utf8'),
    key: readFileSync(path(`${file}.key`), 'utf8'),
  });
  const make = (file: string, more: readonly string[]): Certificate => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', path(`${file}.key`)];
    const words = ['req', '-x509', ...key, '-out', path(`${file}.pem`), '-days', '1', '-subj', `/CN=${file}`, ...more];
    execFileSync('openssl', words, { stdio: 'ignore' });
    return read(file);
  };
  const issued = ['-CA', path(`${name}.pem`), '-CAkey', path(`${name}.key`), '-addext', 'subjectAltName=IP:127.0.0.1'];
  return { ...make(name, []), issue: (subject) => make(subject, [...issued, '-addext', 'basicConstraints=critical,CA:FALSE']) };
}
