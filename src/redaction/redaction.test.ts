import { describe, expect, test } from 'vitest';
import { fc } from '../../test/seed.ts';
import { cleanText, cleanValue, createClean } from './index.ts';

const UUID = '6f1c0b1e-8a57-4a0e-9c55-3f0f3c1d2b4a';
const BASE62 = 'aB3'.repeat(22).slice(0, 64);
const KEY_BODY =
  'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\nVJTUt9Us8cKjMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNb';
const PEM = `-----BEGIN RSA PRIVATE KEY-----\n${KEY_BODY}\n-----END RSA PRIVATE KEY-----`;

describe('what has the form of a secret is replaced, and nothing around it', () => {
  test.each([
    ['xoxb-2345678901-abcdefCANARY', '[secret]'],
    ['token xoxe.xoxp-1-Mi0yLTCANARY, xapp-1-A0B1-23-abcCANARY.', 'token [secret], [secret].'],
    ['https://hooks.slack.com/services/T00/B00/CANARYcanary', 'https://hooks.slack.com/services/[secret]'],
    ['hvs.CAESICANARY0123456789 hvb.AAAAAQCANARY0123456789', '[secret] [secret]'],
    ['login with s.CANARYcanaryCANARYcanary (legacy)', 'login with [secret] (legacy)'],
    ['Authorization: Bearer CANARY.abc', 'Authorization: [secret]'],
    ["-H 'Authorization: PVEAPIToken=root@pam!bot=CANARY-12345'", "-H 'Authorization: [secret]'"],
    ['{"authorization":"Token CANARYcanary"}', '{"authorization":"[secret]"}'],
    [`proxy says: bearer ${BASE62}`, 'proxy says: bearer [secret]'],
    [`Basic ${Buffer.from('user:CANARY').toString('base64')} sent`, 'Basic [secret] sent'],
    ['X-Vault-Token: root-CANARY', 'X-Vault-Token: [secret]'],
    ["curl -H 'X-Vault-Token: CANARY' http://v/", "curl -H 'X-Vault-Token: [secret]' http://v/"],
    ['eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlCANARY.c2lnbmF0dXJl-CANARY', '[secret]'],
    [`PVEAPIToken=root@pam!bot=${UUID}`, 'PVEAPIToken=root@pam!bot=[secret]'],
    [`root@pam!bot:${UUID}`, 'root@pam!bot:[secret]'],
    [`{"full-tokenid":"root@pam!bot","value":"${UUID}"}`, '{"full-tokenid":"root@pam!bot","value":"[secret]"}'],
    ['PVEAuthCookie=PVE:root@pam:65A1B2C3::CANARYcanaryCANARY==', 'PVEAuthCookie=[secret]'],
    [`Bearer 1-${BASE62}`, 'Bearer [secret]'],
    [`api key 12-${BASE62}!`, 'api key [secret]!'],
    ['AKIAIOSFODNN7CANARYX', '[secret]'],
    [`ghp_${'aB3'.repeat(12)} github_pat_${'a1'.repeat(12)} glpat-${'aB3-'.repeat(5)}x`, '[secret] [secret] [secret]'],
    [`AIza${'B'.repeat(35)}`, '[secret]'],
    ['postgres://immich:CANARY@db:5432/immich', 'postgres://immich:[secret]@db:5432/immich'],
    ['redis://:CAN@RY@redis:6379', 'redis://:[secret]@redis:6379'],
    ['root:$6$saltsalt$CANARYcanaryCANARYcanaryCANARY:19000:0', 'root:[secret]:19000:0'],
    ['mysqldump -u root -pCANARY immich', 'mysqldump -u root -p[secret] immich'],
    ['sshpass -p CANARY ssh nas', 'sshpass -p [secret] ssh nas'],
    ['curl -u admin:CANARY https://nas/', 'curl -u admin:[secret] https://nas/'],
    [
      "ALTER USER a WITH PASSWORD 'CANARY'; CREATE USER b IDENTIFIED BY 'CANARY'",
      "ALTER USER a WITH PASSWORD '[secret]'; CREATE USER b IDENTIFIED BY '[secret]'",
    ],
    ['chap "user" "CANARYcanary12"', 'chap "user" "[secret]"'],
    ['incominguser iqn-user CANARYcanary', 'incominguser iqn-user [secret]'],
  ])('%s', (text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });

  test.each([PEM, JSON.stringify({ key: PEM }), PEM.replaceAll('\n', '\\n'), PEM.replaceAll('\n', '\r\n'), `${PEM}\n${PEM}`])(
    'a private key in PEM form, however its lines end: %#',
    (text) => {
      const clean = cleanText(`before ${text} after`);
      expect(clean).toMatch(/^before .*\[secret\].* after$/s);
      for (const line of KEY_BODY.split('\n')) expect(clean).not.toContain(line);
    },
  );

  test.each([
    `3-${BASE62}`,
    's.CANARYcanaryCANARYcanary',
    'Bearer CANARY.12345',
    '--password CANARY',
    'mysql -u root -pCANARY',
    'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlCANARY.c2ln',
    'root@pam!bot=0c0ffee0-cafe-4bad-8bad-c0ffee0cafe0',
    'password: CANARY words',
  ])('behind a line break that is escaped, once and twice: %s', (text) => {
    const message = JSON.stringify({ message: `failed:\n${text}\nthe end` });
    for (const said of [message, JSON.stringify({ said: message })]) {
      expect(cleanText(said)).toMatch(/failed:.*\[secret\].*the end/);
      expect(cleanText(said)).not.toMatch(/CANARY|aB3aB3|c0ffee/);
    }
  });

  test('a private key of which only one end was printed', () => {
    for (const part of [PEM.slice(0, 120), PEM.slice(-100)]) {
      expect(cleanText(part)).toContain('[secret]');
      expect(cleanText(part)).not.toMatch(/MIIEv|8jNb/);
    }
  });

  test('a private key in base64, and no certificate', () => {
    const certificate = Buffer.from('-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----').toString('base64');
    expect(cleanText(`a: ${Buffer.from(PEM).toString('base64')}\nb: ${certificate}`)).toBe(`a: [secret]\nb: ${certificate}`);
  });
});

describe('what stands behind the name of a secret is replaced, and the name stays', () => {
  test.each([
    ['PGPASSWORD=CANARY psql', 'PGPASSWORD=[secret] psql'],
    ['MYSQL_PWD=CANARY\nUSER=x', 'MYSQL_PWD=[secret]\nUSER=x'],
    ['--password CANARY --user x', '--password [secret] --user x'],
    ['--api-key=CANARY', '--api-key=[secret]'],
    ["--password='CAN ARY' x", "--password='[secret]' x"],
    ['password: CANARY with blanks\nuser: x', 'password: [secret]\nuser: x'],
    ['user said passwd:CANARY now', 'user said passwd:[secret] now'],
    ['client_secret = CANARY', 'client_secret = [secret]'],
    ['{"password": "CAN\\"ARY", "user": "x"}', '{"password": "[secret]", "user": "x"}'],
    ['body={\\"password\\":\\"CAN\\\\\\"ARY\\",\\"a\\":1}', 'body={\\"password\\":\\"[secret]\\",\\"a\\":1}'],
    ["{'apiKey': 'CANARY', 'a': 1}", "{'apiKey': '[secret]', 'a': 1}"],
    ['{"pwd":123456,"token":7}', '{"pwd":"[secret]","token":7}'],
    ['node.session.auth.password = CANARY', 'node.session.auth.password = [secret]'],
    ['node.session.auth.password_in = CANARY', 'node.session.auth.password_in = [secret]'],
    ['iscsiadm -n node.session.auth.password -v CANARY', 'iscsiadm -n node.session.auth.password -v [secret]'],
    ['-o username=u,password=CANARY,vers=3.0', '-o username=u,password=[secret],vers=3.0'],
    ['https://h/?a=1&token=CANARY&b=2', 'https://h/?a=1&token=[secret]&b=2'],
    ['Server=x;Password=CANARY;Database=d', 'Server=x;Password=[secret];Database=d'],
    ['{"args":["--password","CANARY","--user","u"]}', '{"args":["--password","[secret]","--user","u"]}'],
    ['args:\n- --password\n- CANARY\n- x\n', 'args:\n- --password\n- [secret]\n- x\n'],
    ['password: |\n  CANARY\n  CANARY\nuser: x\n', 'password: |\n  [secret]\n  [secret]\nuser: x\n'],
    ['{"peersecret":"CANARY","user":"u"}', '{"peersecret":"[secret]","user":"u"}'],
  ])('%s', (text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });
});

const secret = {
  apiVersion: 'v1',
  data: { user: 'Q0FOQVJZ' },
  kind: 'Secret',
  metadata: { name: 'db' },
  stringData: { a: 'CANARY' },
};
const applied = { metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(secret) } } };
const container = {
  env: [
    { name: 'DB_PASSWORD', value: 'CANARY' },
    { name: 'DB_HOST', value: 'db' },
  ],
};

describe('what a Kubernetes Secret holds is replaced, and its keys stay', () => {
  test.each<[string, unknown]>([
    ['alone', secret],
    ['in a list', { kind: 'List', items: [secret] }],
    ['in a list whose items do not say their kind', { items: [{ data: secret.data }], kind: 'SecretList' }],
    ['in a watch', { type: 'ADDED', object: secret }],
    ['in the annotation of another object', { kind: 'Pod', ...applied }],
    ['in its own annotation', { ...secret, ...applied }],
    ['without its kind', { type: 'Opaque', data: secret.data }],
    ['as a variable of a pod', { kind: 'Pod', spec: { containers: [container] } }],
  ])('%s', (_where, object) => {
    for (const text of [
      JSON.stringify(object),
      JSON.stringify(object, null, 2),
      `E1122 body ${JSON.stringify(JSON.stringify(object))}`,
    ]) {
      const clean = cleanText(text);
      expect(clean).not.toMatch(/CANARY|Q0FOQVJZ/);
      expect(clean).toContain('[secret]');
    }
    const clean = JSON.parse(cleanText(JSON.stringify(object)));
    expect(Object.keys(clean)).toEqual(Object.keys(object as object));
  });

  test('in YAML, and not what is in a ConfigMap', () => {
    const yaml = `apiVersion: v1\nitems:\n- apiVersion: v1\n  data:\n    user: Q0FOQVJZ\n    long: |\n      CANARY\n  kind: Secret\n  metadata:\n    annotations:\n      kubectl.kubernetes.io/last-applied-configuration: |\n        ${JSON.stringify(secret)}\n    name: db\n- kind: ConfigMap\n  data:\n    host: db\n- kind: Pod\n  spec:\n    containers:\n    - env:\n      - name: DB_PASSWORD\n        value: CANARY\n      - name: DB_HOST\n        value: db\nkind: List\n`;
    const clean = cleanText(yaml);
    expect(clean).not.toMatch(/CANARY|Q0FOQVJZ/);
    expect(clean.split('\n')).toHaveLength(yaml.split('\n').length);
    for (const kept of ['    user: [secret]', '    host: db', '        value: db', '    name: db']) expect(clean).toContain(kept);
  });
});

describe('what is no secret stays as it is', () => {
  test.each([
    'FATAL: password authentication failed for user "immich"',
    'Permission denied (publickey,password).',
    "operator@truenas's password: ",
    '[sudo] password for operator: ',
    'passwd: Authentication token manipulation error',
    'error: invalid token: expired',
    'MountVolume.SetUp failed for volume "tls" : secret "tls" not found',
    "DB_PASSWORD:  <set to the key 'password' in secret 'db'>  Optional: false",
    'WWW-Authenticate: Bearer realm="https://auth.example.net/token",service="registry"',
    'Basic authentication is required. Bearer authentication too.',
    'node.session.auth.password = ********',
    '{"kind":"Pod","spec":{"automountServiceAccountToken":false,"volumes":[{"secret":{"secretName":"db"}}]}}',
    '{"env":[{"name":"DB_PASSWORD","valueFrom":{"secretKeyRef":{"name":"db","key":"password"}}}]}',
    '{"kind":"ConfigMap","data":{"host":"db"}}',
    '{"description":"Password:","next":"value"}',
    'echo "Password:" ok',
    'token: 7',
    'botToken: env:SLACK_BOT_TOKEN',
    '--token-file /etc/x --password-stdin --no-password db',
    'tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token',
    'token = /var/run/secrets/kubernetes.io/serviceaccount/token',
    'passwd: files systemd',
    'docker://registry:5000/immich@sha256:6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b',
    `uid ${UUID}, boot id ${UUID.replaceAll('-', '')}, "resourceVersion":"123456"`,
    'SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDKzIzPwMZkbUqsBnk (ED25519)',
    'UPID:pve:000A1B2C:0123ABCD:65A1B2C3:qmreset:101:root@pam:',
    'wwn-0x5000c500a1b2c3d4 naa.6589cfc000000f2c',
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl host',
    '1-6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b',
    'zfs get keylocation,keyformat: keyformat: passphrase',
  ])('%s', (text) => {
    expect(cleanText(text)).toBe(text);
  });
});

describe('the known exceptions: words that are no secret and are replaced', () => {
  test.each([
    [
      'the word after a password and a colon, also in a sentence',
      'could not read password: EOF',
      'could not read password: [secret]',
    ],
    ['a word in quotation marks after PASSWORD', "no password 'x' known", "no password '[secret]' known"],
  ])('%s', (_what, text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });
});

test('no text holds a known secret after it was cleaned of it', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 9 }), fc.string(), (before, known, after) => {
      expect(createClean(() => [known])(before + known + after)).not.toContain(known);
    }),
  );
});

test('a known secret is found in each of its forms', () => {
  const known = 'k/n+w s"cret';
  const clean = createClean(() => [known]);
  const hexadecimal = Buffer.from(known).toString('hex');
  const forms = [
    encodeURIComponent(known),
    hexadecimal,
    hexadecimal.toUpperCase(),
    Buffer.from(known).toString('base64url'),
    JSON.stringify(JSON.stringify(known)).slice(3, -3),
  ];
  for (const form of forms) expect(clean(`<${form}>`)).toBe('<[secret]>');
});

test('cleaning what is clean changes nothing', () => {
  const unit = fc.constantFrom(
    'password',
    '=',
    ': ',
    '"',
    '{',
    '}',
    '\\',
    'token',
    ' ',
    '\n',
    '[secret]',
    'xoxb-',
    'a',
    ',',
    "'",
    '--',
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 30 }), (text) => {
      const clean = cleanText(text);
      expect(cleanText(clean)).toBe(clean);
    }),
  );
});

test('JSON stays JSON', () => {
  const leaf = fc.constantFrom(
    'password="x"',
    'a\\',
    'token: "b\\',
    PEM,
    "'",
    'pw=\\',
    'xoxb-123456789\\',
    '{"password":"x"}',
    'https://u:p\\@h',
  );
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('password', 'a', 'data', 'kind', 'args'), fc.oneof(leaf, fc.array(leaf), fc.integer())),
      (value) => {
        expect(Object.keys(JSON.parse(cleanText(JSON.stringify(value))))).toEqual(Object.keys(value));
      },
    ),
  );
});

test('of a value each text is cleaned, and what stands under the name of a secret', () => {
  const value = { password: 'x', list: ['token=y', 1, null], 'xoxb-123456789': true };
  expect(cleanValue(value, cleanText)).toEqual({ password: '[secret]', list: ['token=[secret]', 1, null], '[secret]': true });
});
