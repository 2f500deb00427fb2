/** A notification of one alert that fires. */
export function notification(number: number, summary = 'It is down.'): string {
  const labels = { alertname: 'ThingDown', namespace: `n${number}`, severity: 'critical' };
  return JSON.stringify({
    version: '4',
    status: 'firing',
    receiver: 'storagebot',
    groupKey: '{}:{alertname="ThingDown"}',
    truncatedAlerts: 0,
    groupLabels: { alertname: 'ThingDown' },
    commonLabels: labels,
    commonAnnotations: {},
    externalURL: 'http://alertmanager.example.net',
    alerts: [
      {
        status: 'firing',
        labels,
        annotations: { summary },
        startsAt: '2026-04-03T02:00:00.5Z',
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: '',
        fingerprint: fingerprintOf(number),
      },
    ],
  });
}

export function fingerprintOf(number: number): string {
  return number.toString(16).padStart(16, '0');
}

/** The status of the answer. Rejects where none comes. */
export async function post(port: number, body: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/alertmanager`, {
    method: 'POST',
    headers: { authorization: 'Bearer token', 'content-type': 'application/json' },
    body,
  });
  await response.text();
  return response.status;
}
